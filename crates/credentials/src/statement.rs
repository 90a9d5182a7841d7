//! What a manifest of ours says, as plain data, and how it is written as C2PA assertions.

use serde_json::{Value, json};

use crate::sign::SignError;

/// Label of the assertion with the content of a GB 45438-2025 label.
///
/// No standard assertion exists for it. The label is the domain of TC260, the committee behind the standard, the other
/// way round, as its XMP namespace has it (`http://www.tc260.org.cn/ns/AIGC/1.0/`); the committee has not said so.
pub const AIGC_ASSERTION: &str = "cn.org.tc260.aigc";

/// Label of the assertion with who provided the content, with which system, and its identifier: what California's
/// SB 942 (22757.3 of the Business and Professions Code) asks a latent disclosure to convey.
///
/// No standard assertion exists for it. Keys: `provider`, `system`, `systemVersion`, `when`, `contentId`, and
/// `createdOrAltered`, which is `created` or `altered`.
pub const DISCLOSURE_ASSERTION: &str = "io.github.indicia.disclosure";

/// The name by which the actions speak of the parent.
pub(crate) const PARENT: &str = "parent";

/// What a manifest says of its content. All texts are written as given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    /// The title of the content, as its file name.
    pub title: Option<String>,
    /// What was done.
    pub deed: Deed,
    /// The digital source type, a URI, as
    /// `http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia`. Needed for [`Deed::Created`].
    pub source_type: Option<String>,
    /// The software that did it: for generated content the generator, as far as is known.
    pub agent: Option<Software>,
    /// When it was done, as RFC 3339 writes it: `2026-11-24T10:00:00Z`.
    pub when: Option<String>,
    /// The program that makes this claim: this one.
    pub generator: Software,
    /// The name of the provider of the generative system.
    pub provider: Option<String>,
    /// The generative system.
    pub system: Option<Software>,
    /// The unique identifier of the content.
    pub content_id: Option<String>,
    /// Whether the system created the content or altered it.
    pub making: Option<Making>,
    /// The content of its GB 45438-2025 label, written as [`AIGC_ASSERTION`].
    pub aigc: Option<Value>,
    /// The watermarks that lead back to this manifest. Each is told as an action as well.
    pub soft_bindings: Vec<SoftBinding>,
    /// The data of a `cawg.training-mining` assertion: what may be done with the content.
    pub training_mining: Option<Value>,
    /// The data of a `cawg.metadata` assertion: JSON-LD with its `@context`.
    pub metadata: Option<Value>,
    /// Further assertions, each a label in reverse domain form and its data, written as JSON.
    pub assertions: Vec<(String, Value)>,
}

/// What was done to content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deed {
    /// It was created, from no file that is known (`c2pa.created`).
    #[default]
    Created,
    /// It was made by editing its parent (`c2pa.opened`, `c2pa.edited`).
    Edited,
    /// Only its metadata was edited: it was labelled, and its parent is the file without the label (`c2pa.opened`,
    /// `c2pa.edited.metadata`).
    Labelled,
}

/// What a generative system did to content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Making {
    /// It made it.
    Created,
    /// It altered what was there.
    Altered,
}

/// A program or a system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Software {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
}

/// A watermark by which the manifest can be found again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SoftBinding {
    /// The algorithm's identifier in the C2PA list of soft binding algorithms.
    pub algorithm: String,
    /// What the watermark holds, in the form that the algorithm asks for, Base64 as a rule.
    pub value: String,
}

impl Software {
    fn json(&self) -> Value {
        object([
            ("name", Some(json!(self.name))),
            ("version", self.version.as_ref().map(|version| json!(version))),
        ])
    }
}

