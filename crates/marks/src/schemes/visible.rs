//! visible notice.

use crate::{MarkError, Scheme, Write};
use indicia_core::{Channel, Context, Mark, MediaKind, Order};
use indicia_media::{Asset, Draft};

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "visible",
    title: "visible notice",
    channel: Channel::Explicit,
    kinds: &[MediaKind::Image],
    default: true,
    cite: "GB 45438-2025 clause 5.2",
    about: "To be written: what it is, where it is put, what destroys it, and how it is read again by whom.",
    find,
    write: Write::Draft { change, confirm: None },
};

fn find(_: &Asset<'_>, _: &Context) -> Result<Vec<Mark>, MarkError> {
    Err(MarkError::Blind("not built yet".into()))
}

fn change(_: &Order, _: &mut Draft<'_>, _: &Context) -> Result<Option<Mark>, MarkError> {
    Err(MarkError::Refused("not built yet".into()))
}
