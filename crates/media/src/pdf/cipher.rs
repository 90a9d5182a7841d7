//! The standard security handler (ISO 32000-2, 7.6.4), opened with the empty user password.

use super::object::{Dictionary, Id};
use indicia_core::Problem;

/// How the strings and streams of one file are encrypted.
#[derive(Clone, Debug)]
pub(crate) struct Cipher {}

impl Cipher {
    /// Finds the key, if the empty user password opens the file.
    ///
    /// # Errors
    /// If it does not, or the file is encrypted in another way.
    pub(crate) fn open(_: &Dictionary, _: &[u8]) -> Result<Self, Problem> {
        Err(Problem::Unsupported("encrypted"))
    }

    /// Whether a stream with this dictionary is encrypted.
    pub(crate) fn covers(&self, _: &Dictionary) -> bool {
        true
    }

    /// A stream's data, decrypted.
    ///
    /// # Errors
    /// If they are not as the cipher makes them.
    pub(crate) fn stream(&self, _: Id, _: &[u8]) -> Result<Vec<u8>, Problem> {
        Err(Problem::Unsupported("encrypted"))
    }

    /// A string, decrypted.
    ///
    /// # Errors
    /// As [`Cipher::stream`].
    pub(crate) fn string(&self, id: Id, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
        self.stream(id, bytes)
    }
}
