use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::hex;
use crate::key::{SigningKey, VerifierKey};

/// Most bytes of a note.
const MOST: usize = 1 << 20;

/// What every signature line begins with: an em dash and a space.
const SIGNED_BY: &str = "\u{2014} ";

/// A text with signatures under it (c2sp.org/signed-note).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

impl Note {
    /// Signs a text, which ends in a newline and has no other control characters.
    pub(crate) fn sign(text: String, key: &SigningKey, verifier: &VerifierKey) -> Self {
        let bytes = key.sign(text.as_bytes());
        let signature = Signature { name: verifier.name().to_owned(), id: verifier.id(), bytes };
        Self { text, signatures: vec![signature] }
    }

    /// Reads a note. Its text is worth nothing before [`Note::open`].
    ///
    /// # Errors
    /// If it is none; the error names line and byte.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let malformed = |byte: usize, why| {
            let lines = bytes.get(..byte).unwrap_or(bytes).iter().filter(|byte| **byte == b'\n').count();
            NoteError::Malformed { line: lines + 1, byte, why }
        };
        if bytes.len() > MOST {
            return Err(malformed(MOST, "it is longer than 1 MiB"));
        }
        let note =
            std::str::from_utf8(bytes).map_err(|err| malformed(err.valid_up_to(), "it is no UTF-8"))?;
        if let Some((at, _)) =
            note.char_indices().find(|(_, character)| *character < ' ' && *character != '\n')
        {
            return Err(malformed(at, "a control character stands in it"));
        }
        if !note.ends_with('\n') {
            return Err(malformed(note.len(), "it does not end in a newline: it was cut off"));
        }
        let Some(blank) = note.rfind("\n\n") else {
            return Err(malformed(note.len(), "no empty line stands before signatures"));
        };
        let (text, lines) =
            (note.get(..=blank).unwrap_or_default(), note.get(blank + 2..).unwrap_or_default());
        let mut signatures = Vec::new();
        let mut at = blank + 2;
        for line in lines.split_inclusive('\n') {
            signatures.push(signature(line.trim_end_matches('\n')).map_err(|why| malformed(at, why))?);
            at += line.len();
        }
        if signatures.is_empty() {
            return Err(malformed(at, "no signature stands under it"));
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The text, if this key has signed it. Signatures of others are passed over.
    ///
    /// # Errors
    /// If it has not, or its signature does not hold.
    pub fn open(&self, key: &VerifierKey) -> Result<&str, NoteError> {
        let of_key = |signature: &&Signature| signature.name == key.name() && signature.id == key.id();
        let mut by_key = self.signatures.iter().filter(of_key).peekable();
        if by_key.peek().is_none() {
            return Err(NoteError::NotSignedBy { key: key.to_string(), signers: self.signers() });
        }
        if by_key.all(|signature| key.holds(self.text.as_bytes(), &signature.bytes)) {
            Ok(&self.text)
        } else {
            Err(NoteError::Invalid { key: key.to_string() })
        }
    }

    /// The text, which no one vouches for before [`Note::open`].
    pub fn unverified(&self) -> &str {
        &self.text
    }

    /// Who says that they signed it, by name and id.
    pub fn signers(&self) -> Vec<String> {
        self.signatures.iter().map(|signature| format!("{}+{}", signature.name, hex(&signature.id))).collect()
    }
}

fn signature(line: &str) -> Result<Signature, &'static str> {
    let line = line.strip_prefix(SIGNED_BY).ok_or("a signature line begins with an em dash and a space")?;
    let (name, coded) = line.split_once(' ').ok_or("a signature line has a name and a signature")?;
    let decoded = STANDARD.decode(coded).map_err(|_| "a signature is no Base64")?;
    let (id, bytes) = decoded.split_first_chunk::<4>().ok_or("a signature is shorter than a key's id")?;
    if name.is_empty() || name.contains(|character: char| character.is_whitespace() || character == '+') {
        return Err("a signer's name is empty, or has a space or a plus in it");
    }
    Ok(Signature { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| {
            let bytes = [&signature.id, signature.bytes.as_slice()].concat();
            writeln!(f, "{SIGNED_BY}{} {}", signature.name, STANDARD.encode(bytes))
        })
    }
}

