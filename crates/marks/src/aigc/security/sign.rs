//! Writing security data: one signature over the label and its public key (TC260-PG-202511A, types `DS` and `PubKey`).

use super::super::keys::Key;
use super::algorithm::Algorithm;
use super::document::{self, About, Reading};
use super::key::PublicKey;
use super::{message, verify};
use crate::MarkError;
use indicia_core::{Claim, Role, SigningKey};
use p256::ecdsa::signature::Signer;
use p256::pkcs8::{DecodePrivateKey, SecretDocument};

/// Why a file is no key to sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It is not PEM.
    #[error("it is no PEM file; a private key in PEM starts with -----BEGIN PRIVATE KEY-----")]
    NotPem,
    /// It is PEM of something else.
    #[error(
        "it is no unencrypted private key in PKCS#8; `openssl pkcs8 -topk8 -nocrypt` makes one of other forms"
    )]
    NotPkcs8,
    /// It is a key of another algorithm.
    #[error("it is a key of another algorithm than SM2 and ECDSA on P-256")]
    Algorithm,
}

/// The key in a PEM file (`-----BEGIN PRIVATE KEY-----`, PKCS#8, unencrypted) on the curve of SM2 or on P-256.
///
/// # Errors
/// [`KeyError`] if it is something else.
pub fn signing_key(pem: &str) -> Result<SigningKey, KeyError> {
    let (name, document) = SecretDocument::from_pem(pem.trim_start()).map_err(|_| KeyError::NotPem)?;
    if name != "PRIVATE KEY" {
        return Err(KeyError::NotPkcs8);
    }
    let key = SigningKey::from_pkcs8(document.as_bytes());
    Secret::of(&key).map(|_| key).ok_or(KeyError::Algorithm)
}

/// A key ready to sign.
enum Secret {
    Sm2(sm2::dsa::SigningKey),
    P256(p256::ecdsa::SigningKey),
}

impl Secret {
    fn of(key: &SigningKey) -> Option<Self> {
        if let Ok(secret) = sm2::SecretKey::from_pkcs8_der(key.pkcs8()) {
            return sm2::dsa::SigningKey::new(verify::USER, &secret).ok().map(Self::Sm2);
        }
        let secret = p256::SecretKey::from_pkcs8_der(key.pkcs8()).ok()?;
        Some(Self::P256(secret.into()))
    }

    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Sm2(_) => Algorithm::Sm2,
            Self::P256(_) => Algorithm::EcdsaP256,
        }
    }

    fn public(&self) -> PublicKey {
        match self {
            Self::Sm2(secret) => PublicKey::Sm2(secret.verifying_key().into()),
            Self::P256(secret) => PublicKey::P256(secret.verifying_key().into()),
        }
    }

    /// The signature in DER. It is the same each time (RFC 6979).
    fn sign(&self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Sm2(secret) => {
                let signature: sm2::dsa::Signature = secret.try_sign(text.as_bytes()).ok()?;
                let both = signature.to_bytes();
                der(&both)
            }
            Self::P256(secret) => {
                let signature: p256::ecdsa::Signature = secret.try_sign(text.as_bytes()).ok()?;
                der(&signature.to_bytes())
            }
        }
    }
}

/// Two numbers side by side, in DER.
fn der(both: &[u8]) -> Option<Vec<u8>> {
    use spki::der::Encode;
    use spki::der::asn1::UintRef;
    let (one, two) = both.split_at_checked(32)?;
    let pair = vec![UintRef::new(one).ok()?, UintRef::new(two).ok()?];
    pair.to_der().ok()
}

/// Signs the label that a claim is to become: a producer in `ReservedCode1`, a propagator in `ReservedCode2`.
/// `label` is the value of `Label`. Security data that the same key signed for the same values stays.
///
/// # Errors
/// [`MarkError::Order`] if the key is none that signs.
pub(in super::super) fn secure(
    claim: &mut Claim,
    label: &str,
    role: Role,
    key: &SigningKey,
) -> Result<(), MarkError> {
    let unfit = || MarkError::Order("the signing key is no PKCS#8 key for SM2 or ECDSA on P-256".to_owned());
    let secret = Secret::of(key).ok_or_else(unfit)?;
    let code = match role {
        Role::Producer => Key::ReservedCode1,
        Role::Propagator => Key::ReservedCode2,
    };
    let Some(field) = code.field() else { return Ok(()) };
    let text = message::to_sign(code, label, claim).text;
    let public = secret.public();
    if is_signed(claim.field(field), &text, &public) {
        return Ok(());
    }
    let signature = secret.sign(&text).ok_or_else(unfit)?;
    let spki = public.to_spki().ok_or_else(unfit)?;
    claim.set(field, data(secret.algorithm(), &signature, &spki));
    Ok(())
}

/// Whether security data has a signature over the text by this key.
fn is_signed(data: &str, text: &str, public: &PublicKey) -> bool {
    let Reading::Whole(document) = document::read(data) else { return false };
    document.signatures.iter().filter(|signature| signature.about == About::Label).take(1).any(|signature| {
        let Ok((_, bytes, keys)) = verify::parts(&document, signature) else { return false };
        keys.contains(public) && verify::verify(public, text, &bytes).is_some()
    })
}

/// The document. Keys in the order of the guide, no white space: Annex E j has none.
fn data(algorithm: Algorithm, signature: &[u8], spki: &[u8]) -> String {
    let oid = algorithm.oid();
    format!(
        "{{\"SecurityData\":{{\"Type\":\"TC260PG\",\"Version\":1,\"PubSD\":[{{\"Type\":\"DS\",\"AlgID\":\"{oid}\",\
         \"TBSData\":{{\"Type\":\"Md\"}},\"Signature\":\"{}\",\"KeyID\":1}},{{\"Type\":\"PubKey\",\
         \"AlgID\":\"{oid}\",\"KeyValue\":\"{}\",\"KeyID\":1}}]}}}}",
        hexadecimal(signature),
        hexadecimal(spki)
    )
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
