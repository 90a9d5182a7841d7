//! What the results of a run refer to: its rules, the marks that may be found, and what can become of a file.

use indicia::{Pack, Regime, Rule, SCHEMES};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Heading, Message, level, message};

/// A file, or its end, could not be read.
pub(super) const UNREADABLE: &str = "file.unreadable";
/// A file was left alone on purpose.
pub(super) const REFUSED: &str = "file.refused";
/// The marks of a file contradict one another.
pub(super) const CONFLICTING: &str = "marks.conflicting";

/// Regimes that were asked for contradict one another.
pub(super) const REGIMES: &str = "regimes.conflicting";
/// The log has entries of the file.
pub(super) const LOG: &str = "log.entries";

/// A `reportingDescriptor` (SARIF 2.1.0, 3.49).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) id: String,
    short_description: Message,
    full_description: Message,
    help: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    default_configuration: Value,
    properties: Value,
}

/// The name that results about marks of a scheme refer to.
pub(super) fn of_scheme(scheme: &str) -> String {
    format!("mark.{scheme}")
}

/// Everything that results may refer to.
pub(super) fn all(heading: &Heading<'_>) -> Vec<Descriptor> {
    let of_pack = |pack| {
        let of_regime = move |regime: &_| own(pack, regime);
        pack.regimes.iter().flat_map(of_regime).collect::<Vec<_>>()
    };
    let schemes =
        SCHEMES.iter().filter(|_| heading.in_depth || heading.packs.is_empty()).map(|scheme| Descriptor {
            id: of_scheme(scheme.name),
            short_description: message(&format!("{} found", scheme.title)),
            full_description: message(scheme.about),
            help: message(&format!("{} Source: {}", scheme.about, scheme.cite)),
            help_uri: None,
            default_configuration: json!({ "level": "none" }),
            properties: json!({ "tags": ["mark", scheme.channel.name()] }),
        });
    heading.packs.iter().flat_map(of_pack).chain(schemes).chain(of_files()).collect()
}

fn own(pack: &Pack, regime: &Regime) -> Vec<Descriptor> {
    let source = pack.sources.iter().find(|source| regime.sources.contains(&source.id));
    let descriptor = |rule: &Rule| {
        let mend = if rule.remedy.is_empty() { String::new() } else { format!(" To mend: {}.", rule.remedy) };
        let text = format!("{} ({}, {}).", rule.text, rule.clause, regime.title);
        Descriptor {
            id: rule.id.clone(),
            short_description: message(&rule.text),
            full_description: message(&text),
            help: message(&format!("{text}{mend} More: indicia explain {}", rule.id)),
            help_uri: source.map(|source| source.url.clone()).filter(|url| url.starts_with("https://")),
            default_configuration: json!({ "level": level(rule.severity) }),
            properties: json!({
                "clause": rule.clause,
                "decidable": rule.decidable.name(),
                "binds": rule.role.name(),
                "pack": pack.name,
                "regime": regime.id,
                "severity": rule.severity.name(),
                "tags": [regime.jurisdiction, regime.id],
                "verified": rule.verified,
            }),
        }
    };
    regime.rules.iter().map(descriptor).collect()
}

fn of_files() -> [Descriptor; 5] {
    let descriptor = |id: &str, short: &str, help: &str, level: &str| Descriptor {
        id: id.to_owned(),
        short_description: message(short),
        full_description: message(short),
        help: message(help),
        help_uri: None,
        default_configuration: json!({ "level": level }),
        properties: json!({ "tags": ["file"] }),
    };
    [
        descriptor(
            UNREADABLE,
            "the file could not be read, or not to its end",
            "What marks it carries is not known: that is not the same as none. See to it that it can be read and is whole.",
            "error",
        ),
        descriptor(
            REFUSED,
            "the file was left alone on purpose",
            "Writing would have broken a signature, replaced a file or gone against what was asked; the reason says which.",
            "none",
        ),
        descriptor(
            CONFLICTING,
            "the marks of the file contradict one another",
            "One mark says that it is generated and another says otherwise. Find out which is right; no program can tell.",
            "warning",
        ),
        descriptor(
            REGIMES,
            "regimes that were asked for contradict one another",
            "What one asks another forbids or asks otherwise. The result says which way was chosen; ask for one of them alone \
             if the other does not bind you.",
            "none",
        ),
        descriptor(
            LOG,
            "the log has entries of the file",
            "Which entries were found and how, which one was written, or from which one labels were put back. See: indicia log show",
            "none",
        ),
    ]
}
