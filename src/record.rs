//! A report in the shape that machines read: the same for every machine format.

use std::collections::BTreeMap;

use indicia::{
    Basis, Date, Flaw, Force, Form, Gravity, Look, Mark, Outcome, Pack, Report, Role, Scheme, Seen, Span,
};
use serde::Serialize;

use crate::commands::{Origin, content};
use crate::ledger::{Found, LogFacts};
use crate::printers::{Entry, Heading};

/// Raised when a field changes its meaning or goes; new fields may come at any time.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// One file.
#[derive(Debug, Serialize)]
pub(crate) struct Record<'a> {
    schema_version: u32,
    r#type: &'static str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unchanged: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    plan: Vec<PlanRecord<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    plan_open: Vec<serde_json::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice_owed: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carried_from: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<serde_json::Value>,
    size: u64,
    format: Option<&'static str>,
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
    outcome: &'static str,
    verdict: &'static str,
    looks: Vec<LookRecord<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contradictions: Vec<ContradictionRecord<'a>>,
    findings: Vec<FindingRecord<'a>>,
}

/// A matter on which the marks of a file differ.
#[derive(Debug, Serialize)]
struct ContradictionRecord<'a> {
    matter: &'static str,
    sides: Vec<SideRecord<'a>>,
}

#[derive(Debug, Serialize)]
struct SideRecord<'a> {
    scheme: &'static str,
    place: &'a str,
    value: &'a str,
}

#[derive(Debug, Serialize)]
struct PlanRecord<'a> {
    scheme: &'static str,
    rules: &'a [String],
}

#[derive(Debug, Serialize)]
struct Problem {
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<u64>,
    refused: bool,
}

#[derive(Debug, Serialize)]
struct LookRecord<'a> {
    scheme: &'static str,
    channel: &'static str,
    answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'static str>,
    /// Where no mark is there, how near the best attempt came.
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marks: Vec<MarkRecord<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct MarkRecord<'a> {
    place: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<[u64; 2]>,
    status: Option<&'static str>,
    origin: Option<&'static str>,
    fields: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    raw: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strength: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    watermark: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<serde_json::Value>,
    flaws: Vec<FlawRecord<'a>>,
}

#[derive(Debug, Serialize)]
struct FlawRecord<'a> {
    code: &'static str,
    gravity: &'static str,
    text: &'a str,
    at: u64,
}

#[derive(Debug, Serialize)]
struct FindingRecord<'a> {
    rule: &'a str,
    regime: &'a str,
    clause: &'a str,
    outcome: &'static str,
    severity: &'static str,
    decidable: &'static str,
    counts: bool,
    in_force: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    why: &'a str,
}

/// Under which rules files were judged, to the byte: enough to judge again.
#[derive(Debug, Serialize)]
pub(crate) struct RulesRecord {
    at: String,
    role: &'static str,
    packs: Vec<PackRecord>,
}

#[derive(Debug, Serialize)]
struct PackRecord {
    name: String,
    version: Option<String>,
    as_of: Option<String>,
    sha256: String,
    regimes: Vec<String>,
}

/// A library that judges marks of one scheme: such libraries differ from version to version.
#[derive(Debug, Serialize)]
pub(crate) struct ValidatorRecord {
    scheme: &'static str,
    name: &'static str,
    version: &'static str,
}

/// What comes after the last file.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    schema_version: u32,
    r#type: &'static str,
    program: &'static str,
    version: &'static str,
    /// The moment of the run.
    time: String,
    rules: RulesRecord,
    validators: Vec<ValidatorRecord>,
    /// How the run ends.
    pub(crate) exit_code: u8,
    /// Files looked at.
    pub(crate) files: u64,
    /// Files that meet all that counts.
    pub(crate) met: u64,
    /// Files that do not.
    pub(crate) unmet: u64,
    /// Files of which it cannot be told.
    pub(crate) unknown: u64,
    /// Files left alone on purpose.
    pub(crate) refused: u64,
    /// Files by what their marks say.
    pub(crate) verdicts: BTreeMap<&'static str, u64>,
}

