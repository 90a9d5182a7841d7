//! What the tests of the rules decide on: labels, notices, and files on which they were seen.

use crate::{Case, Check, Date, Outcome, Profile};
use indicia_core::{
    Basis, Channel, Claim, Evidence, Field, Flaw, Form, Gravity, Look, Mark, MediaKind, Notice, Position,
    Role, Seen, Status,
};

/// A picture that could be read to its end, seen from its producer's side, with nothing left out.
pub(crate) fn case(evidence: &Evidence) -> Case<'_> {
    let (profile, at) = (Profile::unknown(), Date::parse("2026-01-01").unwrap());
    Case { kind: MediaKind::Image, role: Role::Producer, profile, at, evidence, whole: true, waived: None }
}

/// What a check with these parameters says of [`case`].
pub(crate) fn outcome(check: &Check, params: &toml::Table, evidence: &Evidence) -> Outcome {
    (check.build)(params.clone()).unwrap().judge(&case(evidence)).outcome
}

/// Holds a check to it that flaws of these codes decide it, and no others.
pub(crate) fn decided_by_flaws(check: &Check, params: &toml::Table, codes: &[&'static str]) {
    let answer = |code, gravity| {
        let label = flawed(label(Some(Status::Generated), &[]), code, gravity);
        outcome(check, params, &labelled(vec![label]))
    };
    for code in codes {
        assert_eq!(answer(code, Gravity::Fault), Outcome::Unmet, "{code}");
        assert_eq!(answer(code, Gravity::Deviation), Outcome::Unmet, "{code}");
        assert_eq!(answer(code, Gravity::Note), Outcome::Met, "{code}");
    }
    assert_eq!(answer("another", Gravity::Fault), Outcome::Met);
}

/// One look.
pub(crate) fn look(scheme: &'static str, channel: Channel, seen: Seen) -> Look {
    Look { scheme, channel, basis: Basis::Read, seen, nearest: None }
}

/// All places of metadata labels were looked at, and these are there.
pub(crate) fn labelled(labels: Vec<Mark>) -> Evidence {
    Evidence::from(vec![look("aigc", Channel::Metadata, seen(labels))])
}

/// All places of notices were looked at, and these are there.
pub(crate) fn noticed(notices: Vec<Mark>) -> Evidence {
    Evidence::from(vec![look("written", Channel::Explicit, seen(notices))])
}

/// A channel that could not be looked at.
pub(crate) fn unseen(scheme: &'static str, channel: Channel) -> Evidence {
    Evidence::from(vec![look(scheme, channel, Seen::Blind("it cannot be decoded".into()))])
}

fn seen(marks: Vec<Mark>) -> Seen {
    if marks.is_empty() { Seen::Absent } else { Seen::Present(marks) }
}

/// A metadata label that says this much.
pub(crate) fn label(status: Option<Status>, fields: &[(Field, &str)]) -> Mark {
    let mut claim = Claim { status, ..Claim::default() };
    for (field, value) in fields {
        claim.set(*field, *value);
    }
    Mark { claim, place: "chunk".into(), ..Mark::default() }
}

/// The mark with one flaw more.
pub(crate) fn flawed(mut mark: Mark, code: &'static str, gravity: Gravity) -> Mark {
    mark.flaws.push(Flaw { code, gravity, text: "a flaw".into(), at: 7 });
    mark
}

/// What may be an example in a text rather than a mark.
pub(crate) fn doubtful(mark: Mark) -> Mark {
    flawed(mark, "example", Gravity::Doubt)
}

/// A notice of this form.
pub(crate) fn notice(form: Form, words: &str, positions: &[Position]) -> Mark {
    let notice = Notice { words: words.into(), positions: positions.to_vec(), form };
    Mark { place: "there".into(), notice: Some(notice), ..Mark::default() }
}

/// A notice in the corner of a picture, on all its frames.
pub(crate) fn drawn(glyph_height: u32, short_side: u32, contrast: f32) -> Mark {
    let form = Form::Drawn { glyph_height, short_side, contrast, frames: 1, frames_in_all: 1 };
    notice(form, "AI生成", &[Position::Corner])
}

/// A written notice.
pub(crate) fn written(words: &str, positions: &[Position]) -> Mark {
    notice(Form::Written, words, positions)
}

/// A rhythm of 600 Hz before the sound.
pub(crate) fn rhythm(short_ms: f32, long_ms: f32) -> Mark {
    notice(Form::Rhythm { short_ms, long_ms, tone_hz: 600.0 }, "", &[Position::Start])
}

/// A notice spoken before the sound.
pub(crate) fn spoken(characters_per_minute: f32) -> Mark {
    notice(Form::Spoken { characters_per_minute }, "人工智能生成", &[Position::Start])
}

/// What a check with these parameters says of [`case`] with a profile.
pub(crate) fn outcome_for(
    check: &Check,
    params: &toml::Table,
    evidence: &Evidence,
    profile: &str,
) -> Outcome {
    let profile: Profile = toml::from_str(profile).unwrap();
    (check.build)(params.clone()).unwrap().judge(&Case { profile: &profile, ..case(evidence) }).outcome
}

/// All places of manifests were looked at, and these are there.
pub(crate) fn signed(manifests: Vec<Mark>) -> Evidence {
    Evidence::from(vec![look("c2pa", Channel::Manifest, seen(manifests))])
}

/// A watermark was looked for, and these are there.
pub(crate) fn watermarked(marks: Vec<Mark>) -> Evidence {
    Evidence::from(vec![look("watermark", Channel::Watermark, seen(marks))])
}

/// Several looks at one file.
pub(crate) fn together(parts: Vec<Evidence>) -> Evidence {
    Evidence::from(parts.into_iter().flat_map(|part| part.looks).collect::<Vec<_>>())
}
