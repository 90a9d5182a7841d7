//! `mark.any`: at least one of the named marks, or a mark of one of the named channels, is there.

use crate::{Case, Check, Judge, Judgement};
use indicia_core::{Channel, Look, MediaKind, Seen};
use indicia_marks::{SCHEMES, Scheme};
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "mark.any",
    about: "Met if one of the named schemes, or any scheme of a named channel, found a mark.",
    build: |params| Ok(Box::new(params.try_into::<MarkAny>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkAny {
    needs: Vec<String>,
}

/// Whether a pack's word means this scheme: by its name, or by its channel's.
fn means(need: &str, scheme: &str, channel: Channel) -> bool {
    need == scheme || need == channel.name()
}

impl Judge for MarkAny {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let named = |look: &&Look| self.needs.iter().any(|need| means(need, look.scheme, look.channel));
        let looks = case.evidence.looks.iter().filter(named);
        let none = Judgement::unmet(format!("no {} was found", self.needs.join(" or ")));
        looks.map(weigh).fold(none, |best, next| if next.outcome > best.outcome { next } else { best })
    }

    fn looks_into(&self, _: &Look) -> bool {
        false
    }

    /// The first that can be written, in the order the pack names them.
    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        self.any_of(kind).into_iter().take(1).collect()
    }

    fn any_of(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        let mut all: Vec<&'static Scheme> = Vec::new();
        for need in &self.needs {
            let fits = |scheme: &&'static Scheme| scheme.suits(kind) && scheme.is_writable();
            let meant = |scheme: &&'static Scheme| means(need, scheme.name, scheme.channel);
            let mut named: Vec<_> = SCHEMES.iter().copied().filter(meant).filter(fits).collect();
            named.sort_by_key(|scheme| !scheme.default);
            all.extend(named);
        }
        all
    }

    fn lacks(&self, kind: MediaKind) -> Option<String> {
        let why = format!("no {} can be written into {} yet", self.needs.join(" or "), kind.name());
        self.any_of(kind).is_empty().then_some(why)
    }

    fn concerns(&self) -> Option<Channel> {
        let named = |need: &String| SCHEMES.iter().find(|scheme| means(need, scheme.name, scheme.channel));
        let mut channels = self.needs.iter().map(|need| named(need).map(|scheme| scheme.channel));
        let first = channels.next().flatten();
        if channels.all(|channel| channel == first) { first } else { None }
    }
}

fn weigh(look: &Look) -> Judgement {
    let title = Scheme::named(look.scheme).map_or(look.scheme, |scheme| scheme.title);
    match &look.seen {
        Seen::Absent => Judgement::unmet(format!("no {title}{}", Scheme::misses_of(look.scheme))),
        Seen::Blind(why) => Judgement::unknown(format!("{title}: {why}")),
        Seen::Present(marks) if marks.iter().all(indicia_core::Mark::is_doubtful) => {
            Judgement::unknown(format!("{title}: what was found may not be a mark"))
        }
        Seen::Present(_) => Judgement::met(format!("{title} found")),
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{doubtful, label, labelled, noticed, outcome, unseen, written};
    use indicia_core::{Channel, Evidence, MediaKind};

    #[test]
    fn the_best_answer_of_those_named_counts() {
        let label = || label(None, &[]);
        let both = |one: Evidence, two: Evidence| Evidence::from([one.looks, two.looks].concat());
        for (needs, evidence, expected) in [
            ("['aigc']", labelled(vec![label()]), Outcome::Met),
            ("['metadata']", labelled(vec![label()]), Outcome::Met),
            ("['explicit']", labelled(vec![label()]), Outcome::Unmet),
            ("['iptc', 'aigc']", labelled(vec![label()]), Outcome::Met),
            ("['aigc']", labelled(vec![]), Outcome::Unmet),
            ("['aigc']", Evidence::default(), Outcome::Unmet),
            ("[]", labelled(vec![label()]), Outcome::Unmet),
            ("['aigc']", labelled(vec![doubtful(label())]), Outcome::Unknown),
            ("['aigc']", labelled(vec![doubtful(label()), label()]), Outcome::Met),
            ("['explicit']", unseen("visible", Channel::Explicit), Outcome::Unknown),
            ("['explicit']", both(noticed(vec![]), unseen("visible", Channel::Explicit)), Outcome::Unknown),
            ("['explicit']", both(unseen("visible", Channel::Explicit), noticed(vec![])), Outcome::Unknown),
            (
                "['explicit']",
                both(unseen("visible", Channel::Explicit), noticed(vec![written("x", &[])])),
                Outcome::Met,
            ),
        ] {
            let params = format!("needs = {needs}").parse().unwrap();
            assert_eq!(outcome(&CHECK, &params, &evidence), expected, "{needs}: {evidence:?}");
        }
    }

    #[test]
    fn the_first_named_that_can_be_written_is_wanted() {
        for (needs, kind, expected) in [
            ("['aigc', 'explicit']", MediaKind::Image, Some("aigc")),
            ("['explicit', 'aigc']", MediaKind::Image, Some("visible")),
            ("['explicit', 'aigc']", MediaKind::Video, Some("visible")),
            ("['iptc', 'aigc']", MediaKind::Video, Some("aigc")),
            ("['iptc']", MediaKind::Image, Some("iptc")),
            ("['explicit']", MediaKind::Audio, Some("rhythm")),
            ("['explicit']", MediaKind::Text, Some("written")),
            ("['c2pa', 'aigc']", MediaKind::Image, Some("c2pa")),
            ("['aigc']", MediaKind::Text, None),
        ] {
            let judge = (CHECK.build)(format!("needs = {needs}").parse().unwrap()).unwrap();
            let wanted: Vec<_> = judge.wants(kind).iter().map(|scheme| scheme.name).collect();
            assert_eq!(wanted, expected.into_iter().collect::<Vec<_>>(), "{needs} on {kind:?}");
        }
    }

    #[test]
    fn it_concerns_a_channel_only_if_all_it_names_are_of_it() {
        for (needs, expected) in [
            ("['explicit']", Some(Channel::Explicit)),
            ("['visible', 'rhythm']", Some(Channel::Explicit)),
            ("['aigc', 'iptc']", Some(Channel::Metadata)),
            ("['explicit', 'aigc']", None),
            ("['aigc', 'explicit']", None),
        ] {
            let judge = (CHECK.build)(format!("needs = {needs}").parse().unwrap()).unwrap();
            assert_eq!(judge.concerns(), expected, "{needs}");
        }
    }
}
