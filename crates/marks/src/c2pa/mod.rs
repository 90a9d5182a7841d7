//! C2PA manifests: what they say of the making of content, and whether they hold.

mod standing;
mod state;
mod verdict;
mod words;

use std::path::PathBuf;

use crate::MarkError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use indicia_core::{Binding, Context, Gravity, Mark, SourceStream, Span};
use indicia_credentials::{Credentials, StorePlace, Unread, WrapperError, ask, read, read_beside, read_text};
use indicia_media::Asset;

pub use standing::{Standing, sidecar, standing};

/// Media types whose manifests the validator reads as the specification has it. In ZIP packages it cannot check the
/// binding to compressed files and would call true ones false.
const READABLE: &[&str] = &[
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "image/tiff",
    "image/x-adobe-dng",
    "image/svg+xml",
    "image/avif",
    "image/heic",
    "image/heif",
    "image/jxl",
    "audio/wav",
    "audio/mpeg",
    "audio/flac",
    "audio/mp4",
    "video/mp4",
    "video/quicktime",
    "video/vnd.avi",
    "application/pdf",
];

/// The marks of the manifest store of a file: one, of all its manifests together.
///
/// # Errors
/// [`MarkError::Blind`] if there is one and it could not be read.
pub(crate) fn find(asset: &Asset<'_>, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    let Some(standing) = standing(asset) else { return Ok(Vec::new()) };
    match standing {
        Standing::Inside { span, place } => {
            if !READABLE.contains(&asset.format.mime) {
                let title = asset.format.title;
                return Err(blind(
                    span,
                    place,
                    &format!("manifests in {title} cannot be validated by this version"),
                ));
            }
            told(credentials(asset, &StorePlace::Inside, cx), span, place, cx)
        }
        Standing::Beside(sidecar) => beside(asset, sidecar, cx),
        Standing::Wrapped(wrapper) => {
            let span = Span { start: wrapper.start as u64, end: (wrapper.start + wrapper.length) as u64 };
            told(credentials(asset, &StorePlace::Words, cx), span, WRAPPED, cx)
        }
        Standing::Torn(err) => {
            let (start, code) = match err {
                WrapperError::Corrupted { offset, .. } => (offset, "manifest.text.corruptedWrapper"),
                WrapperError::Several { first, .. } => (first, "manifest.text.multipleWrappers"),
            };
            let span = Span { start: start as u64, end: start as u64 };
            Ok(vec![state::malformed(&format!("{err} ({code})"), span, WRAPPED)])
        }
        Standing::Armoured(span) => told(credentials(asset, &StorePlace::Words, cx), span, ARMOURED, cx),
        Standing::Bent(why, may_be_an_example) => {
            let mut mark = state::malformed(&why, Span { start: 0, end: 0 }, ARMOURED);
            if may_be_an_example {
                mark.flaws.iter_mut().for_each(|flaw| flaw.gravity = Gravity::Doubt);
            }
            Ok(vec![mark])
        }
        Standing::Remote(address) => Err(MarkError::Blind(format!(
            "it only names a manifest in the network ({address}), and nothing is fetched"
        ))),
        Standing::Unread(what) => Err(MarkError::Blind(format!(
            "a manifest may stand in {what}, and such are not read by this version"
        ))),
    }
}

/// The words for where a wrapper stands.
const WRAPPED: &str = "variation selectors among the words";
/// The words for where armour stands.
const ARMOURED: &str = "lines among the words";

fn blind(span: Span, place: &str, why: &str) -> MarkError {
    MarkError::Blind(format!("a manifest stands at byte {} ({place}): {why}", span.start))
}

/// What is told of a store that was read, or not.
fn told(
    read: Result<Credentials, Unread>,
    span: Span,
    place: &str,
    cx: &Context,
) -> Result<Vec<Mark>, MarkError> {
    match read {
        Ok(credentials) => Ok(vec![mark(&credentials, span, place, cx)]),
        Err(Unread::Malformed(why)) => Ok(vec![state::malformed(&why, span, place)]),
        Err(err) => Err(blind(span, place, &err.to_string())),
    }
}

