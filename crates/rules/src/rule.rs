use crate::{CHECKS, Condition, Date, Judge};
use indicia_core::{MediaKind, Role};
use serde::{Deserialize, Deserializer, de::Error};

/// One thing a regime asks. Once read, its check exists and its parameters fit.
#[derive(Debug)]
pub struct Rule {
    /// Stable name, as reports and `explain` give it.
    pub id: String,
    /// What it asks, in own words.
    pub text: String,
    /// The clause it stands in.
    pub clause: String,
    /// What to do where it is not met, in own words; empty if that is plain.
    pub remedy: String,
    /// What has to be known besides, in own words; empty if nothing.
    pub note: String,
    /// Of which media.
    pub kinds: Vec<MediaKind>,
    /// Whom it binds.
    pub role: Bound,
    /// What a failure counts for; a rule not read in a primary text is never an error.
    pub severity: Severity,
    /// Who can decide it.
    pub decidable: Decidable,
    /// Whether it was read in a primary text.
    pub verified: bool,
    /// Whether it is only a draft of a rule.
    pub draft: bool,
    /// First day, where it differs from the regime's.
    pub in_force_from: Option<Date>,
    /// Last day, where it differs from the regime's.
    pub in_force_until: Option<Date>,
    /// A later first day for some.
    pub later: Option<Later>,
    /// It binds only if all of these hold.
    pub when: Vec<Condition>,
    /// It does not bind if one of these holds.
    pub unless: Vec<Condition>,
    /// For what the file shows in part: if all of these hold, the file shows it whole.
    pub closed_by: Vec<Condition>,
    /// Name of the method that decides it.
    pub method: &'static str,
    /// The method, with the rule's parameters.
    pub judge: Box<dyn Judge>,
}

/// A later first day for those of whom a condition holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Later {
    /// For whom.
    pub when: Condition,
    /// Their first day.
    pub from: Date,
}

/// Whom a rule binds.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    /// Whoever advertises.
    Advertiser,
    /// Everybody.
    Any,
    /// Whoever uses a system to make content.
    Deployer,
    /// Whoever makes recording devices.
    Device,
    /// Whoever hosts systems of others.
    Hosting,
    /// A service that spreads content.
    Platform,
    /// A service that generates content.
    Provider,
}

impl Bound {
    /// The word for it in rule packs and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Advertiser => "advertiser",
            Self::Any => "any",
            Self::Deployer => "deployer",
            Self::Device => "device",
            Self::Hosting => "hosting",
            Self::Platform => "platform",
            Self::Provider => "provider",
        }
    }
}

/// What a failure counts for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Encouraged, or good to know.
    Info,
    /// Binding, but another lawful way may exist; or a voluntary code; or not read in a primary text.
    Warn,
    /// Binding, and the file contradicts it.
    Error,
}

impl Severity {
    /// The word for it in rule packs and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Who can decide a rule.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Decidable {
    /// The file.
    Auto,
    /// A document or a log.
    Evidence,
    /// A person.
    Human,
    /// The file, in part.
    Partial,
    /// A running service that is asked.
    Service,
}

impl Decidable {
    /// The word for it in rule packs and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Evidence => "evidence",
            Self::Human => "human",
            Self::Partial => "partial",
            Self::Service => "service",
        }
    }
}

