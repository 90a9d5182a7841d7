//! What the checks of C2PA manifests have in common: which manifest counts, and whether it holds.

use crate::{Case, Judgement};
use indicia_core::{Gravity, Mark, MediaKind, Seen};
use indicia_marks::Scheme;

/// The scheme of manifests.
pub(crate) const C2PA: &str = "c2pa";

/// The manifest store of a file; or the answer if there is none to be read.
pub(crate) fn store<'a>(case: &Case<'a>) -> Result<&'a Mark, Judgement> {
    match case.evidence.look(C2PA).map(|look| &look.seen) {
        None | Some(Seen::Absent) => Err(Judgement::unmet("no C2PA manifest")),
        Some(Seen::Blind(why)) => Err(Judgement::unknown(format!("C2PA manifest: {why}"))),
        Some(Seen::Present(marks)) => marks.first().ok_or_else(|| Judgement::unmet("no C2PA manifest")),
    }
}

/// The manifest store of a file, if it holds; or the answer.
pub(crate) fn holding<'a>(case: &Case<'a>) -> Result<&'a Mark, Judgement> {
    let mark = store(case)?;
    // A signer that nobody here knows is told apart: it is no fault of the manifest.
    let faults: Vec<_> = mark.flaws.iter().filter(|flaw| flaw.gravity > Gravity::Note).collect();
    if faults.is_empty() {
        return Ok(mark);
    }
    let why: Vec<_> = faults.iter().map(|flaw| flaw.text.as_str()).collect();
    Err(Judgement::unmet(format!("the C2PA manifest does not hold: {} ({})", why.join("; "), mark.place)))
}

/// The manifest to write, where one can be for this kind of media.
pub(crate) fn wants(kind: MediaKind) -> Vec<&'static Scheme> {
    Scheme::named(C2PA).filter(|scheme| scheme.suits(kind) && scheme.is_writable()).into_iter().collect()
}

/// Why no manifest can be written for this kind of media.
pub(crate) fn lacks(kind: MediaKind) -> Option<String> {
    wants(kind).is_empty().then(|| format!("no C2PA manifest can be put into {} alone", kind.name()))
}
