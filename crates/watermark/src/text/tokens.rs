use std::ops::Range;

use super::places::places;
use super::selectors::byte;
use super::token::{Checker, LENGTH, LN_CHANCE, Token};
use crate::{Key, KeyId, Payload};

/// Bytes of text from one token to the next: about a hundred English words. A token has some 24 bytes, 4 % of that.
pub const SPACING: usize = 600;
/// Tokens that are read of one text; more are counted and left.
const MOST: usize = 100_000;

/// How tokens are put into a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bytes of text from one token to the next, [`SPACING`] by default.
    pub spacing: usize,
    /// Tokens put at each place: 1 by default. With 4 each place tells the whole payload, at four times the growth.
    pub at_once: usize,
}

/// A text with tokens in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// How many tokens it has now.
    pub tokens: usize,
}

/// Why no token was put into a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Too little text.
    #[error(
        "the text has {length} bytes; a token needs {least}, about a hundred words, to stay within 4 % of it"
    )]
    Short {
        /// What there is.
        length: usize,
        /// What it takes.
        least: usize,
    },
    /// Nothing but code, addresses, numbers, or scripts without gaps.
    #[error("there is no word in it after which an invisible character does no harm")]
    NoPlace,
    /// Tokens are in it already.
    #[error("it carries tokens already: {0} under this key")]
    Marked(usize),
}

/// A token in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenAt {
    /// Its first byte.
    pub at: usize,
    /// What it says.
    pub token: Token,
    /// The key it was read with.
    pub key: KeyId,
}

/// What the tokens of one stretch of text tell of their payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The key.
    pub key: KeyId,
    /// From the first byte of its first token to the end of its last.
    pub span: Range<usize>,
    /// Tokens.
    pub tokens: usize,
    /// The bits known; the others are 0.
    pub bits: u64,
    /// Which bits are known.
    pub known: u64,
}

/// What was read of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// Every token.
    pub tokens: Vec<TokenAt>,
    /// What they tell, stretch by stretch; text from several sources has several.
    pub parts: Vec<Part>,
    /// Places and keys tried: runs of selectors as long as a token, at each offset.
    pub tried: u64,
    /// The natural logarithm of a bound on the probability that as many different tokens pass by chance or under other
    /// keys: `(tried · p)^n / n!` with `n` different tokens; 0 where there is none.
    pub ln_false_alarm: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { spacing: SPACING, at_once: 1 }
    }
}

impl Part {
    /// The payload, if all of it is known.
    pub fn payload(&self) -> Option<Payload> {
        (self.known == u64::MAX).then(|| Payload::from_bits(self.bits))
    }

    /// Whether it may be of this payload: what is known of it agrees. `2^-n` of all payloads do by chance, with `n` bits known.
    pub fn agrees(&self, payload: Payload) -> bool {
        (payload.bits() ^ self.bits) & self.known == 0
    }
}

/// Puts tokens into a text. Nothing else of it changes.
///
/// # Errors
/// Where the text cannot hold one, or carries some under this key.
pub fn write_tokens(text: &str, key: &Key, payload: Payload, options: Options) -> Result<Written, Refused> {
    let placed = place_tokens(text, key, payload, options)?;
    let (mut written, mut from) = (String::new(), 0);
    for (place, tokens) in &placed {
        written.push_str(text.get(from..*place).unwrap_or_default());
        written.push_str(tokens);
        from = *place;
    }
    written.push_str(text.get(from..).unwrap_or_default());
    Ok(Written { text: written, tokens: placed.len() * options.at_once })
}

