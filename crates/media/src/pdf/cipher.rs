//! The standard security handler (ISO 32000-2, 7.6.4), opened with the empty user password.

use super::object::{Dictionary, Id, Object};
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use indicia_core::Problem;
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};

/// What passwords are filled up with (algorithm 2, step a).
const PADDING: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E,
    0x2E, 0x00, 0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];

/// How one sort of data is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    /// Not at all.
    Identity,
    Rc4,
    /// AES with 128 bits and a key for each object.
    Aes128,
    /// AES with 256 bits and one key.
    Aes256,
}

/// How the strings and streams of one file are encrypted.
#[derive(Clone)]
pub(crate) struct Cipher {
    key: Vec<u8>,
    strings: Method,
    streams: Method,
    metadata: bool,
}

impl std::fmt::Debug for Cipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cipher").field("streams", &self.streams).finish_non_exhaustive()
    }
}

const UNKNOWN: Problem = Problem::Unsupported("encrypted in a way this program does not know");
const PASSWORD: Problem = Problem::Unsupported("encrypted, and it does not open without a password");

impl Cipher {
    /// Finds the key, if the empty user password opens the file. `id` is the first half of the file's identifier.
    ///
    /// # Errors
    /// If it does not, or the file is encrypted in another way.
    pub(crate) fn open(encrypt: &Dictionary, id: &[u8]) -> Result<Self, Problem> {
        if !encrypt.says(b"Filter", b"Standard") {
            return Err(UNKNOWN);
        }
        let text = |key: &[u8]| match encrypt.find(key) {
            Some(Object::String(bytes)) => Ok(bytes.as_slice()),
            _ => Err(UNKNOWN),
        };
        let (version, revision) = (encrypt.count(b"V").unwrap_or(0), encrypt.count(b"R").unwrap_or(0));
        let metadata = encrypt.find(b"EncryptMetadata") != Some(&Object::Boolean(false));
        let (strings, streams) = match version {
            1 | 2 => (Method::Rc4, Method::Rc4),
            4 | 5 => (method(encrypt, b"StrF")?, method(encrypt, b"StmF")?),
            _ => return Err(UNKNOWN),
        };
        let key = match revision {
            2..=4 => {
                let bits = if version == 1 {
                    40
                } else {
                    encrypt.count(b"Length").unwrap_or(if version == 4 { 128 } else { 40 })
                };
                // Some writers give it in bytes.
                let len = usize::try_from(if bits < 40 { bits } else { bits / 8 }).unwrap_or(0);
                let len = if version == 4 { 16 } else { len };
                if !(5..=16).contains(&len) {
                    return Err(UNKNOWN);
                }
                let permissions = match encrypt.find(b"P") {
                    #[expect(
                        clippy::cast_possible_truncation,
                        reason = "32 bits, sometimes written without sign"
                    )]
                    Some(Object::Integer(bits)) => (*bits as u32).to_le_bytes(),
                    _ => return Err(UNKNOWN),
                };
                let owner = text(b"O")?;
                let owner = owner.get(..32).ok_or(UNKNOWN)?;
                let open = if revision == 4 && !metadata { [0xFF; 4].as_slice() } else { &[] };
                let mut key = Md5::digest([&PADDING, owner, &permissions, id, open].concat()).to_vec();
                if revision > 2 {
                    for _ in 0..50 {
                        key = Md5::digest(key.get(..len).unwrap_or_default()).to_vec();
                    }
                }
                key.truncate(len);
                check(&key, revision, text(b"U")?, id)?;
                key
            }
            5 | 6 => {
                let user = text(b"U")?;
                let (Some(hash), Some(check), Some(salt)) =
                    (user.get(..32), user.get(32..40), user.get(40..48))
                else {
                    return Err(UNKNOWN);
                };
                if hardened(check, revision)? != hash {
                    return Err(PASSWORD);
                }
                let mut key = text(b"UE")?.get(..32).ok_or(UNKNOWN)?.to_vec();
                unchain(&hardened(salt, revision)?, &[0; 16], &mut key)?;
                key
            }
            _ => return Err(UNKNOWN),
        };
        Ok(Self { key, strings, streams, metadata })
    }

    /// Whether a stream with this dictionary is encrypted.
    pub(crate) fn covers(&self, dictionary: &Dictionary) -> bool {
        let open =
            dictionary.says(b"Type", b"XRef") || (!self.metadata && dictionary.says(b"Type", b"Metadata"));
        let named = |name: &Object| matches!(name, Object::Name(name) if name == b"Crypt");
        let filters = dictionary.find(b"Filter").map(Object::items).unwrap_or_default();
        !open && !filters.first().is_some_and(named)
    }

    /// A stream's data, decrypted.
    ///
    /// # Errors
    /// If they are not as the cipher makes them.
    pub(crate) fn stream(&self, id: Id, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
        self.decrypt(self.streams, id, bytes)
    }

    /// A string, decrypted.
    ///
    /// # Errors
    /// As [`Cipher::stream`].
    pub(crate) fn string(&self, id: Id, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
        self.decrypt(self.strings, id, bytes)
    }

    fn decrypt(&self, method: Method, id: Id, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
        let key = match method {
            Method::Identity => return Ok(bytes.to_vec()),
            Method::Aes256 => self.key.clone(),
            Method::Rc4 | Method::Aes128 => {
                let [one, two, three, _] = id.number.to_le_bytes();
                let salt: &[u8] = if method == Method::Aes128 { b"sAlT" } else { b"" };
                let parts = [self.key.as_slice(), &[one, two, three], &id.generation.to_le_bytes(), salt];
                let mut key = Md5::digest(parts.concat()).to_vec();
                key.truncate((self.key.len() + 5).min(16));
                key
            }
        };
        if method == Method::Rc4 {
            return Ok(rc4(&key, bytes));
        }
        if bytes.is_empty() {
            return Ok(Vec::new());
        }
        let broken = Problem::Malformed("data are not as the cipher makes them");
        let (start, data) = bytes.split_at_checked(16).ok_or(broken.clone())?;
        let mut data = data.to_vec();
        unchain(&key, start, &mut data)?;
        let padding = data.last().map_or(0, |last| usize::from(*last));
        match data.len().checked_sub(padding) {
            Some(len) if (1..=16).contains(&padding) => data.truncate(len),
            None | Some(_) if !data.is_empty() => return Err(broken),
            _ => {}
        }
        Ok(data)
    }
}

