//! What became of the marks of a file in a later file: which a step of a pipeline kept, lost, changed or added.

use indicia_core::{Claim, Evidence, Field, Look, Mark, Seen};

/// What became of the marks of one scheme.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The scheme.
    pub scheme: &'static str,
    /// What became of them.
    pub change: Change,
}

/// What became of marks.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// There are none, before and after.
    None,
    /// They say the same.
    Kept,
    /// They were there and are not any more: what was lost.
    Lost(Vec<Mark>),
    /// They were not there before: what came.
    Gained(Vec<Mark>),
    /// They say something else now: in words, one a line.
    Changed(Vec<String>),
    /// One of the two, or both, could not be looked at, and why.
    Unknown {
        /// Why the file before could not be.
        before: Option<String>,
        /// Why the file after could not be.
        after: Option<String>,
    },
}

/// What became of every sort of mark that was looked for on either file.
///
/// A sort that suits only one of the two files' kinds of media, having no place in the other, counts there as not
/// being there.
pub fn difference(before: &Evidence, after: &Evidence) -> Vec<Difference> {
    let mut schemes: Vec<&'static str> = Vec::new();
    for look in before.looks.iter().chain(&after.looks) {
        if !schemes.contains(&look.scheme) {
            schemes.push(look.scheme);
        }
    }
    let change =
        |scheme: &'static str| Difference { scheme, change: change(before.look(scheme), after.look(scheme)) };
    schemes.into_iter().map(change).collect()
}

/// Whether a mark that was there is not there any more, or says something else.
pub fn is_loss(differences: &[Difference]) -> bool {
    differences.iter().any(|one| matches!(one.change, Change::Lost(_) | Change::Changed(_)))
}

fn change(before: Option<&Look>, after: Option<&Look>) -> Change {
    let blind = |look: Option<&Look>| match look.map(|look| &look.seen) {
        Some(Seen::Blind(why)) => Some(why.clone()),
        _ => None,
    };
    match (blind(before), blind(after)) {
        (None, None) => {}
        (before, after) => return Change::Unknown { before, after },
    }
    let (old, new) = (sure(before), sure(after));
    match (old.is_empty(), new.is_empty()) {
        (true, true) => Change::None,
        (false, true) => Change::Lost(old),
        (true, false) => Change::Gained(new),
        (false, false) => compared(&old, &new),
    }
}

/// The marks that are no mere examples.
fn sure(look: Option<&Look>) -> Vec<Mark> {
    match look.map(|look| &look.seen) {
        Some(Seen::Present(marks)) => marks.iter().filter(|mark| !mark.is_doubtful()).cloned().collect(),
        _ => Vec::new(),
    }
}

fn compared(old: &[Mark], new: &[Mark]) -> Change {
    let gone = old.iter().filter(|mark| new.iter().all(|other| other.claim != mark.claim));
    let come = new.iter().filter(|mark| old.iter().all(|other| other.claim != mark.claim));
    let (gone, come): (Vec<_>, Vec<_>) = (gone.collect(), come.collect());
    let mut lines = Vec::new();
    if let ([one], [other]) = (gone.as_slice(), come.as_slice()) {
        lines.extend(fields(&one.claim, &other.claim));
    } else {
        lines.extend(gone.iter().map(|mark| format!("gone: {}", says(&mark.claim))));
        lines.extend(come.iter().map(|mark| format!("come: {}", says(&mark.claim))));
    }
    if lines.is_empty() && old.len() != new.len() {
        lines.push(format!("{} marks that say the same are {} now", old.len(), new.len()));
    }
    if lines.is_empty() { Change::Kept } else { Change::Changed(lines) }
}

/// What a claim says, in a line.
fn says(claim: &Claim) -> String {
    let status = claim.status.map(|status| format!("status {}", status.name()));
    let fields = claim.fields.iter().map(|(field, value)| format!("{} {value}", field.name()));
    let parts: Vec<_> = status.into_iter().chain(fields).collect();
    if parts.is_empty() {
        "a mark that says nothing that could be understood".into()
    } else {
        parts.join(", ")
    }
}