impl Statement {
    /// The manifest definition that says this, for content with or without a parent.
    ///
    /// # Errors
    /// If parts of it do not go together.
    pub(crate) fn definition(&self, has_parent: bool) -> Result<Value, SignError> {
        self.check(has_parent)?;
        let mut assertions = vec![json!({
            "label": "c2pa.actions.v2",
            "created": true,
            "data": { "allActionsIncluded": true, "actions": self.actions() },
        })];
        let mut add = |label: &str, kind: &str, data: Value| {
            assertions.push(json!({ "label": label, "kind": kind, "created": true, "data": data }));
        };
        for binding in &self.soft_bindings {
            let blocks = json!([{ "scope": {}, "value": binding.value }]);
            add("c2pa.soft-binding", "Cbor", json!({ "alg": binding.algorithm, "blocks": blocks }));
        }
        if let Some(disclosure) = self.disclosure() {
            add(DISCLOSURE_ASSERTION, "Json", disclosure);
        }
        if let Some(label) = &self.aigc {
            add(AIGC_ASSERTION, "Json", label.clone());
        }
        if let Some(data) = &self.training_mining {
            add("cawg.training-mining", "Cbor", data.clone());
        }
        if let Some(data) = &self.metadata {
            add("cawg.metadata", "Json", data.clone());
        }
        for (label, data) in &self.assertions {
            add(label, "Json", data.clone());
        }
        Ok(json!({
            "claim_version": 2,
            "claim_generator_info": [self.generator.json()],
            "title": self.title,
            "assertions": assertions,
        }))
    }

    fn check(&self, has_parent: bool) -> Result<(), SignError> {
        let fault = match self.deed {
            Deed::Created if has_parent => "content made from a parent was edited or labelled, not created",
            Deed::Created if self.source_type.is_none() => "created content needs a digital source type",
            Deed::Edited | Deed::Labelled if !has_parent => {
                "edited or labelled content needs its parent; if that is not at hand, say that it was created"
            }
            _ if self.generator.name.is_empty() => "the program that makes the claim has no name",
            _ if self.when.as_deref().is_some_and(|when| !is_rfc_3339(when)) => {
                "the time is not written as RFC 3339 asks, as in 2026-11-24T10:00:00Z"
            }
            _ if self.assertions.iter().any(|(label, _)| !is_custom(label)) => {
                "further assertions need labels in reverse domain form, and none of c2pa's own"
            }
            _ => return Ok(()),
        };
        Err(SignError::Statement(fault))
    }

    fn actions(&self) -> Vec<Value> {
        let mut actions = Vec::new();
        let name = match self.deed {
            Deed::Created => "c2pa.created",
            Deed::Edited => "c2pa.edited",
            Deed::Labelled => "c2pa.edited.metadata",
        };
        if self.deed != Deed::Created {
            actions.push(json!({ "action": "c2pa.opened", "parameters": { "ingredientIds": [PARENT] } }));
        }
        actions.push(object([
            ("action", Some(json!(name))),
            ("digitalSourceType", self.source_type.as_ref().map(|source_type| json!(source_type))),
            ("softwareAgent", self.agent.as_ref().map(Software::json)),
            ("when", self.when.as_ref().map(|when| json!(when))),
        ]));
        for _ in &self.soft_bindings {
            actions
                .push(json!({ "action": "c2pa.watermarked.bound", "softwareAgent": self.generator.json() }));
        }
        actions
    }

    fn disclosure(&self) -> Option<Value> {
        if self.provider.is_none() && self.system.is_none() && self.content_id.is_none() {
            return None;
        }
        let text = |text: Option<&String>| text.map(|text| json!(text));
        let system = self.system.as_ref();
        Some(object([
            ("provider", text(self.provider.as_ref())),
            ("system", text(system.map(|system| &system.name))),
            ("systemVersion", text(system.and_then(|system| system.version.as_ref()))),
            ("contentId", text(self.content_id.as_ref())),
            ("when", text(self.when.as_ref())),
            (
                "createdOrAltered",
                self.making.map(|making| match making {
                    Making::Created => json!("created"),
                    Making::Altered => json!("altered"),
                }),
            ),
        ]))
    }
}

