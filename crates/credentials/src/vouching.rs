//! What the validator leaves open about a signer: faults of the certificate that it passes over, and whose list vouches.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use indicia_core::{Trust, TrustPart};
use ring::digest::{SHA256, digest};

use crate::credentials::{Credentials, Kind, State, Status};
use crate::issuing::Link;
use crate::profile::{Fault, may_issue, refusals};

/// How the explanation ends of a status that is this crate's own word.
pub const FOUND_HERE: &str = "found by this program, not by the validator";

const INVALID: &str = "signingCredential.invalid";
const EXPIRED: &str = "signingCredential.expired";
const TRUSTED: &str = "signingCredential.trusted";
const UNTRUSTED: &str = "signingCredential.untrusted";

/// Looks at the certificates of the active manifest (PEM, the signer's first) in the light of what the validator said.
///
/// Faults are named. One for which the specification has a certificate refused, and the validator did not, makes the
/// manifest invalid; a chain through a certificate that may not issue any makes the signer untrusted.
pub(crate) fn look(credentials: &mut Credentials, chain: &str, trust: &Trust) {
    let Some(chain) = Chain::of(chain, trust) else { return };
    if let Some(faults) = &chain.faults {
        refuse(credentials, faults);
    }
    let is_expired = |status: &&mut Status| status.code == EXPIRED && !status.of_ingredient;
    if let Some(status) = credentials.statuses.iter_mut().find(is_expired) {
        status.explanation = Some(chain.validity.clone());
    }
    let is_untrusted = |status: &&mut Status| status.code == UNTRUSTED && !status.of_ingredient;
    if chain.is_self_signed
        && let Some(status) = credentials.statuses.iter_mut().find(is_untrusted)
    {
        status.explanation = Some(format!("its certificate is self-signed; {FOUND_HERE}"));
    }
    let is_trusted = |status: &&mut Status| status.code == TRUSTED && !status.of_ingredient;
    let Some(trusted) = credentials.statuses.iter_mut().find(is_trusted) else { return };
    match &chain.voucher {
        Voucher::Lists(names) => {
            credentials.vouched_by = names.iter().filter(|name| !name.is_empty()).cloned().collect();
        }
        Voucher::Broken(number) if chain.is_whole => {
            trusted.code = UNTRUSTED.to_owned();
            trusted.kind = Kind::Failure;
            trusted.explanation = Some(format!("{}; {FOUND_HERE}", Fault::NoAuthority(*number)));
            credentials.state = credentials.state.min(State::Valid);
        }
        // Whoever it was, it was not recognised: the validator's word stands.
        Voucher::Broken(_) | Voucher::Unknown => {}
    }
}

/// Names the faults of the signer's certificate, for which it is refused.
fn refuse(credentials: &mut Credentials, faults: &str) {
    let is_told = |status: &&mut Status| {
        status.code == INVALID && status.kind == Kind::Failure && !status.of_ingredient
    };
    if let Some(status) = credentials.statuses.iter_mut().find(is_told) {
        status.explanation = Some(faults.to_owned());
        return;
    }
    credentials.state = State::Invalid;
    credentials.statuses.push(Status {
        code: INVALID.to_owned(),
        kind: Kind::Failure,
        of_ingredient: false,
        url: None,
        explanation: Some(format!("{faults}; {FOUND_HERE}")),
    });
}

/// Chains kept, each with whom it was held against: the files of a folder have a few signers only.
const KEPT: usize = 16;

/// What a chain of certificates says by itself and in the light of the trust lists.
struct Chain {
    /// Why the signer's is refused.
    faults: Option<String>,
    /// From when to when the signer's holds.
    validity: String,
    is_self_signed: bool,
    /// Whether every certificate could be read.
    is_whole: bool,
    voucher: Voucher,
}

