//! Signature algorithms: which one goes with a public key, and whether a signature holds.

use std::fmt;
use std::str::FromStr;

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use serde::{Deserialize, Serialize};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::key::KeyError;

/// A signature algorithm of C2PA that this program signs with (C2PA 2.2, clause 13.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// ECDSA with P-256 and SHA-256; a signature is r and s, 32 bytes each.
    Es256,
    /// ECDSA with P-384 and SHA-384; a signature is r and s, 48 bytes each.
    Es384,
    /// RSASSA-PSS with SHA-256; a signature is as long as the key's modulus.
    Ps256,
    /// Ed25519; a signature is 64 bytes.
    Ed25519,
}

impl Algorithm {
    /// Its name as C2PA and COSE write it in lower case, as `es256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "es256",
            Self::Es384 => "es384",
            Self::Ps256 => "ps256",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The algorithm that goes with a certificate's public key.
    pub(crate) fn of(key: &SubjectPublicKeyInfoOwned) -> Result<Self, KeyError> {
        let other = match KeyKind::of(key) {
            KeyKind::Curve(P256) => return Ok(Self::Es256),
            KeyKind::Curve(P384) => return Ok(Self::Es384),
            KeyKind::Ed25519 => return Ok(Self::Ed25519),
            KeyKind::Rsa(Some(2048..=8192)) => return Ok(Self::Ps256),
            other => other,
        };
        Err(KeyError::UnsupportedKey(other.to_string()))
    }

    /// The length of its signatures in bytes; `None` where it depends on the key.
    pub(crate) fn signature_length(self) -> Option<usize> {
        match self {
            Self::Es256 | Self::Ed25519 => Some(64),
            Self::Es384 => Some(96),
            Self::Ps256 => None,
        }
    }

    /// Whether `signature` is one of `data` by the holder of `public_key` (the bits of its SubjectPublicKeyInfo).
    pub(crate) fn holds(self, public_key: &[u8], data: &[u8], signature: &[u8]) -> bool {
        let algorithm: &'static dyn VerificationAlgorithm = match self {
            Self::Es256 => &signature::ECDSA_P256_SHA256_FIXED,
            Self::Es384 => &signature::ECDSA_P384_SHA384_FIXED,
            Self::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
            Self::Ed25519 => &signature::ED25519,
        };
        UnparsedPublicKey::new(algorithm, public_key).verify(data, signature).is_ok()
    }

    pub(crate) fn of_the_crate(self) -> c2pa::SigningAlg {
        match self {
            Self::Es256 => c2pa::SigningAlg::Es256,
            Self::Es384 => c2pa::SigningAlg::Es384,
            Self::Ps256 => c2pa::SigningAlg::Ps256,
            Self::Ed25519 => c2pa::SigningAlg::Ed25519,
        }
    }
}

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// What kind of key a certificate is for.
enum KeyKind {
    /// An elliptic curve's, by the name of the curve.
    Curve(ObjectIdentifier),
    /// One on a curve without a name.
    NoCurve,
    Ed25519,
    /// RSA, with the bits of the modulus if that can be read.
    Rsa(Option<usize>),
    /// RSA that is for RSASSA-PSS alone, likewise.
    RsaPss(Option<usize>),
    Other(ObjectIdentifier),
}

impl KeyKind {
    fn of(key: &SubjectPublicKeyInfoOwned) -> Self {
        let bits = || modulus_bits(key.subject_public_key.raw_bytes());
        match key.algorithm.oid {
            EC => {
                let curve = key.algorithm.parameters.as_ref();
                let curve = curve.and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok());
                curve.map_or(Self::NoCurve, Self::Curve)
            }
            ED25519 => Self::Ed25519,
            RSA => Self::Rsa(bits()),
            RSA_PSS => Self::RsaPss(bits()),
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Curve(name) => write!(f, "an elliptic curve key on {name}"),
            Self::NoCurve => f.write_str("an elliptic curve key without a named curve"),
            Self::Ed25519 => f.write_str("an Ed25519 key"),
            Self::Rsa(Some(bits)) => write!(f, "an RSA key of {bits} bits"),
            Self::RsaPss(Some(bits)) => write!(f, "an RSA key of {bits} bits for RSASSA-PSS alone"),
            Self::Rsa(None) | Self::RsaPss(None) => f.write_str("an RSA key that is malformed"),
            Self::Other(kind) => write!(f, "a key of the kind {kind}"),
        }
    }
}

/// The key of a certificate in words, if C2PA allows none like it (C2PA 2.2, clause 14.5.1); whether this program signs with it
/// is another matter.
pub(crate) fn disallowed(key: &SubjectPublicKeyInfoOwned) -> Option<String> {
    match KeyKind::of(key) {
        KeyKind::Curve(P256 | P384 | P521) | KeyKind::Ed25519 => None,
        KeyKind::Rsa(Some(bits)) | KeyKind::RsaPss(Some(bits)) if bits >= 2048 => None,
        other => Some(other.to_string()),
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = KeyError;

    fn from_str(name: &str) -> Result<Self, KeyError> {
        [Self::Es256, Self::Es384, Self::Ps256, Self::Ed25519]
            .into_iter()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| KeyError::UnknownAlgorithm(name.to_owned()))
    }
}

/// The size of the modulus in an RSAPublicKey (RFC 8017, A.1.1).
fn modulus_bits(public_key: &[u8]) -> Option<usize> {
    let (sequence, _) = element(public_key, 0x30)?;
    let (modulus, _) = element(sequence, 0x02)?;
    let start = modulus.iter().position(|&byte| byte != 0)?;
    let first = modulus.get(start)?;
    Some((modulus.len() - start) * 8 - first.leading_zeros() as usize)
}

/// The body of the DER element with this tag that `data` starts with, and what follows it.
pub(crate) fn element(data: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = data.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let bytes;
        (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
        if bytes.is_empty() || bytes.len() > 3 {
            return None;
        }
        length = bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
    }
    (found == tag).then_some(())?;
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn der_elements_are_read_and_broken_ones_are_not() {
        assert_eq!(element(&[4, 2, 7, 8, 9], 4), Some((&[7, 8][..], &[9][..])));
        assert_eq!(element(&[4, 0x81, 1, 7], 4), Some((&[7][..], &[][..])));
        assert_eq!(element(&[4, 0x82, 0, 1, 7], 4), Some((&[7][..], &[][..])));
        for broken in [&[][..], &[4], &[4, 3, 1, 2], &[4, 0x80], &[4, 0x84, 0, 0, 0, 0], &[4, 0x82, 0]] {
            assert_eq!(element(broken, 4), None, "{broken:?}");
        }
        assert_eq!(element(&[5, 0], 4), None, "another tag");
    }

    #[test]
    fn the_modulus_counts_from_its_first_bit() {
        assert_eq!(modulus_bits(&[0x30, 7, 2, 2, 0, 0x80, 2, 1, 3]), Some(8));
        assert_eq!(modulus_bits(&[0x30, 7, 2, 2, 1, 0, 2, 1, 3]), Some(9));
        assert_eq!(modulus_bits(&[0x30, 2, 2, 0]), None);
    }

    #[test]
    fn names_are_read_in_any_case_and_others_are_refused() {
        assert_eq!("ES256".parse::<Algorithm>().unwrap(), Algorithm::Es256);
        assert!(matches!("rs256".parse::<Algorithm>(), Err(KeyError::UnknownAlgorithm(_))));
    }
}
