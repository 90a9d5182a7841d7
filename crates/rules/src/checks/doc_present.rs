//! `doc.present`: a document or a record that the profile names.

use crate::{Case, Check, Judge, Judgement};
use indicia_core::Look;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "doc.present",
    about: "Met, on the profile's word, if it says where `document` is; this program does not read it. Otherwise it takes \
            the document.",
    build: |params| Ok(Box::new(params.try_into::<Document>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    document: String,
    what: String,
}

impl Judge for Document {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        match case.profile.documents.get(&self.document).filter(|place| !place.is_empty()) {
            Some(place) => Judgement::met(format!("the profile says that it is at {place}; it was not read")),
            None => Judgement::unknown(format!(
                "where is {}? (`documents.{}` in [profile], an address or a digest)",
                self.what, self.document
            )),
        }
    }

    fn looks_into(&self, _: &Look) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{labelled, outcome_for};

    #[test]
    fn a_document_that_is_named_counts_on_the_profiles_word() {
        let params = toml::toml! { document = "key-policy" what = "the policy for keys" };
        for (profile, expected) in [
            ("", Outcome::Unknown),
            ("documents = { key-policy = '' }", Outcome::Unknown),
            ("documents = { key-policy = 'sha256:00' }", Outcome::Met),
            ("documents = { other = 'sha256:00' }", Outcome::Unknown),
        ] {
            assert_eq!(outcome_for(&CHECK, &params, &labelled(vec![]), profile), expected, "{profile}");
        }
    }
}
