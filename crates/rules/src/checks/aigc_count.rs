//! `aigc.count`: how many AIGC labels the file has, and whether they agree.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Look, Mark, MediaKind};
use indicia_marks::Scheme;
use indicia_marks::aigc::codes;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "aigc.count",
    about: "Met if the file holds exactly `count` AIGC labels in all its metadata together. What may be an example \
            in a text does not count.",
    build: |params| Ok(Box::new(params.try_into::<AigcCount>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AigcCount {
    count: usize,
}

impl Judge for AigcCount {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let labels = match labels::aigc(case) {
            Ok(labels) => labels,
            Err(judgement) => return judgement,
        };
        if labels.len() == self.count {
            let places: Vec<_> = labels.iter().map(|mark| place(mark)).collect();
            let said = format!("{} label: {}", labels.len(), places.join(", "));
            let unread = labels.iter().flat_map(|mark| &mark.flaws).find(|flaw| flaw.code == codes::UNREAD);
            return match (case.whole, unread) {
                (true, None) => Judgement::met(said),
                (true, Some(flaw)) => Judgement::unknown(format!("{said}; but {}", flaw.text)),
                (false, _) => {
                    Judgement::unknown(format!("{said}; but the file could not be read to its end"))
                }
            };
        }
        let first = labels.first().map(|mark| &mark.claim);
        let agree = labels.iter().all(|mark| Some(&mark.claim) == first);
        let places: Vec<_> = labels.iter().map(|mark| place(mark)).collect();
        let kind = if agree { "which say the same" } else { "which contradict one another" };
        Judgement::unmet(format!("{} labels, {kind}: {}", labels.len(), places.join(", ")))
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.scheme == labels::AIGC
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        labels::wants_aigc(kind)
    }
}

fn place(mark: &Mark) -> String {
    match mark.site {
        Some(site) => format!("{} at byte {}", mark.place, site.start),
        None => mark.place.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::AigcCount;
    use crate::specimen::{case, doubtful, flawed, label, labelled};
    use crate::{Case, Judge, Outcome};
    use indicia_core::{Field, Gravity, Mark, Span};

    fn judge(marks: Vec<Mark>) -> (Outcome, String) {
        judge_in(true, marks)
    }

    fn judge_in(whole: bool, marks: Vec<Mark>) -> (Outcome, String) {
        let evidence = labelled(marks);
        let case = Case { whole, ..case(&evidence) };
        let judgement = AigcCount { count: 1 }.judge(&case);
        (judgement.outcome, judgement.why)
    }

    fn mark(producer: &str, at: u64) -> Mark {
        let site = Some(Span { start: at, end: at + 1 });
        Mark { site, ..label(None, &[(Field::Producer, producer)]) }
    }

    #[test]
    fn one_is_met_none_and_two_are_not() {
        assert_eq!(judge(vec![]).0, Outcome::Unmet);
        assert_eq!(judge(vec![mark("a", 1)]).0, Outcome::Met);
        let (outcome, why) = judge(vec![mark("a", 1), mark("a", 99)]);
        assert_eq!(outcome, Outcome::Unmet);
        assert!(why.contains("the same") && why.contains("byte 99"), "{why}");
        assert!(judge(vec![mark("a", 1), mark("b", 99)]).1.contains("contradict"));
    }

    #[test]
    fn one_in_a_damaged_file_may_not_be_the_only_one() {
        assert_eq!(judge_in(false, vec![mark("a", 1)]).0, Outcome::Unknown);
        assert_eq!(judge_in(false, vec![mark("a", 1), mark("b", 99)]).0, Outcome::Unmet);
    }

    #[test]
    fn where_another_place_could_not_be_read_there_may_be_a_second() {
        let (outcome, why) = judge(vec![flawed(mark("a", 1), "unread", Gravity::Note)]);
        assert_eq!(outcome, Outcome::Unknown);
        assert!(why.ends_with("; but a flaw"), "{why}");
    }

    #[test]
    fn an_example_in_a_text_is_no_second_label() {
        let example = doubtful(mark("b", 99));
        assert_eq!(judge(vec![mark("a", 1), example.clone()]).0, Outcome::Met);
        assert_eq!(judge(vec![example]).0, Outcome::Unmet);
    }
}
