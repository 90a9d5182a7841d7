use std::fmt;

use sha2::{Digest, Sha256};

use crate::Stream;

/// What the open key is made of. Whoever knows this text reads, and can write, marks under it.
const PUBLIC: &[u8] = b"Indicia open watermark key 1";

/// The secret that a watermark is written and read with.
///
/// Any bytes make a key; what is used of them is `K = SHA-256("indicia watermark key 1" || bytes)`. Give every party that
/// marks content a key of its own, of 16 random bytes or more: whoever holds it can read, forge and erase its marks.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

/// A short public name of a key: the first 8 bytes of `SHA-256("indicia watermark key id 1" || K)`. It tells nothing of
/// the key but which one it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 8]);

impl Key {
    /// The open key: everybody has it, so everybody can read a mark under it, and nobody can rely on who wrote it.
    pub fn public() -> Self {
        Self::from_bytes(PUBLIC)
    }

    /// A key of one's own, from bytes that only its owner has.
    pub fn from_bytes(secret: &[u8]) -> Self {
        Self(hash(&[b"indicia watermark key 1", secret]))
    }

    /// Its public name.
    pub fn id(&self) -> KeyId {
        let hash = hash(&[b"indicia watermark key id 1", &self.0]);
        let mut id = [0; 8];
        id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        KeyId(id)
    }

    /// The stream of numbers for one purpose: ChaCha20 (RFC 8439 block function, 64-bit counter and zero nonce) under the
    /// seed `SHA-256("indicia watermark stream 1" || K || name)`.
    ///
    /// Streams under different names are independent. The bound on false alarms rests on that: signs that scramble the
    /// payload come from a stream that nothing else uses.
    pub fn stream(&self, name: &str) -> Stream {
        Stream::new(hash(&[b"indicia watermark stream 1", &self.0, name.as_bytes()]))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_open_key_never_changes() {
        assert_eq!(Key::public().id().to_string(), "3e6e61bd2cada50c");
        let words: Vec<u32> = std::iter::repeat_with({
            let mut stream = Key::public().stream("test");
            move || stream.word()
        })
        .take(4)
        .collect();
        // What `openssl enc -chacha20` gives under the SHA-256 of the parts.
        assert_eq!(words, [0xDC3E_2E00, 0xFD09_28E2, 0xD947_587D, 0x3DE4_E6DC]);
    }

    #[test]
    fn a_key_does_not_print_its_secret() {
        let secret = b"very secret";
        let key = Key::from_bytes(secret);
        let shown = format!("{key:?}");
        assert_eq!(shown, format!("Key({})", key.id()));
        let inner: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!inner.contains(&key.id().to_string()));
    }

    #[test]
    fn streams_differ_by_key_and_by_name() {
        let first = |key: &Key, name: &str| key.stream(name).word();
        let (a, b) = (Key::from_bytes(b"a"), Key::from_bytes(b"b"));
        assert_ne!(first(&a, "x"), first(&b, "x"));
        assert_ne!(first(&a, "x"), first(&a, "y"));
        assert_eq!(first(&a, "x"), first(&a, "x"));
    }
}
