//! Puts a signed manifest into a finished file, or beside it.

use std::io::{Read, Seek, Write};
use std::sync::Mutex;

use c2pa::assertions::DataHash;
use c2pa::{Builder, Context, Error, Ingredient, Reader, SigningAlg, ValidationResults, ValidationState};
use serde_json::{Value, json};

use crate::key::{KeyError, SigningKey};
use crate::read::settings;
use crate::statement::{PARENT, Statement};
use crate::time_stamp::stamped;
use indicia_core::Trust;

/// Bytes kept free in a manifest for the signature, besides the certificates: for a time stamp put in later.
const SPACE: usize = 4096;

/// Bytes kept free for a time stamp, with the certificates of its authority.
const STAMP: usize = 12 * 1024;

/// Where a file is read from.
pub trait Stream: Read + Seek + Send {}

impl<T: Read + Seek + Send> Stream for T {}

/// The file that content was made from.
pub struct Parent<'a> {
    /// Its bytes.
    pub stream: &'a mut dyn Stream,
    /// Its media type.
    pub mime: &'a str,
    /// Its title, as its file name.
    pub title: Option<&'a str>,
    /// Its manifest store, if that stands beside it: in a sidecar, or in a text's wrapper.
    pub store: Option<&'a [u8]>,
    /// Whether to go on if its manifest does not hold. The new manifest then records that it did not, but many readers,
    /// this crate's among them, show no more than that the new one holds.
    pub even_if_invalid: bool,
}

impl std::fmt::Debug for Parent<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parent").field("mime", &self.mime).field("title", &self.title).finish_non_exhaustive()
    }
}

/// Why a file was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// No manifest can be put into such a file.
    #[error("no manifest can be put into a file of the type {0}; one can stand beside it")]
    Unsupported(String),
    /// The file is malformed, or of a kind that the C2PA library does not take although it knows the type: RF64, SVG
    /// in UTF-16, QuickTime without a brand.
    #[error("no manifest can be put into the file; it is malformed or of an unusual kind: {0}")]
    Malformed(String),
    /// The text cannot carry a manifest.
    #[error("the text cannot carry a manifest: {0}")]
    Text(String),
    /// The file has a manifest, and no parent was given that would keep it.
    #[error(
        "the file has a manifest that would be lost: give the file as its own parent, so that it is kept"
    )]
    WouldLose,
    /// The parent has a manifest that cannot be kept.
    #[error("the manifest of the file it was made from cannot be kept: {0}")]
    ParentLost(String),
    /// The parent's manifest was read and does not hold: the codes of what failed.
    #[error(
        "the manifest of the file it was made from does not hold ({0}), and a new one over it would hide that from many \
         readers"
    )]
    ParentInvalid(String),
    /// The statement contradicts itself or lacks something.
    #[error("{0}")]
    Statement(&'static str),
    /// The key cannot sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Reading or writing failed.
    #[error("reading or writing failed: {0}")]
    Io(#[from] std::io::Error),
    /// Anything else, in the words of the C2PA library.
    #[error("the manifest could not be made: {0}")]
    Failed(String),
}

/// Whether [`sign`] puts manifests into files of this media type.
pub fn can_sign(mime: &str) -> bool {
    library_type(mime).is_some()
}

/// The name that the C2PA library has for a media type, if it writes manifests into such files.
fn library_type(mime: &str) -> Option<&'static str> {
    Some(match mime {
        "image/jpeg" => "image/jpeg",
        "image/png" => "image/png",
        "image/webp" => "image/webp",
        "image/gif" => "image/gif",
        "image/tiff" => "image/tiff",
        "image/x-adobe-dng" => "image/x-adobe-dng",
        "image/svg+xml" | "application/svg+xml" => "image/svg+xml",
        "image/avif" => "image/avif",
        "image/heic" => "image/heic",
        "image/heif" => "image/heif",
        "image/jxl" => "image/jxl",
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => "audio/wav",
        "audio/mpeg" | "audio/mp3" => "audio/mpeg",
        "audio/flac" | "audio/x-flac" => "audio/flac",
        "audio/mp4" | "audio/m4a" | "audio/x-m4a" => "audio/mp4",
        "video/avi" | "video/vnd.avi" | "video/msvideo" | "video/x-msvideo" => "video/avi",
        "video/mp4" => "video/mp4",
        "video/quicktime" => "video/quicktime",
        _ => return None,
    })
}

/// The name that the C2PA library has for a media type, if it reads manifests from such files as it should.
fn readable_type(mime: &str) -> Option<&'static str> {
    library_type(mime).or_else(|| (mime == "application/pdf").then_some("application/pdf"))
}

