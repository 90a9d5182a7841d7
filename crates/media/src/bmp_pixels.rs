//! Headers and pixels of BMP: read and written as they stand, without any coding.

use std::ops::Range;

use crate::{
    Band, Changes, Colour, Frame, Layout, NewContent, Picture, Piece, Role, Samples, Segment, Shape,
};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Sizes of the second header: of OS/2 1 and 2, Windows 3, its variants with masks, and versions 4 and 5.
pub(crate) const HEADERS: [u8; 7] = [12, 40, 52, 56, 64, 108, 124];

/// How the pixels stand in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Geometry {
    width: u32,
    height: u32,
    /// Whether the top row comes first.
    is_top_down: bool,
    /// Bits a pixel.
    bits: u16,
    /// How they are coded; 0 is not at all.
    compression: u32,
    /// Whether the fourth byte is alpha.
    alpha: bool,
    /// Whether the masks are blue, green, red, as without masks.
    plain: bool,
    /// First byte of the first row.
    start: u64,
    /// End of the headers.
    headers: u64,
}

impl Geometry {
    fn read(window: &mut Window<'_>) -> Result<Self, FormatError> {
        let start = u32::from_le_bytes(window.array(10)?).into();
        let size = u32::from_le_bytes(window.array(14)?);
        let mut geometry = Self {
            width: 0,
            height: 0,
            is_top_down: false,
            bits: 0,
            compression: 0,
            alpha: false,
            plain: true,
            start,
            headers: 14 + u64::from(size),
        };
        if !HEADERS.iter().any(|known| u32::from(*known) == size) {
            return Err(FormatError::malformed(14, "size of the header"));
        }
        if size == 12 {
            geometry.width = u16::from_le_bytes(window.array(18)?).into();
            geometry.height = u16::from_le_bytes(window.array(20)?).into();
            geometry.bits = u16::from_le_bytes(window.array(24)?);
        } else {
            let height = i32::from_le_bytes(window.array(22)?);
            // A negative width is no width.
            let width = i32::from_le_bytes(window.array(18)?);
            geometry.width = u32::try_from(width).map_err(|_| FormatError::malformed(18, "width"))?;
            geometry.height = height.unsigned_abs();
            geometry.is_top_down = height < 0;
            geometry.bits = u16::from_le_bytes(window.array(28)?);
            geometry.compression = u32::from_le_bytes(window.array(30)?);
        }
        // Masks stand in the header, or right behind that of Windows 3; 64 is OS/2, which means Huffman by 3.
        if matches!(geometry.compression, 3 | 6) && size != 64 {
            let masks: [u8; 12] = window.array(54)?;
            geometry.plain = masks == [0, 0, 0xFF, 0, 0, 0xFF, 0, 0, 0xFF, 0, 0, 0];
            if size == 40 {
                geometry.headers += if geometry.compression == 6 { 16 } else { 12 };
            }
            let has_alpha = size >= 56 || geometry.compression == 6;
            let alpha: [u8; 4] = if has_alpha { window.array(66)? } else { [0; 4] };
            geometry.alpha = alpha == [0, 0, 0, 0xFF];
            geometry.plain &= geometry.alpha || alpha == [0; 4];
        }
        if geometry.width == 0 || geometry.height == 0 {
            return Err(FormatError::malformed(18, "a picture without pixels"));
        }
        if geometry.start < geometry.headers {
            return Err(FormatError::malformed(10, "pixels within the header"));
        }
        Ok(geometry)
    }

    /// Bytes of a row: whole groups of four.
    fn line(&self) -> u64 {
        (u64::from(self.width) * u64::from(self.bits)).div_ceil(32) * 4
    }

    fn is_coded(&self) -> bool {
        !matches!(self.compression, 0 | 3 | 6)
    }

    /// The bytes of all rows, if they are not coded.
    fn pixels(&self) -> Option<Span> {
        Span::new(self.start, self.line().checked_mul(self.height.into())?)
    }