impl Rule {
    /// Whether it is about this kind of media and binds this role.
    pub fn applies(&self, kind: MediaKind, role: Role) -> bool {
        let bound = match role {
            Role::Producer => matches!(self.role, Bound::Any | Bound::Provider),
            Role::Propagator => matches!(self.role, Bound::Any | Bound::Platform),
        };
        bound && self.kinds.contains(&kind)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        let refuse = |why: String| D::Error::custom(format!("{}: {why}", raw.id));
        let known = CHECKS.iter().find(|check| check.name == raw.method);
        let check = known.ok_or_else(|| {
            let all = CHECKS.iter().map(|check| check.name).collect::<Vec<_>>().join(", ");
            refuse(format!("no method `{}`; there are: {all}", raw.method))
        })?;
        let mut params = raw.params.clone();
        if !raw.needs.is_empty() {
            params.entry("needs").or_insert_with(|| raw.needs.clone().into());
        }
        let judge = (check.build)(params).map_err(|err| refuse(err.message().to_owned()))?;
        let severity = if raw.verified { raw.severity } else { raw.severity.min(Severity::Warn) };
        let mut kinds = Vec::new();
        for name in &raw.modality {
            kinds.extend(media(name).ok_or_else(|| refuse(format!("no modality `{name}`")))?);
        }
        if let (Some(from), Some(until)) = (raw.in_force_from, raw.in_force_until)
            && until < from
        {
            return Err(refuse(format!("in force from {from} until {until}, which is before")));
        }
        Ok(Self {
            id: raw.id,
            text: raw.text,
            clause: raw.clause,
            remedy: raw.remedy,
            note: raw.note,
            kinds,
            role: raw.role,
            severity,
            decidable: raw.decidable,
            verified: raw.verified,
            draft: raw.draft,
            in_force_from: raw.in_force_from,
            in_force_until: raw.in_force_until,
            later: raw.later,
            when: raw.when,
            unless: raw.unless,
            closed_by: raw.closed_by,
            method: check.name,
            judge,
        })
    }
}

/// A rule as a pack spells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: String,
    text: String,
    clause: String,
    #[serde(default)]
    remedy: String,
    #[serde(default)]
    note: String,
    method: String,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    params: toml::Table,
    severity: Severity,
    decidable: Decidable,
    role: Bound,
    modality: Vec<String>,
    #[serde(default)]
    verified: bool,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    in_force_from: Option<Date>,
    #[serde(default)]
    in_force_until: Option<Date>,
    #[serde(default)]
    later: Option<Later>,
    #[serde(default)]
    when: Vec<Condition>,
    #[serde(default)]
    unless: Vec<Condition>,
    #[serde(default)]
    closed_by: Vec<Condition>,
}

/// What a pack's word for a modality means here; `None` if it is no such word.
pub(crate) fn media(name: &str) -> Option<&'static [MediaKind]> {
    Some(match name {
        "any" => MediaKind::ALL,
        "audio" => &[MediaKind::Audio],
        "image" => &[MediaKind::Image],
        // Words alone; in a container they have a place for metadata as well.
        "text" => &[MediaKind::Text],
        "text.container" => &[MediaKind::Document],
        "video" => &[MediaKind::Video],
        // Virtual scenes are no file format; a rule on them is met or not in the running service.
        "scene" => &[],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Bound, media};
    use indicia_core::{MediaKind, Role};

    #[test]
    fn a_producer_is_a_provider_and_a_propagator_is_a_platform() {
        let mut rule = crate::select(["cn"]).unwrap().remove(0).regimes.remove(0).rules.remove(0);
        rule.kinds = vec![MediaKind::Image];
        for (bound, producer, propagator) in [
            (Bound::Any, true, true),
            (Bound::Provider, true, false),
            (Bound::Platform, false, true),
            (Bound::Advertiser, false, false),
            (Bound::Deployer, false, false),
            (Bound::Device, false, false),
            (Bound::Hosting, false, false),
        ] {
            rule.role = bound;
            assert_eq!(rule.applies(MediaKind::Image, Role::Producer), producer, "{bound:?}");
            assert_eq!(rule.applies(MediaKind::Image, Role::Propagator), propagator, "{bound:?}");
            assert!(!rule.applies(MediaKind::Audio, Role::Producer), "another medium");
        }
    }

    #[test]
    fn every_word_for_a_modality_means_what_it_says() {
        for (word, kinds) in [
            ("any", MediaKind::ALL),
            ("audio", &[MediaKind::Audio]),
            ("image", &[MediaKind::Image]),
            ("text", &[MediaKind::Text]),
            ("text.container", &[MediaKind::Document]),
            ("video", &[MediaKind::Video]),
            ("scene", &[]),
        ] {
            assert_eq!(media(word), Some(kinds), "{word}");
        }
        assert_eq!(media("smell"), None);
    }
}
