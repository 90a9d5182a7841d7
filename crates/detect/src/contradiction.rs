//! Where the marks of one file say different things.

use indicia_core::{Channel, Claim, Evidence, Field, Mark, Origin, Seen, Status};
use indicia_marks::aigc::{ProviderCode, provider_code};

/// The flaw of a manifest that does not hold.
pub(crate) const BROKEN: &str = "c2pa-broken";

/// One matter on which marks of a file differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// What they differ on: `status`, `origin`, the name of a field, or `soft_binding`.
    pub matter: &'static str,
    /// What each says, in the order of the schemes; each value once.
    pub sides: Vec<Side>,
}

/// What one mark says of a matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The scheme of the mark.
    pub scheme: &'static str,
    /// Where the mark stands, in the words of the format.
    pub place: String,
    /// What it says.
    pub value: String,
}

/// A matter: its name, and what a mark says of it.
type Matter = (&'static str, fn(&Mark) -> Option<String>);

/// What is compared. The names of systems are left out: the same one goes by many.
const MATTERS: &[Matter] = &[
    // What is suspected since a manifest does not hold, the manifest does not say.
    ("status", |mark| mark.claim.status.filter(|_| !mark.has(BROKEN)).map(Status::name).map(str::to_owned)),
    ("origin", |mark| mark.claim.origin.map(Origin::name).map(str::to_owned)),
    ("producer", |mark| named(&mark.claim, Field::Producer)),
    ("content_id", |mark| said(&mark.claim, Field::ContentId)),
    ("created_at", |mark| said(&mark.claim, Field::CreatedAt)),
];

fn said(claim: &Claim, field: Field) -> Option<String> {
    Some(claim.field(field).trim().to_owned()).filter(|value| !value.is_empty())
}

/// A name. A provider's code says the same as the name it stands for, and no file tells which that is.
fn named(claim: &Claim, field: Field) -> Option<String> {
    said(claim, field).filter(|value| provider_code(value) == ProviderCode::Name)
}

/// The matters on which the marks of a file differ. Marks that may be none and traces are not asked.
pub fn contradictions(evidence: &Evidence) -> Vec<Contradiction> {
    let mut marks: Vec<(&'static str, &Mark)> = Vec::new();
    for look in evidence.looks.iter().filter(|look| look.channel != Channel::Trace) {
        if let Seen::Present(found) = &look.seen {
            marks.extend(found.iter().filter(|mark| !mark.is_doubtful()).map(|mark| (look.scheme, mark)));
        }
    }
    let of_claims = MATTERS.iter().filter_map(|(matter, say)| {
        differing(matter, marks.iter().map(|(scheme, mark)| (*scheme, *mark, say(mark))))
    });
    of_claims.chain(bindings(&marks)).collect()
}

/// Marks that name one watermark algorithm with different values: a manifest, and the watermark itself.
fn bindings(marks: &[(&'static str, &Mark)]) -> Option<Contradiction> {
    let named: Vec<_> = marks.iter().filter(|(_, mark)| mark.binding.is_some()).collect();
    let algorithm = |mark: &Mark| mark.binding.as_ref().map(|binding| binding.algorithm.clone());
    let pair = named.iter().enumerate().find_map(|(at, (_, one))| {
        let rest = named.get(at + 1..)?;
        rest.iter().any(|(_, other)| algorithm(other) == algorithm(one)).then(|| algorithm(one))
    })?;
    let hex = |mark: &Mark| -> Option<String> {
        let binding = mark.binding.as_ref().filter(|binding| Some(&binding.algorithm) == pair.as_ref())?;
        Some(binding.value.iter().map(|byte| format!("{byte:02x}")).collect())
    };
    differing("soft_binding", named.iter().map(|(scheme, mark)| (*scheme, *mark, hex(mark))))
}

/// The sides of a matter, if there is more than one. Case does not count.
fn differing<'m>(
    matter: &'static str,
    told: impl Iterator<Item = (&'static str, &'m Mark, Option<String>)>,
) -> Option<Contradiction> {
    let mut sides: Vec<Side> = Vec::new();
    for (scheme, mark, value) in told {
        let Some(value) = value else { continue };
        if !sides.iter().any(|side| side.value.to_lowercase() == value.to_lowercase()) {
            sides.push(Side { scheme, place: mark.place.clone(), value });
        }
    }
    (sides.len() > 1).then_some(Contradiction { matter, sides })
}

#[cfg(test)]
mod tests {
    use super::contradictions;
    use indicia_core::{
        Basis, Binding, Channel, Claim, Evidence, Field, Flaw, Gravity, Look, Mark, Origin, Seen, Status,
    };

    fn look(scheme: &'static str, channel: Channel, mark: Mark) -> Look {
        Look { scheme, channel, basis: Basis::Read, seen: Seen::Present(vec![mark]), nearest: None }
    }

    fn claim(origin: Origin, fields: &[(Field, &str)]) -> Mark {
        let mut claim = Claim { status: Some(Status::Generated), origin: Some(origin), ..Claim::default() };
        fields.iter().for_each(|(field, value)| claim.set(*field, *value));
        Mark { claim, ..Mark::default() }
    }

    fn matters(marks: [Mark; 2]) -> Vec<&'static str> {
        let [one, two] = marks;
        let looks = vec![look("c2pa", Channel::Manifest, one), look("aigc", Channel::Metadata, two)];
        contradictions(&Evidence::from(looks)).iter().map(|found| found.matter).collect()
    }

    #[test]
    fn every_matter_on_which_two_marks_differ_is_told() {
        use Field::{ContentId, CreatedAt, Producer};
        let one = || {
            claim(
                Origin::Generated,
                &[(Producer, "A"), (ContentId, "1"), (CreatedAt, "2026-01-01T00:00:00Z")],
            )
        };
        assert!(matters([one(), one()]).is_empty());
        let other =
            claim(Origin::Altered, &[(Producer, "B"), (ContentId, "2"), (CreatedAt, "2026-01-02T00:00:00Z")]);
        assert_eq!(matters([one(), other]), ["origin", "producer", "content_id", "created_at"]);
        let camera = Mark {
            claim: Claim { status: Some(Status::NotGenerated), ..Claim::default() },
            ..Mark::default()
        };
        assert_eq!(matters([one(), camera]), ["status"]);
    }

    #[test]
    fn spelling_codes_silence_and_doubt_are_no_contradictions() {
        let one = |producer| claim(Origin::Generated, &[(Field::Producer, producer)]);
        assert!(matters([one("Example Ltd"), one("EXAMPLE LTD ")]).is_empty());
        assert!(matters([one("Example Ltd"), one("001191110000000000000000000")]).is_empty(), "a code");
        assert!(matters([one("Example Ltd"), Mark::default()]).is_empty());
        let flaw = Flaw { code: "example", gravity: Gravity::Doubt, text: String::new(), at: 0 };
        assert!(matters([one("A"), Mark { flaws: vec![flaw], ..one("B") }]).is_empty());
    }

    #[test]
    fn a_manifest_and_the_watermark_it_names_are_compared() {
        let bound = |algorithm: &str, value: &[u8]| Mark {
            binding: Some(Binding { algorithm: algorithm.into(), value: value.to_vec() }),
            ..Mark::default()
        };
        assert!(matters([bound("a", b"1"), bound("a", b"1")]).is_empty());
        assert!(matters([bound("a", b"1"), bound("b", b"2")]).is_empty(), "another watermark");
        assert_eq!(matters([bound("a", b"1"), bound("a", b"2")]), ["soft_binding"]);
    }
}