impl Chain {
    /// What is known of a chain, or comes to be known; `None` if the signer's certificate cannot be read.
    fn of(chain: &str, trust: &Trust) -> Option<Arc<Self>> {
        static KNOWN: Mutex<Vec<(String, Trust, Arc<Chain>)>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., found)) = known.iter().find(|(pem, lists, _)| pem == chain && lists == trust) {
            return Some(Arc::clone(found));
        }
        let made = Arc::new(Self::new(chain, trust)?);
        if known.len() == KEPT {
            known.remove(0);
        }
        known.push((chain.to_owned(), trust.clone(), Arc::clone(&made)));
        Some(made)
    }

    fn new(chain: &str, trust: &Trust) -> Option<Self> {
        let blocks = pem::parse_many(chain).ok()?;
        let count = blocks.len();
        let links: Vec<Link> =
            blocks.into_iter().map_while(|block| Link::new(block.into_contents()).ok()).collect();
        let signer = links.first()?;
        let usages: Vec<&str> = trust.usages.lines().map(str::trim).collect();
        let faults = refusals(signer, &usages);
        let faults = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        let validity = signer.certificate.tbs_certificate().validity();
        Some(Self {
            faults: (!faults.is_empty()).then_some(faults),
            validity: format!("from {} to {}", validity.not_before, validity.not_after),
            is_self_signed: signer.issued(signer) == Some(true),
            is_whole: links.len() == count,
            voucher: voucher(&links, trust),
        })
    }
}

/// Who vouches for a signer.
enum Voucher {
    /// These lists, by name; one that has none is called nothing.
    Lists(Vec<String>),
    /// No one before the certificate with this number, from 1, which may not issue any.
    Broken(usize),
    /// It was not found out.
    Unknown,
}

fn voucher(chain: &[Link], trust: &Trust) -> Voucher {
    let Some(signer) = chain.first() else { return Voucher::Unknown };
    let fingerprint = STANDARD.encode(digest(&SHA256, &signer.der));
    let mut names = Vec::new();
    for (name, allowed) in parts(trust, |part| part.allowed, &trust.allowed) {
        if allowed.lines().any(|line| line == fingerprint) || certificates(allowed).contains(&signer.der) {
            names.push(name.to_owned());
        }
    }
    if !names.is_empty() {
        return Voucher::Lists(names);
    }
    let anchors = parts(trust, |part| part.anchors, &trust.anchors);
    let anchors = anchors.into_iter().chain([("", trust.user_anchors.as_str())]);
    let links = |text: &str| certificates(text).into_iter().filter_map(|der| Link::new(der).ok()).collect();
    let lists: Vec<(&str, Vec<Link>)> = anchors.map(|(name, text)| (name, links(text))).collect();
    for (between, link) in chain.iter().enumerate() {
        if between > 0 && !may_issue(&link.certificate, between - 1) {
            return Voucher::Broken(between + 1);
        }
        let vouches = |anchors: &Vec<Link>| anchors.iter().any(|anchor| anchor.issued(link) != Some(false));
        let found = lists.iter().filter(|(_, anchors)| vouches(anchors));
        names.extend(found.map(|(name, _)| (*name).to_owned()));
        if !names.is_empty() {
            return Voucher::Lists(names);
        }
    }
    Voucher::Unknown
}

/// A text put together of several lists: each list's name with its part, and what is of none.
fn parts<'t>(trust: &'t Trust, length: fn(&TrustPart) -> usize, text: &'t str) -> Vec<(&'t str, &'t str)> {
    let mut rest = text;
    let mut parts = Vec::new();
    for list in &trust.lists {
        let part;
        (part, rest) = rest.split_at_checked(length(list)).unwrap_or((rest, ""));
        parts.push((list.name.as_str(), part));
    }
    parts.push(("", rest));
    parts
}

/// The certificates in a text (DER).
fn certificates(text: &str) -> Vec<Vec<u8>> {
    pem::parse_many(text).unwrap_or_default().into_iter().map(pem::Pem::into_contents).collect()
}