/// The method of a crypt filter (7.6.6).
fn method(encrypt: &Dictionary, sort: &[u8]) -> Result<Method, Problem> {
    let name = match encrypt.find(sort) {
        None => return Ok(Method::Identity),
        Some(Object::Name(name)) if name == b"Identity" => return Ok(Method::Identity),
        Some(Object::Name(name)) => name,
        Some(_) => return Err(UNKNOWN),
    };
    let filters = encrypt.find(b"CF").and_then(Object::dictionary);
    let filter =
        filters.and_then(|filters| filters.find(name)).and_then(Object::dictionary).ok_or(UNKNOWN)?;
    match filter.find(b"CFM") {
        Some(Object::Name(name)) => match name.as_slice() {
            b"None" => Ok(Method::Identity),
            b"V2" => Ok(Method::Rc4),
            b"AESV2" => Ok(Method::Aes128),
            b"AESV3" => Ok(Method::Aes256),
            _ => Err(UNKNOWN),
        },
        _ => Err(UNKNOWN),
    }
}

/// Whether the key is that of the empty user password (algorithms 4 to 6).
fn check(key: &[u8], revision: u64, user: &[u8], id: &[u8]) -> Result<(), Problem> {
    let (made, len) = match revision {
        2 => (rc4(key, &PADDING), 32),
        _ => {
            let mut made = rc4(key, &Md5::digest([&PADDING, id].concat()));
            for round in 1..20_u8 {
                let key: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
                made = rc4(&key, &made);
            }
            (made, 16)
        }
    };
    if made.get(..len) == user.get(..len) && user.len() >= len { Ok(()) } else { Err(PASSWORD) }
}

