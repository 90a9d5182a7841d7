use super::selectors::shows_nothing;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::binomial::ln_tail;

/// Words, or letters in scripts without gaps, that a text needs for a fingerprint.
pub const LEAST_WORDS: usize = 20;
/// Words in a row that are hashed together.
const WORDS: usize = 3;
/// Letters in a row, in scripts without gaps.
const LETTERS: usize = 4;
const SLOTS: usize = 64;
/// The share of groups of words that two unrelated texts may have in common; formulas and quotations are above it.
const COMMON: f64 = 0.05;

/// What recognises a text by its words, without a mark in it: in a log, it finds copies that were normalised, converted or
/// typed anew.
///
/// Words count without case, punctuation, invisible characters and compatibility forms (NFKC); three in a row are hashed,
/// in scripts without gaps four letters in a row. Of 64 orders of all hashes the least is kept in each, 16 bits of it
/// (MinHash, Broder 1997). Two fingerprints agree in as many of their 64 slots as the texts share groups: one word changed in
/// twenty leaves about three quarters of them. A quotation of a small part is not recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint([u16; SLOTS]);

impl Fingerprint {
    /// The fingerprint of a text, if it has [`LEAST_WORDS`].
    pub fn of(text: &str) -> Option<Self> {
        let words = words(text);
        let groups: Vec<&[String]> = words.windows(WORDS).collect();
        if words.len() < LEAST_WORDS {
            return None;
        }
        let mut least = [u64::MAX; SLOTS];
        for group in groups {
            let hash = hash(group);
            for (slot, least) in (0_u64..).zip(&mut least) {
                *least = (*least).min(mix(hash ^ mix(slot + 1)));
            }
        }
        Some(Self(least.map(|hash| u16::try_from(hash >> 48 ^ hash & 0xFFFF).unwrap_or(0))))
    }

    /// In how many of the 64 slots two fingerprints agree.
    pub fn agreement(&self, other: &Self) -> u32 {
        self.0.iter().zip(&other.0).map(|(a, b)| u32::from(a == b)).sum()
    }

    /// The common logarithm of the probability that an unrelated text, one with 5 % of its groups of words in common, agrees in
    /// as many slots. With 19 it is below 1e-9. Related texts (editions, forms, quotations) agree in more without being copies.
    pub fn log10_false_match(agreement: u32) -> f64 {
        ln_tail(agreement.into(), SLOTS as u64, COMMON + 1.0 / 65_536.0) / std::f64::consts::LN_10
    }

    /// Its 128 bytes in hexadecimal, for a record.
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|slot| format!("{slot:04x}")).collect()
    }

    /// The fingerprint that [`Fingerprint::to_hex`] wrote.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 4 * SLOTS || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut slots = [0; SLOTS];
        for (i, slot) in slots.iter_mut().enumerate() {
            *slot = u16::from_str_radix(text.get(4 * i..4 * i + 4)?, 16).ok()?;
        }
        Some(Self(slots))
    }
}

/// The words of a text as they count; letters of scripts without gaps in overlapping groups.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut letters: Vec<char> = Vec::new();
    let flush = |word: &mut String, words: &mut Vec<String>| {
        if !word.is_empty() {
            words.push(std::mem::take(word));
        }
    };
    for character in text.nfkc().flat_map(char::to_lowercase) {
        if has_no_gaps(character) {
            flush(&mut word, &mut words);
            letters.push(character);
            if let Some(last) =
                letters.len().checked_sub(LETTERS - WORDS + 1).and_then(|from| letters.get(from..))
            {
                words.push(last.iter().collect());
            }
        } else if character.is_alphanumeric() {
            letters.clear();
            word.push(character);
        } else if !is_ignorable(character) {
            flush(&mut word, &mut words);
        }
    }
    flush(&mut word, &mut words);
    words
}

fn has_no_gaps(character: char) -> bool {
    matches!(u32::from(character), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// Invisible characters and apostrophes, which do not part a word.
fn is_ignorable(character: char) -> bool {
    matches!(character, '\'' | '’') || shows_nothing(character)
}

fn hash(group: &[String]) -> u64 {
    let mut hasher = Sha256::new();
    for word in group {
        hasher.update(word.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().take(8).fold(0, |hash, &byte| hash << 8 | u64::from(byte))
}

/// A permutation of 64 bits whose results look unrelated (the finalizer of SplitMix64).
fn mix(mut x: u64) -> u64 {
    x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ x >> 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    /// Words of a made-up language, drawn with a seed.
    fn text(seed: &str, count: usize) -> Vec<String> {
        let mut random = Key::from_bytes(seed.as_bytes()).stream("words");
        (0..count).map(|_| format!("w{}", random.below(3000))).collect()
    }

    #[test]
    fn the_same_words_are_recognised_however_they_are_set() {
        let plain = "It’s the ﬁrst of many words that this text, as plain as it is, has to offer to whoever reads on \
                     until the very end of it.";
        let typed = "it's the first of many words\nthat this text as plain as it is has to offer to whoever READS on\u{200B} \
                     until the very end of it";
        let (a, b) = (Fingerprint::of(plain).unwrap(), Fingerprint::of(typed).unwrap());
        assert_eq!(a, b);
        assert_eq!(a.agreement(&b), 64);
        assert!(Fingerprint::log10_false_match(64) < -80.0);
        assert_eq!(Fingerprint::from_hex(&a.to_hex()), Some(a.clone()));
        assert_eq!(Fingerprint::from_hex(&a.to_hex()[1..]), None);
        assert_eq!(Fingerprint::from_hex(&"é".repeat(128)), None);
    }

    #[test]
    fn chinese_without_gaps_is_recognised_too() {
        let text =
            "人工智能生成的内容应当按照规定添加标识，以便公众能够识别其来源与性质，并保护各方的合法权益。";
        let changed = text.replace('，', " ").replace("各方", "公民");
        let other =
            "今天的天气非常晴朗，我们一家人决定到城外的山上去散步，顺便看看秋天的红叶究竟有多么美丽动人。";
        let of = |text: &str| Fingerprint::of(text).unwrap();
        assert!(of(text).agreement(&of(&changed)) > 30);
        assert!(of(text).agreement(&of(other)) < 5);
    }

    #[test]
    fn one_word_in_twenty_changed_is_recognised_and_unrelated_texts_are_not() {
        let words = text("a", 600);
        let mut edited = words.clone();
        edited.iter_mut().step_by(20).for_each(|word| *word = "other".to_owned());
        let of = |words: &[String]| Fingerprint::of(&words.join(" ")).unwrap();
        assert!(of(&words).agreement(&of(&edited)) >= 36);
        let most = (0..300).map(|i| of(&words).agreement(&of(&text(&format!("b{i}"), 600)))).max();
        assert!(most < Some(10), "{most:?}");
        assert!(Fingerprint::log10_false_match(19) < -9.0 && Fingerprint::log10_false_match(18) > -9.0);
        assert_eq!(Fingerprint::log10_false_match(0), 0.0);
    }

    #[test]
    fn few_words_have_none() {
        assert_eq!(Fingerprint::of(""), None);
        assert_eq!(Fingerprint::of(&text("a", LEAST_WORDS - 1).join(" ")), None);
        assert!(Fingerprint::of(&text("a", LEAST_WORDS).join(" ")).is_some());
    }
}
