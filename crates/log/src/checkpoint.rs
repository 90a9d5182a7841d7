use std::fmt;

use crate::fault::Fault;
use crate::hash::Hash;
use crate::key::{SigningKey, VerifierKey};
use crate::note::Note;

/// The head of a log at one size (c2sp.org/tlog-checkpoint).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: the name of the key that signs for it.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
    note: Note,
}

impl Checkpoint {
    pub(crate) fn sign(size: u64, root: Hash, key: &SigningKey, verifier: &VerifierKey) -> Self {
        let origin = verifier.name().to_owned();
        let text = format!("{origin}\n{size}\n{}\n", root.base64());
        Self { origin, size, root, note: Note::sign(text, key, verifier) }
    }

    /// Reads a checkpoint and verifies that this key has signed it.
    ///
    /// # Errors
    /// [`Fault::Checkpoint`] if it is none, [`Fault::Signature`] if the key has not signed it.
    pub fn open(bytes: &[u8], key: &VerifierKey) -> Result<Self, Fault> {
        let note = Note::parse(bytes).map_err(|err| Fault::Checkpoint { why: err.to_string() })?;
        let text = note.open(key).map_err(|err| Fault::Signature { why: err.to_string() })?;
        let malformed = |line: u8, why: &str| Fault::Checkpoint { why: format!("line {line}: {why}") };
        let mut lines = text.lines();
        let origin = lines.next().unwrap_or_default();
        if origin != key.name() {
            return Err(malformed(1, &format!("it is of the log `{origin}`, not of `{}`", key.name())));
        }
        let decimal = lines.next().unwrap_or_default();
        let size = decimal.parse().ok().filter(|size: &u64| size.to_string() == decimal);
        let size = size.ok_or_else(|| malformed(2, "it is no number of entries"))?;
        let root = lines.next().and_then(Hash::of_base64);
        let root = root.ok_or_else(|| malformed(3, "it is no hash in Base64"))?;
        let origin = origin.to_owned();
        Ok(Self { origin, size, root, note })
    }
}

/// As it stands in the file, signatures and all.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Checkpoint;
    use crate::fault::Fault;
    use crate::hash::Hash;
    use crate::key::SigningKey;
    use crate::note::Note;

    #[test]
    fn a_checkpoint_reads_as_it_was_signed() {
        let key = SigningKey::generate().unwrap();
        let verifier = key.verifier("example.com/log").unwrap();
        let signed = Checkpoint::sign(17, Hash::of(b"x"), &key, &verifier);
        let text = signed.to_string();
        assert!(text.starts_with("example.com/log\n17\nLXEW"), "{text}");
        assert_eq!(Checkpoint::open(text.as_bytes(), &verifier), Ok(signed));
    }

    #[test]
    fn a_signature_alone_makes_no_checkpoint() {
        let key = SigningKey::generate().unwrap();
        let verifier = key.verifier("a").unwrap();
        let root = Hash::of(b"x").base64();
        for (text, why) in [
            (format!("b\n1\n{root}\n"), "line 1: it is of the log `b`"),
            (format!("a\n+1\n{root}\n"), "line 2"),
            (format!("a\n01\n{root}\n"), "line 2"),
            ("a\n1\nAAAA\n".to_owned(), "line 3"),
            ("a\n1\n".to_owned(), "line 3"),
        ] {
            let note = Note::sign(text.clone(), &key, &verifier).to_string();
            let refused = Checkpoint::open(note.as_bytes(), &verifier).unwrap_err();
            assert!(
                matches!(&refused, Fault::Checkpoint { why: said } if said.starts_with(why)),
                "{text}: {refused}"
            );
        }
    }
}
