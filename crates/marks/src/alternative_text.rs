//! What a drawn notice says, for those who do not see it: the alternative text in a picture's metadata.

use crate::MarkError;
use crate::visible::says_label;
use crate::xmp::{self, Level, Name, Property, PropertyName, Value};
use indicia_core::{Flaw, Gravity, Limits, Mark};
use indicia_media::{Asset, Carrier, Draft};

/// The file has an alternative text that says what the notice says.
pub const ALTERNATIVE_TEXT: &str = "alternative-text";

/// Alt Text (Accessibility) of the IPTC Photo Metadata Standard 2021.1.
const NAME: PropertyName = PropertyName {
    uri: "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    prefix: "Iptc4xmpCore",
    local: "AltTextAccessibility",
};

fn wanted(name: &Name<'_>) -> bool {
    name.level == Level::Top && name.uri == Some(NAME.uri) && name.local == NAME.local
}

/// Writes the words of a notice as alternative text, where the format has a place for it and nobody wrote another: that one
/// describes the picture, and is left as it is.
///
/// # Errors
/// If the file's XMP cannot be read.
pub(crate) fn put(words: &str, draft: &mut Draft<'_>) -> Result<(), MarkError> {
    if draft.asset().format.home(Carrier::Xmp).is_none() {
        return Ok(());
    }
    let limits = draft.asset().limits;
    let packet = draft.current(Carrier::Xmp, "")?.map(std::borrow::Cow::into_owned).unwrap_or_default();
    if !texts(&packet, &limits).is_empty() {
        return Ok(());
    }
    let never = |_: &Property| false;
    // A broken packet is for those schemes to refuse that must write into it.
    if let Ok(packet) = xmp::set(&packet, &NAME, Value::ForAllLanguages(words), &limits, &never, &wanted) {
        draft.set(Carrier::Xmp, "", packet);
    }
    Ok(())
}

fn texts(packet: &[u8], limits: &Limits) -> Vec<String> {
    let found = xmp::properties(packet, limits, &wanted).properties;
    found.into_iter().flat_map(|property| property.values).filter(|text| !text.trim().is_empty()).collect()
}

/// Notes on the mark of a drawn notice whether an alternative text says the same.
pub(crate) fn note(mark: &mut Mark, asset: &Asset<'_>) {
    let Some(words) = mark.notice.as_ref().map(|notice| notice.words.as_str()) else { return };
    for (_, packet) in asset.packets(Carrier::Xmp) {
        let Ok(body) = asset.read(packet) else { continue };
        let says = |text: &String| (!words.is_empty() && text.contains(words)) || says_label(text);
        if let Some(text) = texts(&body, &asset.limits).into_iter().find(says) {
            let text = format!("the alternative text in XMP says \"{text}\"");
            let at = packet.span.start;
            mark.flaws.push(Flaw { code: ALTERNATIVE_TEXT, gravity: Gravity::Note, text, at });
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ALTERNATIVE_TEXT, note, put};
    use indicia_core::{Form, Limits, Mark, Notice};
    use indicia_media::{Asset, Carrier, Draft};

    const PICTURE: &[u8] = include_bytes!("../../../samples/png/gradient-animated.png");

    fn drawn(words: &str) -> Mark {
        let form =
            Form::Drawn { glyph_height: 9, short_side: 99, contrast: 9.0, frames: 1, frames_in_all: 1 };
        let notice = Notice { words: words.into(), positions: Vec::new(), form };
        Mark { notice: Some(notice), ..Mark::default() }
    }

    /// The picture with these words put to it, and its XMP.
    fn with(bytes: &[u8], words: &str) -> (Vec<u8>, String) {
        let bytes = bytes.to_vec();
        let asset = Asset::open(&bytes, Some("a.png"), &Limits::default()).unwrap();
        let mut draft = Draft::new(&asset);
        put(words, &mut draft).unwrap();
        let out = draft.render().unwrap().to_bytes().unwrap();
        let asset = Asset::open(&out, Some("a.png"), &Limits::default()).unwrap();
        let packet = asset.packets(Carrier::Xmp).next().map(|(_, packet)| asset.read(packet).unwrap());
        let xmp = String::from_utf8(packet.unwrap_or_default()).unwrap();
        (out.clone(), xmp)
    }

    fn is_noted(bytes: &[u8], words: &str) -> bool {
        let bytes = bytes.to_vec();
        let asset = Asset::open(&bytes, Some("a.png"), &Limits::default()).unwrap();
        let mut mark = drawn(words);
        note(&mut mark, &asset);
        mark.has(ALTERNATIVE_TEXT)
    }

    #[test]
    fn words_are_put_once_and_another_text_is_left_as_it_is() {
        assert!(!is_noted(PICTURE, "AI生成"));
        let (once, xmp) = with(PICTURE, "AI生成 <&>");
        assert!(xmp.contains("xml:lang=\"x-default\">AI生成 &lt;&amp;&gt;</rdf:li>"), "{xmp}");
        assert!(is_noted(&once, "AI生成 <&>") && is_noted(&once, "AI生成"));
        let (twice, _) = with(&once, "another");
        assert_eq!(twice, once);
        let (described, _) = with(PICTURE, "a grey gradient");
        assert!(!is_noted(&described, "AI生成"));
        assert_eq!(with(&described, "AI生成").0, described);
    }
}
