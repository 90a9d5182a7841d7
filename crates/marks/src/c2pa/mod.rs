//! C2PA manifests: what they say of the making of content, and whether they hold.

mod state;
mod verdict;
mod words;

use crate::MarkError;
use indicia_core::{Context, Mark, SourceStream};
use indicia_credentials::{Credentials, Unread, ask, read, text_wrapper};
use indicia_media::{Asset, Carrier, Content, Packet};

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

/// The XMP property that says where in the network a manifest is (C2PA 2.2, 11.5).
const PROVENANCE: &[u8] = b"dcterms:provenance";

/// What a manifest between the words of a structured text begins with (C2PA 2.4, A.9).
const ARMOUR: &str = "-----BEGIN C2PA MANIFEST-----";

/// The marks of the manifest store in a file: one, of all its manifests together.
///
/// # Errors
/// [`MarkError::Blind`] if there is one and it could not be read.
pub(crate) fn find(asset: &Asset<'_>, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    let Some((_, packet)) = asset.packets(Carrier::Manifest).next() else {
        return elsewhere(asset).map_or(Ok(Vec::new()), |why| Err(MarkError::Blind(why.into())));
    };
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

/// What speaks of a manifest where no container has a place for one: that there is none cannot be said then.
fn elsewhere(asset: &Asset<'_>) -> Option<&'static str> {
    let names_one = |packet: &&Packet| {
        let body = asset.read(packet).unwrap_or_default();
        body.windows(PROVENANCE.len()).any(|part| part == PROVENANCE)
    };
    if asset.layout.packets.iter().filter(|packet| packet.carrier == Carrier::Xmp).any(|one| names_one(&one))
    {
        return Some("its XMP names a manifest in the network (dcterms:provenance), and nothing is fetched");
    }
    let Content::Text { .. } = asset.format.content else { return None };
    // Text that cannot be decoded is told as such by the schemes that read words.
    let words = &asset.text().ok()?.words;
    let wrapped = !matches!(text_wrapper::find(words.as_bytes()), Ok(None)) || words.contains(ARMOUR);
    wrapped.then_some(
        "a manifest stands among the words (C2PA 2.4, A.8 or A.9), and such are not read by this version",
    )
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