/// What is told of the store in a file beside this one.
fn beside(asset: &Asset<'_>, sidecar: PathBuf, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    let name = sidecar.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let place = format!("sidecar {name}");
    let site = Span { start: 0, end: sidecar.metadata().map_or(0, |facts| facts.len()) };
    let read = credentials(asset, &StorePlace::Beside(sidecar), cx);
    // A picture and a sound of one name have one sidecar between them.
    let does_not_fit = |credentials: &Credentials| {
        let mut codes = credentials.statuses.iter().filter(|status| !status.of_ingredient);
        codes.any(|status| status.code == "assertion.dataHash.mismatch")
    };
    if let Some(credentials) = read.as_ref().ok().filter(|read| does_not_fit(read)) {
        let others = standing::of_the_same_name(asset.source);
        let title = credentials.manifests.first().and_then(|active| active.title.as_deref());
        if others.iter().any(|other| Some(other.as_str()) == title) {
            return Ok(Vec::new());
        }
        if let Some(other) = others.first() {
            return Err(MarkError::Blind(format!(
                "the manifest in the {place} does not fit it, and may be that of {other} beside it"
            )));
        }
    }
    let mut marks = told(read, site, &place, cx)?;
    marks.iter_mut().for_each(|mark| mark.site = None);
    Ok(marks)
}

fn credentials(asset: &Asset<'_>, store: &StorePlace, cx: &Context) -> Result<Credentials, Unread> {
    let (mime, trust) = (asset.format.mime, &cx.trust);
    if let (Some(sandbox), Some(path)) = (&cx.sandbox, asset.source.path()) {
        return ask(&**sandbox, path, mime, store, trust);
    }
    let unread = |why: &str| Unread::Unsupported(why.to_owned());
    if let (Some(sandbox), StorePlace::Inside | StorePlace::Words) = (&cx.sandbox, store) {
        // What came through a pipe has no name that another process could open it by.
        let copied = || -> std::io::Result<tempfile::NamedTempFile> {
            let mut copy = tempfile::NamedTempFile::new()?;
            std::io::copy(&mut SourceStream::new(asset.source), &mut copy)?;
            Ok(copy)
        };
        let copy =
            copied().map_err(|err| unread(&format!("no copy of it could be made to read it from: {err}")))?;
        return ask(&**sandbox, copy.path(), mime, store, trust);
    }
    match store {
        // A file that our own parser cannot follow to its end is not given to another one without a guard.
        _ if asset.layout.damage.is_some() => {
            Err(unread("the file is damaged, and there is no sandbox to read it in"))
        }
        StorePlace::Inside => read(SourceStream::new(asset.source), mime, trust),
        StorePlace::Words => {
            read_text(&standing::bytes(asset).ok_or_else(|| unread("it is too long"))?, trust)
        }
        StorePlace::Beside(sidecar) => {
            let store = std::fs::read(sidecar).map_err(|err| unread(&err.to_string()))?;
            read_beside(&store, SourceStream::new(asset.source), mime, trust)
        }
    }
}

fn mark(credentials: &Credentials, span: Span, place: &str, cx: &Context) -> Mark {
    let flaws = state::flaws(credentials, &cx.trust.origin, span.start);
    Mark {
        claim: verdict::claim(credentials),
        place: place.into(),
        site: Some(span),
        raw: state::summary(credentials),
        flaws,
        binding: binding(credentials),
        ..Mark::default()
    }
}

/// The first watermark or fingerprint that the active manifest names.
fn binding(credentials: &Credentials) -> Option<Binding> {
    let active = credentials.manifests.first()?;
    let (_, data) = active.assertions.iter().find(|(label, _)| label.starts_with("c2pa.soft-binding"))?;
    let text = |pointer: &str| data.pointer(pointer).and_then(serde_json::Value::as_str);
    let value = text("/blocks/0/value").unwrap_or_default();
    let value = STANDARD.decode(value).unwrap_or_else(|_| value.as_bytes().to_vec());
    Some(Binding { algorithm: text("/alg")?.to_owned(), value })
}

#[cfg(test)]
mod tests;
