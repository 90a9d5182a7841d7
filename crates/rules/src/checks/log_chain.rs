//! `log.chain`: every event is in a log that shows tampering.

use super::doc_present::Document;
use crate::Check;

pub(super) static CHECK: Check = Check {
    name: "log.chain",
    about: "A log that shows tampering holds each labelling and checking: `indicia log verify` checks one. Met, on the profile's word, if it says where `document` is; this program \
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
        let params = toml::toml! { document = "log" what = "it" };
        assert_eq!(outcome(&CHECK, &params, &labelled(vec![])), Outcome::Unknown);
        let named = "documents = { log = 'a' }";
        assert_eq!(outcome_for(&CHECK, &params, &labelled(vec![]), named), Outcome::Met);
    }
}
