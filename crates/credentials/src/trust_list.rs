//! Trust lists as they are published: PEM bundles, the C2PA Trust List in JSON (ETSI TS 119 602), fingerprints of signers,
//! and lists of extended key usages.
//!
//! The validator takes what it can of a list and says nothing of the rest. So lists are read here, whole or not at all.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::BasicConstraints;

/// How a certificate begins in PEM.
const BEGIN: &str = "-----BEGIN ";

/// Bytes of a SHA-256 fingerprint.
const FINGERPRINT: usize = 32;

/// The status of a service that may vouch for signers (C2PA's extension of ETSI TS 119 602).
const TRUSTED: &str = "http://c2pa.org/conformance/trust-list/trusted";

/// A list of whom to trust.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustList {
    /// Certificates in PEM, one after the other, and fingerprints (SHA-256 of the DER, Base64), a line each: in the words of
    /// the validator.
    pub text: String,
    /// What the list says of itself and how much was taken of it, in words.
    pub about: String,
}

/// Why a trust list was not taken. A list is taken whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustListError {
    /// It is of no known form.
    #[error(
        "it is no trust list: a PEM file of certificates, the C2PA Trust List in JSON or one DER certificate is read{0}"
    )]
    Unknown(&'static str),
    /// A PEM block is damaged or of another kind.
    #[error("line {line}: {why}")]
    Block {
        /// The line the block begins in, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A line of a list of fingerprints is none.
    #[error("line {0}: it is no SHA-256 fingerprint (44 characters of Base64, or 64 of hexadecimal)")]
    NoFingerprint(usize),
    /// The JSON is not that of a trust list.
    #[error("{0}")]
    Json(String),
    /// It has fingerprints, and anchors are asked for.
    #[error(
        "it is a list of fingerprints of signers, which can vouch for no one else: give it to --trust-signers"
    )]
    Fingerprints,
    /// It has signers, and anchors are asked for.
    #[error("its certificates are signers' own, which can vouch for no one else: give it to --trust-signers")]
    Signers,
    /// It has authorities, and signers are asked for.
    #[error(
        "its certificates are authorities', which sign no content themselves: give it to --trust-anchors"
    )]
    Authorities,
    /// It has none.
    #[error("it names no one to trust")]
    Empty,
    /// A line of a list of extended key usages is none.
    #[error("line {0}: it is neither an object identifier, such as 1.3.6.1.5.5.7.3.4, nor a comment")]
    NoUsage(usize),
}

impl TrustList {
    /// Reads a list of roots and other authorities that vouch for signers. `today`, as YYYY-MM-DD, says what is out of date.
    ///
    /// # Errors
    /// If it cannot be read whole, or has signers only.
    pub fn of_anchors(bytes: &[u8], today: &str) -> Result<Self, TrustListError> {
        let entries = entries(bytes, today)?;
        if entries.certificates.is_empty() && !entries.fingerprints.is_empty() {
            return Err(TrustListError::Fingerprints);
        }
        if !entries.certificates.is_empty()
            && entries.certificates.iter().all(|der| is_authority(der) == Some(false))
        {
            return Err(TrustListError::Signers);
        }
        entries.list(false)
    }

    /// Reads a list of signers that are trusted by themselves.
    ///
    /// # Errors
    /// If it cannot be read whole, or has authorities only.
    pub fn of_signers(bytes: &[u8], today: &str) -> Result<Self, TrustListError> {
        let entries = entries(bytes, today)?;
        if !entries.certificates.is_empty()
            && entries.fingerprints.is_empty()
            && entries.certificates.iter().all(|der| is_authority(der) == Some(true))
        {
            return Err(TrustListError::Authorities);
        }
        entries.list(true)
    }

    /// Reads a list of extended key usages that signers' certificates may have besides those of the specification: an object
    /// identifier a line; lines that begin with `//` or `#` are comments.
    ///
    /// # Errors
    /// Names the first line that is neither.
    pub fn of_usages(bytes: &[u8]) -> Result<Self, TrustListError> {
        let mut list = Self::default();
        let mut count = 0;
        for (line, text) in lines(&String::from_utf8_lossy(bytes)) {
            if text.is_empty() || text.starts_with("//") || text.starts_with('#') {
                continue;
            }
            let usage = ObjectIdentifier::new(text).map_err(|_| TrustListError::NoUsage(line))?;
            // Writing to a string does not fail.
            let _ = writeln!(list.text, "{usage}");
            count += 1;
        }
        if count == 0 {
            return Err(TrustListError::Empty);
        }
        list.about = counted(count, "key usage");
        Ok(list)
    }
}

