//! The objects a PDF is made of (ISO 32000-2, 7.3), each with the bytes it was read from.

use std::ops::Range;

/// Number and generation of an indirect object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id {
    /// Object number.
    pub(crate) number: u32,
    /// Generation number.
    pub(crate) generation: u16,
}

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Object {
    /// `null`, and what a reference to nothing stands for.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a point.
    Real(f64),
    /// A string, its escapes undone.
    String(Vec<u8>),
    /// A name without its slash, its escapes undone.
    Name(Vec<u8>),
    /// Objects in a row.
    Array(Vec<Self>),
    /// Objects by name.
    Dictionary(Dictionary),
    /// Another object, by number.
    Reference(Id),
}

/// Objects by name, in file order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Dictionary {
    /// Its pairs; a name that stands twice is here twice.
    pub(crate) entries: Vec<Entry>,
    /// From `<<` to `>>`, in the bytes it was read from.
    pub(crate) range: Range<usize>,
}

/// One pair of a dictionary.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// The name.
    pub(crate) key: Vec<u8>,
    /// What stands under it.
    pub(crate) value: Object,
    /// Where the name's slash stands.
    pub(crate) start: usize,
    /// Where the value stands.
    pub(crate) site: Range<usize>,
}

impl Dictionary {
    /// What stands under a name; the last of several, as most readers have it.
    pub(crate) fn find(&self, key: &[u8]) -> Option<&Object> {
        self.entries.iter().rev().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// Whether a name stands under another.
    pub(crate) fn says(&self, key: &[u8], name: &[u8]) -> bool {
        matches!(self.find(key), Some(Object::Name(found)) if found == name)
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&self, key: &[u8]) -> Option<u64> {
        self.find(key).and_then(Object::count)
    }
}

impl Object {
    /// It as a dictionary.
    pub(crate) fn dictionary(&self) -> Option<&Dictionary> {
        match self {
            Self::Dictionary(dictionary) => Some(dictionary),
            _ => None,
        }
    }

    /// It as a whole number that is not negative.
    pub(crate) fn count(&self) -> Option<u64> {
        match self {
            Self::Integer(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// The items of an array; one object that is no array stands for an array of itself.
    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::Array(items) => items,
            Self::Null => &[],
            one => std::slice::from_ref(one),
        }
    }
}
