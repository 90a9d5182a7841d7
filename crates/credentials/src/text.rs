//! Manifests in plain text: signing into the wrapper of C2PA 2.4, A.8, and reading from it.

use std::io::Cursor;

use c2pa::HashRange;
use c2pa::assertions::DataHash;
use ring::digest::{SHA256, digest};
use unicode_normalization::is_nfc;

use crate::credentials::{Credentials, Kind, State, Unread};
use crate::key::SigningKey;
use crate::read::read_beside;
use crate::sign::{BINDING, Parent, SignError, Signer, bound, builder};
use crate::statement::Statement;
use crate::text_armour::{Reference, reference};
use crate::text_wrapper::{WrapperError, encode, encoded_length, find};
use indicia_core::Trust;

/// Most signatures made for one text. Each has one chance in five to ten to fit.
const MOST_SIGNATURES: usize = 300;

/// As [`MOST_SIGNATURES`], for keys where each one costs.
const MOST_COSTLY_SIGNATURES: usize = 60;

/// Signatures made for one length before another is aimed at: the length is in what is hashed, and so moves the likely
/// lengths a little, at times out of reach.
const AIM: usize = 12;

/// Bytes kept free for the signature besides the certificates: what RSA of 8192 bits takes, and no more, since each
/// byte takes three or four of the text.
const SPACE: usize = 1024 + 256;

/// The media type that plain text is signed and read as.
const MIME: &str = "text/plain";

/// Puts a manifest at the end of a text, in variation selectors that no one sees, and gives back the whole.
///
/// The text must be UTF-8 in Unicode normalization form C, without a manifest; to sign such a text again, give this
/// one without its wrapper, and the old one with its store as the `parent` (see [`crate::text_wrapper`]). Nothing may
/// be added to the text later. About 4 bytes are added for each of the manifest's.
///
/// The manifest tells the length of its own wrapper, which depends on the signature's bytes; so it is signed again
/// until it fits, a few times as a rule (with a signing command: one call each).
///
/// # Errors
/// Why it was not signed.
pub fn sign_text(
    text: &[u8],
    statement: &Statement,
    key: &SigningKey,
    parent: Option<Parent<'_>>,
) -> Result<Vec<u8>, SignError> {
    if key.time_stamper().is_some() {
        return Err(SignError::Text(
            "its length depends on its signature, which a time stamp would be asked for many times over: have the \
             manifest put beside (--c2pa-sidecar), or ask for no time stamp"
                .to_owned(),
        ));
    }
    let text = std::str::from_utf8(text).map_err(|err| {
        SignError::Text(format!("it is not UTF-8 (byte {}): save it as UTF-8 first", err.valid_up_to()))
    })?;
    match find(text.as_bytes()) {
        Ok(None) => {}
        Ok(Some(_)) => return Err(SignError::WouldLose),
        Err(err) => return Err(SignError::Text(err.to_string())),
    }
    if !is_nfc(text) {
        return Err(SignError::Text(
            "it is not in Unicode normalization form C, so that its hash would not hold everywhere: convert it first \
             (uconv -x nfc)"
                .to_owned(),
        ));
    }
    let mut builder = builder(statement, parent)?;
    let signer = Signer::new(key, SPACE);
    let hash = digest(&SHA256, text.as_bytes()).as_ref().to_vec();
    let most = if key.is_costly() { MOST_COSTLY_SIGNATURES } else { MOST_SIGNATURES };
    // A first guess of the right order, so that the numbers take as many bytes as in the end.
    let mut told = 40_000;
    let mut aim_again = 0;
    for count in 0..most {
        let mut binding = DataHash::new(BINDING, "sha256");
        binding.set_hash(hash.clone());
        binding.add_exclusion(HashRange::new(text.len() as u64, told as u64));
        let store = bound(&mut builder, MIME, &binding, &signer)?;
        let length = encoded_length(&store);
        if length == told {
            let wrapper =
                encode(&store).ok_or_else(|| SignError::Text("its manifest is too long".to_owned()))?;
            return Ok([text.as_bytes(), wrapper.as_bytes()].concat());
        }
        if count >= aim_again || number_size(length) != number_size(told) {
            told = likely(length, &signer.last());
            aim_again = count + AIM;
        }
    }
    Err(SignError::Text("no signature fitted its wrapper; sign once more".to_owned()))
}

/// The likeliest length of a wrapper, from one length that came out with this signature in it.
fn likely(length: usize, signature: &[u8]) -> usize {
    // One byte in sixteen takes three bytes of UTF-8, every other one four.
    let low = signature.iter().filter(|&&byte| byte < 16).count();
    (length + low).saturating_sub((signature.len() + 8) / 16)
}

/// How many bytes CBOR takes for a number (RFC 8949, clause 3).
fn number_size(number: usize) -> usize {
    match number {
        0..0x100 => 1,
        0x100..0x1_0000 => 2,
        _ => 4,
    }
}

/// Reads and validates the manifest in a text: in a wrapper of A.8 or, without one, between the lines of A.9.
///
/// # Errors
/// Why it was not read: [`Unread::None`] if there is neither. A manifest that was read and does not hold is no
/// error.
pub fn read_text(text: &[u8], trust: &Trust) -> Result<Credentials, Unread> {
    let wrapper = match find(text) {
        Ok(Some(wrapper)) => wrapper,
        Ok(None) => return read_armoured(text, trust),
        Err(err @ WrapperError::Corrupted { .. }) => {
            return Err(Unread::Malformed(format!("manifest.text.corruptedWrapper: {err}")));
        }
        Err(err @ WrapperError::Several { .. }) => {
            return Err(Unread::Malformed(format!("manifest.text.multipleWrappers: {err}")));
        }
    };
    let credentials = read_beside(&wrapper.store, Cursor::new(text), MIME, trust)?;
    let mismatch = |status: &crate::credentials::Status| {
        status.kind == Kind::Failure && status.code == "assertion.dataHash.mismatch" && !status.of_ingredient
    };
    // The hash is of the normalized text, and the validator takes it of the text as it stands.
    if credentials.state == State::Invalid
        && credentials.statuses.iter().any(mismatch)
        && !std::str::from_utf8(text).is_ok_and(is_nfc)
    {
        return Err(Unread::Unsupported(
            "the text is not in Unicode normalization form C, and its hash cannot be compared".to_owned(),
        ));
    }
    Ok(credentials)
}

/// Reads and validates the manifest that a structured text holds between its lines, over the bytes as they stand.
fn read_armoured(text: &[u8], trust: &Trust) -> Result<Credentials, Unread> {
    let Ok(words) = std::str::from_utf8(text) else { return Err(Unread::None) };
    match reference(words) {
        Ok(None) => Err(Unread::None),
        Ok(Some((_, Reference::Remote(address)))) => Err(Unread::Remote(address)),
        Ok(Some((_, Reference::Here(store)))) => read_beside(&store, Cursor::new(text), MIME, trust),
        Err(err) => Err(Unread::Malformed(err.to_string())),
    }
}
