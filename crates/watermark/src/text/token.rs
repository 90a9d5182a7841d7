use super::selectors::{byte, selector};
use crate::{Key, Payload};

/// Characters of a token.
pub(super) const LENGTH: usize = 6;
/// Values of a token: 240 for its first character, 256 for the others. The first is never VS1 to VS16, which have a meaning
/// after some characters (emoji style, small forms of punctuation).
const VALUES: u64 = 240 << 40;
/// Values of what a token carries: one of four parts, 16 bits.
const CARRIED: u64 = 4 << 16;
/// Values of its check: what remains.
const CHECKS: u64 = VALUES / CARRIED;

/// The natural logarithm of the probability that selectors put there by chance, or under another key, pass for a token:
/// one in 1,006,632,960, which is just below 1e-9.
pub const LN_CHANCE: f64 = -20.729_876_895_7;

/// A quarter of a payload, as six variation selectors.
///
/// The value of a token is `(check * 4 + part) * 65536 + (bits xor pad)`, written as one digit of base 240 (VS17 to VS256) and
/// five of base 256 (VS1 to VS256), the most significant first. `pad` are the 16 bits at `part` of the key's stream
/// `text pad`, the first word's upper half at part 0. `check` is the first word of the stream `text token` followed by a zero
/// byte, the part as a digit, and the bits as four hexadecimal digits, scaled to its 1,006,632,960 values:
/// `word * 1006632960 / 2^32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// Which quarter, 0 to 3, the most significant bits first.
    pub part: u8,
    /// The bits of that quarter.
    pub bits: u16,
}

/// What of a key is needed for tokens, made once.
pub(super) struct Checker<'a> {
    key: &'a Key,
    pad: [u16; 4],
}

impl Token {
    /// The quarter of a payload; `part` counts modulo 4.
    pub fn of(payload: Payload, part: usize) -> Self {
        let part = u8::try_from(part % 4).unwrap_or(0);
        let bits = u16::try_from(payload.bits() >> (48 - 16 * u32::from(part)) & 0xFFFF).unwrap_or(0);
        Self { part, bits }
    }
}

impl<'a> Checker<'a> {
    pub(super) fn new(key: &'a Key) -> Self {
        let mut stream = key.stream("text pad");
        let mut half = || u16::try_from(stream.word() >> 16).unwrap_or(0);
        Self { key, pad: [half(), half(), half(), half()] }
    }

    pub(super) fn write(&self, token: Token) -> String {
        let masked = token.bits ^ self.pad_of(token.part);
        let value = (self.check(token) * 4 + u64::from(token.part)) * 65_536 + u64::from(masked);
        let first = u8::try_from(value >> 40).unwrap_or(0).saturating_add(16);
        let rest = value.to_be_bytes();
        std::iter::once(first).chain(rest.into_iter().skip(3)).map(selector).collect()
    }

    /// The token that six characters are, if their check is right.
    pub(super) fn read(&self, characters: &[char]) -> Option<Token> {
        let mut bytes = characters.iter().take(LENGTH).map(|&character| byte(character));
        let first = bytes.next()??.checked_sub(16)?;
        let value = bytes.try_fold((u64::from(first), 1), |(value, count), byte| {
            Some((value << 8 | u64::from(byte?), count + 1))
        });
        let (value, LENGTH) = value? else { return None };
        let part = u8::try_from(value >> 16 & 3).ok()?;
        let bits = u16::try_from(value & 0xFFFF).ok()? ^ self.pad_of(part);
        let token = Token { part, bits };
        (self.check(token) == value >> 18).then_some(token)
    }

    fn pad_of(&self, part: u8) -> u16 {
        self.pad.get(usize::from(part)).copied().unwrap_or(0)
    }

    fn check(&self, token: Token) -> u64 {
        let mut stream = self.key.stream(&format!("text token\0{}{:04x}", token.part, token.bits));
        (u64::from(stream.word()) * CHECKS) >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_as_it_was_written_and_under_no_other_key() {
        let (key, other) = (Key::public(), Key::from_bytes(b"other"));
        for bits in [0_u64, u64::MAX, 0x0123_4567_89AB_CDEF] {
            let payload = Payload::from_bits(bits);
            for part in 0..4 {
                let token = Token::of(payload, part);
                let text: Vec<char> = Checker::new(&key).write(token).chars().collect();
                assert_eq!(text.len(), LENGTH);
                assert!(text[0] >= '\u{E0100}');
                assert_eq!(Checker::new(&key).read(&text), Some(token));
                assert_eq!(Checker::new(&other).read(&text), None);
            }
        }
        assert_eq!(Token::of(Payload::from_bits(0x0123_4567_89AB_CDEF), 6), Token { part: 2, bits: 0x89AB });
    }

    #[test]
    fn any_character_changed_is_no_token() {
        let checker = Checker::new(&Key::public()).write(Token { part: 1, bits: 0xBEEF });
        let text: Vec<char> = checker.chars().collect();
        let key = Key::public();
        let read = Checker::new(&key);
        for at in 0..LENGTH {
            for to in 0..=255 {
                let mut changed = text.clone();
                changed[at] = selector(to);
                assert_eq!(read.read(&changed).is_some(), changed == text, "{at} {to}");
            }
        }
        assert_eq!(read.read(&text[..5]), None);
        assert_eq!(read.read(&[]), None);
    }

    #[test]
    fn the_chance_is_as_stated() {
        assert!(((CHECKS as f64).recip().ln() - LN_CHANCE).abs() < 1e-6);
        assert!(LN_CHANCE < (1e-9_f64).ln());
        // In a tenth of a billion values as many pass as the chance says: none or a few.
        let key = Key::public();
        let checker = Checker::new(&key);
        let mut random = Key::from_bytes(b"noise").stream("values");
        let passed = (0..200_000)
            .filter(|_| {
                let noise: Vec<char> =
                    (0..LENGTH).map(|_| selector(random.word().to_le_bytes()[0])).collect();
                checker.read(&noise).is_some()
            })
            .count();
        assert_eq!(passed, 0);
    }

    #[test]
    fn tokens_never_change() {
        let written = Checker::new(&Key::public()).write(Token { part: 0, bits: 0x1234 });
        let codes: Vec<u32> = written.chars().map(u32::from).collect();
        assert_eq!(codes, [917_842, 917_821, 917_902, 917_980, 65_038, 917_998]);
    }
}
