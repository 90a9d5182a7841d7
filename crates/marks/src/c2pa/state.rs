//! Whether a manifest store holds, who signed it and whether that is trusted: each told apart.

use std::collections::BTreeSet;

use super::words::{self, OLDER};
use indicia_core::{Flaw, Gravity, Mark, Span};
use indicia_credentials::{Credentials, FOUND_HERE, Kind, Manifest, State, Status};

/// What a failure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// The content or the manifest is not as it was signed, or not formed as the specification asks.
    Integrity,
    /// The certificate does not fit its purpose.
    Certificate,
    /// It was not valid when it signed, or is no longer and no time stamp says when that was.
    Expiry,
    /// It was revoked.
    Revocation,
    /// No one that is trusted here vouches for the signer.
    Trust,
    /// The time stamp does not hold.
    TimeStamp,
    /// An identity assertion of the CAWG.
    Identity,
}

/// What a status code is about (C2PA 2.2, clause 15.2).
pub(super) fn about(code: &str) -> About {
    match code {
        "signingCredential.untrusted" => About::Trust,
        "signingCredential.expired" | "claimSignature.outsideValidity" => About::Expiry,
        "signingCredential.invalid" => About::Certificate,
        _ if code.starts_with("signingCredential.ocsp") || code.contains("revoked") => About::Revocation,
        _ if code.starts_with("timeStamp") => About::TimeStamp,
        _ if code.starts_with("cawg.") => About::Identity,
        _ => About::Integrity,
    }
}

fn failures(credentials: &Credentials) -> impl Iterator<Item = &Status> {
    credentials.statuses.iter().filter(|status| status.kind == Kind::Failure)
}

/// Whether the content is as it was signed: nothing failed besides trust and identities of others.
pub(super) fn holds(credentials: &Credentials) -> bool {
    credentials.state != State::Invalid
}

/// The signer of a manifest in words; empty if there is none.
pub(super) fn signer(manifest: &Manifest) -> String {
    let Some(signer) = &manifest.signer else { return String::new() };
    let names = [signer.organization.as_deref(), signer.common_name.as_deref()];
    let mut names: Vec<_> = names.into_iter().flatten().collect();
    names.dedup();
    names.into_iter().map(short).collect::<Vec<_>>().join(", ")
}

