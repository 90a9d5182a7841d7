//! `mark.fields`: a mark of the named scheme is there, with the named fields filled in.

use crate::{Case, Check, Judge, Judgement};
use indicia_core::{Field, Look, Mark, MediaKind, Seen};
use indicia_marks::Scheme;
use serde::{Deserialize, Deserializer, de::Error};

pub(super) static CHECK: Check = Check {
    name: "mark.fields",
    about: "Met if a mark of `scheme` says whether the content is generated and has a value in each of `fields`.",
    build: |params| Ok(Box::new(params.try_into::<MarkFields>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkFields {
    #[serde(deserialize_with = "scheme")]
    scheme: &'static Scheme,
    #[serde(deserialize_with = "fields")]
    fields: Vec<Field>,
}

fn scheme<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static Scheme, D::Error> {
    let name = String::deserialize(deserializer)?;
    Scheme::named(&name).ok_or_else(|| D::Error::custom(format!("no scheme `{name}`")))
}

fn fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Field>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let named =
        |name: String| Field::named(&name).ok_or_else(|| D::Error::custom(format!("no field `{name}`")));
    names.into_iter().map(named).collect()
}

impl MarkFields {
    fn lacks(&self, mark: &Mark) -> Vec<&'static str> {
        let status = mark.claim.status.is_none().then_some("status");
        let empty = self.fields.iter().filter(|field| mark.claim.field(**field).is_empty());
        status.into_iter().chain(empty.map(|field| field.name())).collect()
    }
}

impl Judge for MarkFields {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let title = self.scheme.title;
        match case.evidence.look(self.scheme.name).map(|look| &look.seen) {
            None | Some(Seen::Absent) => Judgement::unmet(format!("no {title}")),
            Some(Seen::Blind(why)) => Judgement::unknown(format!("{title}: {why}")),
            Some(Seen::Present(marks)) => {
                let sure: Vec<_> = marks.iter().filter(|mark| !mark.is_doubtful()).collect();
                let lacks = sure.iter().map(|mark| self.lacks(mark)).min_by_key(Vec::len);
                match lacks {
                    Some(lacks) if lacks.is_empty() => Judgement::met(format!("the {title} has them all")),
                    Some(lacks) => Judgement::unmet(format!("the {title} lacks: {}", lacks.join(", "))),
                    None => Judgement::unmet(format!("only what may be an example of the {title} was found")),
                }
            }
        }
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.scheme == self.scheme.name
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        if self.scheme.suits(kind) && self.scheme.is_writable() { vec![self.scheme] } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{doubtful, label, labelled, outcome, unseen};
    use indicia_core::{Channel, Field, Status};

    #[test]
    fn a_mark_without_its_fields_does_not_count() {
        let params = toml::toml! { scheme = "aigc" fields = ["producer", "content_id"] };
        for (fields, status, expected) in [
            (vec![Field::Producer], Some(Status::Generated), Outcome::Unmet),
            (vec![Field::Producer, Field::ContentId], None, Outcome::Unmet),
            (vec![Field::Producer, Field::ContentId], Some(Status::Generated), Outcome::Met),
        ] {
            let fields: Vec<_> = fields.into_iter().map(|field| (field, "x")).collect();
            let evidence = labelled(vec![label(status, &fields)]);
            assert_eq!(outcome(&CHECK, &params, &evidence), expected);
        }
    }

    #[test]
    fn the_fullest_label_counts_and_what_may_be_none_does_not() {
        let params = toml::toml! { scheme = "aigc" fields = ["producer"] };
        let full = || label(Some(Status::Possible), &[(Field::Producer, "x")]);
        for (evidence, expected) in [
            (labelled(vec![label(None, &[]), full()]), Outcome::Met),
            (labelled(vec![full(), label(None, &[])]), Outcome::Met),
            (labelled(vec![doubtful(full())]), Outcome::Unmet),
            (labelled(vec![]), Outcome::Unmet),
            (unseen("aigc", Channel::Metadata), Outcome::Unknown),
        ] {
            assert_eq!(outcome(&CHECK, &params, &evidence), expected, "{evidence:?}");
        }
    }

    #[test]
    fn wrong_names_are_refused() {
        let refused = |params: toml::Table| (CHECK.build)(params).unwrap_err().to_string();
        assert!(refused(toml::toml! { scheme = "agic" fields = [] }).contains("no scheme `agic`"));
        assert!(refused(toml::toml! { scheme = "aigc" fields = ["colour"] }).contains("no field `colour`"));
    }
}
