//! What the checks of the AIGC label and of notices have in common: which marks count, and what to say if none does.

use crate::{Case, Judgement};
use indicia_core::{Channel, Form, Gravity, Look, Mark, MediaKind, Notice, Seen};
use indicia_marks::{SCHEMES, Scheme};

/// The scheme of the metadata label.
const AIGC: &str = "aigc";

/// The AIGC labels of a file, without those that may not be labels at all; or the answer if there is none.
pub(crate) fn aigc<'a>(case: &Case<'a>) -> Result<Vec<&'a Mark>, Judgement> {
    let look = case.evidence.look(AIGC);
    match look.map(|look| &look.seen) {
        None | Some(Seen::Absent) => Err(Judgement::unmet("no AIGC label in the file's metadata")),
        Some(Seen::Blind(why)) => Err(Judgement::unknown(why.clone())),
        Some(Seen::Present(marks)) => {
            let sure: Vec<_> = marks.iter().filter(|mark| !mark.is_doubtful()).collect();
            if sure.is_empty() {
                Err(Judgement::unmet("only what may be an example of a label was found"))
            } else {
                Ok(sure)
            }
        }
    }
}

/// Decides by flaws: met if no label has one of these codes.
pub(crate) fn without_flaws(case: &Case<'_>, codes: &[&str], met: &str) -> Judgement {
    let labels = match aigc(case) {
        Ok(labels) => labels,
        Err(judgement) => return judgement,
    };
    let flaws: Vec<_> = labels
        .iter()
        .flat_map(|mark| mark.flaws.iter().map(move |flaw| (mark, flaw)))
        .filter(|(_, flaw)| codes.contains(&flaw.code) && flaw.gravity > Gravity::Note)
        .map(|(mark, flaw)| format!("{} ({}, byte {})", flaw.text, mark.place, flaw.at))
        .collect();
    if flaws.is_empty() { Judgement::met(met) } else { Judgement::unmet(flaws.join("; ")) }
}

/// The metadata label's scheme, where it suits the medium.
pub(crate) fn wants_aigc(kind: MediaKind) -> Vec<&'static Scheme> {
    SCHEMES.iter().copied().filter(|scheme| scheme.name == AIGC && scheme.suits(kind)).collect()
}

/// The notice to write where a rule leaves the form open.
pub(crate) fn wants_notice(kind: MediaKind) -> Vec<&'static Scheme> {
    let fits = |scheme: &&Scheme| scheme.channel == Channel::Explicit && scheme.default && scheme.suits(kind);
    SCHEMES.iter().copied().filter(fits).filter(|scheme| scheme.is_writable()).collect()
}

/// Decides on the notices people perceive: one that satisfies is enough.
///
/// `test` says why a notice satisfies or does not; it is asked only for those that are surely notices.
/// `None` from it means that the notice is of a form the rule is not about.
pub(crate) fn notice(
    case: &Case<'_>,
    test: impl Fn(&Notice, &Mark) -> Option<Result<String, String>>,
) -> Judgement {
    let looks = || case.evidence.looks.iter().filter(|look| look.channel == Channel::Explicit);
    let mut refused = Vec::new();
    for mark in looks().flat_map(marks).filter(|mark| !mark.is_doubtful()) {
        match mark.notice.as_ref().and_then(|notice| test(notice, mark)) {
            Some(Ok(why)) => return Judgement::met(format!("{why} ({})", mark.place)),
            Some(Err(why)) => refused.push(format!("{why} ({})", mark.place)),
            None => {}
        }
    }
    let blind: Vec<_> = looks().filter_map(blindness).collect();
    let absent: Vec<_> = looks()
        .filter(|look| look.seen == Seen::Absent)
        .map(|look| format!("no {} notice", look.scheme))
        .collect();
    match (refused.is_empty(), blind.is_empty()) {
        (false, _) => Judgement::unmet(refused.join("; ")),
        (true, false) => Judgement::unknown([absent, blind].concat().join("; ")),
        (true, true) => Judgement::unmet("no notice was found"),
    }
}

fn marks(look: &Look) -> &[Mark] {
    match &look.seen {
        Seen::Present(marks) => marks,
        _ => &[],
    }
}

fn blindness(look: &Look) -> Option<String> {
    match &look.seen {
        Seen::Blind(why) => Some(format!("could not look for the {} notice: {why}", look.scheme)),
        _ => None,
    }
}

/// A word for the form, for reasons given to people.
pub(crate) fn form(form: &Form) -> &'static str {
    match form {
        Form::Drawn { .. } => "drawn notice",
        Form::Rhythm { .. } => "rhythm",
        Form::Spoken { .. } => "spoken notice",
        Form::Written => "written notice",
    }
}
