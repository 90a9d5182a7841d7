//! `log.schema`: records of what happened have the fields they need and none they must not have.

use super::doc_present::Document;
use crate::Check;

pub(super) static CHECK: Check = Check {
    name: "log.schema",
    about: "Records are kept, with what they need in them and nothing they must not hold. Met, on the profile's word, if it says where `document` is; this program \
            does not read it here.",
    build: |params| Ok(Box::new(params.try_into::<Document>()?)),
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{labelled, outcome, outcome_for};

    #[test]
    fn no_file_shows_it() {
        let params = toml::toml! { document = "records" what = "it" };
        assert_eq!(outcome(&CHECK, &params, &labelled(vec![])), Outcome::Unknown);
        let named = "documents = { records = 'a' }";
        assert_eq!(outcome_for(&CHECK, &params, &labelled(vec![]), named), Outcome::Met);
    }
}
