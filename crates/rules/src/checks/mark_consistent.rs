//! `mark.consistent`: the marks of a file do not contradict one another.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement};
use indicia_core::{Channel, Field, Look, Mark, Seen};
use indicia_marks::Scheme;

pub(super) static CHECK: Check = Check {
    name: "mark.consistent",
    about: "Met if all marks that say so agree on whether the content is generated or altered and under which number. Marks \
            that could not be looked for leave it open; names of the provider may differ, since a code stands for a name.",
    build: |params| plain(params, Consistent),
};

#[derive(Debug)]
struct Consistent;

impl Judge for Consistent {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let looks = || case.evidence.looks.iter();
        // What generators leave behind is no statement.
        let states = |look: &&Look| look.channel != Channel::Trace;
        let marks: Vec<(&str, &Mark)> = looks()
            .filter(states)
            .flat_map(|look| match &look.seen {
                Seen::Present(marks) => marks.iter().map(|mark| (look.scheme, mark)).collect(),
                _ => Vec::new(),
            })
            .filter(|(_, mark)| !mark.is_doubtful())
            .collect();
        let status = |mark: &Mark| mark.claim.status.map(|status| status.name().to_owned());
        let origin = |mark: &Mark| mark.claim.origin.map(|origin| origin.name().to_owned());
        let number =
            |mark: &Mark| Some(mark.claim.field(Field::ContentId).to_owned()).filter(|id| !id.is_empty());
        for (what, says) in
            [("", &status as &dyn Fn(&Mark) -> Option<String>), ("", &origin), ("number ", &number)]
        {
            let mut said = marks.iter().filter_map(|(scheme, mark)| Some((scheme, says(mark)?)));
            let Some((first, value)) = said.next() else { continue };
            if let Some((other, contrary)) = said.find(|(_, other)| *other != value) {
                return Judgement::unmet(format!(
                    "the {} says {what}{value}, the {} {what}{contrary}",
                    title(first),
                    title(other)
                ));
            }
        }
        let blind = looks().find(|look| matches!(look.seen, Seen::Blind(_)));
        match (marks.len(), blind) {
            (0, _) => Judgement::unknown("no mark says anything"),
            (count, Some(look)) => {
                let plural = if count == 1 { "mark says" } else { "marks say" };
                Judgement::unknown(format!(
                    "{count} {plural} the same; the {} could not be looked for",
                    title(look.scheme)
                ))
            }
            (1, None) => Judgement::met("one mark, and none that contradicts it"),
            (count, None) => Judgement::met(format!("{count} marks agree")),
        }
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.channel != Channel::Trace
    }
}

fn title(scheme: &str) -> &str {
    Scheme::named(scheme).map_or(scheme, |scheme| scheme.title)
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{doubtful, label, labelled, outcome, signed, together, unseen};
    use indicia_core::{Channel, Field, Status};

    #[test]
    fn one_contradiction_is_enough() {
        let (is, may) = (Some(Status::Generated), Some(Status::Possible));
        let numbered = |id| label(is, &[(Field::ContentId, id)]);
        let blind = unseen("visible", Channel::Explicit);
        for (parts, expected) in [
            (vec![labelled(vec![numbered("1")]), signed(vec![numbered("1")])], Outcome::Met),
            (vec![labelled(vec![numbered("1")]), signed(vec![numbered("2")])], Outcome::Unmet),
            (vec![labelled(vec![label(is, &[])]), signed(vec![label(may, &[])])], Outcome::Unmet),
            (vec![labelled(vec![label(is, &[])]), signed(vec![doubtful(label(may, &[]))])], Outcome::Met),
            (vec![labelled(vec![label(is, &[])]), signed(vec![label(None, &[])])], Outcome::Met),
            (vec![labelled(vec![label(is, &[])]), blind], Outcome::Unknown),
            (vec![labelled(vec![])], Outcome::Unknown),
        ] {
            let evidence = together(parts);
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), expected, "{evidence:?}");
        }
    }
}
