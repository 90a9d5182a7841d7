use super::carried::{Carried, carried};
use super::extension;
use super::marker::{COM, EOI, Marker, SOI, SOS, next};
use crate::{Layout, Role, Segment, samsung_trailer};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Cuts a JPEG file into its segments, and notes what they carry.
///
/// # Errors
/// If it does not start like JPEG or the system cannot read it; all else is damage.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let mut window = Window::new(source);
    if window.array(0)? != [0xFF, SOI] {
        return Err(FormatError::malformed(0, "no start of image"));
    }
    let mut layout = Layout::default();
    push(&mut layout, *b"SOI ", 0, 2, Role::Structure);
    let mut parts = Vec::new();
    let read = walk(&mut window, limits, &mut layout, &mut parts);
    if !parts.is_empty() {
        layout.packets.extend(extension::join(source, limits, &parts));
        layout.packets.sort_by_key(|packet| packet.span.start);
    }
    match read {
        Ok(()) => Ok(layout),
        Err(damage) => Ok(layout.damaged(source.size(), damage)),
    }
}

fn walk(
    window: &mut Window<'_>,
    limits: &Limits,
    layout: &mut Layout,
    parts: &mut Vec<extension::Part>,
) -> Result<(), FormatError> {
    let size = window.size();
    let mut damage = Ok(());
    let mut at = 2;
    while at < size {
        if layout.segments.len() >= limits.segments {
            let limit = limits.segments as u64;
            return Err(FormatError::new(at, Problem::OverLimit { what: "segments", limit }));
        }
        let Some(marker) = Marker::read(window, at)? else {
            // Decoders skip what stands between segments. Zeros are padding; anything else is most
            // often the rest of a segment whose length is wrong, so it must not pass for read.
            let (end, zeros) = next(window, at)?;
            push(layout, *b"????", at, end, if zeros { Role::Structure } else { Role::Unknown });
            if !zeros && damage.is_ok() {
                damage = Err(FormatError::malformed(at, "bytes between segments"));
            }
            at = end;
            continue;
        };
        let mut role = Role::Structure;
        let mut end = marker.span.end;
        match marker.code {
            EOI => {
                push(layout, marker.name(), at, end, role);
                push(layout, *b"tail", end, size, Role::Unknown);
                layout.packets.extend(samsung_trailer::packets(window, Span { start: end, end: size }));
                return damage;
            }
            SOI => return Err(FormatError::malformed(at, "a second image starts inside the first")),
            SOS => {
                role = Role::Essence;
                end = next(window, end)?.0;
            }
            0xE0..=0xEF | COM => {
                role = Role::Metadata;
                match carried(window, &marker)? {
                    Carried::Structure => role = Role::Structure,
                    Carried::Metadata => {}
                    Carried::Packet(packet) => layout.packets.push(packet),
                    Carried::Extension(part) => parts.push(part),
                }
            }
            _ => {}
        }
        push(layout, marker.name(), at, end, role);
        at = end;
    }
    damage.and(Err(FormatError::new(size, Problem::Truncated)))
}

fn push(layout: &mut Layout, name: [u8; 4], start: u64, end: u64, role: Role) {
    if start < end {
        layout.segments.push(Segment { name, span: Span { start, end }, role });
    }
}
