//! What the checks of watermarks have in common.

use crate::{Case, Judgement};
use indicia_core::{Channel, Look, Mark, MediaKind, Seen};
use indicia_marks::{SCHEMES, Scheme};

/// The watermarks found on a file; or the answer if there is none, or none could be looked for.
pub(crate) fn found<'a>(case: &Case<'a>) -> Result<Vec<&'a Mark>, Judgement> {
    let looks = || case.evidence.looks.iter().filter(|look| look.channel == Channel::Watermark);
    let marks: Vec<_> = looks().flat_map(marks).filter(|mark| !mark.is_doubtful()).collect();
    // Some tell that the content was marked, and not as what.
    let (says, mute): (Vec<_>, Vec<_>) = marks.into_iter().partition(|mark| !is_mute(mark));
    if !says.is_empty() {
        return Ok(says);
    }
    if !mute.is_empty() {
        let why =
            "a watermark was found which tells that the content was marked, and not that it is generated";
        return Err(Judgement::unknown(why.to_owned()));
    }
    let blind = looks().find_map(|look| match &look.seen {
        Seen::Blind(why) => Some(format!("the watermark could not be looked for: {why}")),
        _ => None,
    });
    Err(match (blind, looks().next()) {
        (Some(why), _) => Judgement::unknown(why),
        (None, Some(_)) => Judgement::unmet("no watermark was found that this program reads"),
        (None, None) => Judgement::unknown("this program has no detector of watermarks for such a file"),
    })
}

/// Whether a watermark holds no bits at all.
fn is_mute(mark: &Mark) -> bool {
    mark.signal.as_ref().is_some_and(|signal| signal.payload.is_empty())
}

fn marks(look: &Look) -> &[Mark] {
    match &look.seen {
        Seen::Present(marks) => marks,
        _ => &[],
    }
}

/// What was found, with how often chance does the same.
pub(crate) fn told(marks: &[&Mark]) -> String {
    let rate = marks.iter().find_map(|mark| mark.strength).map(|strength| strength.false_alarm);
    let rate = rate.map(|rate| format!("; an unmarked file passes for one at most {rate:.1e} times"));
    format!("a watermark was found{}", rate.unwrap_or_default())
}

/// The watermark to write, where one can be for this kind of media.
pub(crate) fn wants(kind: MediaKind) -> Vec<&'static Scheme> {
    let fits =
        |scheme: &&Scheme| scheme.channel == Channel::Watermark && scheme.default && scheme.suits(kind);
    SCHEMES.iter().copied().filter(fits).filter(|scheme| scheme.is_writable()).take(1).collect()
}

/// Why no watermark can be written for this kind of media.
pub(crate) fn lacks(kind: MediaKind) -> Option<String> {
    wants(kind).is_empty().then(|| format!("this version writes no watermark into {}", kind.name()))
}