/// What is wrong with a note.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is none.
    #[error("it is no signed note: line {line}, byte {byte}: {why}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// The byte, from 0.
        byte: usize,
        /// What is wrong there.
        why: &'static str,
    },
    /// The key that counts has not signed it.
    #[error("{key} has not signed it; it names {}", signers.join(", "))]
    NotSignedBy {
        /// The key that counts.
        key: String,
        /// Who it says has signed it.
        signers: Vec<String>,
    },
    /// The key is named, and its signature does not hold: the text or the signature was altered.
    #[error("the signature of {key} does not hold: the text or the signature was altered")]
    Invalid {
        /// The key that counts.
        key: String,
    },
}

#[cfg(test)]
mod tests {
    use super::{Note, NoteError};
    use crate::key::SigningKey;

    #[test]
    fn a_note_holds_and_no_bit_of_it_can_be_turned() {
        let key = SigningKey::generate().unwrap();
        let verifier = key.verifier("example.com/log").unwrap();
        let text = "one\n\ntwo\n";
        let note = Note::sign(text.into(), &key, &verifier);
        let written = note.to_string();
        assert_eq!(Note::parse(written.as_bytes()).as_ref(), Ok(&note));
        assert_eq!(note.open(&verifier), Ok(text));
        for at in 0..written.len() {
            for bit in 0..8 {
                let mut bent = written.clone().into_bytes();
                bent[at] ^= 1 << bit;
                let opened = Note::parse(&bent).and_then(|note| note.open(&verifier).map(str::to_owned));
                assert!(opened.is_err(), "bit {bit} of byte {at}: {opened:?}");
            }
        }
    }

    #[test]
    fn signatures_of_others_are_passed_over() {
        let (key, other) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let (verifier, witness) =
            (key.verifier("example.com/log").unwrap(), other.verifier("witness.example").unwrap());
        let mut note = Note::sign("text\n".into(), &key, &verifier);
        note.signatures.push(Note::sign("else\n".into(), &other, &witness).signatures.remove(0));
        let note = Note::parse(note.to_string().as_bytes()).unwrap();
        assert_eq!(note.open(&verifier), Ok("text\n"));
        assert!(matches!(note.open(&witness), Err(NoteError::Invalid { .. })));
        let stranger = SigningKey::generate().unwrap().verifier("example.com/log").unwrap();
        assert!(matches!(note.open(&stranger), Err(NoteError::NotSignedBy { .. })), "same name, another key");
    }

    #[test]
    fn what_is_no_note_is_told_where() {
        let key = SigningKey::generate().unwrap();
        let good = Note::sign("a\nb\n".into(), &key, &key.verifier("n").unwrap()).to_string();
        for (bad, line, byte, what) in [
            (String::new(), 1, 0, "cut off"),
            (good.trim_end().to_owned(), 4, good.len() - 1, "cut off"),
            (good.replace("b\n\n", "b\n"), 4, good.len() - 1, "no empty line"),
            (good.replace('a', "\t"), 1, 0, "control character"),
            (good.replace('\u{2014}', "-"), 4, 5, "em dash"),
            (good.replace(" n ", " "), 4, 5, "a name and a signature"),
            (good.replace(" n ", " n+ "), 4, 5, "a plus"),
            ("a\n\n".into(), 3, 3, "no signature"),
            ("a\n\n\u{2014} n AAAA\n".into(), 3, 3, "shorter"),
            ("a\n\n\u{2014} n A\n".into(), 3, 3, "no Base64"),
        ] {
            match Note::parse(bad.as_bytes()).unwrap_err() {
                NoteError::Malformed { line: at, byte: from, why } => {
                    assert!(why.contains(what), "{bad:?}: {why}");
                    assert_eq!((at, from), (line, byte), "{bad:?}");
                }
                other => panic!("{bad:?}: {other:?}"),
            }
        }
        assert!(Note::parse(b"a\xff\n\n").is_err());
        assert!(Note::parse(&vec![b'a'; (1 << 20) + 1]).is_err());
    }
}