/// What someone wrote, no longer than anyone would read.
pub(super) fn short(text: &str) -> String {
    shortened(text, MOST)
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Most characters shown of a text in a manifest.
const MOST: usize = 120;
/// Most characters shown of what is wrong with a certificate.
const MOST_FAULTS: usize = 500;

/// State, signer, time and validator in a line.
pub(super) fn summary(credentials: &Credentials) -> String {
    let state = match credentials.state {
        State::Invalid => "does not hold",
        State::Valid => "holds, signer not trusted here",
        State::Trusted => "holds, signer trusted",
    };
    let active = credentials.manifests.first();
    let title = active.and_then(|active| active.title.as_deref()).unwrap_or_default();
    let count = credentials.manifests.len();
    let manifests = if count == 1 { "1 manifest".to_owned() } else { format!("{count} manifests") };
    let titled = if title.is_empty() { String::new() } else { format!(", titled \"{}\"", short(title)) };
    // What made the manifest is often not what made the content.
    let made = active.and_then(|active| active.generator.as_deref());
    let made = made.map(|made| format!(", made with {}", short(made))).unwrap_or_default();
    let signed = active.and_then(|active| active.signer.as_ref()?.time.as_deref());
    let signed = signed.map(|time| format!(", time stamp of {}", short(time))).unwrap_or_default();
    format!("{state}; {manifests}{titled}{made}{signed}; judged by {}", credentials.validator)
}

/// Everything that has to be told of a store, each matter once.
pub(super) fn flaws(credentials: &Credentials, origin: &str, at: u64) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut told = BTreeSet::new();
    let signer = credentials.manifests.first().and_then(|active| active.signer.as_ref());
    // The validator has one answer for a signature that does not fit and for a certificate without an organization.
    let nameless = signer.is_some_and(|signer| signer.organization.is_none());
    for status in failures(credentials) {
        let unclear = nameless && !status.of_ingredient && status.code == "claimSignature.mismatch";
        let about = if unclear { About::Certificate } else { about(&status.code) };
        if !told.insert((about, status.of_ingredient, status.code.clone())) {
            continue;
        }
        let said = if unclear { UNCLEAR } else { words::of_code(&status.code) };
        // Whoever names one is not suspected of naming none.
        let said = if status.of_ingredient { said } else { said.split(OLDER).next().unwrap_or_default() };
        let (code, gravity) = match (about, status.of_ingredient) {
            (About::Integrity, false) => ("c2pa-broken", Gravity::Fault),
            (About::Certificate, false) => ("c2pa-certificate", Gravity::Fault),
            (About::Expiry, false) => ("c2pa-expired", Gravity::Deviation),
            (About::Revocation, false) => ("c2pa-revoked", Gravity::Fault),
            (About::Trust, false) => ("c2pa-untrusted", Gravity::Note),
            (About::TimeStamp, false) => ("c2pa-time-stamp", Gravity::Deviation),
            (About::Identity, _) => ("c2pa-identity", Gravity::Note),
            (_, true) => ("c2pa-ingredient", Gravity::Note),
        };
        let of = if status.of_ingredient { "an ingredient: " } else { "" };
        let why = status.explanation.as_deref().filter(|_| !status.of_ingredient && !unclear);
        let more = match (about, why) {
            (About::Trust, Some(why)) if why.ends_with(FOUND_HERE) => format!(": {why}"),
            (About::Trust, _) if !origin.is_empty() => format!("; asked were {origin}"),
            (About::Certificate | About::Expiry, Some(why)) => format!(": {}", shortened(why, MOST_FAULTS)),
            _ => String::new(),
        };
        flaws.push(Flaw { code, gravity, text: format!("{of}{said}{more} ({})", status.code), at });
    }
    if credentials.state == State::Trusted {
        let text = trusted_by(&credentials.vouched_by, origin);
        flaws.push(Flaw { code: "c2pa-trusted", gravity: Gravity::Note, text, at });
    }
    if !holds(credentials) && !flaws.iter().any(|flaw| flaw.code == "c2pa-broken") {
        let text = match failures(credentials).any(|status| about(&status.code) != About::Trust) {
            true => ELSEWHERE.to_owned(),
            false => "the validator calls it invalid without saying why".to_owned(),
        };
        flaws.push(Flaw { code: "c2pa-broken", gravity: Gravity::Fault, text, at });
    }
    let revoked = credentials.manifests.first().and_then(|active| active.signer.as_ref()?.revoked);
    if revoked == Some(true) && !flaws.iter().any(|flaw| flaw.code == "c2pa-revoked") {
        let text = "the signer's certificate was revoked".to_owned();
        flaws.push(Flaw { code: "c2pa-revoked", gravity: Gravity::Fault, text, at });
    }
    let stamped = credentials.manifests.first().and_then(|active| active.signer.as_ref()?.time.as_deref());
    if let Some(time) = stamped.filter(|_| flaws.iter().all(|flaw| flaw.code != "c2pa-time-stamp")) {
        let text = format!("a time stamp says that it was signed at {}", short(time));
        flaws.push(Flaw { code: "c2pa-time-stamped", gravity: Gravity::Note, text, at });
    }
    flaws.extend(asides(credentials, at));
    flaws.push(Flaw { code: "c2pa-state", gravity: Gravity::Note, text: summary(credentials), at });
    flaws
}

/// What is said where a manifest does not hold for another reason than that something was changed.
const ELSEWHERE: &str = "by the specification it does not hold, for the reasons told here; none of them is that the content was changed";

/// What is said where the validator's answer has two meanings.
const UNCLEAR: &str = "the signer's certificate names no organization, for which this validator gives the same answer as for a \
    signature that does not fit the manifest: which of the two it is is not told";