/// A JSON object of the members that are there.
fn object<const MEMBERS: usize>(members: [(&str, Option<Value>); MEMBERS]) -> Value {
    members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// Whether an assertion's label is one that anyone may use.
fn is_custom(label: &str) -> bool {
    let parts: Vec<_> = label.split('.').collect();
    let is_part = |part: &&str| {
        !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
    };
    parts.len() >= 2 && parts.iter().all(is_part) && parts.first() != Some(&"c2pa")
}

/// Whether a text has the form of a moment in RFC 3339.
fn is_rfc_3339(text: &str) -> bool {
    let Some((form, rest)) = text.split_at_checked(19) else { return false };
    let is_like = |text: &str, form: &str| {
        text.len() == form.len()
            && text.bytes().zip(form.bytes()).all(|(byte, expected)| match expected {
                b'0' => byte.is_ascii_digit(),
                _ => byte == expected,
            })
    };
    let digits = rest.strip_prefix('.').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let zone = match rest.strip_prefix('.') {
        Some(_) if digits == 0 => return false,
        Some(rest) => rest.get(digits..).unwrap_or_default(),
        None => rest,
    };
    is_like(form, "0000-00-00T00:00:00")
        && (zone == "Z" || is_like(zone, "+00:00") || is_like(zone, "-00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn created() -> Statement {
        Statement {
            source_type: Some("http://example.org/type".into()),
            generator: Software { name: "this".into(), version: None },
            ..Statement::default()
        }
    }

    #[test]
    fn moments_are_known_by_their_form() {
        for good in ["2026-11-24T10:00:00Z", "2026-11-24T10:00:00.123+08:00", "2026-11-24T10:00:00-01:30"] {
            assert!(is_rfc_3339(good), "{good}");
        }
        for bad in
            ["", "2026-11-24", "2026-11-24 10:00:00Z", "2026-11-24T10:00:00", "2026-11-24T10:00:00.Z", "é"]
        {
            assert!(!is_rfc_3339(bad), "{bad}");
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        assert!(created().definition(false).is_ok());
        let refused = |statement: Statement, has_parent| {
            assert!(
                matches!(statement.definition(has_parent), Err(SignError::Statement(_))),
                "{statement:?}"
            );
        };
        refused(created(), true);
        refused(Statement { source_type: None, ..created() }, false);
        refused(Statement { deed: Deed::Edited, ..created() }, false);
        refused(Statement { deed: Deed::Labelled, ..created() }, false);
        refused(Statement { generator: Software::default(), ..created() }, false);
        refused(Statement { when: Some("today".into()), ..created() }, false);
        for label in ["c2pa.actions.v2", "plain", "org..example", "org.exa mple"] {
            refused(Statement { assertions: vec![(label.into(), json!({}))], ..created() }, false);
        }
    }

    #[test]
    fn every_assertion_is_a_created_one_and_no_disclosure_is_made_of_nothing() {
        let definition = created().definition(false).unwrap();
        assert_eq!(definition["assertions"].as_array().unwrap().len(), 1);
        assert_eq!(definition["assertions"][0]["data"]["allActionsIncluded"], json!(true));
        let statement = Statement {
            provider: Some("P".into()),
            when: Some("2026-11-24T10:00:00Z".into()),
            soft_bindings: vec![SoftBinding { algorithm: "a".into(), value: "v".into() }],
            ..created()
        };
        let definition = statement.definition(false).unwrap();
        let assertions = definition["assertions"].as_array().unwrap();
        assert!(assertions.iter().all(|assertion| assertion["created"] == json!(true)));
        assert_eq!(assertions[0]["data"]["actions"][1]["action"], "c2pa.watermarked.bound");
        assert_eq!(assertions[2]["data"], json!({ "provider": "P", "when": "2026-11-24T10:00:00Z" }));
    }
}