/// Puts a manifest into a copy of a finished file, and gives back the size in bytes of its manifest store.
///
/// Every other change to the file must be done before: any later one breaks the manifest. `output` must be empty; it
/// is written after everything was checked that can be checked before, and what stands in it after an error is to be
/// thrown away, so give it a temporary file. Nothing is fetched from the network, and no time stamp is asked for.
///
/// If `input` has a manifest, a `parent` is asked for: the file it was made from, if need be itself. The parent's
/// manifests are kept.
///
/// # Errors
/// Why it was not signed.
pub fn sign(
    input: &mut dyn Stream,
    mime: &str,
    output: &mut (impl Read + Write + Seek + Send),
    statement: &Statement,
    key: &SigningKey,
    parent: Option<Parent<'_>>,
) -> Result<usize, SignError> {
    let known = library_type(mime).ok_or_else(|| SignError::Unsupported(mime.to_owned()))?;
    if known == "image/jxl" && is_bare_codestream(input)? {
        return Err(SignError::Unsupported(format!("{mime} that is a bare codestream without a container")));
    }
    if parent.is_none() && has_manifest(input, mime)? {
        return Err(SignError::WouldLose);
    }
    let mut builder = builder(statement, parent)?;
    input.rewind()?;
    let signer = Signer::new(key, SPACE);
    let mut input = input;
    let signed = builder.sign(&signer, known, &mut input, output);
    Ok(signed.map_err(|err| signer.told(&err))?.len())
}

/// Makes a manifest store to stand beside a file of any type, as `NAME.c2pa`. The file is left as it is.
///
/// # Errors
/// Why it was not signed.
pub fn sign_beside(
    input: &mut dyn Stream,
    mime: &str,
    statement: &Statement,
    key: &SigningKey,
    parent: Option<Parent<'_>>,
) -> Result<Vec<u8>, SignError> {
    let mut binding = DataHash::new(BINDING, "sha256");
    input.rewind()?;
    binding.gen_hash_from_stream(input).map_err(|err| failed(&err))?;
    let signer = Signer::new(key, SPACE);
    bound(&mut builder(statement, parent)?, mime, &binding, &signer)
}

/// The name that the C2PA library gives the binding to the content.
pub(crate) const BINDING: &str = "jumbf manifest";

/// Signs a manifest store for content whose hash is in `binding`.
pub(crate) fn bound(
    builder: &mut Builder,
    mime: &str,
    binding: &DataHash,
    signer: &Signer<'_>,
) -> Result<Vec<u8>, SignError> {
    builder.set_format(mime);
    // The library looks for this assertion, and puts the binding in its place.
    builder.definition.assertions.retain(|assertion| assertion.label != DataHash::LABEL);
    builder.add_assertion(DataHash::LABEL, binding).map_err(|err| failed(&err))?;
    builder.sign_data_hashed_embeddable(signer, binding, "application/c2pa").map_err(|err| signer.told(&err))
}

/// A builder with the statement and the parent in it.
pub(crate) fn builder(statement: &Statement, parent: Option<Parent<'_>>) -> Result<Builder, SignError> {
    let definition = statement.definition(parent.is_some())?;
    let mut builder =
        Builder::from_context(context(true)?).with_definition(definition).map_err(|err| failed(&err))?;
    if let Some(parent) = parent {
        add(&mut builder, parent)?;
    }
    Ok(builder)
}

/// Adds the parent as an ingredient, with its manifests.
fn add(builder: &mut Builder, parent: Parent<'_>) -> Result<(), SignError> {
    let mut ingredient = json!({
        "relationship": "parentOf", "label": PARENT, "format": parent.mime, "title": parent.title,
    });
    let mut stream = parent.stream;
    stream.rewind()?;
    let Some(store) = parent.store else {
        let has_manifest = match has_manifest(stream, parent.mime) {
            Ok(has_manifest) => has_manifest,
            Err(err) => return Err(SignError::ParentLost(err.to_string())),
        };
        stream.rewind()?;
        let known = readable_type(parent.mime).unwrap_or("application/octet-stream");
        let added = builder
            .add_ingredient_from_stream(ingredient.to_string(), known, &mut stream)
            .map_err(|err| SignError::ParentLost(err.to_string()))?;
        // The library adds a parent whose manifest it cannot keep all the same, without it.
        if has_manifest && (added.manifest_data_ref().is_none() || added.active_manifest().is_none()) {
            return Err(SignError::ParentLost("it is in the network, or is malformed".to_owned()));
        }
        return holds(added.validation_results().filter(|_| has_manifest && !parent.even_if_invalid));
    };
    let lost = |err: &Error| SignError::ParentLost(err.to_string());
    let reader = Reader::from_context(context(true)?)
        .with_manifest_data_and_stream(store, parent.mime, &mut stream)
        .map_err(|err| lost(&err))?;
    holds(reader.validation_results().filter(|_| !parent.even_if_invalid))?;
    if let Value::Object(ingredient) = &mut ingredient {
        ingredient.insert("active_manifest".to_owned(), json!(reader.active_label()));
        ingredient.insert("validation_results".to_owned(), json!(reader.validation_results()));
    }
    let mut ingredient = Ingredient::from_json(&ingredient.to_string()).map_err(|err| lost(&err))?;
    ingredient.set_manifest_data(store.to_vec()).map_err(|err| lost(&err))?;
    builder.add_ingredient(ingredient);
    Ok(())
}