/// Which lists vouch for a signer, and which were asked.
fn trusted_by(lists: &[String], origin: &str) -> String {
    match (lists.join("; "), origin) {
        (by, "") if by.is_empty() => "its signer is trusted by the anchors given".to_owned(),
        (by, origin) if by.is_empty() => format!("its signer is trusted by {origin}"),
        (by, origin) if by == origin || origin.is_empty() => format!("its signer is trusted by {by}"),
        (by, origin) => format!("its signer is trusted by {by}; asked were {origin}"),
    }
}

/// What else there is to know: what signers found of what they worked on, what may be done with the content, and times
/// that do not fit together.
fn asides(credentials: &Credentials, at: u64) -> Vec<Flaw> {
    let note = |code, text| Flaw { code, gravity: Gravity::Note, text, at };
    let mut flaws = Vec::new();
    for ingredient in credentials.manifests.iter().flat_map(|manifest| &manifest.ingredients) {
        let codes = ingredient.recorded.iter().filter(|code| about(code) != About::Trust);
        let told: Vec<_> = codes.map(|code| format!("{} ({code})", words::of_code(code))).collect();
        if !told.is_empty() && flaws.len() < MOST_ASIDES {
            let title = ingredient.title.as_deref().map(short).unwrap_or_default();
            let text =
                format!("when it was signed, the ingredient \"{title}\" did not hold: {}", told.join(", "));
            flaws.push(note("c2pa-ingredient", text));
        }
    }
    let Some(active) = credentials.manifests.first() else { return flaws };
    for (label, data) in &active.assertions {
        match label.as_str() {
            "cawg.training-mining" | "c2pa.training-mining" => {
                flaws.push(note("c2pa-usage", format!("what may be done with the content: {}", usage(data))));
            }
            "cawg.metadata" | "c2pa.metadata" => {
                let keys = data.as_object().into_iter().flat_map(|object| object.keys());
                let keys: Vec<_> =
                    keys.filter(|key| *key != "@context").map(|key| short(key)).take(12).collect();
                flaws.push(note("c2pa-metadata", format!("it has metadata: {}", keys.join(", "))));
            }
            _ => {}
        }
    }
    let stamped = active.signer.as_ref().and_then(|signer| signer.time.as_deref()).and_then(moment);
    let made = active.actions.iter().filter_map(|action| action.when.as_deref()).filter_map(moment).max();
    if let (Some(stamped), Some(made)) = (stamped, made)
        && made > stamped
    {
        let text = format!("it says that the content was made at {made}, after the time stamp of {stamped}");
        flaws.push(Flaw { code: "c2pa-time", gravity: Gravity::Deviation, text, at });
    }
    flaws
}

/// Most ingredients told of.
const MOST_ASIDES: usize = 8;

/// A moment in UTC as RFC 3339 writes it, to the second; `None` in another zone.
fn moment(text: &str) -> Option<&str> {
    let zone = text.get(19..)?;
    (zone.ends_with('Z') || zone.ends_with("+00:00")).then(|| text.get(..19)).flatten()
}

/// The uses in a training and data mining assertion.
fn usage(data: &serde_json::Value) -> String {
    let entries = data.get("entries").and_then(serde_json::Value::as_object);
    let told = entries.into_iter().flatten().take(12).map(|(entry, data)| {
        let usage = data.get("use").and_then(serde_json::Value::as_str).unwrap_or("?");
        format!("{} {}", short(entry), short(usage))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// The mark of a store of which no word can be relied on.
pub(super) fn malformed(why: &str, span: Span, place: &str) -> Mark {
    let text = format!("it cannot be read: {why}");
    let at = span.start;
    Mark {
        place: place.into(),
        site: Some(span),
        raw: "does not hold; malformed".into(),
        flaws: vec![Flaw { code: "c2pa-broken", gravity: Gravity::Fault, text, at }],
        ..Mark::default()
    }
}
