//! The codes of the flaws that a label can have. Rules refer to them by name.

/// A flaw's code and what it means; the gravity named is the usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code.
    pub name: &'static str,
    /// What it says, and how bad that is.
    pub about: &'static str,
}

/// The seven keys stand bare where the guide has the wrapper `{"AIGC": …}`.
pub const BARE: &str = "bare";
/// It does not stand where the guide for this kind of media puts it.
pub const CARRIER: &str = "carrier";
/// A value has characters outside of Annex E j.
pub const CHARS: &str = "chars";
/// A provider code whose check digit is wrong.
pub const CODE: &str = "code";
/// The JSON is a string inside of JSON.
pub const DOUBLE_ENCODED: &str = "double-encoded";
/// A value that must say something is empty.
pub const EMPTY: &str = "empty";
/// The text is coded in another way than the standard has it.
pub const ENCODING: &str = "encoding";
/// It may be an example.
pub const EXAMPLE: &str = "example";
/// It has the keys of another system.
pub const FOREIGN_KEYS: &str = "foreign-keys";
/// It is not JSON to the letter.
pub const JSON: &str = "json";
/// A key that Annex E does not have.
pub const KEY_EXTRA: &str = "key-extra";
/// A key of Annex E is not there.
pub const KEY_MISSING: &str = "key-missing";
/// The keys are in another order.
pub const KEY_ORDER: &str = "key-order";
/// A key stands there twice.
pub const KEY_REPEATED: &str = "key-repeated";
/// A key is spelled in another way.
pub const KEY_SPELLING: &str = "key-spelling";
/// `Label` is not `1`, `2` or `3`.
pub const LABEL_VALUE: &str = "label-value";
/// It cannot be read.
pub const MALFORMED: &str = "malformed";
/// The XMP property is in another namespace.
pub const NAMESPACE: &str = "namespace";
/// A signature in the security data does not fit the label.
pub const SECURITY_BROKEN: &str = "security-broken";
/// A signature fits, with a key that is none of those pinned for the name in the label.
pub const SECURITY_OTHER_KEY: &str = "security-other-key";
/// A signature fits, with a key pinned for the name in the label.
pub const SECURITY_SIGNER: &str = "security-signer";
/// A signature fits, and no key is pinned for the name in the label.
pub const SECURITY_UNPINNED: &str = "security-unpinned";
/// The security data is broken.
pub const SECURITY_UNREAD: &str = "security-unread";
/// A key is pinned for the producer, and no signature shows that it signed the label.
pub const SECURITY_UNSIGNED: &str = "security-unsigned";
/// The security data is of a form that this program cannot verify.
pub const SECURITY_UNSUPPORTED: &str = "security-unsupported";
/// A signature in the security data fits the label.
pub const SECURITY_VALID: &str = "security-valid";
/// No guide names a place for the label in this format.
pub const UNGUIDED: &str = "unguided";
/// Another place in the file could not be read.
pub const UNREAD: &str = "unread";
/// A value is no string.
pub const VALUE_TYPE: &str = "value-type";
/// The keys stand in the wrapper `{"AIGC": …}` where the guide has them bare.
pub const WRAPPER: &str = "wrapper";

/// Every code, by name.
#[rustfmt::skip] // one row a line
pub static CODES: &[Code] = &[
    Code { name: BARE, about: "note: the seven keys stand bare where the guide for pictures (TC260-PG-20259A annex B) has the wrapper {\"AIGC\": …}" },
    Code { name: CARRIER, about: "deviation: it does not stand where the guide for this kind of media puts it; a note for the guide's second choices" },
    Code { name: CHARS, about: "deviation: a value has characters outside of Annex E j" },
    Code { name: CODE, about: "deviation: a provider code (TC260-PG-20252A) whose check digit is wrong" },
    Code { name: DOUBLE_ENCODED, about: "deviation: the JSON is a string inside of JSON" },
    Code { name: EMPTY, about: "fault: Label is 1 and ContentProducer or ProduceID is empty" },
    Code { name: ENCODING, about: "deviation: another character code, JSON in a YAML string, or Base64, which no guide has" },
    Code { name: EXAMPLE, about: "doubt: it stands in a code block or in the words of a text, and may be an example" },
    Code { name: FOREIGN_KEYS, about: "fault: an object under the name AIGC with the keys of another system and none of Annex E" },
    Code { name: JSON, about: "deviation: it is not JSON to the letter, or something follows it" },
    Code { name: KEY_EXTRA, about: "note: a key that Annex E does not have" },
    Code { name: KEY_MISSING, about: "fault for Label, ContentProducer and ProduceID, else deviation: a key of Annex E is not there" },
    Code { name: KEY_ORDER, about: "note: the keys are in another order than in Annex E b" },
    Code { name: KEY_REPEATED, about: "fault if the values differ, else deviation: a key stands there twice" },
    Code { name: KEY_SPELLING, about: "deviation: a key in another spelling, or of a draft of the standard" },
    Code { name: LABEL_VALUE, about: "fault: Label is not one of 1, 2 and 3; a deviation if only white space is too much" },
    Code { name: MALFORMED, about: "fault: it cannot be read; what it claims is not known" },
    Code { name: NAMESPACE, about: "deviation: the XMP property is in another namespace than the guide has, or its prefix is not declared" },
    Code { name: SECURITY_BROKEN, about: "fault: a signature in ReservedCode1 (TC260-PG-202511A Annex A.1) does not fit the label: one of them was changed" },
    Code { name: SECURITY_OTHER_KEY, about: "fault: a signature fits the label, but its key is none of those pinned for the name in the label: somebody else signed it" },
    Code { name: SECURITY_SIGNER, about: "note: a signature fits the label, and its key is one of those pinned for the name in the label: that is who signed it" },
    Code { name: SECURITY_UNPINNED, about: "note: a signature fits the label, but the key travels in the file and none is pinned for the name in the label: who signed it cannot be told" },
    Code { name: SECURITY_UNREAD, about: "deviation: security data (TC260-PG-202511A) in a reserved code is broken" },
    Code { name: SECURITY_UNSIGNED, about: "note: a key is pinned for the producer in the label, and no signature in it shows that this key signed it" },
    Code { name: SECURITY_UNSUPPORTED, about: "note: security data in a reserved code is of a form that this program cannot verify; whether it holds is not known" },
    Code { name: SECURITY_VALID, about: "note: a signature in a reserved code fits the label, which was not changed since; who signed it is another question, with codes of its own" },
    Code { name: UNGUIDED, about: "note: no guide names a place for the label in this format; where it is written is this program's choice" },
    Code { name: UNREAD, about: "note: another place in the file could not be read, and may hold a label too" },
    Code { name: VALUE_TYPE, about: "deviation: a value is no string" },
    Code { name: WRAPPER, about: "note: the keys stand in the wrapper {\"AIGC\": …} where the guides have them bare" },
];

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn every_code_has_one_row() {
        assert!(CODES.is_sorted_by(|one, two| one.name < two.name));
    }
}