impl<'a> Record<'a> {
    pub(crate) fn of(entry: &'a Entry<'_>) -> Self {
        let report = &entry.report;
        let damage = report.format.as_ref().err().or(report.damage.as_ref());
        let error = match (&entry.trouble, damage) {
            (Some(trouble), _) => {
                Some(Problem { reason: trouble.reason.clone(), at: None, refused: trouble.refused })
            }
            (None, Some(err)) => {
                Some(Problem { reason: err.problem.to_string(), at: Some(err.at), refused: false })
            }
            (None, None) => None,
        };
        let format = report.format.as_ref().ok();
        Self {
            schema_version: SCHEMA_VERSION,
            r#type: "file",
            path: &report.name,
            output: entry.output.as_deref(),
            unchanged: entry.output.is_some().then_some(entry.unchanged),
            plan: entry
                .plan
                .iter()
                .map(|(scheme, rules)| PlanRecord { scheme: scheme.name, rules })
                .collect(),
            plan_open: entry.left.iter().map(left).collect(),
            conflicts: entry.conflicts.iter().map(|conflict| self::conflict(conflict)).collect(),
            notice_owed: entry.owed.as_deref(),
            carried_from: entry.origin.as_ref().map(origin),
            log: log(&entry.log),
            size: report.size,
            format: format.map(|format| format.name),
            kind: format.map(|format| format.kind.name()),
            error,
            outcome: entry.outcome_name(),
            verdict: report.verdict.statement.name(),
            looks: report.evidence.looks.iter().map(look).collect(),
            contradictions: report.contradictions.iter().map(contradiction).collect(),
            findings: findings(report),
        }
    }
}

impl RulesRecord {
    pub(crate) fn of(heading: &Heading<'_>) -> Self {
        let role = match heading.role {
            Role::Producer => "producer",
            Role::Propagator => "propagator",
        };
        let pack = |pack: &Pack| PackRecord {
            name: pack.name.clone(),
            version: pack.version.clone(),
            as_of: pack.as_of.map(|date| date.to_string()),
            sha256: pack.sha256.clone(),
            regimes: pack.regimes.iter().map(|regime| regime.id.clone()).collect(),
        };
        Self { at: heading.at.to_string(), role, packs: heading.packs.iter().map(pack).collect() }
    }
}

/// The libraries that judge marks here.
pub(crate) fn validators() -> Vec<ValidatorRecord> {
    let (name, version) = indicia::VALIDATOR.rsplit_once(' ').unwrap_or((indicia::VALIDATOR, ""));
    vec![ValidatorRecord { scheme: "c2pa", name, version }]
}

/// A moment as RFC 3339 writes it.
pub(crate) fn moment(seconds: u64) -> String {
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", Date::of_moment(seconds))
}

fn left(left: &crate::printers::Left) -> serde_json::Value {
    serde_json::json!({ "rule": left.rule, "why": left.why, "unmet": left.unmet })
}

fn conflict(conflict: &indicia::Conflict) -> serde_json::Value {
    serde_json::json!({ "id": conflict.id, "what": conflict.what, "chosen": conflict.chosen })
}

fn origin(origin: &Origin) -> serde_json::Value {
    serde_json::json!({
        "path": origin.path, "content": content(&origin.likeness), "left_behind": origin.left_behind,
    })
}

/// What a log has to do with a file. Who received a copy is told by `indicia log show` alone.
fn log(facts: &LogFacts) -> Option<serde_json::Value> {
    if facts.entry.is_none() && facts.found.is_empty() && facts.restored.is_none() {
        return None;
    }
    let found = |found: &Found| {
        serde_json::json!({
            "entry": found.index, "event": found.event.name(), "time": found.time, "path": found.record.path,
            "sha256": found.record.sha256.to_string(), "claim": found.record.claim, "found_by": found.way.name(),
        })
    };
    let restored =
        facts.restored.map(|(entry, way)| serde_json::json!({ "entry": entry, "found_by": way.name() }));
    let records: Vec<_> = facts.found.iter().map(found).collect();
    Some(serde_json::json!({ "entry": facts.entry, "records": records, "restored_from": restored }))
}