/// Refuses a parent whose validation failed, if it is asked for.
fn holds(results: Option<&ValidationResults>) -> Result<(), SignError> {
    match results {
        Some(results) if results.validation_state() == ValidationState::Invalid => {
            let failed = results.active_manifest().into_iter().flat_map(|codes| codes.failure());
            // Whom this signer trusts is not asked.
            let codes: Vec<_> = failed
                .map(|status| status.code())
                .filter(|&code| code != "signingCredential.untrusted")
                .collect();
            Err(SignError::ParentInvalid(codes.join(", ")))
        }
        _ => Ok(()),
    }
}

/// Whether a JPEG XL file has no container (ISO/IEC 18181-2), and so no place for anything but the image.
fn is_bare_codestream(input: &mut dyn Stream) -> Result<bool, SignError> {
    let mut start = Vec::new();
    input.rewind()?;
    input.take(2).read_to_end(&mut start)?;
    Ok(start == [0xFF, 0x0A])
}

/// Whether a file has a manifest, or names one in the network. Nothing is validated.
fn has_manifest(mut stream: &mut dyn Stream, mime: &str) -> Result<bool, SignError> {
    let Some(known) = readable_type(mime) else { return Ok(false) };
    stream.rewind()?;
    match Reader::from_context(context(false)?).with_stream(known, &mut stream) {
        Ok(_) | Err(Error::RemoteManifestUrl(_)) => Ok(true),
        Err(Error::JumbfNotFound | Error::ProvenanceMissing | Error::UnsupportedType) => Ok(false),
        Err(err) => Err(SignError::Malformed(err.to_string())),
    }
}

fn context(validating: bool) -> Result<Context, SignError> {
    let mut settings = settings(&Trust::default());
    if let Some(Value::Object(setting)) = settings.get_mut("verify") {
        setting.insert("verify_after_reading".to_owned(), json!(validating));
    }
    Context::new().with_settings(settings).map_err(|err| failed(&err))
}

pub(crate) fn failed(err: &Error) -> SignError {
    match err {
        Error::UnsupportedType => SignError::Unsupported("given".to_owned()),
        Error::IoError(err) => SignError::Io(std::io::Error::new(err.kind(), err.to_string())),
        Error::InvalidAsset(_)
        | Error::BmffError(_)
        | Error::GifError(_)
        | Error::JpegError(_)
        | Error::Mp3Error(_)
        | Error::FlacError(_)
        | Error::PngError(_)
        | Error::RiffError(_)
        | Error::SvgError(_)
        | Error::TiffError(_) => SignError::Malformed(err.to_string()),
        other => SignError::Failed(other.to_string()),
    }
}

/// A key as the C2PA library wants it.
pub(crate) struct Signer<'a> {
    key: &'a SigningKey,
    /// Bytes kept free besides the certificates.
    space: usize,
    /// What went wrong when signing, which the library would make a text of.
    failure: Mutex<Option<KeyError>>,
    /// The signature made last.
    last: Mutex<Vec<u8>>,
}

impl<'a> Signer<'a> {
    pub(crate) fn new(key: &'a SigningKey, space: usize) -> Self {
        Self { key, space, failure: Mutex::new(None), last: Mutex::new(Vec::new()) }
    }

    /// The signature made last.
    pub(crate) fn last(&self) -> Vec<u8> {
        self.last.lock().map(|last| last.clone()).unwrap_or_default()
    }

    /// What the library's error means: the key's own, if that failed.
    fn told(&self, err: &Error) -> SignError {
        match self.failure.lock().ok().and_then(|mut failure| failure.take()) {
            Some(failure) => SignError::Key(failure),
            None => failed(err),
        }
    }
}

impl c2pa::Signer for Signer<'_> {
    fn sign(&self, data: &[u8]) -> c2pa::Result<Vec<u8>> {
        match self.key.sign(data) {
            Ok(signature) => {
                if let Ok(mut last) = self.last.lock() {
                    last.clone_from(&signature);
                }
                Ok(signature)
            }
            Err(err) => {
                if let Ok(mut failure) = self.failure.lock() {
                    *failure = Some(err);
                }
                Err(Error::CoseSignature)
            }
        }
    }

    fn alg(&self) -> SigningAlg {
        self.key.algorithm().of_the_crate()
    }

    fn certs(&self) -> c2pa::Result<Vec<Vec<u8>>> {
        Ok(self.key.chain().to_vec())
    }

    fn send_timestamp_request(&self, message: &[u8]) -> Option<c2pa::Result<Vec<u8>>> {
        let stamper = self.key.time_stamper()?;
        let asked = self.timestamp_request_body(message).map_err(|err| err.to_string());
        let stamped = asked.and_then(|request| stamped(stamper, &request, message));
        Some(stamped.map_err(|why| {
            if let Ok(mut failure) = self.failure.lock() {
                *failure = Some(KeyError::TimeStamp(why));
            }
            Error::CoseSignature
        }))
    }

    fn reserve_size(&self) -> usize {
        let stamp = if self.key.time_stamper().is_some() { STAMP } else { 0 };
        stamp + self.space + self.key.chain().iter().map(Vec::len).sum::<usize>()
    }
}
