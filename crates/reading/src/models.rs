//! The networks: what they are called, where they come from, and how they are known again.

use sha2::{Digest, Sha256};

/// A network that reading needs.
#[derive(Debug)]
pub struct Model {
    /// Its task, in a word.
    pub name: &'static str,
    /// The name of its file, in the package it comes in and wherever it is kept.
    pub file: &'static str,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: &'static str,
    /// What it is, of which version, under which licence.
    pub about: &'static str,
}

/// The package of the Python index that carries [`MODELS`], with its version.
pub const PACKAGE: &str = "rapidocr-onnxruntime==1.4.4";

/// Every network that reading needs.
pub static MODELS: &[Model] = &[
    Model {
        name: "detection",
        file: "ch_PP-OCRv4_det_infer.onnx",
        size: 4_745_517,
        sha256: "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9",
        about: "PP-OCRv4 mobile, text detection (PaddlePaddle, Apache-2.0)",
    },
    Model {
        name: "recognition",
        file: "ch_PP-OCRv4_rec_infer.onnx",
        size: 10_857_958,
        sha256: "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b",
        about: "PP-OCRv4 mobile, recognition of Chinese and Latin script (PaddlePaddle, Apache-2.0)",
    },
];

/// A file is not the network it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// It is cut off or has something appended.
    #[error(
        "{file} has {found} bytes where {expected} are expected: it is cut off, or of another version than {PACKAGE}"
    )]
    Size {
        /// The file's name.
        file: &'static str,
        /// Bytes it has.
        found: u64,
        /// Bytes it should have.
        expected: u64,
    },
    /// Its bytes are others.
    #[error(
        "{file} has SHA-256 {found} where {expected} is expected: it is damaged, or of another version than {PACKAGE}"
    )]
    Digest {
        /// The file's name.
        file: &'static str,
        /// The digest it has.
        found: String,
        /// The digest it should have.
        expected: &'static str,
    },
}

impl Model {
    /// The network of this file name.
    pub fn of_file(name: &str) -> Option<&'static Self> {
        MODELS.iter().find(|model| model.file == name)
    }

    /// Whether a file of this size can be this network.
    ///
    /// # Errors
    /// If it cannot.
    pub fn check_size(&self, found: u64) -> Result<(), ModelError> {
        if found == self.size {
            Ok(())
        } else {
            Err(ModelError::Size { file: self.file, found, expected: self.size })
        }
    }

    /// Whether these bytes are this network.
    ///
    /// # Errors
    /// If they are not, in what.
    pub fn check(&self, bytes: &[u8]) -> Result<(), ModelError> {
        self.check_size(bytes.len() as u64)?;
        let found: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if found == self.sha256 {
            Ok(())
        } else {
            Err(ModelError::Digest { file: self.file, found, expected: self.sha256 })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MODELS, Model, ModelError};

    #[test]
    fn what_is_cut_off_and_what_is_damaged_are_told_apart() {
        for model in MODELS {
            assert_eq!(model.sha256.len(), 64);
            assert!(matches!(model.check(b""), Err(ModelError::Size { found: 0, .. })));
            let other = vec![0; usize::try_from(model.size).unwrap()];
            let said = model.check(&other).unwrap_err();
            assert!(
                matches!(said, ModelError::Digest { .. }) && said.to_string().contains(model.file),
                "{said}"
            );
            assert!(std::ptr::eq(Model::of_file(model.file).unwrap(), model));
        }
        assert!(Model::of_file("other.onnx").is_none());
    }
}
