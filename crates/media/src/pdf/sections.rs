//! The segments of a file: what each save of it added, and the cross-references that close it.

use super::file::File;
use super::metadata::Metadata;
use super::object::Object;
use crate::{Role, Segment};
use indicia_core::Span;

/// Objects that an update of metadata alone has at most: Info dictionary, stream, catalog, cross-references.
const FEW: u64 = 8;

/// The file cut up.
pub(crate) fn segments(file: &File<'_>, metadata: &Metadata) -> Vec<Segment> {
    let size = file.bytes.size();
    let mut segments = Vec::new();
    let mut at = 0;
    let mut push = |end: u64, name: [u8; 4], role: Role, at: &mut u64| {
        if *at < end {
            segments.push(Segment { name, span: Span { start: *at, end }, role });
            *at = end;
        }
    };
    push(file.header, *b"????", Role::Unknown, &mut at);
    if file.xref.found.is_some() {
        push(size, *b"body", Role::Essence, &mut at);
        return segments;
    }
    let mut sections: Vec<_> = file.xref.sections.iter().collect();
    sections.sort_by_key(|section| section.span.start);
    let own = |number: u64| {
        let is = |id: Option<u32>| id.is_some_and(|id| u64::from(id) == number);
        let info = match &file.info {
            Some(Object::Reference(id)) => Some(id.number),
            _ => None,
        };
        number == 0
            || is(info)
            || is(metadata.stream.map(|id| id.number))
            || is(file.root.map(|id| id.number))
    };
    for (index, section) in sections.into_iter().enumerate() {
        let stream = matches!(section.entries, super::entries::Entries::Stream(..));
        // A stream lists itself, as the last object.
        let itself = stream.then(|| section.entries.end().saturating_sub(1));
        let numbers = section.entries.numbers(FEW).unwrap_or_else(|| vec![u64::MAX]);
        let only_metadata = index > 0 && numbers.iter().all(|number| own(*number) || Some(*number) == itself);
        let role = if only_metadata { Role::Metadata } else { Role::Essence };
        push(section.span.start.min(size), *b"body", role, &mut at);
        push(section.span.end.min(size), *b"xref", Role::Structure, &mut at);
    }
    push(size, *b"tail", Role::Unknown, &mut at);
    segments
}
