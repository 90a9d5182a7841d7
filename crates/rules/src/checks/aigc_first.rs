//! `aigc.first`: at first writing, the propagator's fields repeat the producer's.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Field, Mark};

pub(super) static CHECK: Check = Check {
    name: "aigc.first",
    about: "Met if the propagator and its number are filled in: at first writing they equal the producer's; later \
            they are those of the platform that spread the content.",
    build: |_| Ok(Box::new(AigcFirst)),
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
