//! Base 64 as RFC 4648 has it, with white space anywhere.

use indicia_core::Problem;

/// The bytes that a base 64 text stands for. Its padding may be missing.
///
/// # Errors
/// [`Problem::Malformed`] if a sign is of another alphabet, or signs follow the padding.
pub(crate) fn base64(text: &[u8]) -> Result<Vec<u8>, Problem> {
    let malformed = Problem::Malformed("base 64");
    let mut bytes = Vec::new();
    let (mut bits, mut count, mut ended) = (0u32, 0u32, false);
    for sign in text.iter().filter(|sign| !sign.is_ascii_whitespace()) {
        let value = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                ended = true;
                continue;
            }
            _ => return Err(malformed),
        };
        if ended {
            return Err(malformed);
        }
        bits = (bits << 6 | u32::from(value)) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xFF).try_into().unwrap_or_default());
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::base64;

    /// RFC 4648, section 10.
    #[test]
    fn the_vectors_of_the_standard_hold() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9v\n YmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
            ("Zm8", "fo"),
        ] {
            assert_eq!(base64(text.as_bytes()).unwrap(), bytes.as_bytes());
        }
        for text in ["Zm9v!", "Zg==Zg", "-_"] {
            assert!(base64(text.as_bytes()).is_err(), "{text}");
        }
    }
}
