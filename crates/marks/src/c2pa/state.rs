//! Whether a manifest store holds, who signed it and whether that is trusted: each told apart.

use std::collections::BTreeSet;

use super::words;
use indicia_core::{Flaw, Gravity, Mark, Span};
use indicia_credentials::{Credentials, Kind, Manifest, State, Status};

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
    names.join(", ")
}

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
    let titled = if title.is_empty() { String::new() } else { format!(", titled \"{title}\"") };
    // What made the manifest is often not what made the content.
    let made = active.and_then(|active| active.generator.as_deref());
    let made = made.map(|made| format!(", made with {made}")).unwrap_or_default();
    format!("{state}; {manifests}{titled}{made}; judged by {}", credentials.validator)
}

/// Everything that has to be told of a store, each matter once.
pub(super) fn flaws(credentials: &Credentials, at: u64) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut told = BTreeSet::new();
    for status in failures(credentials) {
        let about = about(&status.code);
        if !told.insert((about, status.of_ingredient, status.code.clone())) {
            continue;
        }
        let said = words::of_code(&status.code);
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
        flaws.push(Flaw { code, gravity, text: format!("{of}{said} ({})", status.code), at });
    }
    if credentials.state == State::Trusted {
        let text = "its signer is trusted by the anchors given".to_owned();
        flaws.push(Flaw { code: "c2pa-trusted", gravity: Gravity::Note, text, at });
    }
    if !holds(credentials) && !flaws.iter().any(|flaw| flaw.gravity == Gravity::Fault) {
        let text = "the validator calls it invalid without saying why".to_owned();
        flaws.push(Flaw { code: "c2pa-broken", gravity: Gravity::Fault, text, at });
    }
    let revoked = credentials.manifests.first().and_then(|active| active.signer.as_ref()?.revoked);
    if revoked == Some(true) && !flaws.iter().any(|flaw| flaw.code == "c2pa-revoked") {
        let text = "the signer's certificate was revoked".to_owned();
        flaws.push(Flaw { code: "c2pa-revoked", gravity: Gravity::Fault, text, at });
    }
    flaws.push(Flaw { code: "c2pa-state", gravity: Gravity::Note, text: summary(credentials), at });
    flaws
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
