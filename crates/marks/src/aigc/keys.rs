//! The seven keys of Annex E, and the other names under which they are found.

use indicia_core::Field;

/// A key of Annex E b.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Label,
    ContentProducer,
    ProduceId,
    ReservedCode1,
    ContentPropagator,
    PropagateId,
    ReservedCode2,
}

impl Key {
    /// Every key, in the order of Annex E b.
    pub(super) const ALL: [Self; 7] = [
        Self::Label,
        Self::ContentProducer,
        Self::ProduceId,
        Self::ReservedCode1,
        Self::ContentPropagator,
        Self::PropagateId,
        Self::ReservedCode2,
    ];

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Label => "Label",
            Self::ContentProducer => "ContentProducer",
            Self::ProduceId => "ProduceID",
            Self::ReservedCode1 => "ReservedCode1",
            Self::ContentPropagator => "ContentPropagator",
            Self::PropagateId => "PropagateID",
            Self::ReservedCode2 => "ReservedCode2",
        }
    }

    /// The item of Annex E that defines it.
    pub(super) fn item(self) -> char {
        match self {
            Self::Label => 'c',
            Self::ContentProducer => 'd',
            Self::ProduceId => 'e',
            Self::ReservedCode1 => 'f',
            Self::ContentPropagator => 'g',
            Self::PropagateId => 'h',
            Self::ReservedCode2 => 'i',
        }
    }

    /// The field of a claim that it fills; none for the label itself.
    pub(super) fn field(self) -> Option<Field> {
        match self {
            Self::Label => None,
            Self::ContentProducer => Some(Field::Producer),
            Self::ProduceId => Some(Field::ContentId),
            Self::ReservedCode1 => Some(Field::ProducerSecurity),
            Self::ContentPropagator => Some(Field::Propagator),
            Self::PropagateId => Some(Field::PropagationId),
            Self::ReservedCode2 => Some(Field::PropagatorSecurity),
        }
    }

    /// The key that a name means: other case, other separators, the names of the drafts.
    pub(super) fn meant_by(name: &str) -> Option<Self> {
        let bare: String =
            name.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_lowercase()).collect();
        match bare.as_str() {
            "label" => Some(Self::Label),
            "contentproducer" | "producer" => Some(Self::ContentProducer),
            "produceid" | "producerid" | "productionid" => Some(Self::ProduceId),
            "reservedcode1" | "reservecode1" => Some(Self::ReservedCode1),
            "contentpropagator" | "propagator" => Some(Self::ContentPropagator),
            "propagateid" | "propagatorid" | "propatorid" | "propagationid" => Some(Self::PropagateId),
            "reservedcode2" | "reservecode2" => Some(Self::ReservedCode2),
            _ => None,
        }
    }
}

/// Keys of the label-like object that Tencent Cloud writes, with what they say.
pub(super) const FOREIGN: [(&str, Option<Field>); 4] = [
    ("ServiceProvider", Some(Field::Producer)),
    ("ServiceUser", None),
    ("Time", None),
    ("ContentId", Some(Field::ContentId)),
];

/// The letters that the name of the field must contain (Annex E a).
pub(super) fn names_it(text: &str) -> bool {
    text.as_bytes().windows(4).any(|four| four.eq_ignore_ascii_case(b"AIGC"))
}

/// Whether a name of one of the keys stands in a text, as a first test before anything is taken apart.
pub(super) fn speaks_of_it(text: &str) -> bool {
    Key::ALL.iter().skip(1).any(|key| text.contains(key.name())) || names_it(text)
}