/// What stands in a list.
#[derive(Debug, Default)]
struct Entries {
    certificates: Vec<Vec<u8>>,
    fingerprints: Vec<String>,
    /// What it says of itself, and what was left out.
    about: Vec<String>,
}

impl Entries {
    fn list(self, with_fingerprints: bool) -> Result<TrustList, TrustListError> {
        let fingerprints = if with_fingerprints { self.fingerprints } else { Vec::new() };
        if self.certificates.is_empty() && fingerprints.is_empty() {
            return Err(TrustListError::Empty);
        }
        let mut about = Vec::new();
        if !self.certificates.is_empty() {
            about.push(counted(self.certificates.len(), "certificate"));
        }
        if !fingerprints.is_empty() {
            about.push(counted(fingerprints.len(), "fingerprint"));
        }
        about.extend(self.about);
        let config = pem::EncodeConfig::default().set_line_ending(pem::LineEnding::LF);
        let mut text = String::new();
        for der in self.certificates {
            text.push_str(&pem::encode_config(&pem::Pem::new("CERTIFICATE", der), config));
        }
        for fingerprint in fingerprints {
            text.push_str(&fingerprint);
            text.push('\n');
        }
        Ok(TrustList { text, about: about.join(", ") })
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The lines of a text with their numbers from 1, without white space at their ends.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.trim_start_matches('\u{feff}').lines().enumerate().map(|(index, line)| (index + 1, line.trim()))
}

fn entries(bytes: &[u8], today: &str) -> Result<Entries, TrustListError> {
    if bytes.first() == Some(&0x30) && spans_whole(bytes) {
        return Ok(Entries { certificates: vec![bytes.to_vec()], ..Entries::default() });
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(TrustListError::Unknown(""));
    };
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with('{') {
        return of_json(start, today);
    }
    if start.starts_with("eyJ") {
        return Err(TrustListError::Unknown(
            "; this looks like a signed list (JWS): save its payload as JSON",
        ));
    }
    if text.contains(BEGIN) {
        return of_pem(text);
    }
    of_fingerprints(text)
}

/// A PEM bundle. Text between the blocks says whose they are, and may have lines that are fingerprints.
fn of_pem(text: &str) -> Result<Entries, TrustListError> {
    let mut entries = Entries::default();
    let mut block: Option<(usize, String)> = None;
    for (line, text) in lines(text) {
        let wrong = |line, why: &str| TrustListError::Block { line, why: why.to_owned() };
        match (&mut block, text) {
            (None, "-----BEGIN CERTIFICATE-----") => block = Some((line, String::new())),
            (None, text) if text.starts_with(BEGIN) => {
                return Err(wrong(line, "this block is no certificate; a trust list has no others"));
            }
            (None, text) => entries.fingerprints.extend(fingerprint(text).filter(|_| text.len() == 44)),
            (Some((begun, inner)), "-----END CERTIFICATE-----") => {
                let der = STANDARD.decode(&*inner).ok().filter(|der| spans_whole(der));
                let damaged = || wrong(*begun, "the certificate that begins here is damaged");
                entries.certificates.push(der.ok_or_else(damaged)?);
                block = None;
            }
            (Some((begun, _)), text) if text.starts_with("-----") => {
                return Err(wrong(*begun, "the certificate that begins here has no end"));
            }
            (Some((_, inner)), text) => inner.push_str(text),
        }
    }
    match block {
        Some((line, _)) => {
            let why = "the certificate that begins here has no end: the file is cut off".to_owned();
            Err(TrustListError::Block { line, why })
        }
        None => Ok(entries),
    }
}

/// Fingerprints alone, a line each.
fn of_fingerprints(text: &str) -> Result<Entries, TrustListError> {
    let mut entries = Entries::default();
    for (line, text) in lines(text) {
        if text.is_empty() || text.starts_with("//") || text.starts_with('#') {
            continue;
        }
        match fingerprint(text) {
            Some(found) => entries.fingerprints.push(found),
            None if entries.fingerprints.is_empty() => return Err(TrustListError::Unknown("")),
            None => return Err(TrustListError::NoFingerprint(line)),
        }
    }
    Ok(entries)
}

/// A fingerprint as the validator wants it.
fn fingerprint(text: &str) -> Option<String> {
    let decoded = match text.len() {
        44 => STANDARD.decode(text).ok()?,
        64 => {
            let digits: Vec<u8> = text.chars().map_while(|c| c.to_digit(16)?.try_into().ok()).collect();
            digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
        }
        _ => return None,
    };
    (decoded.len() == FINGERPRINT).then(|| STANDARD.encode(decoded))
}

/// A list of trusted entities (ETSI TS 119 602), as C2PA publishes its Trust List and its TSA Trust List.
fn of_json(text: &str, today: &str) -> Result<Entries, TrustListError> {
    let wrong = |why: String| TrustListError::Json(why);
    let list: Value =
        serde_json::from_str(text).map_err(|err| wrong(format!("its JSON is broken: {err}")))?;
    let about = at(&list, "/LoTE/ListAndSchemeInformation");
    let Some(entities) = at(&list, "/LoTE/TrustedEntitiesList").as_array() else {
        return Err(wrong(
            "it is JSON without LoTE.TrustedEntitiesList, so no list of trusted entities (ETSI TS 119 602)"
                .into(),
        ));
    };
    let mut entries = Entries::default();
    let (mut withdrawn, mut nameless) = (0, 0);
    for (number, entity) in entities.iter().enumerate() {
        for service in at(entity, "/TrustedEntityServices").as_array().into_iter().flatten() {
            // Whoever stands on the list without a status that says so is not taken.
            if at(service, "/ServiceInformation/ServiceStatus") != TRUSTED {
                withdrawn += 1;
                continue;
            }
            let identity = at(service, "/ServiceInformation/ServiceDigitalIdentity/X509Certificates");
            let certificates = identity.as_array().map(Vec::as_slice).unwrap_or_default();
            nameless += usize::from(certificates.is_empty());
            for certificate in certificates {
                let value = at(certificate, "/val").as_str().unwrap_or_default();
                let der = STANDARD.decode(value).ok().filter(|der| spans_whole(der));
                let named = at(entity, "/TrustedEntityInformation/TEName/0/value").as_str();
                let named = named.unwrap_or("without a name");
                let damaged =
                    || wrong(format!("a certificate of entity {} ({named}) is damaged", number + 1));
                entries.certificates.push(der.ok_or_else(damaged)?);
            }
        }
    }
    let day = |value: &Value| value.as_str().and_then(|time| time.get(..10)).unwrap_or_default().to_owned();
    if let Some(name) = at(about, "/SchemeName/0/value").as_str() {
        let issued = day(at(about, "/ListIssueDateTime"));
        let number = at(about, "/LoTESequenceNumber").as_u64().map(|number| format!(" no. {number}"));
        entries.about.push(format!("{name}{} of {issued}", number.unwrap_or_default()));
    }
    let next = day(at(about, "/NextUpdate"));
    if !next.is_empty() && next.as_str() < today {
        entries.about.push(format!("OUT OF DATE: a newer one was due on {next}"));
    }
    if withdrawn > 0 {
        entries.about.push(format!("{withdrawn} that the list no longer trusts left out"));
    }
    if nameless > 0 {
        entries.about.push(format!("{nameless} without a certificate left out"));
    }
    Ok(entries)
}

/// What stands in a JSON value at a pointer.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// Whether one ASN.1 sequence begins with these bytes and ends with them.
fn spans_whole(der: &[u8]) -> bool {
    let length = match der {
        [0x30, length @ 0..=0x7f, ..] => 2 + usize::from(*length),
        [0x30, 0x81, a, ..] => 3 + usize::from(*a),
        [0x30, 0x82, a, b, ..] => 4 + usize::from(u16::from_be_bytes([*a, *b])),
        _ => return false,
    };
    length == der.len()
}

/// Whether a certificate is an authority's; `None` if that cannot be told.
fn is_authority(der: &[u8]) -> Option<bool> {
    let certificate = Certificate::from_der(der).ok()?;
    let body = certificate.tbs_certificate();
    match body.get_extension::<BasicConstraints>() {
        Ok(Some((_, constraints))) => Some(constraints.ca),
        // Before version 3 there was no place to say it.
        Ok(None) => (body.version() == Version::V3).then_some(false),
        Err(_) => None,
    }
}
