//! A JPEG XL file cut into segments and packets.

use crate::boxes::IsoBox;
use crate::{Body, Carrier, Layout, Packet, Role, Segment, box_packets, compressed};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// What a file of boxes starts with: a box by itself.
pub(crate) const SIGNATURE: &[u8] = b"\0\0\0\x0CJXL \r\n\x87\n";
/// What a codestream starts with.
pub(crate) const CODESTREAM: &[u8] = b"\xFF\x0A";
/// Flag in the number of a partial codestream: it is the last.
const LAST: u32 = 1 << 31;
/// Compressed bytes looked at for the label of a JUMBF box, and bytes of it that are wanted.
const LABEL: (usize, usize) = (2048, 64);

/// A file that was read.
#[derive(Debug)]
pub(crate) struct File {
    /// What everybody gets to know of it.
    pub(crate) layout: Layout,
    /// For each packet, the index of its box.
    pub(crate) origins: Vec<usize>,
    /// The boxes at the top; none if the file is a codestream alone.
    pub(crate) boxes: Vec<IsoBox>,
}

/// Cuts the file into segments.
///
/// # Errors
/// If nothing can be said of it.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    Ok(File::read(source, limits)?.layout)
}

/// How much of the picture was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Seen {
    #[default]
    Nothing,
    Parts,
    All,
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    /// If nothing can be said of it.
    pub(crate) fn read(source: &dyn Source, limits: &Limits) -> Result<Self, FormatError> {
        let size = source.size();
        let mut window = Window::new(source);
        let mut file = Self { layout: Layout::default(), origins: Vec::new(), boxes: Vec::new() };
        if window.up_to(0, 2)? == CODESTREAM {
            let span = Span { start: 0, end: size };
            file.layout.segments.push(Segment { name: *b"jxlc", span, role: Role::Essence });
            return Ok(file);
        }
        let (mut at, mut seen) = (0, Seen::Nothing);
        while at < size && !box_packets::is_filling(&mut window, at)? {
            if file.boxes.len() >= limits.segments {
                let problem = Problem::OverLimit { what: "boxes", limit: limits.segments as u64 };
                file.layout = file.layout.damaged(size, FormatError::new(at, problem));
                return Ok(file);
            }
            let read = IsoBox::read(&mut window, at, size);
            match read.and_then(|one| file.enter(&mut window, one, &mut seen).map(|()| one)) {
                Ok(one) => at = one.span.end,
                Err(FormatError { problem: Problem::Io(kind), at }) => {
                    return Err(FormatError::new(at, Problem::Io(kind)));
                }
                Err(err) => {
                    file.layout = file.layout.damaged(size, err);
                    return Ok(file);
                }
            }
        }
        if at < size {
            let span = Span { start: at, end: size };
            file.layout.segments.push(Segment { name: *b"zero", span, role: Role::Unknown });
        }
        if seen != Seen::All {
            file.layout.damage = Some(FormatError::new(size, Problem::Truncated));
        }
        Ok(file)
    }

    /// Notes what a box holds.
    fn enter(&mut self, window: &mut Window<'_>, one: IsoBox, seen: &mut Seen) -> Result<(), FormatError> {
        let mut push = |span: Span, role| {
            if !span.is_empty() {
                self.layout.segments.push(Segment { name: one.kind, span, role });
            }
        };
        let mut packet = None;
        match &one.kind {
            b"jxlc" | b"jxlp" => {
                *seen = codestream(window, &one, *seen)?;
                push(Span { start: one.span.start, end: one.body.start }, Role::Structure);
                push(one.body, Role::Essence);
            }
            b"jbrd" => push(one.span, Role::Essence),
            b"JXL " | b"ftyp" | b"jxll" | b"jxli" | b"free" | b"skip" => push(one.span, Role::Structure),
            kind => {
                let found = found(window, *kind, &one)?;
                let is_unknown = found.carrier == Carrier::Field;
                push(one.span, if is_unknown { Role::Unknown } else { Role::Metadata });
                packet = Some(found);
            }
        }
        if let Some(packet) = packet {
            self.layout.packets.push(packet);
            self.origins.push(self.boxes.len());
        }
        self.boxes.push(one);
        Ok(())
    }
}