/// The hash of the empty password with a salt (algorithm 2.B; revision 5 has its first step only).
fn hardened(salt: &[u8], revision: u64) -> Result<Vec<u8>, Problem> {
    let mut key = Sha256::digest(salt).to_vec();
    if revision == 5 {
        return Ok(key);
    }
    for round in 1_u32.. {
        let mut data = key.repeat(64);
        let (secret, start) = (key.get(..16).unwrap_or_default(), key.get(16..32).unwrap_or_default());
        let len = data.len();
        let cipher = cbc::Encryptor::<aes::Aes128>::new_from_slices(secret, start).map_err(|_| UNKNOWN)?;
        cipher.encrypt_padded::<NoPadding>(&mut data, len).map_err(|_| UNKNOWN)?;
        // A number of 16 bytes modulo 3 is the sum of its bytes modulo 3, since 256 is 1 modulo 3.
        let sum: u32 = data.iter().take(16).map(|byte| u32::from(*byte)).sum();
        key = match sum % 3 {
            0 => Sha256::digest(&data).to_vec(),
            1 => Sha384::digest(&data).to_vec(),
            _ => Sha512::digest(&data).to_vec(),
        };
        if round >= 64 && data.last().is_some_and(|last| u32::from(*last) <= round - 32) {
            break;
        }
    }
    key.truncate(32);
    Ok(key)
}

/// Undoes AES in the mode CBC, padding and all.
fn unchain(key: &[u8], start: &[u8], data: &mut [u8]) -> Result<(), Problem> {
    let broken = Problem::Malformed("data are not as the cipher makes them");
    if !data.len().is_multiple_of(16) {
        return Err(broken);
    }
    let done = match key.len() {
        16 => cbc::Decryptor::<aes::Aes128>::new_from_slices(key, start)
            .map_err(|_| broken.clone())?
            .decrypt_padded::<NoPadding>(data)
            .is_ok(),
        32 => cbc::Decryptor::<aes::Aes256>::new_from_slices(key, start)
            .map_err(|_| broken.clone())?
            .decrypt_padded::<NoPadding>(data)
            .is_ok(),
        _ => return Err(UNKNOWN),
    };
    if done { Ok(()) } else { Err(broken) }
}

/// RC4, which is its own inverse. Too small, and its keys of too many lengths, to take it from elsewhere.
fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|at| u8::try_from(at).unwrap_or(u8::MAX));
    let at = |state: &[u8; 256], index: u8| state.get(usize::from(index)).copied().unwrap_or(0);
    let mut second = 0_u8;
    for (first, secret) in (0..=u8::MAX).zip(key.iter().cycle()) {
        second = second.wrapping_add(at(&state, first)).wrapping_add(*secret);
        state.swap(usize::from(first), usize::from(second));
    }
    let (mut first, mut second) = (0_u8, 0_u8);
    let mut next = || {
        first = first.wrapping_add(1);
        second = second.wrapping_add(at(&state, first));
        state.swap(usize::from(first), usize::from(second));
        at(&state, at(&state, first).wrapping_add(at(&state, second)))
    };
    data.iter().map(|byte| byte ^ next()).collect()
}

#[cfg(test)]
mod tests {
    use super::rc4;

    /// A vector of RFC 6229's predecessor, published with the cipher in 1994.
    #[test]
    fn the_stream_is_the_one_everybody_has() {
        assert_eq!(rc4(b"Key", b"Plaintext"), [0xBB, 0xF3, 0x16, 0xE8, 0xD9, 0x40, 0xAF, 0x0A, 0xD3]);
        assert_eq!(rc4(b"Wiki", b"pedia"), [0x10, 0x21, 0xBF, 0x04, 0x20]);
    }
}