/// The parts in which two claims differ.
fn fields(old: &Claim, new: &Claim) -> Vec<String> {
    let mut lines = Vec::new();
    let mut tell = |what: &str, old: &str, new: &str| {
        if old != new {
            lines.push(format!("{what}: {old:?} became {new:?}"));
        }
    };
    tell(
        "status",
        old.status.map_or("", |status| status.name()),
        new.status.map_or("", |status| status.name()),
    );
    tell(
        "origin",
        old.origin.map_or("", |origin| origin.name()),
        new.origin.map_or("", |origin| origin.name()),
    );
    for field in Field::ALL {
        tell(field.name(), old.field(*field), new.field(*field));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Change, difference, is_loss};
    use indicia_core::{Basis, Channel, Claim, Evidence, Field, Flaw, Gravity, Look, Mark, Seen, Status};
    use std::slice::from_ref;

    fn mark(producer: &str) -> Mark {
        let mut claim = Claim { status: Some(Status::Generated), ..Claim::default() };
        claim.set(Field::Producer, producer);
        Mark { claim, ..Mark::default() }
    }

    fn seen(seen: Seen) -> Evidence {
        let look =
            Look { scheme: "aigc", channel: Channel::Metadata, basis: Basis::Read, seen, nearest: None };
        Evidence::from(vec![look])
    }

    fn there(marks: &[Mark]) -> Evidence {
        seen(Seen::Present(marks.to_vec()))
    }

    fn change(before: &Evidence, after: &Evidence) -> (Change, bool) {
        let found = difference(before, after);
        assert_eq!(found.len(), 1);
        let loss = is_loss(&found);
        (found[0].change.clone(), loss)
    }

    #[test]
    fn marks_are_kept_lost_gained_or_changed() {
        let (a, b) = (mark("A"), mark("B"));
        let none = || seen(Seen::Absent);
        assert_eq!(change(&none(), &none()), (Change::None, false));
        assert_eq!(change(&there(from_ref(&a)), &there(from_ref(&a))), (Change::Kept, false));
        assert_eq!(change(&there(from_ref(&a)), &none()), (Change::Lost(vec![a.clone()]), true));
        assert_eq!(change(&none(), &there(from_ref(&a))), (Change::Gained(vec![a.clone()]), false));
        let (changed, loss) = change(&there(from_ref(&a)), &there(from_ref(&b)));
        assert_eq!(changed, Change::Changed(vec!["producer: \"A\" became \"B\"".into()]));
        assert!(loss);
        let (changed, _) = change(&there(from_ref(&a)), &there(&[a.clone(), a.clone()]));
        assert_eq!(changed, Change::Changed(vec!["1 marks that say the same are 2 now".into()]));
        let (changed, _) = change(&there(&[a.clone(), b.clone()]), &there(&[a]));
        assert_eq!(changed, Change::Changed(vec!["gone: status is, producer B".into()]));
    }

    #[test]
    fn what_could_not_be_looked_at_is_not_called_lost() {
        let blind = || seen(Seen::Blind("dark".into()));
        let one = || there(&[mark("A")]);
        let unknown = |before: Option<&str>, after: Option<&str>| Change::Unknown {
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        assert_eq!(change(&one(), &blind()), (unknown(None, Some("dark")), false));
        assert_eq!(change(&blind(), &one()), (unknown(Some("dark"), None), false));
        assert_eq!(change(&blind(), &blind()), (unknown(Some("dark"), Some("dark")), false));
    }

    #[test]
    fn examples_do_not_count_and_no_place_is_not_there() {
        let mut example = mark("A");
        example.flaws.push(Flaw { code: "example", gravity: Gravity::Doubt, text: String::new(), at: 0 });
        assert_eq!(change(&there(&[example]), &seen(Seen::Absent)).0, Change::None);
        assert_eq!(change(&there(&[mark("A")]), &Evidence::default()).0, Change::Lost(vec![mark("A")]));
    }
}