/// How much of the picture was seen once this box was.
fn codestream(window: &mut Window<'_>, one: &IsoBox, seen: Seen) -> Result<Seen, FormatError> {
    let wrong = |what| Err(FormatError::malformed(one.span.start, what));
    if seen == Seen::All {
        return wrong("a codestream after the end of it");
    }
    if one.kind == *b"jxlc" {
        if seen != Seen::Nothing || one.body.len() < 2 || window.bytes(one.body.start, 2)? != CODESTREAM {
            return wrong("jxlc box");
        }
        return Ok(Seen::All);
    }
    if one.body.len() < 4 {
        return wrong("jxlp box");
    }
    let number = u32::from_be_bytes(window.array(one.body.start)?);
    Ok(if number & LAST != 0 { Seen::All } else { Seen::Parts })
}

/// The metadata in a box.
fn found(window: &mut Window<'_>, kind: [u8; 4], one: &IsoBox) -> Result<Packet, FormatError> {
    let packet = |carrier, place, span, body| Packet { carrier, key: String::new(), place, span, body };
    let broken = |err: FormatError| match err.problem {
        Problem::Io(_) => Err(err),
        _ => Ok(Body::Broken(err)),
    };
    Ok(match &kind {
        b"xml " => packet(Carrier::Xmp, "xml box", one.body, Body::Verbatim),
        b"Exif" => match box_packets::exif(window, one.body) {
            Ok(span) => packet(Carrier::Exif, "Exif box", span, Body::Verbatim),
            Err(err) => packet(Carrier::Exif, "Exif box", one.body, broken(err)?),
        },
        b"jumb" => box_packets::jumbf(window, one.body)?,
        b"uuid" => box_packets::uuid(window, one)?,
        b"brob" => brotli(window, one)?,
        _ => {
            Packet { key: box_packets::key(kind), ..packet(Carrier::Field, "box", one.body, Body::Verbatim) }
        }
    })
}

/// The metadata in a box that is compressed: its own type, then what it would hold, in Brotli.
fn brotli(window: &mut Window<'_>, one: &IsoBox) -> Result<Packet, FormatError> {
    let Some(span) = Span::new(one.body.start, 4).filter(|kind| kind.end <= one.body.end) else {
        return Err(FormatError::malformed(one.span.start, "brob box"));
    };
    let span = Span { start: span.end, end: one.body.end };
    let kind: [u8; 4] = window.array(one.body.start)?;
    let packet = |carrier, key, place, body| Packet { carrier, key, place, span, body };
    Ok(match &kind {
        b"xml " => {
            packet(Carrier::Xmp, String::new(), "xml box, compressed", Body::Coded(compressed::brotli))
        }
        b"Exif" => packet(Carrier::Exif, String::new(), "Exif box, compressed", Body::Coded(exif)),
        b"jumb" => {
            let (len, wanted) = LABEL;
            let len = usize::try_from(span.len()).map_or(len, |whole| whole.min(len));
            let head = compressed::brotli_head(window.up_to(span.start, len)?, wanted);
            match box_packets::label(&head).as_str() {
                "c2pa" => {
                    packet(Carrier::Manifest, String::new(), "C2PA jumb box", Body::Coded(compressed::brotli))
                }
                label => packet(
                    Carrier::Blob,
                    label.to_owned(),
                    "jumb box, compressed",
                    Body::Coded(compressed::brotli),
                ),
            }
        }
        _ => {
            packet(Carrier::Field, box_packets::key(kind), "box, compressed", Body::Coded(compressed::brotli))
        }
    })
}

fn exif(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Problem> {
    box_packets::exif_block(compressed::brotli(bytes, limits)?)
}
