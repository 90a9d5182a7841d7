//! `aigc.first`: at first writing, the propagator's fields repeat the producer's.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Field, Look, Mark};

pub(super) static CHECK: Check = Check {
    name: "aigc.first",
    about: "Met if the propagator and its number are filled in: at first writing they equal the producer's; later \
            they are those of the platform that spread the content.",
    build: |params| plain(params, AigcFirst),
};

#[derive(Debug)]
struct AigcFirst;

impl Judge for AigcFirst {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let labels = match labels::aigc(case) {
            Ok(labels) => labels,
            Err(judgement) => return judgement,
        };
        match labels.iter().find_map(|mark| objection(mark)) {
            Some(objection) => Judgement::unmet(objection),
            None => Judgement::met("the propagator's fields are filled in"),
        }
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.scheme == labels::AIGC
    }
}

fn objection(mark: &Mark) -> Option<String> {
    let field = |field| mark.claim.field(field);
    let (producer, propagator) = (field(Field::Producer), field(Field::Propagator));
    if propagator.is_empty() || field(Field::PropagationId).is_empty() {
        return Some(format!("ContentPropagator or PropagateID is empty ({})", mark.place));
    }
    let same_id = field(Field::ContentId) == field(Field::PropagationId);
    (producer == propagator && !same_id).then(|| {
        format!("the propagator is the producer, but PropagateID differs from ProduceID ({})", mark.place)
    })
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{label, labelled, outcome};
    use indicia_core::{Field, Status};

    #[test]
    fn the_propagator_is_the_producer_or_another_but_never_half_of_each() {
        for (producer, content, propagator, propagation, expected) in [
            ("A", "1", "A", "1", Outcome::Met),
            ("A", "1", "B", "2", Outcome::Met),
            ("A", "1", "B", "1", Outcome::Met),
            ("A", "1", "A", "2", Outcome::Unmet),
            ("A", "1", "", "1", Outcome::Unmet),
            ("A", "1", "A", "", Outcome::Unmet),
            ("A", "1", "B", "", Outcome::Unmet),
            ("", "", "", "", Outcome::Unmet),
        ] {
            let fields = [
                (Field::Producer, producer),
                (Field::ContentId, content),
                (Field::Propagator, propagator),
                (Field::PropagationId, propagation),
            ];
            let evidence = labelled(vec![label(Some(Status::Generated), &fields)]);
            let said = outcome(&CHECK, &toml::Table::new(), &evidence);
            assert_eq!(said, expected, "{fields:?}");
        }
    }

    #[test]
    fn every_label_has_to_hold() {
        let good = label(None, &[(Field::Propagator, "A"), (Field::PropagationId, "1")]);
        let evidence = labelled(vec![good, label(None, &[])]);
        assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), Outcome::Unmet);
    }
}
