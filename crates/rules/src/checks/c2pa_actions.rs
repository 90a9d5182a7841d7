//! `c2pa.actions`: the manifest says whether AI made the content or altered it.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, manifests};
use indicia_core::{Channel, Field, Look, MediaKind};
use indicia_marks::Scheme;
use indicia_marks::iptc::Term;

pub(super) static CHECK: Check = Check {
    name: "c2pa.actions",
    about: "Met if the manifest holds and the digital source type of an action says whether the content was made or \
            altered with AI. Terms that leave it open, such as composite, do not; algorithmicallyEnhanced says nothing of it.",
    build: |params| plain(params, Actions),
};

#[derive(Debug)]
struct Actions;

impl Judge for Actions {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let mark = match manifests::holding(case) {
            Ok(mark) => mark,
            Err(judgement) => return judgement,
        };
        let written = mark.claim.field(Field::SourceType);
        match (mark.claim.status, mark.claim.origin) {
            (Some(_), Some(origin)) => {
                Judgement::met(format!("the manifest says {} ({})", origin.name(), mark.place))
            }
            (Some(status), None) => {
                Judgement::met(format!("the manifest says {} ({})", status.name(), mark.place))
            }
            (None, _) if written.is_empty() => {
                Judgement::unmet("no action of the manifest has a digital source type")
            }
            (None, _) if Term::meant_by(written).is_none() => {
                Judgement::unmet(format!("{written} is no digital source type that is known"))
            }
            (None, _) => Judgement::unmet(format!("{written} leaves open whether AI made or altered it")),
        }
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.scheme == manifests::C2PA
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        manifests::wants(kind)
    }

    fn lacks(&self, kind: MediaKind) -> Option<String> {
        manifests::lacks(kind)
    }

    fn concerns(&self) -> Option<Channel> {
        Some(Channel::Manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{flawed, label, outcome, signed, unseen};
    use indicia_core::{Channel, Field, Gravity, Status};

    #[test]
    fn only_a_source_type_that_says_it_counts() {
        let term = |code: &str| format!("http://cv.iptc.org/newscodes/digitalsourcetype/{code}");
        for (status, code, expected) in [
            (Some(Status::Generated), "trainedAlgorithmicMedia", Outcome::Met),
            (Some(Status::NotGenerated), "digitalCapture", Outcome::Met),
            (None, "composite", Outcome::Unmet),
            (None, "noSuchTerm", Outcome::Unmet),
        ] {
            let evidence = signed(vec![label(status, &[(Field::SourceType, &term(code))])]);
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), expected, "{code}");
        }
        let none = toml::Table::new();
        assert_eq!(outcome(&CHECK, &none, &signed(vec![label(None, &[])])), Outcome::Unmet);
        let broken = flawed(label(Some(Status::Generated), &[]), "c2pa-broken", Gravity::Fault);
        assert_eq!(outcome(&CHECK, &none, &signed(vec![broken])), Outcome::Unmet);
        assert_eq!(outcome(&CHECK, &none, &unseen("c2pa", Channel::Manifest)), Outcome::Unknown);
    }
}