fn contradiction(found: &indicia::Contradiction) -> ContradictionRecord<'_> {
    ContradictionRecord { matter: found.matter, sides: found.sides.iter().map(side).collect() }
}

fn side(side: &indicia::Side) -> SideRecord<'_> {
    SideRecord { scheme: side.scheme, place: &side.place, value: &side.value }
}

fn look(look: &Look) -> LookRecord<'_> {
    let misses = Scheme::named(look.scheme).map(|scheme| scheme.misses).filter(|misses| !misses.is_empty());
    let (answer, reason, marks) = match &look.seen {
        Seen::Absent => ("absent", misses, Vec::new()),
        Seen::Blind(why) => ("could_not_look", Some(why.as_str()), Vec::new()),
        Seen::Present(marks) => ("present", None, marks.iter().map(mark).collect()),
    };
    let basis = matches!(look.seen, Seen::Present(_)).then_some(match look.basis {
        Basis::Read => "read",
        Basis::Written => "written",
    });
    let nearest = look.nearest.as_ref().map(|nearest| {
        let indicia::Strength { statistic, threshold, false_alarm } = nearest.strength;
        serde_json::json!({
            "statistic": statistic, "threshold": threshold, "false_alarm": false_alarm, "reach": nearest.reach,
        })
    });
    LookRecord { scheme: look.scheme, channel: look.channel.name(), answer, reason, basis, nearest, marks }
}

fn strength(strength: indicia::Strength) -> serde_json::Value {
    serde_json::json!({
        "statistic": strength.statistic, "threshold": strength.threshold, "false_alarm": strength.false_alarm,
    })
}

fn signal(signal: &indicia::Signal) -> serde_json::Value {
    let geometry: BTreeMap<_, _> = signal.geometry.iter().copied().collect();
    serde_json::json!({
        "payload": signal.payload, "version": signal.version, "id": signal.id,
        "key": { "id": signal.key, "open": signal.open },
        "route": if signal.searched { "search" } else { "direct" },
        "attempts": signal.attempts, "geometry": geometry,
        "spans": signal.spans, "frames": signal.frames, "frames_in_all": signal.frames_in_all,
    })
}

pub(crate) fn mark(mark: &Mark) -> MarkRecord<'_> {
    MarkRecord {
        place: &mark.place,
        span: mark.site.map(|Span { start, end }| [start, end]),
        status: mark.claim.status.map(indicia::Status::name),
        origin: mark.claim.origin.map(indicia::Origin::name),
        fields: mark.claim.fields.iter().map(|(field, value)| (field.name(), value.as_str())).collect(),
        raw: &mark.raw,
        notice: mark.notice.as_ref().map(notice),
        strength: mark.strength.map(strength),
        watermark: mark.signal.as_ref().map(signal),
        trace: mark.trace.map(trace),
        flaws: mark.flaws.iter().map(flaw).collect(),
    }
}

fn trace(trace: indicia::Trace) -> serde_json::Value {
    serde_json::json!({
        "id": trace.id, "tier": trace.tier.name(), "means": trace.means, "source": trace.source,
    })
}

