//! The blocks of a GIF file: where each begins and ends, and the metadata in them.

use crate::{Body, Carrier, Layout, Packet, Role, Segment};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Where the XMP specification has the packet.
pub(crate) const XMP_PLACE: &str = "XMP application extension";
/// Where comments stand.
pub(crate) const COMMENT_PLACE: &str = "comment extension";

/// Identifier and authentication code of the extension that holds XMP.
pub(crate) const XMP: &[u8; 11] = b"XMP DataXMP";
/// Identifier and authentication code of the extension that holds a C2PA manifest store.
const MANIFEST: &[u8; 11] = b"C2PA_GIF\x01\0\0";
/// Extensions that say how often the animation plays. They must stay right behind the screen.
const LOOPS: [&[u8; 11]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];
/// The extension that holds a colour profile.
const PROFILE: &[u8; 11] = b"ICCRGBG1012";

/// Names of segments. GIF has none of its own.
pub(crate) const SCREEN: [u8; 4] = *b"HEAD";
/// A graphic control extension: how the image after it is shown.
pub(crate) const CONTROL: [u8; 4] = *b"GCE ";
/// An image with its own palette.
pub(crate) const IMAGE: [u8; 4] = *b"IMG ";
/// An application extension that says how often the animation plays.
pub(crate) const LOOP: [u8; 4] = *b"LOOP";
/// A text drawn on the screen, which takes the control extension before it.
pub(crate) const PLAIN_TEXT: [u8; 4] = *b"TXT ";

/// Number of bytes of the header and the logical screen descriptor.
const SCREEN_LEN: u64 = 13;

/// What follows an XMP packet: wherever a reader that takes bytes of the packet for lengths ends up in it, the next
/// step leads to its last byte, the end of the extension (XMP specification part 3, section 1.1.2).
pub(crate) fn magic_trailer() -> Vec<u8> {
    let mut trailer = vec![1];
    trailer.extend((0..=u8::MAX).rev());
    trailer.push(0);
    trailer
}

/// Number of bytes of a colour table, if the packed field says that there is one.
pub(crate) fn table_len(packed: u8) -> u64 {
    if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) }
}

/// A chain of sub-blocks.
struct Chain {
    /// From the first length byte to the terminator, without it.
    blocks: Span,
    /// How many there are.
    count: u64,
}

impl Chain {
    fn read(window: &mut Window<'_>, start: u64) -> Result<Self, FormatError> {
        let (mut at, mut count) = (start, 0);
        loop {
            let [len] = window.array(at)?;
            if len == 0 {
                return Ok(Self { blocks: Span { start, end: at }, count });
            }
            at += 1 + u64::from(len);
            count += 1;
        }
    }

    /// One past the terminator.
    fn end(&self) -> u64 {
        self.blocks.end + 1
    }

    /// Span and coding of what the blocks hold together.
    fn body(&self) -> (Span, Body) {
        match self.count {
            0 => (self.blocks, Body::Verbatim),
            1 => (Span { start: self.blocks.start + 1, ..self.blocks }, Body::Verbatim),
            _ => (self.blocks, Body::Coded(unblock)),
        }
    }
}

/// Joins sub-blocks.
fn unblock(mut blocks: &[u8], _: &Limits) -> Result<Vec<u8>, Problem> {
    let mut joined = Vec::new();
    while let Some((len, rest)) = blocks.split_first() {
        let (block, rest) = rest.split_at_checked(usize::from(*len)).ok_or(Problem::Truncated)?;
        joined.extend_from_slice(block);
        blocks = rest;
    }
    Ok(joined)
}

/// Cuts bytes into sub-blocks, with the terminator.
pub(crate) fn block(bytes: &[u8]) -> Vec<u8> {
    let mut blocks = Vec::new();
    for part in bytes.chunks(255) {
        blocks.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
        blocks.extend_from_slice(part);
    }
    blocks.push(0);
    blocks
}

/// Cuts the file into blocks.
///
/// A file without its trailer is damaged: nothing tells whether an image or a label was cut off with it.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let mut window = Window::new(source);
    let mut layout = Layout::default();
    let screen: [u8; 13] = window.array(0)?;
    let add = |layout: &mut Layout, name, end, role| {
        let start = layout.segments.last().map_or(0, |last| last.span.end);
        layout.segments.push(Segment { name, span: Span { start, end }, role });
    };
    add(&mut layout, SCREEN, SCREEN_LEN, Role::Structure);
    let table = screen.get(10).map_or(0, |packed| table_len(*packed));
    let mut at = SCREEN_LEN + table;
    if at > source.size() {
        return Ok(layout.damaged(source.size(), FormatError::new(SCREEN_LEN, Problem::Truncated)));
    }
    if table > 0 {
        add(&mut layout, *b"GCT ", at, Role::Structure);
    }
    let mut has_image = false;
    loop {
        if layout.segments.len() >= limits.segments {
            let limit = limits.segments as u64;
            let damage = FormatError::new(at, Problem::OverLimit { what: "blocks", limit });
            return Ok(layout.damaged(source.size(), damage));
        }
        let (name, end, role, packet) = match next(&mut window, at) {
            Ok(block) => block,
            Err(err) => return Ok(layout.damaged(source.size(), err)),
        };
        add(&mut layout, name, end, role);
        layout.packets.extend(packet);
        has_image |= name == IMAGE;
        at = end;
        if name == *b"END " {
            break;
        }
    }
    if at < source.size() {
        add(&mut layout, *b"tail", source.size(), Role::Unknown);
    }
    if !has_image {
        layout.damage = Some(FormatError::malformed(at, "no image"));
    }
    Ok(layout)
}

