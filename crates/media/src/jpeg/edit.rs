use super::carried::EXTENDED_XMP;
use super::extension::{self, Part};
use super::marker::{COM, LARGEST_BODY, Marker, segment};
use super::{multi, pixels};
use crate::{Body, Carrier, Changes, Layout, NewContent, Packet, Piece, Put, Role, Segment};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Longest XMP packet in one segment (XMP specification, part 3, 1.1.3).
const LARGEST_XMP: usize = 65_502;

/// What becomes of one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    Keep,
    Drop,
    Replace(Vec<u8>),
}

/// The file as it will be: the fate of every segment, and what goes before it.
struct Edit<'a> {
    source: &'a dyn Source,
    layout: &'a Layout,
    fates: Vec<Fate>,
    before: Vec<(usize, Vec<u8>)>,
}

/// Says how a JPEG file reads with these changes made to it.
///
/// # Errors
/// [`Problem::OverLimit`] for a packet that fits in no segment, [`Problem::Unsupported`] for what JPEG
/// cannot hold or this program does not change.
pub(crate) fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    if !changes.cuts.is_empty() {
        return Err(FormatError::unsupported(0, "cutting a picture"));
    }
    let fates = vec![Fate::Keep; layout.segments.len()];
    let mut edit = Edit { source, layout, fates, before: Vec::new() };
    for (at, body) in &changes.replaced {
        if let Some(packet) = layout.packets.get(*at) {
            edit.change(packet, body.as_deref())?;
        }
    }
    for put in &changes.added {
        edit.add(put)?;
    }
    match &changes.content {
        None => {}
        Some(NewContent::Picture(picture)) => {
            edit.code(pixels::encode(source, layout, picture, limits)?)?;
        }
        Some(_) => return Err(FormatError::unsupported(0, "anything but a picture in JPEG")),
    }
    multi::repoint(source, layout, edit.pieces())
}