fn notice(notice: &indicia::Notice) -> serde_json::Value {
    let positions: Vec<_> = notice.positions.iter().map(|position| position.name()).collect();
    let form = match notice.form {
        Form::Drawn { glyph_height, short_side, contrast, frames, frames_in_all } => serde_json::json!({
            "drawn": {
                "glyph_height": glyph_height, "short_side": short_side, "contrast": contrast,
                "frames": frames, "frames_in_all": frames_in_all,
            }
        }),
        Form::Rhythm { short_ms, long_ms, tone_hz } => {
            serde_json::json!({ "rhythm": { "short_ms": short_ms, "long_ms": long_ms, "tone_hz": tone_hz } })
        }
        Form::Spoken { characters_per_minute } => {
            serde_json::json!({ "spoken": { "characters_per_minute": characters_per_minute } })
        }
        Form::Written => serde_json::json!("written"),
    };
    serde_json::json!({ "words": notice.words, "positions": positions, "form": form })
}

fn flaw(flaw: &Flaw) -> FlawRecord<'_> {
    let gravity = match flaw.gravity {
        Gravity::Note => "note",
        Gravity::Deviation => "deviation",
        Gravity::Fault => "fault",
        Gravity::Doubt => "doubt",
    };
    FlawRecord { code: flaw.code, gravity, text: &flaw.text, at: flaw.at }
}

fn findings<'a>(report: &'a Report<'_>) -> Vec<FindingRecord<'a>> {
    let record = |finding: &'a indicia::Finding<'_>| FindingRecord {
        rule: &finding.rule.id,
        regime: &finding.regime.id,
        clause: &finding.rule.clause,
        outcome: finding.judgement.outcome.name(),
        severity: finding.rule.severity.name(),
        decidable: finding.decidable.name(),
        counts: finding.counts(),
        in_force: finding.force == Force::InForce,
        from: match finding.force {
            Force::From(day) => Some(day.to_string()),
            _ => None,
        },
        why: &finding.judgement.why,
    };
    report.findings.iter().map(record).collect()
}

impl Summary {
    /// Of a run that has seen no file.
    pub(crate) fn of(heading: &Heading<'_>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            r#type: "summary",
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            time: moment(heading.now),
            rules: RulesRecord::of(heading),
            validators: validators(),
            exit_code: 0,
            files: 0,
            met: 0,
            unmet: 0,
            unknown: 0,
            refused: 0,
            verdicts: BTreeMap::new(),
        }
    }

    pub(crate) fn add(&mut self, entry: &Entry<'_>) {
        self.files += 1;
        *self.verdicts.entry(entry.report.verdict.statement.name()).or_default() += 1;
        if entry.trouble.as_ref().is_some_and(|trouble| trouble.refused) {
            self.refused += 1;
        } else {
            match entry.outcome() {
                Outcome::Met => self.met += 1,
                Outcome::Unmet => self.unmet += 1,
                Outcome::Unknown => self.unknown += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Basis, Flaw, Gravity, Look, Mark, Seen, Span};

    #[test]
    fn every_answer_and_every_gravity_has_its_word() {
        let answer = |seen| {
            let look = Look {
                scheme: "x",
                channel: indicia::Channel::Metadata,
                basis: Basis::Written,
                seen,
                nearest: None,
            };
            let record = super::look(&look);
            (record.answer, record.reason.is_some(), record.basis, record.marks.len())
        };
        assert_eq!(answer(Seen::Absent), ("absent", false, None, 0));
        assert_eq!(answer(Seen::Blind("dark".into())), ("could_not_look", true, None, 0));
        let mark = Mark { site: Some(Span { start: 3, end: 9 }), ..Mark::default() };
        assert_eq!(super::mark(&mark).span, Some([3, 9]));
        assert_eq!(answer(Seen::Present(vec![mark])), ("present", false, Some("written"), 1));
        for (gravity, word) in [
            (Gravity::Note, "note"),
            (Gravity::Deviation, "deviation"),
            (Gravity::Fault, "fault"),
            (Gravity::Doubt, "doubt"),
        ] {
            let flaw = Flaw { code: "x", gravity, text: String::new(), at: 5 };
            let record = super::flaw(&flaw);
            assert_eq!((record.gravity, record.at), (word, 5));
        }
    }
}
