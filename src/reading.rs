//! What reads words in pictures: the networks of `indicia-reading`, loaded when they are first needed.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use indicia_core::{Raster, TextLetter, TextRegion, WordReader};
pub use indicia_reading::{MODELS, Model, ModelError, PACKAGE};
use indicia_reading::{Pixels, ReadError, Reader};

/// Networks that lie in a folder. They are loaded once, when a picture is first looked at.
#[derive(Debug)]
pub struct Networks {
    folder: PathBuf,
    reader: OnceLock<Result<Reader, String>>,
}

impl Networks {
    /// Those of this folder, which holds the files that [`MODELS`] names. Whether it does turns out when they are needed.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), reader: OnceLock::new() }
    }

    /// Where they lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn reader(&self) -> Result<&Reader, String> {
        let open = || {
            Reader::open(&self.folder).map_err(|err| match err {
                ReadError::Missing { .. } => format!(
                    "no OCR models: `pip download --no-deps {PACKAGE}` and `indicia models add FILE.whl` put them in place"
                ),
                err => format!("the OCR models cannot be used: {err}; `indicia models add FILE.whl` puts them in place anew"),
            })
        };
        self.reader.get_or_init(open).as_ref().map_err(Clone::clone)
    }
}

impl WordReader for Networks {
    fn ready(&self) -> Result<(), String> {
        self.reader().map(drop)
    }

    fn regions(&self, picture: &Raster) -> Result<Vec<TextRegion>, String> {
        let pixels = pixels(picture)?;
        let found = self.reader()?.regions(&pixels).map_err(|err| err.to_string())?;
        let region = |one: indicia_reading::Region| TextRegion {
            left: one.left,
            top: one.top,
            width: one.width,
            height: one.height,
        };
        Ok(found.into_iter().map(region).collect())
    }

    fn letters(&self, line: &Raster) -> Result<Vec<TextLetter>, String> {
        let pixels = pixels(line)?;
        let found = self.reader()?.line(&pixels).map_err(|err| err.to_string())?;
        let letter = |one: indicia_reading::Letter| TextLetter {
            sign: one.sign,
            middle: one.middle,
            confidence: one.confidence,
        };
        Ok(found.letters.into_iter().map(letter).collect())
    }
}

fn pixels(raster: &Raster) -> Result<Pixels<'_>, String> {
    Pixels::new(raster.width, raster.height, &raster.rgb).map_err(|err| err.to_string())
}
