//! The token numbers of a file: as they stand there, or of its words by the tokenizer of a model.

use std::path::{Path, PathBuf};

use tokenizers::Tokenizer;

use crate::escape::escape;
use crate::walk::reason;

/// Most bytes of a file.
const MOST: u64 = 256 << 20;

/// How files become token numbers.
pub(super) enum Reader {
    /// They hold them.
    Numbers,
    /// They hold words.
    Words(Box<Tokenizer>),
}

impl Reader {
    /// For words by the tokenizer in this file, where one is named.
    ///
    /// # Errors
    /// If it is no tokenizer: names the file and why.
    pub(super) fn new(tokenizer: Option<&PathBuf>) -> Result<Self, String> {
        let Some(path) = tokenizer else { return Ok(Self::Numbers) };
        let said = |why: String| {
            format!(
                "{}: {}; a tokenizer.json as Hugging Face's libraries write it is expected",
                escape(&path.to_string_lossy()),
                escape(&why)
            )
        };
        let bytes = contents(path).map_err(said)?;
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|err| said(err.to_string()))?;
        // A file may ask for as many tokens as its model takes at once; here all count, and no others.
        tokenizer.with_truncation(None).map_err(|err| said(err.to_string()))?;
        tokenizer.with_padding(None);
        Ok(Self::Words(Box::new(tokenizer)))
    }

    /// The token numbers of a file.
    ///
    /// # Errors
    /// If it cannot be read, or holds no numbers, or no words in UTF-8.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<u32>, String> {
        let text = String::from_utf8(contents(path)?);
        match self {
            Self::Numbers => parse(&text.map_err(|_| "it is not UTF-8".to_owned())?),
            Self::Words(tokenizer) => {
                let text =
                    text.map_err(|_| "it is not UTF-8: text is read as the model wrote it".to_owned())?;
                // No tokens for the beginning and the end: the model's sampling made none.
                let coded = tokenizer.encode_fast(text.trim_start_matches('\u{FEFF}'), false);
                coded
                    .map(|coded| coded.get_ids().to_vec())
                    .map_err(|err| escape(&err.to_string()).into_owned())
            }
        }
    }
}

fn contents(path: &Path) -> Result<Vec<u8>, String> {
    let facts = std::fs::metadata(path).map_err(|err| reason(&err))?;
    if facts.len() > MOST {
        return Err(format!("{} bytes are more than {MOST}, the most that is read here", facts.len()));
    }
    std::fs::read(path).map_err(|err| reason(&err))
}

/// A list in JSON, or numbers with white space or commas between.
fn parse(text: &str) -> Result<Vec<u32>, String> {
    let inside = text.trim().trim_start_matches('[').trim_end_matches(']');
    let numbers = inside.split(|c: char| c.is_whitespace() || c == ',').filter(|part| !part.is_empty());
    let number = |(at, part): (usize, &str)| {
        let part: String = part.chars().take(20).collect();
        part.parse().map_err(|_| {
            format!(
                "\"{}\", at place {}, is no token number: for words name the model's tokenizer with --tokenizer",
                escape(&part),
                at + 1
            )
        })
    };
    numbers.enumerate().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::{Reader, parse};
    use std::path::PathBuf;

    #[test]
    fn numbers_are_read_and_what_is_none_is_named() {
        assert_eq!(parse(" [1, 2,3]\n").unwrap(), [1, 2, 3]);
        assert_eq!(parse("1 2\n3").unwrap(), [1, 2, 3]);
        assert!(parse("the river").unwrap_err().contains("at place 1"));
        assert!(parse("1 -2").unwrap_err().contains("at place 2"));
    }

    /// A tokenizer of words, as the libraries write it.
    const WORDS: &str = r#"{"version":"1.0","truncation":{"direction":"Right","max_length":2,"strategy":"LongestFirst","stride":0},"padding":null,
        "added_tokens":[],"normalizer":{"type":"Lowercase"},
        "pre_tokenizer":{"type":"Whitespace"},"post_processor":null,"decoder":null,
        "model":{"type":"WordLevel","vocab":{"[UNK]":0,"the":5,"river":7,"is":9,".":11},"unk_token":"[UNK]"}}"#;
    /// Bytes put together in pairs, as in GPT-2.
    const PAIRS: &str = r#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
        "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true},"post_processor":null,
        "decoder":null,"model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,
        "end_of_word_suffix":null,"fuse_unk":false,"vocab":{"a":0,"b":1,"Ġ":2,"ab":3,"Ġab":4},"merges":["a b","Ġ ab"]}}"#;

    #[test]
    fn words_go_through_the_tokenizer_that_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| -> PathBuf {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        for (tokenizer, text, tokens) in
            [(WORDS, "\u{FEFF}The river is deep.", &[5, 7, 9, 0, 11][..]), (PAIRS, "ab ab b", &[3, 4, 2, 1])]
        {
            let reader = Reader::new(Some(&put("tokenizer.json", tokenizer))).unwrap();
            assert_eq!(reader.read(&put("a.txt", text)).unwrap(), tokens);
        }
        let wrong = |text: &str| Reader::new(Some(&put("wrong.json", text))).err().unwrap();
        for text in ["", "{}", "[1, 2]", r#"{"version":"9.0"}"#] {
            let said = wrong(text);
            assert!(said.contains("wrong.json: ") && said.contains("a tokenizer.json as"), "{said}");
        }
        assert!(Reader::new(Some(&folder.path().join("none.json"))).is_err());
        let reader = Reader::new(Some(&put("tokenizer.json", WORDS))).unwrap();
        let path = folder.path().join("latin.txt");
        std::fs::write(&path, b"caf\xE9").unwrap();
        assert!(reader.read(&path).unwrap_err().contains("UTF-8"));
    }
}
