use crate::{Bound, Date, Rule};
use indicia_marks::notices::Wording;
use serde::Deserialize;

/// What one law or standard asks of generated content.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    /// Stable name, such as `cn.gb45438`.
    pub id: String,
    /// Full title.
    pub title: String,
    /// Country or body.
    pub jurisdiction: String,
    /// Whether and how it binds, in words.
    pub status: String,
    /// Whether and how it binds.
    #[serde(default)]
    pub standing: Standing,
    /// First day.
    #[serde(default)]
    pub in_force_from: Option<Date>,
    /// Last day.
    #[serde(default)]
    pub in_force_until: Option<Date>,
    /// Whom it binds, in words.
    #[serde(default)]
    pub bound: Vec<String>,
    /// What breaking it may cost, in words.
    #[serde(default)]
    pub penalty: String,
    /// How sure the reading is, in words.
    #[serde(default)]
    pub confidence: String,
    /// The texts it was read from, by their [`SourceText::id`](crate::SourceText::id).
    #[serde(default)]
    pub sources: Vec<String>,
    /// What no program can tell, in words.
    #[serde(default)]
    pub cannot: Vec<String>,
    /// What it says on labelling where that is nothing to hold a file against, in words.
    #[serde(default)]
    pub says: String,
    /// The languages that notices for it are written in, by their codes, the first first.
    #[serde(default)]
    pub languages: Vec<String>,
    /// What it asks.
    #[serde(rename = "check", default)]
    pub rules: Vec<Rule>,
    /// Whether its pack has rules for providers, platforms or everybody, so that those for others are beside the point
    /// unless the caller names the role.
    #[serde(skip)]
    pub(crate) has_usual_roles: bool,
}

/// Whether and how a regime binds.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It is law, or a standard that law makes mandatory.
    #[default]
    Binding,
    /// It is a proposal.
    Draft,
    /// It is an industry standard: it binds those who write what it defines.
    Standard,
    /// It is a code or a guideline.
    Voluntary,
}

impl Standing {
    /// The word for it in rule packs and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Binding => "binding",
            Self::Draft => "draft",
            Self::Standard => "standard",
            Self::Voluntary => "voluntary",
        }
    }
}

/// Whether a rule is in force on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// It is a draft.
    Draft,
    /// It is.
    InForce,
    /// It will be.
    From(Date),
    /// It was.
    Past,
}

impl Regime {
    /// Whether it is in force on a day.
    pub fn in_force(&self, at: Date) -> bool {
        self.force(at) == Force::InForce
    }

    /// The language that notices for it are put in where nothing else is asked for: the first that can be drawn too.
    pub fn language(&self) -> Option<&str> {
        let is_drawn = |code: &&String| Wording::named(code).is_none_or(|wording| wording.drawn);
        self.languages.iter().find(is_drawn).or(self.languages.first()).map(String::as_str)
    }

    /// Whether it is in force on a day, will be or was.
    pub fn force(&self, at: Date) -> Force {
        if self.standing == Standing::Draft {
            return Force::Draft;
        }
        between(self.in_force_from, self.in_force_until, at)
    }

    /// Whether one of its rules is in force on a day, will be or was.
    pub fn force_of(&self, rule: &Rule, at: Date) -> Force {
        if rule.draft {
            return Force::Draft;
        }
        match (self.force(at), between(rule.in_force_from, rule.in_force_until, at)) {
            (Force::Draft, _) => Force::Draft,
            (Force::Past, _) | (_, Force::Past) => Force::Past,
            (Force::From(one), Force::From(two)) => Force::From(one.max(two)),
            (Force::From(day), _) | (_, Force::From(day)) => Force::From(day),
            _ => Force::InForce,
        }
    }

    /// The days on which something of it begins or has ended, each with what.
    pub fn events(&self) -> Vec<(Date, String)> {
        let mut events = Vec::new();
        if self.standing == Standing::Draft {
            return events;
        }
        let mut add = |day: Option<Date>, what: String| events.extend(day.map(|day| (day, what)));
        add(self.in_force_from, format!("{} comes into force", self.id));
        add(self.in_force_until, format!("{}: last day", self.id));
        for rule in self.rules.iter().filter(|rule| !rule.draft) {
            add(rule.in_force_from, format!("{} comes into force", rule.id));
            add(rule.in_force_until, format!("{}: last day", rule.id));
            let later = rule.later.as_ref();
            add(
                later.map(|later| later.from),
                format!(
                    "{} binds those too of whom holds: {}",
                    rule.id,
                    later.map_or(String::new(), |later| later.when.to_string())
                ),
            );
        }
        events
    }
}

fn between(from: Option<Date>, until: Option<Date>, at: Date) -> Force {
    match (from, until) {
        (_, Some(until)) if until < at => Force::Past,
        (Some(from), _) if at < from => Force::From(from),
        _ => Force::InForce,
    }
}

/// Whether a role is one that a caller has unless he says otherwise.
pub(crate) fn is_usual(role: Bound) -> bool {
    matches!(role, Bound::Any | Bound::Provider | Bound::Platform)
}
