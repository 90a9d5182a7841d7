//! The chunks of PNG that hold texts: `tEXt`, `zTXt` and `iTXt`, read into packets and written.

use std::io::{Read, Write};

use crate::{Body, Carrier, Packet, Segment};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Everything before the packet in the data of an uncompressed `iTXt` chunk that holds XMP.
pub(crate) const XMP_PREFIX: &[u8] = b"XML:com.adobe.xmp\0\0\0\0\0";

/// Longest keyword (section 11.3.2).
const KEYWORD: usize = 79;

/// Most bytes looked through for the language and translated keyword of an `iTXt` chunk.
const PREFIX: usize = 1024;

/// A whole chunk, with length and CRC.
///
/// # Errors
/// [`Problem::OverLimit`] if the data is longer than PNG allows.
pub(crate) fn chunk(name: [u8; 4], data: &[u8]) -> Result<Vec<u8>, FormatError> {
    let length = u32::try_from(data.len()).ok().filter(|length| *length <= 0x7FFF_FFFF);
    let length = length.ok_or(FormatError::new(
        0,
        Problem::OverLimit { what: "bytes in a PNG chunk", limit: 0x7FFF_FFFF },
    ))?;
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend_from_slice(&name);
    bytes.extend_from_slice(data);
    let mut crc = crc32fast::Hasher::new();
    crc.update(&name);
    crc.update(data);
    bytes.extend_from_slice(&crc.finalize().to_be_bytes());
    Ok(bytes)
}

/// The packet that a text chunk holds, without reading its value.
///
/// # Errors
/// If the source cannot be read. What is wrong with the chunk itself becomes [`Body::Broken`].
pub(crate) fn packet(window: &mut Window<'_>, name: [u8; 4], data: Span) -> Result<Packet, FormatError> {
    let length = usize::try_from(data.len()).unwrap_or(usize::MAX);
    let head = window.up_to(data.start, length.min(PREFIX))?;
    let broken = |what| Packet {
        carrier: Carrier::Field,
        key: String::new(),
        place: place(name),
        span: data,
        body: Body::Broken(FormatError::malformed(data.start, what)),
    };
    let Some(end) = head.iter().take(KEYWORD + 1).position(|byte| *byte == 0) else {
        return Ok(broken("a text chunk has no keyword"));
    };
    let keyword: String = head.get(..end).unwrap_or_default().iter().map(|byte| char::from(*byte)).collect();
    let rest = head.get(end + 1..).unwrap_or_default();
    let (skip, body) = match &name {
        b"tEXt" => (end + 1, Body::Coded(latin)),
        b"zTXt" if rest.first() == Some(&0) => (end + 2, Body::Coded(inflated_latin)),
        b"zTXt" => return Ok(broken("a zTXt chunk is compressed in an unknown way")),
        _ => {
            // Compressed or not, method, language, translated keyword.
            let mut nul = rest.iter().enumerate().skip(2).filter(|(_, byte)| **byte == 0).map(|(at, _)| at);
            let (Some(flag), Some(_), Some(last)) = (rest.first(), nul.next(), nul.next()) else {
                return Ok(broken("the keyword of an iTXt chunk does not end"));
            };
            let body = if *flag == 0 { Body::Verbatim } else { Body::Coded(inflated) };
            (end + 1 + last + 1, body)
        }
    };
    let span = Span { start: data.start + skip as u64, end: data.end };
    let (carrier, key, body) = match keyword.as_str() {
        "XML:com.adobe.xmp" => (Carrier::Xmp, String::new(), body),
        // How ImageMagick writes profiles: as digits, in a text.
        "Raw profile type xmp" => (
            Carrier::Xmp,
            String::new(),
            if name == *b"zTXt" { Body::Coded(inflated_digits) } else { Body::Coded(digits) },
        ),
        "Raw profile type exif" | "Raw profile type APP1" => (
            Carrier::Exif,
            String::new(),
            if name == *b"zTXt" { Body::Coded(inflated_exif_digits) } else { Body::Coded(exif_digits) },
        ),
        _ => (Carrier::Field, keyword, body),
    };
    Ok(Packet { carrier, key, place: place(name), span, body })
}

fn place(name: [u8; 4]) -> &'static str {
    match &name {
        b"tEXt" => "tEXt chunk",
        b"zTXt" => "zTXt chunk",
        _ => "iTXt chunk",
    }
}

