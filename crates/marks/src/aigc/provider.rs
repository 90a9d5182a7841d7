//! Codes of service providers (TC260-PG-20252A): 27 characters around a unified social credit code.

/// Characters of a unified social credit code, in the order of their values (GB 32100-2015).
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weights of its first 17 characters (GB 32100-2015).
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// What the text that names a service provider is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProviderCode {
    /// A name, or a code of another system. Annex E d and g allow names.
    Name,
    /// The code of an organisation.
    Valid {
        /// The organisation's unified social credit code.
        uscc: String,
        /// What the code is for.
        service: Service,
    },
    /// The form of an organisation's code, but the check digit does not fit: a slip or a forgery.
    BadCheckDigit {
        /// The unified social credit code as written.
        uscc: String,
        /// The check digit that would fit.
        expected: char,
    },
    /// 27 characters that start like a code (`00`), for a subject or a binding other than an organisation's
    /// unified social credit code. The published part of the guide does not say how to check them.
    OtherSubject,
}

/// What a provider code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Not said: the code has no extension.
    Unspecified,
    /// Generating content.
    Generation,
    /// Spreading content.
    Propagation,
    /// A digit that the guide, as far as published, gives no meaning.
    Other,
}

/// Reads the name or code of a service provider.
pub fn provider_code(text: &str) -> ProviderCode {
    let form = text.len() == 27
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && text.starts_with("00");
    if !form {
        return ProviderCode::Name;
    }
    let (Some(uscc), Some(service)) = (text.get(4..22), text.get(22..23)) else { return ProviderCode::Name };
    if !text.starts_with("0011") {
        return ProviderCode::OtherSubject;
    }
    let Some(expected) = check_digit(uscc) else { return ProviderCode::OtherSubject };
    let uscc = uscc.to_owned();
    if !uscc.ends_with(expected) {
        return ProviderCode::BadCheckDigit { uscc, expected };
    }
    let service = match service {
        "0" => Service::Unspecified,
        "1" => Service::Generation,
        "2" => Service::Propagation,
        _ => Service::Other,
    };
    ProviderCode::Valid { uscc, service }
}

/// The check digit of a unified social credit code; `None` if its first 17 characters cannot be one's.
fn check_digit(uscc: &str) -> Option<char> {
    let mut sum = 0;
    for (byte, weight) in uscc.bytes().zip(WEIGHTS) {
        sum += ALPHABET.iter().position(|sign| *sign == byte)? * weight;
    }
    ALPHABET.get((31 - sum % 31) % 31).map(|byte| char::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::{ProviderCode, Service, provider_code};

    /// Codes found in real files; each check digit was verified by another program.
    #[test]
    fn codes_in_use_are_valid() {
        for (code, service) in [
            ("001191110102MACQD9K64010000", Service::Generation),
            ("001191110102MACQD9K64018705", Service::Generation),
            ("001191110102MACQD9K64028705", Service::Propagation),
            ("00119144030008867405X210001", Service::Generation),
            ("001191440101MA9Y9T4H7A00000", Service::Unspecified),
            ("001191310104MACE0YX63918020", Service::Generation),
            ("001191110108335469089C10100", Service::Generation),
            ("001191440300MA5G49LC9K1YO01", Service::Generation),
            ("001191110000000000000E10001", Service::Generation),
        ] {
            let uscc = code[4..22].to_owned();
            assert_eq!(provider_code(code), ProviderCode::Valid { uscc, service }, "{code}");
        }
    }

    #[test]
    fn one_wrong_digit_is_seen() {
        let uscc = "91110102MACQD9K641".to_owned();
        let expected = '0';
        assert_eq!(
            provider_code("001191110102MACQD9K64110000"),
            ProviderCode::BadCheckDigit { uscc, expected }
        );
        assert!(matches!(provider_code("001191110103MACQD9K64010000"), ProviderCode::BadCheckDigit { .. }));
    }

    #[test]
    fn names_are_names() {
        for name in [
            "",
            "doubao",
            "MiniMax",
            "001191110102macqd9k64010000",
            "0011911101",
            "中国",
            "100000000000000000000000000",
        ] {
            assert_eq!(provider_code(name), ProviderCode::Name, "{name}");
        }
        assert_eq!(provider_code("002291110102MACQD9K64010000"), ProviderCode::OtherSubject);
        // I, O, S, V and Z are in no unified social credit code.
        assert_eq!(provider_code("001191110102MACQD9K6O010000"), ProviderCode::OtherSubject);
    }
}
