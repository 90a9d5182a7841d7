//! What remains of evidence for a rule that looks into none of its marks.

use indicia_core::{Evidence, Flaw, Gravity, Look, Mark, Seen};

/// What was seen, without what the marks say and how long a text is: of each look whether there are marks, and whether they are
/// doubtful.
///
/// Of thousands of files there are a few outlines only. A rule is judged by the outline where [`Judge::looks_into`] says
/// that it looks into no mark that is there.
///
/// [`Judge::looks_into`]: crate::Judge::looks_into
pub fn outline(evidence: &Evidence) -> Evidence {
    let bare = |look: &Look| Look { seen: bare(&look.seen), nearest: None, ..look.clone() };
    Evidence { looks: evidence.looks.iter().map(bare).collect(), length: None }
}

fn bare(seen: &Seen) -> Seen {
    let Seen::Present(marks) = seen else { return seen.clone() };
    let (sure, doubtful) = kinds(marks);
    let doubt = Flaw { code: "", gravity: Gravity::Doubt, text: String::new(), at: 0 };
    let doubtful = doubtful.then(|| Mark { flaws: vec![doubt], ..Mark::default() });
    Seen::Present(sure.then(Mark::default).into_iter().chain(doubtful).collect())
}

/// Whether there are sure marks, and whether there are doubtful ones.
fn kinds(marks: &[Mark]) -> (bool, bool) {
    (marks.iter().any(|mark| !mark.is_doubtful()), marks.iter().any(Mark::is_doubtful))
}

/// Whether this is the outline of that, told without making one.
pub fn is_outline(outline: &Evidence, of: &Evidence) -> bool {
    let same = |(outline, look): (&Look, &Look)| {
        (outline.scheme, outline.channel, outline.basis) == (look.scheme, look.channel, look.basis)
            && match (&outline.seen, &look.seen) {
                (Seen::Present(bare), Seen::Present(marks)) => kinds(bare) == kinds(marks),
                (outline, seen) => outline == seen,
            }
    };
    outline.looks.len() == of.looks.len() && outline.looks.iter().zip(&of.looks).all(same)
}

#[cfg(test)]
mod tests {
    use super::{is_outline, outline};
    use crate::specimen::{doubtful, label, labelled, unseen};
    use indicia_core::{Channel, Evidence};

    #[test]
    fn evidence_has_one_outline_and_no_other() {
        let sure = || label(None, &[]);
        let other = || label(Some(indicia_core::Status::Possible), &[]);
        let all: [Evidence; 8] = [
            Evidence::default(),
            labelled(vec![]),
            labelled(vec![sure()]),
            labelled(vec![sure(), other()]),
            labelled(vec![doubtful(sure())]),
            labelled(vec![doubtful(sure()), other()]),
            unseen("aigc", Channel::Metadata),
            unseen("visible", Channel::Explicit),
        ];
        let outlines = all.each_ref().map(outline);
        for (evidence, own) in all.iter().zip(&outlines) {
            for other in &outlines {
                assert_eq!(is_outline(other, evidence), other == own, "{evidence:?} {other:?}");
            }
        }
        assert_eq!(outlines[2], outlines[3], "what marks say is no part of it");
        assert_ne!(outlines[3], outlines[5]);
    }
}