/// The tokens of a text, each with the byte that it is put before.
///
/// # Errors
/// As [`write_tokens`].
pub fn place_tokens(
    text: &str,
    key: &Key,
    payload: Payload,
    options: Options,
) -> Result<Vec<(usize, String)>, Refused> {
    let there = read_tokens(text, std::slice::from_ref(key)).tokens.len();
    if there > 0 {
        return Err(Refused::Marked(there));
    }
    if text.len() < options.spacing {
        return Err(Refused::Short { length: text.len(), least: options.spacing });
    }
    let checker = Checker::new(key);
    let budget = text.len() / options.spacing.max(1);
    let places = places(text);
    let (mut placed, mut tokens) = (Vec::new(), 0);
    // The first goes into the middle of the first stretch, so that quotes from either end of it hold one.
    let mut next = options.spacing / 2;
    for place in places {
        if place < next || tokens >= budget * options.at_once {
            continue;
        }
        let mut together = String::new();
        for _ in 0..options.at_once {
            together.push_str(&checker.write(Token::of(payload, tokens)));
            tokens += 1;
        }
        placed.push((place, together));
        next = (next + options.spacing).max(place + options.spacing / 2);
    }
    if tokens == 0 {
        return Err(Refused::NoPlace);
    }
    Ok(placed)
}

/// Reads the tokens of a text, under any of these keys.
pub fn read_tokens(text: &str, keys: &[Key]) -> Read {
    let checkers: Vec<(KeyId, Checker<'_>)> = keys.iter().map(|key| (key.id(), Checker::new(key))).collect();
    let mut read = Read::default();
    for (start, run) in runs(text) {
        let mut at = 0;
        while let Some(window) = run.get(at..at + LENGTH) {
            read.tried += checkers.len() as u64;
            let found =
                checkers.iter().find_map(|(id, checker)| checker.read(window).map(|token| (*id, token)));
            let length = found.map_or(1, |_| LENGTH);
            if let Some((key, token)) = found
                && read.tokens.len() < MOST
            {
                let before: usize = run.iter().take(at).map(|character| character.len_utf8()).sum();
                read.tokens.push(TokenAt { at: start + before, token, key });
            }
            at += length;
        }
    }
    read.parts = parts(text, &read.tokens);
    let mut different: Vec<(KeyId, u8, u16)> =
        read.tokens.iter().map(|found| (found.key, found.token.part, found.token.bits)).collect();
    different.sort_unstable();
    different.dedup();
    read.ln_false_alarm = (1..=different.len())
        .map(|n| (read.tried.max(1) as f64).ln() + LN_CHANCE - (n as f64).ln())
        .sum::<f64>()
        .min(0.0);
    read
}

/// The text without its tokens under these keys; other invisible characters stay.
pub fn strip_tokens(text: &str, keys: &[Key]) -> String {
    let mut stripped = String::new();
    let mut from = 0;
    for found in read_tokens(text, keys).tokens {
        stripped.push_str(text.get(from..found.at).unwrap_or_default());
        from = found.at + token_length(text, found.at);
    }
    stripped.push_str(text.get(from..).unwrap_or_default());
    stripped
}

/// Runs of selectors, with the byte each begins at.
fn runs(text: &str) -> impl Iterator<Item = (usize, Vec<char>)> {
    let mut characters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, first) = characters.by_ref().find(|&(_, character)| byte(character).is_some())?;
            let mut run = vec![first];
            while let Some((_, next)) = characters.next_if(|&(_, character)| byte(character).is_some()) {
                run.push(next);
            }
            if run.len() >= LENGTH {
                return Some((start, run));
            }
        }
    })
}

/// Gathers tokens into stretches of one payload: a token that contradicts the stretch before it begins another.
fn parts(text: &str, tokens: &[TokenAt]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for found in tokens {
        let shift = 48 - 16 * u32::from(found.token.part.min(3));
        let (bits, known) = (u64::from(found.token.bits) << shift, 0xFFFF << shift);
        let end = found.at + token_length(text, found.at);
        match parts.last_mut() {
            Some(last) if last.key == found.key && (last.bits ^ bits) & last.known & known == 0 => {
                last.span.end = end;
                last.tokens += 1;
                last.bits |= bits;
                last.known |= known;
            }
            _ => parts.push(Part { key: found.key, span: found.at..end, tokens: 1, bits, known }),
        }
    }
    parts
}

fn token_length(text: &str, at: usize) -> usize {
    text.get(at..).unwrap_or_default().chars().take(LENGTH).map(char::len_utf8).sum()
}

#[cfg(test)]
mod tests;
