//! C2PA manifests: what they say of the making of content, and whether they hold.

mod state;
mod verdict;
mod words;

use crate::MarkError;
use indicia_core::{Context, Mark, SourceStream};
use indicia_credentials::{Credentials, Unread, ask, read};
use indicia_media::{Asset, Carrier, Packet};

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

/// The marks of the manifest store in a file: one, of all its manifests together.
///
/// # Errors
/// [`MarkError::Blind`] if there is one and it could not be read.
pub(crate) fn find(asset: &Asset<'_>, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    let Some((_, packet)) = asset.packets(Carrier::Manifest).next() else { return Ok(Vec::new()) };
    let blind = |why: String| {
        MarkError::Blind(format!("a manifest stands at byte {} ({}): {why}", packet.span.start, packet.place))
    };
    if !READABLE.contains(&asset.format.mime) {
        return Err(blind(format!(
            "manifests in {} cannot be validated by this version",
            asset.format.title
        )));
    }
    match credentials(asset, cx) {
        Ok(credentials) => Ok(vec![mark(&credentials, packet)]),
        Err(Unread::Malformed(why)) => Ok(vec![state::malformed(&why, packet)]),
        Err(err) => Err(blind(err.to_string())),
    }
}

fn credentials(asset: &Asset<'_>, cx: &Context) -> Result<Credentials, Unread> {
    match (&cx.sandbox, asset.source.path()) {
        (Some(sandbox), Some(path)) => ask(&**sandbox, path, asset.format.mime, &cx.trust),
        // A file that our own parser cannot follow to its end is not given to another one without a guard.
        _ if asset.layout.damage.is_some() => {
            Err(Unread::Unsupported("the file is damaged, and there is no sandbox to read it in".into()))
        }
        _ => read(SourceStream::new(asset.source), asset.format.mime, &cx.trust),
    }
}

fn mark(credentials: &Credentials, packet: &Packet) -> Mark {
    let flaws = state::flaws(credentials, packet.span.start);
    Mark {
        claim: verdict::claim(credentials),
        place: packet.place.into(),
        site: Some(packet.span),
        raw: state::summary(credentials),
        flaws,
        ..Mark::default()
    }
}

#[cfg(test)]
mod tests;
