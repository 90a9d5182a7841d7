//! C2PA manifests.

use crate::{MarkError, Scheme, Write, c2pa};
use indicia_core::{Channel, Context, Mark, MediaKind};
use indicia_media::Asset;

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "c2pa",
    title: "C2PA manifest",
    channel: Channel::Manifest,
    kinds: &[MediaKind::Audio, MediaKind::Document, MediaKind::Image, MediaKind::Text, MediaKind::Video],
    default: false,
    decodes: false,
    misses: "",
    cite: "C2PA Technical Specification 2.4",
    about: "A signed statement of where content comes from, bound to its bytes. Told apart are whether the content is as \
            it was signed, who signed, whether a trust list that was given names them, whether the certificate had run \
            out or was revoked, and where only an ingredient or an identity beside the signer's fails. What counts as \
            AI is read from the actions of the whole chain of manifests, since the active one often only opened what \
            another made. Whoever signs can write what they like: without trust a manifest is worth as much as a label. \
            It is signed last, over all other \
            marks, with the key of `indicia key` or one that is named, and repeats the AIGC label; a manifest that is there \
            becomes its parent. Plain text and Markdown hold it in characters no one sees after the words (C2PA 2.4, A.8); \
            where a container has no place that the library writes, it stands beside the file, as NAME.c2pa. It survives nothing that rewrites the file.",
    find,
    write: Write::Seal,
};

fn find(asset: &Asset<'_>, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    c2pa::find(asset, cx)
}
