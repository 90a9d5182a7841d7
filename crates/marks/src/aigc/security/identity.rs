//! Who signed a label: told by keys that are known from elsewhere to belong to a producer or platform.
//!
//! A signature that fits shows integrity. Its key travels in the label, and anyone can make one and write any name beside
//! it, so that identity takes a key pinned to the name.

use super::super::codes;
use super::algorithm::Algorithm;
use super::key::{PublicKey, keys};
use indicia_core::{Field, Flaw, Gravity, Mark, PinnedKeys};
use x509_cert::Certificate;
use x509_cert::der::Decode;

/// Why a file holds no keys to pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// It is not PEM.
    #[error(
        "it is no PEM file; a public key in PEM starts with -----BEGIN PUBLIC KEY-----, a certificate with \
         -----BEGIN CERTIFICATE-----"
    )]
    NotPem,
    /// It holds a private key.
    #[error("it holds a private key; `openssl pkey -pubout` writes the public key of it")]
    Private,
    /// It is a key of another algorithm, or broken.
    #[error("it holds what is no public key or certificate for SM2, ECDSA P-256 or RSA")]
    Algorithm,
}

/// The fingerprints of all public keys and certificates in a PEM file: SHA-256 of each SubjectPublicKeyInfo, in hexadecimal.
///
/// # Errors
/// [`PinError`] if there is none, or something else among them.
pub fn pinned_keys(text: &str) -> Result<Vec<String>, PinError> {
    let entries = pem::parse_many(text).map_err(|_| PinError::NotPem)?;
    if entries.is_empty() {
        return Err(PinError::NotPem);
    }
    entries.iter().map(|entry| fingerprint(entry.tag(), entry.contents())).collect()
}

fn fingerprint(tag: &str, der: &[u8]) -> Result<String, PinError> {
    let is_certificate = match tag {
        "PUBLIC KEY" | "RSA PUBLIC KEY" => false,
        "CERTIFICATE" => true,
        tag if tag.ends_with("PRIVATE KEY") => return Err(PinError::Private),
        _ => return Err(PinError::Algorithm),
    };
    // Bytes that are no such structure could still pass for a bare point.
    let is_whole =
        if is_certificate { Certificate::from_der(der).is_ok() } else { der.first() == Some(&0x30) };
    let known = [Algorithm::Sm2, Algorithm::EcdsaP256, Algorithm::Rsa].into_iter();
    let key = known.filter(|_| is_whole).find_map(|algorithm| keys(der, algorithm, is_certificate).pop());
    key.as_ref().map(PublicKey::fingerprint).ok_or(PinError::Algorithm)
}

/// Adds to a label who signed it, as far as that can be told.
pub(in super::super) fn identify(mark: &mut Mark, pinned: &PinnedKeys) {
    let at = mark.site.map_or(0, |site| site.start);
    let told: Vec<Flaw> = mark
        .signatures
        .iter()
        .map(|signature| {
            let field = match signature.field {
                Field::PropagatorSecurity => "ReservedCode2",
                _ => "ReservedCode1",
            };
            let signer = super::super::label::shortened(&signature.signer, 60);
            let (code, gravity, text) = match pinned.holds(&signature.signer, &signature.key) {
                Some(true) => (
                    codes::SECURITY_SIGNER,
                    Gravity::Note,
                    format!("signed by {signer:?}: its key is one of those pinned for that name"),
                ),
                Some(false) => (
                    codes::SECURITY_OTHER_KEY,
                    Gravity::Fault,
                    format!(
                        "not signed by {signer:?}, whose name stands in the label: its key SHA-256 {} is none of those \
                         pinned for that name",
                        signature.key
                    ),
                ),
                None => (
                    codes::SECURITY_UNPINNED,
                    Gravity::Note,
                    format!(
                        "who signed cannot be told: the key travels in the file, and none is pinned for {signer:?} \
                         (--security-trust)"
                    ),
                ),
            };
            Flaw { code, gravity, text: format!("{field}: {text}"), at }
        })
        .collect();
    mark.flaws.extend(told);
    let producer = mark.claim.field(Field::Producer);
    let is_signed = mark.signatures.iter().any(|signature| signature.signer == producer);
    if pinned.knows(producer) && !is_signed {
        let text = format!(
            "a key is pinned for {:?}, and no signature in the label shows that it was signed with it",
            super::super::label::shortened(producer, 60)
        );
        mark.flaws.push(Flaw { code: codes::SECURITY_UNSIGNED, gravity: Gravity::Note, text, at });
    }
}