/// Name, end, role and packet of a block.
type Block = ([u8; 4], u64, Role, Option<Packet>);

fn next(window: &mut Window<'_>, at: u64) -> Result<Block, FormatError> {
    let [introducer] = window.array(at)?;
    match introducer {
        0x21 => extension(window, at),
        0x2C => {
            let descriptor: [u8; 10] = window.array(at)?;
            let table = descriptor.last().map_or(0, |packed| table_len(*packed));
            // Descriptor, colour table, one byte of code size, then the coded pixels.
            let chain = Chain::read(window, at + 10 + table + 1)?;
            Ok((IMAGE, chain.end(), Role::Essence, None))
        }
        0x3B => Ok((*b"END ", at + 1, Role::Structure, None)),
        // Some writers end chains twice; every viewer passes over it.
        0 => Ok((*b"zero", at + 1, Role::Unknown, None)),
        _ => Err(FormatError::malformed(at, "neither an image nor an extension nor the trailer")),
    }
}

fn extension(window: &mut Window<'_>, at: u64) -> Result<Block, FormatError> {
    let [_, label] = window.array(at)?;
    match label {
        0xF9 => Ok((CONTROL, Chain::read(window, at + 2)?.end(), Role::Structure, None)),
        0xFE => {
            let chain = Chain::read(window, at + 2)?;
            let packet = packet(Carrier::Comment, String::new(), COMMENT_PLACE, chain.body());
            Ok((*b"COM ", chain.end(), Role::Metadata, Some(packet)))
        }
        0xFF => application(window, at),
        0x01 => {
            let [settings] = window.array(at + 2)?;
            let chain = Chain::read(window, at + 3 + u64::from(settings))?;
            let packet = packet(Carrier::Comment, String::new(), "plain text extension", chain.body());
            Ok((PLAIN_TEXT, chain.end(), Role::Metadata, Some(packet)))
        }
        _ => {
            let chain = Chain::read(window, at + 2)?;
            let packet = packet(Carrier::Blob, format!("{label:02X}"), "unknown extension", chain.body());
            Ok((*b"EXT ", chain.end(), Role::Metadata, Some(packet)))
        }
    }
}

fn application(window: &mut Window<'_>, at: u64) -> Result<Block, FormatError> {
    let [len] = window.array(at + 2)?;
    let identifier = window.bytes(at + 3, usize::from(len))?.to_vec();
    let chain = Chain::read(window, at + 3 + u64::from(len))?;
    let is = |wanted: &[u8; 11]| identifier == wanted;
    if LOOPS.iter().any(|wanted| is(wanted)) {
        return Ok((LOOP, chain.end(), Role::Structure, None));
    }
    if is(PROFILE) {
        return Ok((*b"ICC ", chain.end(), Role::Structure, None));
    }
    let packet = if is(XMP) {
        xmp(window, &chain)?
    } else if is(MANIFEST) {
        packet(Carrier::Manifest, String::new(), "C2PA_GIF application extension", chain.body())
    } else {
        let key = String::from_utf8_lossy(&identifier).into_owned();
        packet(Carrier::Blob, key, "application extension", chain.body())
    };
    Ok((*b"APP ", chain.end(), Role::Metadata, Some(packet)))
}

/// The packet stands as it is before the magic trailer. Some writers cut it into sub-blocks all the same.
fn xmp(window: &mut Window<'_>, chain: &Chain) -> Result<Packet, FormatError> {
    let trailer = magic_trailer();
    let start = chain.end().checked_sub(trailer.len() as u64).filter(|start| *start >= chain.blocks.start);
    if let Some(end) = start
        && window.bytes(end, trailer.len())? == trailer
    {
        let span = Span { start: chain.blocks.start, end };
        return Ok(packet(Carrier::Xmp, String::new(), XMP_PLACE, (span, Body::Verbatim)));
    }
    Ok(packet(Carrier::Xmp, String::new(), "XMP application extension without magic trailer", chain.body()))
}

fn packet(carrier: Carrier, key: String, place: &'static str, (span, body): (Span, Body)) -> Packet {
    Packet { carrier, key, place, span, body }
}