/// The chunk of a segment with a new value for its packet: of the same kind where that can hold the value.
///
/// # Errors
/// If the source cannot be read, or the value is too long.
pub(crate) fn replaced(
    source: &dyn Source,
    segment: &Segment,
    packet: &Packet,
    body: &[u8],
) -> Result<Vec<u8>, FormatError> {
    match packet.carrier {
        Carrier::Exif => return chunk(*b"eXIf", body),
        Carrier::Xmp => return chunk(*b"iTXt", &[XMP_PREFIX, body].concat()),
        Carrier::Field => {}
        _ => {
            return Err(FormatError::unsupported(
                segment.span.start,
                "changing this sort of metadata in PNG",
            ));
        }
    }
    let before = Span { start: segment.span.start + 8, end: packet.span.start };
    let mut data = Limits::default().take(source, before)?;
    match (&segment.name, body.is_ascii()) {
        (b"tEXt", true) => data.extend_from_slice(body),
        (b"zTXt", true) => {
            let mut encoder = ZlibEncoder::new(data, Compression::default());
            encoder
                .write_all(body)
                .map_err(|err| FormatError::new(segment.span.start, Problem::Io(err.kind())))?;
            data = encoder
                .finish()
                .map_err(|err| FormatError::new(segment.span.start, Problem::Io(err.kind())))?;
        }
        (b"iTXt", _) => {
            // No longer compressed.
            if let Some(flag) = packet.key.len().checked_add(1).and_then(|at| data.get_mut(at)) {
                *flag = 0;
            }
            data.extend_from_slice(body);
        }
        _ => return international(&packet.key, body),
    }
    chunk(segment.name, &data)
}

/// A new chunk that holds a keyed text: `tEXt` if it is ASCII, else `iTXt`.
///
/// # Errors
/// [`Problem::Unsupported`] if PNG does not allow the keyword.
pub(crate) fn field(key: &str, body: &[u8]) -> Result<Vec<u8>, FormatError> {
    let printable = key.bytes().all(|byte| (0x20..0x7F).contains(&byte));
    if key.is_empty() || key.len() > KEYWORD || !printable || key != key.trim() || key.contains("  ") {
        return Err(FormatError::unsupported(0, "this keyword in PNG"));
    }
    if body.is_ascii() {
        chunk(*b"tEXt", &[key.as_bytes(), b"\0", body].concat())
    } else {
        international(key, body)
    }
}

fn international(key: &str, body: &[u8]) -> Result<Vec<u8>, FormatError> {
    let latin: Vec<u8> = key.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect();
    chunk(*b"iTXt", &[&latin, b"\0\0\0\0\0".as_slice(), body].concat())
}

/// Latin-1, as the specification says; or UTF-8, as many write it all the same.
fn latin(bytes: &[u8], _: &Limits) -> Result<Vec<u8>, Problem> {
    if str::from_utf8(bytes).is_ok() {
        return Ok(bytes.to_vec());
    }
    Ok(bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes())
}

fn inflated(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::new();
    let read = ZlibDecoder::new(bytes).take(limits.inflated + 1).read_to_end(&mut out);
    read.map_err(|_| Problem::Malformed("a compressed text does not inflate"))?;
    if out.len() as u64 > limits.inflated {
        return Err(Problem::OverLimit { what: "bytes in a compressed text", limit: limits.inflated });
    }
    Ok(out)
}

fn inflated_latin(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Problem> {
    latin(&inflated(bytes, limits)?, limits)
}

/// A profile as text: a line break, its name, its length, then hexadecimal digits in lines.
fn digits(bytes: &[u8], _: &Limits) -> Result<Vec<u8>, Problem> {
    let malformed = Problem::Malformed("a profile in digits cannot be read");
    let mut lines = bytes.split(|byte| *byte == b'\n').skip_while(|line| line.trim_ascii().is_empty());
    let (Some(_), Some(length)) = (lines.next(), lines.next()) else { return Err(malformed) };
    let length: usize = str::from_utf8(length.trim_ascii())
        .ok()
        .and_then(|length| length.parse().ok())
        .ok_or(malformed.clone())?;
    let nibbles: Vec<u8> = lines
        .flatten()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| {
            char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).ok_or(malformed.clone())
        })
        .collect::<Result<_, _>>()?;
    let decoded: Vec<u8> = nibbles.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect();
    if decoded.len() == length { Ok(decoded) } else { Err(malformed) }
}