    /// Refuses what is not decoded here, and what is too large.
    fn check(&self, limits: &Limits) -> Result<(), FormatError> {
        if self.is_coded() || !matches!(self.bits, 24 | 32) || !self.plain {
            return Err(FormatError::unsupported(
                28,
                "the pixels of BMP with a palette, compression or masks of its own: save it with 24 bits a pixel",
            ));
        }
        limits.canvas(18, self.width, self.height, 1)
    }

    /// Bytes of a pixel.
    fn pixel(&self) -> usize {
        usize::from(self.bits / 8)
    }

    fn colour(&self) -> Colour {
        if self.alpha { Colour::Rgba } else { Colour::Rgb }
    }

    fn shape(&self) -> Shape {
        Shape { width: self.width, height: self.height, orientation: 1 }
    }

    /// Where a row stands in the file.
    fn row(&self, row: u32) -> Span {
        let row = if self.is_top_down { row } else { self.height - 1 - row };
        let start = self.start + u64::from(row) * self.line();
        Span { start, end: start + u64::from(self.width) * self.pixel() as u64 }
    }
}

/// Cuts the file into headers, pixels and what follows.
pub(crate) fn parse(source: &dyn Source, _: &Limits) -> Result<Layout, FormatError> {
    let mut layout = Layout::default();
    let mut window = Window::new(source);
    window.bytes(0, 18)?;
    let segment = |name, start, end, role| Segment { name, span: Span { start, end }, role };
    layout.segments.push(segment(*b"BM  ", 0, 14, Role::Structure));
    let geometry = match Geometry::read(&mut window) {
        Ok(geometry) => geometry,
        Err(err) => return Ok(layout.damaged(source.size(), err)),
    };
    let pixels = if geometry.is_coded() {
        // How long they are says a field that many writers leave empty.
        Span { start: geometry.start, end: source.size() }
    } else {
        match geometry.pixels() {
            Some(pixels) => pixels,
            None => {
                return Ok(layout.damaged(source.size(), FormatError::malformed(18, "size of the picture")));
            }
        }
    };
    if geometry.headers > source.size() || pixels.end > source.size() || pixels.is_empty() {
        return Ok(layout.damaged(source.size(), FormatError::new(pixels.start, Problem::Truncated)));
    }
    layout.segments.push(segment(*b"DIB ", 14, geometry.headers, Role::Structure));
    if geometry.headers < pixels.start {
        layout.segments.push(segment(*b"pal ", geometry.headers, pixels.start, Role::Structure));
    }
    layout.segments.push(segment(*b"pix ", pixels.start, pixels.end, Role::Essence));
    if pixels.end < source.size() {
        // A colour profile, or what somebody left there.
        layout.segments.push(segment(*b"tail", pixels.end, source.size(), Role::Unknown));
    }
    Ok(layout)
}

