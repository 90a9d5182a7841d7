//! `xmp.dst`: the digital source type in XMP is a term of the vocabulary, fully written.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement};
use indicia_core::{Channel, Look, MediaKind, Seen};
use indicia_marks::{Scheme, iptc};

/// The scheme that reads it.
const IPTC: &str = "iptc";

pub(super) static CHECK: Check = Check {
    name: "xmp.dst",
    about: "Met if every Iptc4xmpExt:DigitalSourceType is the full address of a term that is known and not retired.",
    build: |params| plain(params, SourceType),
};

/// The flaws that mean: not a term as the standard has it.
const CODES: &[&str] = &[iptc::NO_SOURCE_TYPE, iptc::UNKNOWN_TERM, iptc::RETIRED_TERM, iptc::TERM_SPELLING];

#[derive(Debug)]
struct SourceType;

impl Judge for SourceType {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let marks = match case.evidence.look(IPTC).map(|look| &look.seen) {
            None | Some(Seen::Absent) => return Judgement::unmet("no digital source type in XMP"),
            Some(Seen::Blind(why)) => return Judgement::unknown(why.clone()),
            Some(Seen::Present(marks)) => marks,
        };
        let flaws = marks.iter().flat_map(|mark| mark.flaws.iter().map(move |flaw| (mark, flaw)));
        let wrong = flaws.filter(|(_, flaw)| CODES.contains(&flaw.code));
        let wrong: Vec<_> = wrong.map(|(mark, flaw)| format!("{} ({})", flaw.text, mark.place)).collect();
        if wrong.is_empty() {
            Judgement::met("the digital source type is a term of the vocabulary")
        } else {
            Judgement::unmet(wrong.join("; "))
        }
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.scheme == IPTC
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        Scheme::named(IPTC).filter(|scheme| scheme.suits(kind)).into_iter().collect()
    }

    fn lacks(&self, kind: MediaKind) -> Option<String> {
        let why = format!("this version writes no digital source type into {}", kind.name());
        self.wants(kind).is_empty().then_some(why)
    }

    fn concerns(&self) -> Option<Channel> {
        Some(Channel::Metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{flawed, label, look, outcome, unseen};
    use indicia_core::{Channel, Evidence, Gravity, Mark, Seen};

    fn with(marks: Vec<Mark>) -> Evidence {
        let seen = if marks.is_empty() { Seen::Absent } else { Seen::Present(marks) };
        Evidence::from(vec![look("iptc", Channel::Metadata, seen)])
    }

    #[test]
    fn bare_codes_and_retired_terms_are_told() {
        let none = toml::Table::new();
        for code in ["no-source-type", "unknown-term", "retired-term", "term-spelling"] {
            for gravity in [Gravity::Note, Gravity::Deviation, Gravity::Fault] {
                let evidence = with(vec![flawed(label(None, &[]), code, gravity)]);
                assert_eq!(outcome(&CHECK, &none, &evidence), Outcome::Unmet, "{code}");
            }
        }
        assert_eq!(outcome(&CHECK, &none, &with(vec![label(None, &[])])), Outcome::Met);
        assert_eq!(outcome(&CHECK, &none, &with(vec![])), Outcome::Unmet);
        assert_eq!(outcome(&CHECK, &none, &unseen("iptc", Channel::Metadata)), Outcome::Unknown);
    }
}
