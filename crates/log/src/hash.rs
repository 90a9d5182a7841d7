use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

/// Bytes of a hash.
pub(crate) const LENGTH: usize = 32;

/// A SHA-256 hash. As text, and in JSON, 64 hexadecimal digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Hash(pub [u8; LENGTH]);

impl Hash {
    /// The hash of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::over(&[bytes])
    }

    /// The hash of an entry in the tree: what it says behind a zero byte (RFC 9162, 2.1.1).
    pub fn leaf(bytes: &[u8]) -> Self {
        Self::over(&[&[0], bytes])
    }

    /// The hash over two others in the tree: both behind a byte of one (RFC 9162, 2.1.1).
    pub fn node(left: &Self, right: &Self) -> Self {
        Self::over(&[&[1], &left.0, &right.0])
    }

    fn over(parts: &[&[u8]]) -> Self {
        let mut hasher = Hasher::default();
        for part in parts {
            hasher.update(part);
        }
        hasher.finish()
    }

    pub(crate) fn of_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// 64 hexadecimal digits; `None` for anything else.
    pub fn of_hex(text: &str) -> Option<Self> {
        let mut hash = Self::default();
        let digits = text.as_bytes().chunks_exact(2);
        if text.len() != 2 * LENGTH || !digits.remainder().is_empty() {
            return None;
        }
        for (byte, pair) in hash.0.iter_mut().zip(digits) {
            if !pair.iter().all(u8::is_ascii_hexdigit) {
                return None;
            }
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(hash)
    }

    pub(crate) fn base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    pub(crate) fn of_base64(text: &str) -> Option<Self> {
        Self::of_slice(&STANDARD.decode(text).ok()?)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hex(&hash.0)
    }
}

impl TryFrom<String> for Hash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::of_hex(&text).ok_or_else(|| format!("`{text}` is no SHA-256 hash in 64 hexadecimal digits"))
    }
}

/// A hash of bytes that come one after another.
#[derive(Clone)]
pub struct Hasher(Context);

impl Default for Hasher {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Hasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all bytes that were added.
    pub fn finish(self) -> Hash {
        let mut hash = Hash::default();
        // SHA-256 gives as many bytes as there is place for.
        for (to, from) in hash.0.iter_mut().zip(self.0.finish().as_ref()) {
            *to = *from;
        }
        hash
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").finish_non_exhaustive()
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::{Hash, hex};

    #[test]
    fn leaves_and_nodes_are_hashed_apart() {
        // RFC 6962's tree over one empty entry.
        let leaf = Hash::leaf(b"");
        assert_eq!(leaf.to_string(), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        let node = Hash::node(&leaf, &Hash::leaf(&[0]));
        assert_eq!(node.to_string(), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
        assert_eq!(Hash::of_hex(&node.to_string()), Some(node));
        assert_eq!(Hash::of_base64(&node.base64()), Some(node));
        assert_eq!(String::from(node), node.to_string());
    }

    #[test]
    fn other_texts_are_no_hashes() {
        let good = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125";
        for bad in
            ["", "00", &good[1..], &format!("{good}0"), &good.replace('f', "g"), &good.replace("fa", "+a")]
        {
            assert_eq!(Hash::of_hex(bad), None, "{bad}");
        }
        assert_eq!(hex(&[0, 255, 16]), "00ff10");
    }
}