impl Edit<'_> {
    /// The index of the segment that a place in the file belongs to.
    fn index(&self, at: u64) -> Result<usize, FormatError> {
        let after = self.layout.segments.partition_point(|segment| segment.span.end <= at);
        // An empty body stands at the end of its segment.
        let index = match self.layout.segments.get(after) {
            Some(segment) if segment.span.start < at => after,
            _ => after.saturating_sub(1),
        };
        if self.layout.segments.get(index).is_some_and(|segment| segment.role != Role::Unknown) {
            return Ok(index);
        }
        Err(FormatError::unsupported(at, "changing what follows the end of a JPEG file"))
    }

    fn set(&mut self, index: usize, fate: Fate) {
        if let Some(slot) = self.fates.get_mut(index) {
            *slot = fate;
        }
    }

    /// Gives a packet a new value, or takes it out.
    fn change(&mut self, packet: &Packet, body: Option<&[u8]>) -> Result<(), FormatError> {
        let start = packet.span.start;
        if packet.carrier == Carrier::Manifest {
            return Err(FormatError::unsupported(start, "changing a C2PA manifest"));
        }
        let index = self.index(start)?;
        let extended = packet.carrier == Carrier::Xmp && packet.key == extension::KEY;
        match body {
            None if extended => self.drop_extension(start, index),
            None => {
                self.set(index, Fate::Drop);
                Ok(())
            }
            Some(body) if extended => match &packet.body {
                Body::Decoded(old) if old == body => Ok(()),
                _ => Err(FormatError::unsupported(start, "changing extended XMP")),
            },
            Some(body) => {
                let new = self.rewrite(packet, body)?;
                self.set(index, Fate::Replace(new));
                Ok(())
            }
        }
    }

    /// A packet's segment with a new value; the header in front of the value stays.
    fn rewrite(&self, packet: &Packet, body: &[u8]) -> Result<Vec<u8>, FormatError> {
        let mut window = Window::new(self.source);
        let index = self.index(packet.span.start)?;
        let at = self.layout.segments.get(index).map_or(0, |segment| segment.span.start);
        let marker = Marker::read(&mut window, at)?
            .ok_or_else(|| FormatError::malformed(at, "packet outside of a segment"))?;
        let header = usize::try_from(packet.span.start.saturating_sub(marker.body.start)).unwrap_or(0);
        let header = window.bytes(marker.body.start, header.min(LARGEST_BODY))?;
        match packet.carrier {
            Carrier::Xmp => segment(marker.code, header, &fitting(body)?),
            _ => segment(marker.code, header, body),
        }
    }

    /// Drops every segment that holds a part of the packet whose first part starts at `start`.
    fn drop_extension(&mut self, start: u64, index: usize) -> Result<(), FormatError> {
        self.set(index, Fate::Drop);
        let mut window = Window::new(self.source);
        let mut part = |segment: &Segment| -> Result<Option<Part>, FormatError> {
            let Some(marker) = Marker::read(&mut window, segment.span.start)? else { return Ok(None) };
            let len = EXTENDED_XMP.len() + 32 + 4 + 4;
            let header = window.up_to(marker.body.start, len)?;
            Ok(Part::read(header, &marker))
        };
        let mut of_this = Vec::new();
        let mut guid = None;
        for (index, segment) in self.layout.segments.iter().enumerate() {
            if segment.name != *b"APP1" {
                continue;
            }
            let Some(part) = part(segment)? else { continue };
            if part.span.start == start {
                guid = Some(part.guid);
            }
            of_this.push((index, part.guid));
        }
        for (index, _) in of_this.into_iter().filter(|(_, of)| Some(*of) == guid) {
            self.set(index, Fate::Drop);
        }
        Ok(())
    }

    fn add(&mut self, put: &Put) -> Result<(), FormatError> {
        match put.carrier {
            Carrier::Xmp if put.key.is_empty() => {
                let index = self.after_exif();
                let header = super::carried::XMP;
                self.before.push((index, segment(0xE1, header, &fitting(&put.body)?)?));
            }
            Carrier::Comment if put.key.is_empty() => {
                let index = self.after_leading(|segment| segment.name.starts_with(b"APP"));
                self.before.push((index, segment(COM, &[], &put.body)?));
            }
            _ => return Err(FormatError::unsupported(0, "a new packet of this sort in JPEG")),
        }
        Ok(())
    }

    /// The index after the segments that must come first: JFIF in APP0, Exif in APP1.
    fn after_exif(&self) -> usize {
        let is_exif = |segment: &Segment| {
            self.layout
                .packets
                .iter()
                .any(|packet| packet.carrier == Carrier::Exif && within(packet.span, segment.span))
        };
        self.after_leading(|segment| segment.name == *b"APP0" || is_exif(segment))
    }

    /// The index after the segments behind the start of the image that are all of one sort.
    fn after_leading(&self, is_leading: impl Fn(&Segment) -> bool) -> usize {
        1 + self.layout.segments.iter().skip(1).take_while(|segment| is_leading(segment)).count()
    }

    /// Puts a new coded picture, from its tables to its last scan, in place of the old one.
    ///
    /// Segments that stood between the old scans come before the new one: after it they would be lost on
    /// readers that stop there.
    fn code(&mut self, coded: Vec<u8>) -> Result<(), FormatError> {
        let segments = &self.layout.segments;
        let Some(last) = segments.iter().rposition(|segment| segment.name == *b"SOS ") else {
            return Err(FormatError::unsupported(0, "a JPEG file without a picture"));
        };
        for (index, segment) in segments.iter().enumerate() {
            let is_coding =
                matches!(&segment.name, b"DQT " | b"DHT " | b"DAC " | b"DRI " | b"DNL " | b"SOS ");
            if (is_coding || segment.name.starts_with(b"SOF"))
                && let Some(fate) = self.fates.get_mut(index)
            {
                *fate = Fate::Drop;
            }
        }
        self.set(last, Fate::Replace(coded));
        Ok(())
    }

    fn pieces(self) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut before = self.before;
        before.sort_by_key(|(index, _)| *index);
        let mut before = before.into_iter().peekable();
        for (index, (segment, fate)) in self.layout.segments.iter().zip(self.fates).enumerate() {
            while let Some((_, bytes)) = before.next_if(|(at, _)| *at <= index) {
                pieces.push(Piece::New(bytes));
            }
            match (fate, pieces.last_mut()) {
                (Fate::Drop, _) => {}
                (Fate::Replace(bytes), _) => pieces.push(Piece::New(bytes)),
                (Fate::Keep, Some(Piece::Keep(span))) if span.end == segment.span.start => {
                    span.end = segment.span.end;
                }
                (Fate::Keep, _) => pieces.push(Piece::Keep(segment.span)),
            }
        }
        pieces.extend(before.map(|(_, bytes)| Piece::New(bytes)));
        pieces
    }
}

fn within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// An XMP packet short enough for one segment: where it is too long, without the padding before its end
/// that it can spare.
fn fitting(packet: &[u8]) -> Result<Vec<u8>, FormatError> {
    let surplus = packet.len().saturating_sub(LARGEST_XMP);
    if surplus == 0 {
        return Ok(packet.to_vec());
    }
    let end = memchr::memmem::rfind(packet, b"<?xpacket end").unwrap_or(packet.len());
    let (front, trailer) = packet.split_at(end);
    let padding = front.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    if padding < surplus {
        let limit = LARGEST_XMP as u64;
        return Err(FormatError::new(
            0,
            Problem::OverLimit { what: "bytes of XMP in a JPEG segment", limit },
        ));
    }
    let kept = front.get(..front.len() - surplus).unwrap_or(front);
    Ok([kept, trailer].concat())
}
