//! Bytes as variation selectors, one character each, and other characters that are not seen.

/// The 16 selectors VS1 to VS16.
const FEW: u32 = 0xFE00;
/// The 240 selectors VS17 to VS256.
const MANY: u32 = 0xE0100;

/// The selector of a byte: VS1 for 0, VS256 for 255.
pub(super) fn selector(byte: u8) -> char {
    let byte = u32::from(byte);
    let code = if byte < 16 { FEW + byte } else { MANY + byte - 16 };
    char::from_u32(code).unwrap_or('\u{FE00}')
}

/// The byte of a selector; none for other characters.
pub(super) fn byte(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ 0xFE00..=0xFE0F => u8::try_from(code - FEW).ok(),
        code @ 0xE0100..=0xE01EF => u8::try_from(code - MANY + 16).ok(),
        _ => None,
    }
}

/// Whether a character shows nothing and takes no room, wherever it stands.
pub(super) fn shows_nothing(character: char) -> bool {
    matches!(character, '\u{AD}' | '\u{34F}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_selector() {
        for all in 0..=255 {
            assert_eq!(byte(selector(all)), Some(all));
        }
        assert_eq!(selector(0), '\u{FE00}');
        assert_eq!(selector(16), '\u{E0100}');
        assert_eq!(selector(255), '\u{E01EF}');
        for other in ['a', '\u{FDFF}', '\u{FE10}', '\u{E00FF}', '\u{E01F0}'] {
            assert_eq!(byte(other), None);
        }
    }
}