fn inflated_digits(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Problem> {
    digits(&inflated(bytes, limits)?, limits)
}

fn exif_digits(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Problem> {
    let block = digits(bytes, limits)?;
    Ok(block.strip_prefix(b"Exif\0\0").unwrap_or(&block).to_vec())
}

fn inflated_exif_digits(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Problem> {
    exif_digits(&inflated(bytes, limits)?, limits)
}

#[cfg(test)]
mod tests {
    use super::{chunk, digits, exif_digits, field, inflated, latin, packet};
    use crate::Packet;
    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use indicia_core::{Limits, Problem, Span, Window};
    use std::io::Write;

    #[test]
    fn a_text_is_read_as_latin_unless_it_is_utf_8() {
        let limits = Limits::default();
        assert_eq!(latin(b"caf\xE9", &limits).unwrap(), "café".as_bytes());
        assert_eq!(latin("生成".as_bytes(), &limits).unwrap(), "生成".as_bytes());
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let mut bomb = ZlibEncoder::new(Vec::new(), Compression::best());
        bomb.write_all(&vec![b'A'; 1 << 20]).unwrap();
        let bomb = bomb.finish().unwrap();
        let limits = Limits { inflated: 1 << 16, ..Limits::default() };
        assert!(matches!(inflated(&bomb, &limits), Err(Problem::OverLimit { limit: 65_536, .. })));
        assert_eq!(inflated(&bomb, &Limits::default()).unwrap().len(), 1 << 20);
        assert!(matches!(inflated(b"no zlib", &limits), Err(Problem::Malformed(_))));
        let exact = Limits { inflated: 1 << 20, ..Limits::default() };
        assert!(inflated(&bomb, &exact).is_ok());
        let short = Limits { inflated: (1 << 20) - 1, ..Limits::default() };
        assert!(matches!(inflated(&bomb, &short), Err(Problem::OverLimit { .. })), "never cut silently");
    }

    #[test]
    fn a_profile_in_digits_is_read() {
        let limits = Limits::default();
        assert_eq!(digits(b"\nxmp\n       4\n3c782f\n3e\n", &limits).unwrap(), b"<x/>");
        assert!(digits(b"\nxmp\n 5\n3c782f3e\n", &limits).is_err(), "a wrong length");
        assert!(digits(b"\nxmp\n 4\n3c782fzz\n", &limits).is_err(), "no digits");
    }

    #[test]
    fn a_keyword_png_does_not_allow_is_refused() {
        assert_eq!(&field("AIGC", b"{}").unwrap()[4..15], b"tEXtAIGC\0{}");
        assert_eq!(&field("AIGC", "生".as_bytes()).unwrap()[4..8], b"iTXt");
        for key in ["", " a", "a  b", "生", &"a".repeat(80)] {
            assert!(field(key, b"x").is_err(), "{key}");
        }
    }

    #[test]
    fn an_exif_profile_in_digits_may_have_the_header_of_jpeg() {
        let limits = Limits::default();
        assert_eq!(exif_digits(b"\nexif\n 8\n457869660000\n4949\n", &limits).unwrap(), b"II");
        assert_eq!(exif_digits(b"\nexif\n 2\n4949\n", &limits).unwrap(), b"II");
    }

    #[test]
    fn a_chunk_ends_with_the_check_of_its_type_and_data() {
        // As every PNG ends: section 11.2.5, with the CRC of the four letters alone.
        assert_eq!(chunk(*b"IEND", b"").unwrap(), b"\0\0\0\0IEND\xAE\x42\x60\x82");
    }

    fn read(name: [u8; 4], data: &[u8]) -> Packet {
        let bytes = data.to_vec();
        packet(&mut Window::new(&bytes), name, Span { start: 0, end: bytes.len() as u64 }).unwrap()
    }

    fn value(name: [u8; 4], data: &[u8]) -> Result<Vec<u8>, Problem> {
        read(name, data).read(&data.to_vec(), &Limits::default()).map_err(|err| err.problem)
    }

    #[test]
    fn compressed_texts_are_inflated() {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
        packed.write_all("生成".as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        let with = |head: &[u8]| [head, &packed].concat();
        assert_eq!(value(*b"zTXt", &with(b"K\0\0")).unwrap(), "生成".as_bytes());
        assert_eq!(value(*b"iTXt", &with(b"K\0\x01\0zh\0k\0")).unwrap(), "生成".as_bytes());
        assert_eq!(value(*b"iTXt", b"K\0\0\0zh\0k\0plain").unwrap(), b"plain");
        assert!(value(*b"zTXt", &with(b"K\0\x01")).is_err(), "an unknown method");
    }

    #[test]
    fn a_keyword_is_as_long_as_png_allows_and_ends() {
        let long = |len| [&vec![b'k'; len][..], b"\0v"].concat();
        assert_eq!(read(*b"tEXt", &long(79)).key.len(), 79);
        assert_eq!(value(*b"tEXt", &long(79)).unwrap(), b"v");
        assert!(value(*b"tEXt", &long(80)).is_err());
        assert!(value(*b"tEXt", b"no end").is_err());
        assert!(value(*b"iTXt", b"K\0\0\0zh").is_err(), "the language does not end");
        assert!(value(*b"iTXt", b"K\0\0\0zh\0k").is_err(), "the translated keyword does not end");
    }
}
