//! An archive cut into segments: what stands before it, its entries with whatever follows each of them, its
//! directory, its end, and what comes after that.

use super::{Archive, Entry};
use crate::{Body, Carrier, Layout, Packet, Role, Segment};
use indicia_core::Span;

/// Where the comment of an archive stands.
const ARCHIVE_COMMENT: &str = "ZIP comment";

/// The layout of an archive, its comment being the only packet; `role` says what an entry is for.
pub(crate) fn layout(archive: &Archive, size: u64, role: impl Fn(&Entry) -> Role) -> Layout {
    let mut layout = Layout::default();
    let mut cut = |name: [u8; 4], end: u64, role: Role| {
        let start = layout.segments.last().map_or(0, |segment: &Segment| segment.span.end);
        if start < end {
            layout.segments.push(Segment { name, span: Span { start, end }, role });
        }
    };
    let mut places: Vec<&Entry> = archive.entries.iter().collect();
    places.sort_by_key(|entry| entry.at);
    let first = places.first().map_or(archive.entries_end(), |entry| entry.at);
    cut(*b"JUNK", first, Role::Unknown);
    for (at, entry) in places.iter().enumerate() {
        let end = places.get(at + 1).map_or(archive.entries_end(), |next| next.at);
        cut(*b"PART", end, role(entry));
    }
    cut(*b"CDIR", archive.directory.end, Role::Structure);
    cut(*b"Z64 ", archive.end.start, Role::Structure);
    cut(*b"END ", archive.comment.end, Role::Structure);
    cut(*b"tail", size, Role::Unknown);
    if !archive.comment.is_empty() {
        let (carrier, key, place) = (Carrier::Comment, String::new(), ARCHIVE_COMMENT);
        layout.packets.push(Packet { carrier, key, place, span: archive.comment, body: Body::Verbatim });
    }
    layout.damage.clone_from(&archive.damage);
    layout
}