/// Decodes the picture.
///
/// # Errors
/// If its pixels are coded, have a palette, or are too many.
pub(crate) fn decode(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Picture, FormatError> {
    let Band { shape, colour, frames, .. } = decode_rows(source, layout, limits, &|shape| 0..shape.height)?;
    Ok(Picture { width: shape.width, height: shape.height, colour, orientation: 1, frames })
}

/// Decodes some rows, and reads no others.
///
/// # Errors
/// As [`decode`].
pub(crate) fn decode_rows(
    source: &dyn Source,
    _: &Layout,
    limits: &Limits,
    wanted: &dyn Fn(Shape) -> Range<u32>,
) -> Result<Band, FormatError> {
    let geometry = Geometry::read(&mut Window::new(source))?;
    geometry.check(limits)?;
    let (shape, colour) = (geometry.shape(), geometry.colour());
    let rows = shape.clamp(&wanted(shape));
    let limits = Limits { block: u64::MAX, ..*limits };
    let mut samples = Vec::new();
    for row in rows.clone() {
        for pixel in limits.take(source, geometry.row(row))?.chunks_exact(geometry.pixel()) {
            if let [blue, green, red, rest @ ..] = pixel {
                samples.extend([red, green, blue]);
                samples.extend(rest.iter().filter(|_| geometry.alpha));
            }
        }
    }
    Ok(Band { shape, colour, rows, frames: vec![Frame { samples: Samples::Eight(samples) }] })
}

/// Says how the file reads with a new picture. Headers, padding and what follows the pixels stay.
///
/// # Errors
/// If metadata is to be put, or the picture is another one in size or colour.
pub(crate) fn splice(
    source: &dyn Source,
    _: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let whole = Span { start: 0, end: source.size() };
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(whole)]);
    }
    let (Some(NewContent::Picture(new)), true, true, true) =
        (&changes.content, changes.added.is_empty(), changes.replaced.is_empty(), changes.cuts.is_empty())
    else {
        return Err(FormatError::unsupported(
            0,
            "metadata in BMP, which has no place for it: save it as PNG",
        ));
    };
    let geometry = Geometry::read(&mut Window::new(source))?;
    geometry.check(limits)?;
    let span = geometry.pixels().ok_or(FormatError::malformed(18, "size of the picture"))?;
    let other = || FormatError::unsupported(0, "a picture of another size, colour or number of frames");
    let [Frame { samples: Samples::Eight(samples) }] = new.frames.as_slice() else { return Err(other()) };
    let channels = new.colour.channels();
    let line = usize::try_from(geometry.width).unwrap_or(usize::MAX).saturating_mul(channels);
    let rows = usize::try_from(geometry.height).unwrap_or(usize::MAX);
    if new.shape() != geometry.shape()
        || new.colour != geometry.colour()
        || Some(samples.len()) != line.checked_mul(rows)
    {
        return Err(other());
    }
    let mut bytes = Limits { block: u64::MAX, ..*limits }.take(source, span)?;
    for (row, samples) in (0..geometry.height).zip(samples.chunks_exact(line)) {
        let start = usize::try_from(geometry.row(row).start - span.start).unwrap_or(usize::MAX);
        let old = bytes.get_mut(start..).unwrap_or_default().chunks_exact_mut(geometry.pixel());
        for (old, new) in old.zip(samples.chunks_exact(channels)) {
            if let ([old_blue, old_green, old_red, rest @ ..], [red, green, blue, alpha @ ..]) = (old, new) {
                (*old_blue, *old_green, *old_red) = (*blue, *green, *red);
                for (old, new) in rest.iter_mut().zip(alpha) {
                    *old = *new;
                }
            }
        }
    }
    let mut pieces = vec![Piece::Keep(Span { end: span.start, ..whole }), Piece::New(bytes)];
    if span.end < whole.end {
        pieces.push(Piece::Keep(Span { start: span.end, ..whole }));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::{decode, decode_rows, parse, splice};
    use crate::{Changes, Colour, NewContent, Piece, Put, Role, Samples};
    use indicia_core::{Limits, Problem, Source};
    use indicia_testkit::CountedFile;

    /// Two columns and two rows, bottom row first, each padded to eight bytes.
    fn file() -> Vec<u8> {
        let mut bytes = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\x18\0".to_vec();
        bytes.resize(54, 0);
        bytes.extend([1, 2, 3, 4, 5, 6, 0xAA, 0xBB, 7, 8, 9, 10, 11, 12, 0xCC, 0xDD]);
        bytes.extend(b"tail");
        bytes
    }

    #[expect(clippy::ptr_arg, reason = "a slice cannot become a dyn Source")]
    fn samples(bytes: &Vec<u8>) -> Vec<u8> {
        let picture = decode(bytes, &parse(bytes, &Limits::default()).unwrap(), &Limits::default()).unwrap();
        match picture.frames.into_iter().next().unwrap().samples {
            Samples::Eight(samples) => samples,
            Samples::Sixteen(_) => panic!(),
        }
    }

    #[test]
    fn rows_stand_upside_down_and_blue_comes_first() {
        let mut bytes = file();
        let layout = parse(&bytes, &Limits::default()).unwrap();
        assert!(layout.tiles(bytes.size()) && layout.damage.is_none());
        assert_eq!(layout.segments.last().unwrap().role, Role::Unknown);
        assert_eq!(samples(&bytes), [9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4]);
        let band = decode_rows(&bytes, &layout, &Limits::default(), &|_| 1..2).unwrap();
        assert_eq!((band.rows, &band.frames[0].samples), (1..2, &Samples::Eight(vec![3, 2, 1, 6, 5, 4])));
        bytes[22..26].copy_from_slice(&(-2_i32).to_le_bytes());
        assert_eq!(samples(&bytes), [3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10], "top row first");
    }

    #[test]
    fn pixels_are_read_only_where_they_are_asked_for() {
        let mut head = file();
        let (columns, rows) = (20_000_u32, 30_000_u32);
        head[18..22].copy_from_slice(&columns.to_le_bytes());
        head[22..26].copy_from_slice(&rows.to_le_bytes());
        let size = 54 + 3 * u64::from(columns) * u64::from(rows);
        let source = CountedFile::padded(head, size);
        let layout = parse(&source, &Limits::default()).unwrap();
        assert_eq!(layout.damage, None);
        assert!(source.read() < 16 << 10, "{}", source.read());
        let limits = Limits { pixels: u64::MAX, ..Limits::default() };
        decode_rows(&source, &layout, &limits, &|_| 29_998..30_000).unwrap();
        assert!(source.read() < 200_000, "{}", source.read());
    }

    #[test]
    fn a_new_picture_leaves_headers_padding_and_tail() {
        let bytes = file();
        let layout = parse(&bytes, &Limits::default()).unwrap();
        let mut new = decode(&bytes, &layout, &Limits::default()).unwrap();
        new.frames[0].samples = Samples::Eight((0..12).map(|at| 100 + at).collect());
        let changes = Changes { content: Some(NewContent::Picture(new.clone())), ..Changes::default() };
        let mut out = Vec::new();
        for piece in splice(&bytes, &layout, &changes, &Limits::default()).unwrap() {
            match piece {
                Piece::Keep(span) => out.extend(Limits::default().take(&bytes, span).unwrap()),
                Piece::New(new) => out.extend(new),
            }
        }
        let mut expected = file();
        expected[54..70].copy_from_slice(&[
            108, 107, 106, 111, 110, 109, 0xAA, 0xBB, 102, 101, 100, 105, 104, 103, 0xCC, 0xDD,
        ]);
        assert_eq!(out, expected);
        let mut wrong = new;
        wrong.colour = Colour::Rgba;
        let changes = Changes { content: Some(NewContent::Picture(wrong)), ..Changes::default() };
        assert!(splice(&bytes, &layout, &changes, &Limits::default()).is_err());
        let put = Put { carrier: crate::Carrier::Xmp, key: String::new(), body: b"<x/>".to_vec() };
        let changes = Changes { added: vec![put], ..Changes::default() };
        let refused = splice(&bytes, &layout, &changes, &Limits::default()).unwrap_err();
        assert!(matches!(refused.problem, Problem::Unsupported(_)));
    }

    #[test]
    fn cuts_and_wrong_bytes_are_damage_and_never_panic() {
        let whole = file();
        for cut in 0..70 {
            match parse(&whole[..cut].to_vec(), &Limits::default()) {
                Err(_) => assert!(cut < 18),
                Ok(layout) => assert!(layout.damage.is_some() && layout.tiles(cut as u64), "{cut}"),
            }
        }
        for at in 0..70 {
            for patch in [&[0xFF; 4][..], &[0; 4], &[0x80], &[3]] {
                let mut bytes = whole.clone();
                bytes[at..at + patch.len()].copy_from_slice(patch);
                let Ok(layout) = parse(&bytes, &Limits::default()) else { continue };
                assert!(layout.tiles(bytes.size()), "{at}");
                let _ = decode(&bytes, &layout, &Limits::default());
            }
        }
    }
}
