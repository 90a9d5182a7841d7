//! How notices look and sound.

use std::path::PathBuf;

use indicia::{Language, Part, Place, Regime, SoundNotice, Style, Wording, regimes, wordings};

use super::{Settings, bytes, choose};
use crate::args::{Label, PartArg, PlaceArg, SoundArg};
use crate::config::{Config, File};

/// How notices look and sound, and in which languages they speak.
pub(super) fn style(label: &Label, config: &mut Config, settings: &Settings) -> Result<Style, String> {
    let args = &label.style;
    let from_file = |file: &File| {
        let split = |text: &String| text.split(',').map(|code| code.trim().to_owned()).collect();
        file.language.as_ref().map(split).map(Ok)
    };
    let shown = |codes: &Vec<String>| format!("{:?}", codes.join(","));
    let usual = Some(usual_languages(settings));
    let codes = config.pick("language", args.language.clone(), from_file, usual, shown)?.unwrap_or_default();
    let (language, more) = languages(&codes)?;
    let quoted = |text: &String| format!("{text:?}");
    let text = config.pick("text", args.text.clone(), |file| file.text.clone().map(Ok), None, quoted)?;
    let place = choose(config, "place", args.place, |file| file.place.clone(), Some(PlaceArg::BottomRight))?;
    let part = choose(config, "part", args.part, |file| file.part.clone(), Some(PartArg::Start))?;
    let shown = |path: &PathBuf| format!("{:?}", path.display().to_string());
    let font = config.pick("font", args.font.clone(), |file| file.font.clone().map(Ok), None, shown)?;
    let clip = config.pick("clip", args.clip.clone(), |file| file.clip.clone().map(Ok), None, shown)?;
    let by_clip = clip.as_ref().map(|_| SoundArg::Voice);
    let sound =
        choose(config, "sound", args.sound.or(by_clip), |file| file.sound.clone(), Some(SoundArg::Rhythm))?;
    Ok(Style {
        language,
        more,
        text,
        place: match place {
            Some(PlaceArg::TopLeft) => Place::TopLeft,
            Some(PlaceArg::Top) => Place::Top,
            Some(PlaceArg::TopRight) => Place::TopRight,
            Some(PlaceArg::BottomLeft) => Place::BottomLeft,
            Some(PlaceArg::Bottom) => Place::Bottom,
            Some(PlaceArg::BottomRight) | None => Place::BottomRight,
        },
        part: match part {
            Some(PartArg::End) => Part::End,
            Some(PartArg::Both) => Part::Both,
            Some(PartArg::Start) | None => Part::Start,
        },
        sound: match sound {
            Some(SoundArg::Voice) => SoundNotice::Voice,
            Some(SoundArg::Rhythm) | None => SoundNotice::Rhythm,
        },
        font: font.as_deref().map(bytes).transpose()?,
        clip: clip.as_deref().map(bytes).transpose()?,
    })
}

/// The languages of notices that the rules in force want, by their codes.
fn usual_languages(settings: &Settings) -> Vec<String> {
    let in_force = regimes(&settings.packs).into_iter().filter(|regime| regime.in_force(settings.at));
    let mut codes: Vec<String> = Vec::new();
    for code in in_force.filter_map(Regime::language) {
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }
    if codes.is_empty() {
        codes.push("zh".into());
    }
    codes
}

/// Languages by their codes, as notices are ordered.
fn languages(codes: &[String]) -> Result<(Language, Vec<String>), String> {
    let (mut chinese, mut english, mut more) = (false, false, Vec::new());
    for code in codes {
        match code.as_str() {
            "both" => (chinese, english) = (true, true),
            "en" => english = true,
            "zh" => chinese = true,
            code if Wording::named(code).is_some() => {
                if !more.iter().any(|other| other == code) {
                    more.push(code.to_owned());
                }
            }
            code => {
                let mut all: Vec<_> = wordings().iter().map(|wording| wording.code.as_str()).collect();
                all.extend(["en", "zh"]);
                all.sort_unstable();
                return Err(format!(
                    "no notice is worded in `{code}`; there are: {}, and `both` for zh,en",
                    all.join(", ")
                ));
            }
        }
    }
    let language = match (chinese, english) {
        (true, true) => Language::Both,
        (true, false) => Language::Chinese,
        (false, true) => Language::English,
        (false, false) => Language::Other,
    };
    Ok((language, more))
}
