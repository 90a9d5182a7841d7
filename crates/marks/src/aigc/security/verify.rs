//! Whether a signature fits a text.

use super::algorithm::Algorithm;
use super::document::{Document, Signature};
use super::key::{PublicKey, keys};
use p256::ecdsa::signature::Verifier;
use rsa::pkcs1v15;
use sha2::Sha256;
use sm3::{Digest, Sm3};
use spki::der::asn1::UintRef;
use spki::der::{Decode, Reader, SliceReader};

/// The user id that goes into an SM2 signature (GB/T 32918.2, the usual value of GM/T 0009).
pub(super) const USER: &str = "1234567812345678";

/// Most bytes of a signature: RSA of 4096 bits.
const RSA_LENGTH: usize = 512;
/// Most keys that a signature is tried with: a key and its certificate.
const KEYS: usize = 2;

/// In which form the message was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// Its hash in its place, as StepFun does. Which of the two the guide means is not known.
    Hashed,
}

impl Form {
    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Plain => "over the message itself",
            Self::Hashed => "over the hash of the message in its place",
        }
    }
}

/// Why a signature could not be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It is broken.
    Unread(String),
    /// It is in a form that is not known.
    Unsupported(String),
}

/// The algorithm of a signature, its bytes, and the keys that it may be tried with.
pub(super) fn parts(
    document: &Document,
    signature: &Signature,
) -> Result<(Algorithm, Vec<u8>, Vec<PublicKey>), Trouble> {
    let Some(algorithm) = Algorithm::of_oid(&signature.algorithm) else {
        let oid = super::super::label::shortened(&signature.algorithm, 40);
        return Err(Trouble::Unsupported(format!("the signature algorithm \"{}\"", oid.escape_debug())));
    };
    let bytes = bytes(&signature.digits)
        .ok_or_else(|| Trouble::Unread("the signature is not in hexadecimal".to_owned()))?;
    if algorithm != Algorithm::Rsa && scalars(&bytes).is_empty() {
        let why = "the signature is neither 64 bytes nor two numbers in DER";
        return Err(Trouble::Unread(why.to_owned()));
    }
    if bytes.len() > RSA_LENGTH {
        return Err(Trouble::Unsupported(format!("a signature of {} bytes", bytes.len())));
    }
    let mut found = Vec::new();
    let named = document.keys.iter().filter(|entry| entry.key_id == signature.key_id);
    let named: Vec<_> = named.collect();
    if named.len() > KEYS {
        return Err(Trouble::Unsupported(format!("{} keys have the number of its key", named.len())));
    }
    for entry in &named {
        let Some(bytes) = self::bytes(&entry.digits) else {
            return Err(Trouble::Unread("the public key is not in hexadecimal".to_owned()));
        };
        found.extend(keys(&bytes, algorithm, entry.is_certificate));
    }
    if found.len() > KEYS {
        return Err(Trouble::Unsupported("its keys do not say which of their points are meant".to_owned()));
    }
    match (named.is_empty(), found.is_empty()) {
        (true, _) => Err(Trouble::Unsupported("the key of the signature is not in the file".to_owned())),
        (_, true) => Err(Trouble::Unread(format!("the public key is no key for {}", algorithm.name()))),
        _ => Ok((algorithm, bytes, found)),
    }
}

/// Tries a signature over a text in both forms.
pub(super) fn verify(key: &PublicKey, text: &str, signature: &[u8]) -> Option<Form> {
    let text = text.as_bytes();
    let hash: Vec<u8> = match key {
        PublicKey::Sm2(_) => Sm3::digest(text).to_vec(),
        PublicKey::P256(_) | PublicKey::Rsa(_) => Sha256::digest(text).to_vec(),
    };
    let fits = |message: &[u8]| match key {
        PublicKey::Sm2(key) => {
            let verifier = sm2::dsa::VerifyingKey::new(USER, *key).ok();
            verifier.is_some_and(|verifier| {
                let tried = |scalars: &[u8; 64]| {
                    let signature = sm2::dsa::Signature::from_slice(scalars);
                    signature.is_ok_and(|signature| verifier.verify(message, &signature).is_ok())
                };
                scalars(signature).iter().any(tried)
            })
        }
        PublicKey::P256(key) => {
            let verifier = p256::ecdsa::VerifyingKey::from(key);
            let tried = |scalars: &[u8; 64]| {
                let signature = p256::ecdsa::Signature::from_slice(scalars);
                signature.is_ok_and(|signature| verifier.verify(message, &signature).is_ok())
            };
            scalars(signature).iter().any(tried)
        }
        PublicKey::Rsa(key) => {
            let verifier = pkcs1v15::VerifyingKey::<Sha256>::new(key.clone());
            let signature = pkcs1v15::Signature::try_from(signature);
            signature.is_ok_and(|signature| verifier.verify(message, &signature).is_ok())
        }
    };
    if fits(text) {
        Some(Form::Plain)
    } else if fits(&hash) {
        Some(Form::Hashed)
    } else {
        None
    }
}

/// The two numbers of a signature, 32 bytes each: from DER, as StepFun has it, or side by side, as MiniMax has it.
fn scalars(bytes: &[u8]) -> Vec<[u8; 64]> {
    let side_by_side: Option<[u8; 64]> = bytes.try_into().ok();
    der(bytes).into_iter().chain(side_by_side).collect()
}

fn der(bytes: &[u8]) -> Option<[u8; 64]> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let pair = |reader: &mut SliceReader<'_>| -> spki::der::Result<[u8; 64]> {
        let (one, two) = (UintRef::decode(reader)?, UintRef::decode(reader)?);
        let mut both = [0; 64];
        let (left, right) = both.split_at_mut(32);
        for (half, number) in [(left, one), (right, two)] {
            let number = number.as_bytes();
            let room = half.len().checked_sub(number.len()).and_then(|start| half.get_mut(start..));
            room.ok_or(spki::der::ErrorKind::Failed)?.copy_from_slice(number);
        }
        Ok(both)
    };
    let both = reader.sequence(pair).ok()?;
    reader.is_finished().then_some(both)
}

/// Bytes in hexadecimal, in either case; `None` if it is not that, or empty.
pub(super) fn bytes(digits: &str) -> Option<Vec<u8>> {
    let value = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(value(high)? << 4 | value(low)?)).collect()
}
