//! JSON as it is found: read in order, with what writers get wrong, and noting that they did.

use indicia_core::Limits;

/// A value of JSON or YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// A string.
    Text(String),
    /// A number, as written.
    Number(String),
    /// `true`, `false`, `null`, or `undefined`, which is no JSON.
    Word(&'static str),
    /// An array.
    List(Vec<Value>),
    /// An object; its members in order, repeated keys included.
    Object(Vec<(String, Value)>),
}

/// A value read from the start of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// The value.
    pub(crate) value: Value,
    /// Where it ends in the text.
    pub(crate) end: usize,
    /// Whether it is not JSON to the letter: single quotes, a comma too many, raw line breaks, `undefined`.
    pub(crate) is_lax: bool,
}

impl Value {
    /// The value as compact JSON.
    pub(crate) fn to_json(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Number(text) => text.clone(),
            Self::Word(word) => (*word).to_owned(),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::to_json).collect();
                format!("[{}]", items.join(","))
            }
            Self::Object(members) => {
                let pairs: Vec<_> = members
                    .iter()
                    .map(|(key, value)| format!("{}:{}", quoted(key), value.to_json()))
                    .collect();
                format!("{{{}}}", pairs.join(","))
            }
        }
    }
}

/// A text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Reads the value at the start of a text.
///
/// # Errors
/// The offset at which it cannot be read further.
pub(crate) fn parse(text: &str, limits: &Limits) -> Result<Parsed, usize> {
    let mut reader = Reader { text, at: 0, depth: limits.depth, is_lax: false };
    let value = reader.value().ok_or(reader.at)?;
    Ok(Parsed { value, end: reader.at, is_lax: reader.is_lax })
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Levels that may still be opened.
    depth: usize,
    is_lax: bool,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, sign: u8) -> Option<()> {
        (self.peek()? == sign).then(|| self.at += 1)
    }

    fn value(&mut self) -> Option<Value> {
        match self.peek()? {
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::list),
            b'"' | b'\'' => self.string().map(Value::Text),
            b'-' | b'0'..=b'9' => {
                let digits =
                    |sign: char| sign.is_ascii_digit() || matches!(sign, '+' | '-' | '.' | 'e' | 'E');
                let len = self.rest().find(|sign| !digits(sign)).unwrap_or(self.rest().len());
                let number = self.rest().get(..len)?.to_owned();
                self.at += len;
                Some(Value::Number(number))
            }
            _ => {
                let words = ["true", "false", "null", "undefined"];
                let word = words.into_iter().find(|word| self.rest().starts_with(word))?;
                self.at += word.len();
                self.is_lax |= word == "undefined";
                Some(Value::Word(word))
            }
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Value>) -> Option<Value> {
        self.depth = self.depth.checked_sub(1)?;
        self.at += 1;
        let value = read(self)?;
        self.depth += 1;
        Some(value)
    }

    fn object(&mut self) -> Option<Value> {
        let mut members = Vec::new();
        while self.peek()? != b'}' {
            let key = self.string()?;
            self.take(b':')?;
            members.push((key, self.value()?));
            self.comma(b'}')?;
        }
        self.at += 1;
        Some(Value::Object(members))
    }

    fn list(&mut self) -> Option<Value> {
        let mut items = Vec::new();
        while self.peek()? != b']' {
            items.push(self.value()?);
            self.comma(b']')?;
        }
        self.at += 1;
        Some(Value::List(items))
    }

    /// The comma between two members, or nothing before the end.
    fn comma(&mut self, end: u8) -> Option<()> {
        if self.peek()? == end {
            return Some(());
        }
        self.take(b',')?;
        self.is_lax |= self.peek()? == end;
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        let quote = self.peek().filter(|quote| matches!(quote, b'"' | b'\''))?;
        self.is_lax |= quote == b'\'';
        self.at += 1;
        let mut value = String::new();
        loop {
            let sign = self.rest().chars().next()?;
            self.at += sign.len_utf8();
            match sign {
                '\\' => self.escape(&mut value)?,
                sign if sign == char::from(quote) => return Some(value),
                sign => {
                    self.is_lax |= sign.is_ascii_control();
                    value.push(sign);
                }
            }
        }
    }

    fn escape(&mut self, value: &mut String) -> Option<()> {
        let sign = self.rest().chars().next()?;
        self.at += sign.len_utf8();
        let meant = match sign {
            'b' => '\u{8}',
            'f' => '\u{C}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => self.unicode()?,
            '"' | '\\' | '/' => sign,
            _ => {
                self.is_lax = true;
                value.push('\\');
                sign
            }
        };
        value.push(meant);
        Some(())
    }

    /// The character of a `\u` escape, with its second half if it has one.
    fn unicode(&mut self) -> Option<char> {
        let first = self.unit()?;
        if !(0xD800..0xDC00).contains(&first) {
            return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let back = self.at;
        if self.rest().starts_with("\\u") {
            self.at += 2;
            let second = self.unit()?;
            if (0xDC00..0xE000).contains(&second) {
                return char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
            }
            self.at = back;
        }
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let unit = u32::from_str_radix(digits, 16).ok()?;
        self.at += 4;
        Some(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::{Parsed, Value, parse, quoted};
    use indicia_core::Limits;

    fn read(text: &str) -> Result<Parsed, usize> {
        parse(text, &Limits::default())
    }

    #[test]
    fn json_is_read_in_order_with_repeated_keys() {
        let parsed =
            read(" {\"b\" : \"\\u4E2D\\uD83D\\uDE00\\\"\\/\\n\", \"a\":[1,-2.5e3,null], \"b\":{}} x")
                .unwrap();
        let expected = Value::Object(vec![
            ("b".into(), Value::Text("中😀\"/\n".into())),
            (
                "a".into(),
                Value::List(vec![
                    Value::Number("1".into()),
                    Value::Number("-2.5e3".into()),
                    Value::Word("null"),
                ]),
            ),
            ("b".into(), Value::Object(Vec::new())),
        ]);
        assert_eq!((parsed.value.clone(), parsed.is_lax), (expected, false));
        assert_eq!(parsed.value.to_json(), "{\"b\":\"中😀\\\"/\\n\",\"a\":[1,-2.5e3,null],\"b\":{}}");
    }

    #[test]
    fn what_writers_get_wrong_is_read_and_noted() {
        for text in
            ["{'a':'1'}", "{\"a\":\"1\",}", "{\"a\":undefined}", "{\"a\":\"x\ny\"}", "{\"a\":\"\\x\"}"]
        {
            assert!(read(text).unwrap().is_lax, "{text}");
        }
    }

    #[test]
    fn what_breaks_off_says_where() {
        for (text, at) in
            [("", 0), ("{\"a\":\"1\"", 8), ("{\"a\"", 4), ("{\"a\":x}", 5), ("{a:1}", 1), ("[1 2]", 3)]
        {
            assert_eq!(read(text), Err(at), "{text}");
        }
        assert!(read(&"[".repeat(1000)).is_err());
        assert!(read(&format!("{}{}", "[".repeat(65), "]".repeat(65))).is_err());
        assert!(read(&format!("{}{}", "[".repeat(64), "]".repeat(64))).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn strings_come_back(text in "\\PC{0,20}[\"\\\\\n\t]{0,3}") {
            proptest::prop_assert_eq!(read(&quoted(&text)).unwrap().value, Value::Text(text));
        }

        /// The reader of another program is the measure.
        #[test]
        fn all_that_is_json_is_read(text in "[\\[\\]{},:\"a1\\\\ ]{0,16}") {
            if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
                proptest::prop_assert!(read(&text).is_ok());
            }
        }
    }
}
