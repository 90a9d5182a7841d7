//! Public keys, in the codings that are found.

use super::algorithm::Algorithm;
use rsa::pkcs1::DecodeRsaPublicKey;
use sha2::{Digest, Sha256};
use spki::{DecodePublicKey, EncodePublicKey, SubjectPublicKeyInfoRef};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};

/// A key with which signatures are verified.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum PublicKey {
    /// On the curve of SM2.
    Sm2(sm2::PublicKey),
    /// On P-256.
    P256(p256::PublicKey),
    /// RSA, of 1024 to 8192 bits.
    Rsa(rsa::PublicKey),
}

/// The keys that the bytes may mean for an algorithm: none, one, or for a bare x without the sign of y both.
pub(super) fn keys(bytes: &[u8], algorithm: Algorithm, is_certificate: bool) -> Vec<PublicKey> {
    if is_certificate {
        return of_certificate(bytes, algorithm).into_iter().collect();
    }
    if let Some(key) = of_spki(bytes, algorithm) {
        return vec![key];
    }
    if algorithm == Algorithm::Rsa {
        return rsa::PublicKey::from_pkcs1_der(bytes).ok().map(PublicKey::Rsa).into_iter().collect();
    }
    let tagged = |tag: u8, bytes: &[u8]| [&[tag], bytes].concat();
    let points = match bytes {
        [0x02..=0x04, ..] if matches!(bytes.len(), 33 | 65) => vec![bytes.to_vec()],
        // MiniMax writes a zero before x, and its y is even.
        [0, x @ ..] if x.len() == 32 => vec![tagged(2, x)],
        x if x.len() == 32 => vec![tagged(2, x), tagged(3, x)],
        both if both.len() == 64 => vec![tagged(4, both)],
        _ => Vec::new(),
    };
    points.iter().filter_map(|point| of_point(point, algorithm)).collect()
}

fn of_point(point: &[u8], algorithm: Algorithm) -> Option<PublicKey> {
    match algorithm {
        Algorithm::Sm2 => sm2::PublicKey::from_sec1_bytes(point).ok().map(PublicKey::Sm2),
        Algorithm::EcdsaP256 => p256::PublicKey::from_sec1_bytes(point).ok().map(PublicKey::P256),
        Algorithm::Rsa => None,
    }
}

fn of_spki(der: &[u8], algorithm: Algorithm) -> Option<PublicKey> {
    let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
    let named = match algorithm {
        Algorithm::Sm2 => sm2::PublicKey::from_public_key_der(der).ok().map(PublicKey::Sm2),
        Algorithm::EcdsaP256 => p256::PublicKey::from_public_key_der(der).ok().map(PublicKey::P256),
        Algorithm::Rsa => rsa::PublicKey::from_public_key_der(der).ok().map(PublicKey::Rsa),
    };
    // Keys of SM2 are also found under the algorithm SM2 itself, in place of a curve of id-ecPublicKey.
    let sm2 = || {
        let is_sm2 = info.algorithm.oid.to_string() == "1.2.156.10197.1.301";
        (algorithm == Algorithm::Sm2 && is_sm2)
            .then(|| of_point(info.subject_public_key.as_bytes()?, algorithm))?
    };
    named.or_else(sm2)
}

/// The key in a certificate. Who issued it and until when it is good is not looked at.
fn of_certificate(der: &[u8], algorithm: Algorithm) -> Option<PublicKey> {
    let certificate = Certificate::from_der(der).ok()?;
    let info = certificate.tbs_certificate().subject_public_key_info().to_der().ok()?;
    of_spki(&info, algorithm)
}

impl PublicKey {
    /// Its SubjectPublicKeyInfo in DER.
    pub(super) fn to_spki(&self) -> Option<Vec<u8>> {
        let document = match self {
            Self::Sm2(key) => key.to_public_key_der(),
            Self::P256(key) => key.to_public_key_der(),
            Self::Rsa(key) => key.to_public_key_der(),
        };
        Some(document.ok()?.into_vec())
    }

    /// SHA-256 of its SubjectPublicKeyInfo, in hexadecimal: the same however the key was written.
    pub(super) fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.to_spki().unwrap_or_default());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
