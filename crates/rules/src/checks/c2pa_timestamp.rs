//! `c2pa.timestamp`: a time-stamping authority says when the manifest was signed.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, manifests};
use indicia_core::{Channel, Look, MediaKind};
use indicia_marks::Scheme;

pub(super) static CHECK: Check = Check {
    name: "c2pa.timestamp",
    about: "Met if the manifest holds and has a time stamp of an authority (RFC 3161) that holds too. The time that the \
            signer writes himself is none.",
    build: |params| plain(params, TimeStamp),
};

#[derive(Debug)]
struct TimeStamp;

impl Judge for TimeStamp {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let mark = match manifests::holding(case) {
            Ok(mark) => mark,
            Err(judgement) => return judgement,
        };
        match mark.flaws.iter().find(|flaw| flaw.code == "c2pa-time-stamped") {
            Some(flaw) => Judgement::met(flaw.text.clone()),
            None => Judgement::unmet("no time stamp of an authority says when the manifest was signed"),
        }
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.scheme == manifests::C2PA
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        manifests::wants(kind)
    }

    fn is_stamped(&self) -> bool {
        true
    }

    fn lacks(&self, _: MediaKind) -> Option<String> {
        Some(
            "a time stamp comes from an authority over the network, which is asked with --c2pa-tsa alone"
                .into(),
        )
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
    use indicia_core::{Channel, Gravity};

    #[test]
    fn only_an_authoritys_time_counts() {
        let with = |code, gravity| signed(vec![flawed(label(None, &[]), code, gravity)]);
        for (evidence, expected) in [
            (with("c2pa-time-stamped", Gravity::Note), Outcome::Met),
            (with("c2pa-untrusted", Gravity::Note), Outcome::Unmet),
            (with("c2pa-time-stamp", Gravity::Deviation), Outcome::Unmet),
            (unseen("c2pa", Channel::Manifest), Outcome::Unknown),
        ] {
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), expected, "{evidence:?}");
        }
    }
}
