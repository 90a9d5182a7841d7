use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::hash::{Hash, hex};

/// The signature type of Ed25519 in signed notes.
const ED25519_TYPE: u8 = 1;

/// What stands around a private key in PEM (RFC 7468).
const TAG: &str = "PRIVATE KEY";

/// A private key for Ed25519. Clones share it; `Debug` keeps it to itself.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<Ed25519KeyPair>,
    pkcs8: Arc<[u8]>,
}

impl SigningKey {
    /// A new one, from the system's random numbers.
    ///
    /// # Errors
    /// If the system gives none.
    pub fn generate() -> Result<Self, KeyError> {
        let document =
            Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| KeyError::NoRandom)?;
        Self::of_pkcs8(document.as_ref())
    }

    /// Reads a PEM text with a private key in PKCS#8.
    ///
    /// # Errors
    /// If it is none, or not for Ed25519.
    pub fn of_pem(text: &str) -> Result<Self, KeyError> {
        let parsed = pem::parse(text).map_err(|_| KeyError::NotPem)?;
        if parsed.tag() != TAG {
            return Err(KeyError::Kind(parsed.tag().to_owned()));
        }
        Self::of_pkcs8(parsed.contents())
    }

    fn of_pkcs8(bytes: &[u8]) -> Result<Self, KeyError> {
        // Keys made by others, such as openssl, often come without the public half.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes).map_err(|_| KeyError::NotEd25519)?;
        Ok(Self { pair: Arc::new(pair), pkcs8: bytes.into() })
    }

    /// The key as a PEM text: the secret itself.
    pub fn to_pem(&self) -> String {
        pem::encode(&pem::Pem::new(TAG, self.pkcs8.to_vec()))
    }

    /// What verifies its signatures, under a name.
    ///
    /// # Errors
    /// If the name cannot be a key's.
    pub fn verifier(&self, name: &str) -> Result<VerifierKey, KeyError> {
        let public = self.pair.public_key().as_ref();
        VerifierKey::new(name, public.try_into().map_err(|_| KeyError::NotEd25519)?)
    }

    pub(crate) fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.pair.sign(text).as_ref().to_vec()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("public", &hex(self.pair.public_key().as_ref()))
            .finish_non_exhaustive()
    }
}

/// A public key with a name, as signed notes know it (c2sp.org/signed-note).
///
/// Its text is `NAME+ID+KEY`: the name, the key's id in eight hexadecimal digits, and the key in Base64. Go's
/// `golang.org/x/mod/sumdb/note` reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    public: [u8; 32],
}

impl VerifierKey {
    /// A key under a name.
    ///
    /// # Errors
    /// If the name is empty, or has spaces, control characters or a plus in it.
    pub fn new(name: &str, public: [u8; 32]) -> Result<Self, KeyError> {
        let unfit = |character: char| character.is_whitespace() || character.is_control() || character == '+';
        if name.is_empty() || name.contains(unfit) {
            return Err(KeyError::Name(name.to_owned()));
        }
        Ok(Self { name: name.to_owned(), public })
    }

    /// The name: for a log, its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id: the first four bytes of a hash over name and key.
    pub fn id(&self) -> [u8; 4] {
        let mut bytes = self.name.clone().into_bytes();
        bytes.extend([b'\n', ED25519_TYPE]);
        bytes.extend(self.public);
        let [a, b, c, d, ..] = Hash::of(&bytes).0;
        [a, b, c, d]
    }

    /// Whether it is the same key, whatever its name.
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.public == other.public
    }

    pub(crate) fn holds(&self, text: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public).verify(text, signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519_TYPE];
        key.extend(self.public);
        write!(f, "{}+{}+{}", self.name, hex(&self.id()), STANDARD.encode(key))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let malformed = |why| KeyError::Verifier { text: text.to_owned(), why };
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed("it is not NAME+ID+KEY"));
        };
        let key = STANDARD.decode(key).map_err(|_| malformed("its key is no Base64"))?;
        let Some((&ED25519_TYPE, public)) = key.split_first() else {
            return Err(malformed("its key is not for Ed25519"));
        };
        let public = public.try_into().map_err(|_| malformed("its key is not 32 bytes long"))?;
        let read = Self::new(name, public)?;
        if hex(&read.id()) == id { Ok(read) } else { Err(malformed("its id is not that of name and key")) }
    }
}

/// Why a text is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The system gives no random numbers.
    #[error("the system gives no random numbers to make a key from")]
    NoRandom,
    /// Not a PEM text.
    #[error("it is no PEM text (-----BEGIN {TAG}-----)")]
    NotPem,
    /// A PEM text of something else.
    #[error("it holds `{0}` where a private key in PKCS#8 is expected (-----BEGIN {TAG}-----)")]
    Kind(String),
    /// A key of another kind, or damaged.
    #[error("it is no private key for Ed25519 in PKCS#8; `openssl genpkey -algorithm ed25519` makes one")]
    NotEd25519,
    /// A name that a key cannot have.
    #[error("`{0}` cannot name a log or its key: it must not be empty, nor have spaces or a plus in it")]
    Name(String),
    /// A verifier key that cannot be read.
    #[error("`{text}` is no verifier key: {why}")]
    Verifier {
        /// What was given.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::{KeyError, SigningKey, VerifierKey};

    #[test]
    fn keys_read_as_they_are_written() {
        let key = SigningKey::generate().unwrap();
        let again = SigningKey::of_pem(&key.to_pem()).unwrap();
        let verifier = key.verifier("example.com/log").unwrap();
        assert_eq!(again.verifier("example.com/log").unwrap(), verifier);
        assert_eq!(verifier.to_string().parse(), Ok(verifier.clone()));
        assert!(verifier.holds(b"text", &again.sign(b"text")));
        assert!(!verifier.holds(b"texts", &again.sign(b"text")));
        assert!(!format!("{key:?}").contains(&key.to_pem()[30..60]));
        let renamed = key.verifier("example.com/other").unwrap();
        assert!(renamed.is_same_key(&verifier) && renamed.id() != verifier.id());
    }

    #[test]
    fn the_known_key_of_another_log_is_read() {
        // The key of the Go checksum database, as Go's own source names it.
        let text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
        let key: VerifierKey = text.parse().unwrap();
        assert_eq!(
            (key.name(), key.id(), key.to_string().as_str()),
            ("sum.golang.org", [3, 0x3d, 0xe0, 0xae], text)
        );
    }

    #[test]
    fn what_is_no_key_is_told_why() {
        let good = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
        for (bad, why) in [
            ("sum.golang.org", "NAME+ID+KEY"),
            (&good.replace("033", "133"), "its id is not"),
            (&good.replace("sum.", "sun."), "its id is not"),
            (&good.replace("+Ac", "+Bc"), "not for Ed25519"),
            (&good.replace("Ac4z", ""), "not for Ed25519"),
            (&good.replace("OuAn8", "!"), "no Base64"),
            (&good.replace("golang", "go lang"), "cannot name"),
        ] {
            let said = bad.parse::<VerifierKey>().unwrap_err().to_string();
            assert!(said.contains(why), "{bad}: {said}");
        }
        assert_eq!(SigningKey::of_pem("key").unwrap_err(), KeyError::NotPem);
        let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(SigningKey::of_pem(certificate).unwrap_err(), KeyError::Kind("CERTIFICATE".into()));
        let other = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        assert_eq!(SigningKey::of_pem(other).unwrap_err(), KeyError::NotEd25519);
    }
}
