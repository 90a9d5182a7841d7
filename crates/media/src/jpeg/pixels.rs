use jpeg_encoder::{Encoder, ImageBuffer, JpegColorType, QuantizationTableType, SamplingFactor};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::chroma;
use super::frame::Frame;
use super::marker::{EOI, Marker, SOI};
use super::segments;
use crate::{Carrier, Frame as PictureFrame, Layout, Picture, Samples, Segment, exif};
use indicia_core::{FormatError, Limits, Problem, Source, Window};

/// Where in the natural order of a block each coefficient of the zigzag order stands (T.81, figure A.6).
const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Most scans decoded. Each runs over the whole picture, so a small file could cost much.
const SCANS: usize = 256;

/// Decodes the picture of a JPEG file, in the colours it is coded in.
///
/// # Errors
/// The file's damage, if it has any: half a picture must not pass for one. As [`Frame::read`];
/// [`Problem::OverLimit`] for a canvas or coded data that is too large,
/// [`Problem::Malformed`] for coded data that contradicts T.81.
pub(crate) fn decode(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Picture, FormatError> {
    let frame = decodable(source, layout, limits)?;
    let samples = samples(&frame, &coded(source, layout, limits)?)?;
    Ok(Picture {
        width: u32::from(frame.width),
        height: u32::from(frame.height),
        colour: frame.colour,
        orientation: orientation(source, layout, limits),
        frames: vec![PictureFrame { samples: Samples::Eight(samples) }],
    })
}

/// How the picture is coded, if it can be decoded.
///
/// # Errors
/// As [`decode`], before anything is decoded.
pub(super) fn decodable(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Frame, FormatError> {
    if let Some(damage) = &layout.damage {
        return Err(damage.clone());
    }
    let frame = Frame::read(source, layout)?;
    limits.canvas(frame.at, u32::from(frame.width), u32::from(frame.height), 1)?;
    if !frame.progressive && frame.scans_apart && frame.subsampling() != Some((1, 1)) {
        // The decoder misplaces the blocks of such pictures without noticing.
        return Err(FormatError::unsupported(
            frame.at,
            "JPEG with a scan for each of its subsampled colours",
        ));
    }
    Ok(frame)
}

/// Decodes a file that holds nothing but what [`coded`] takes; its height may be another than in the frame.
///
/// # Errors
/// [`Problem::Malformed`] for coded data that contradicts T.81.
pub(super) fn samples(frame: &Frame, coded: &[u8]) -> Result<Vec<u8>, FormatError> {
    let broken = || FormatError::malformed(frame.at, "coded picture");
    let as_coded = |space: ColorSpace| {
        DecoderOptions::default()
            .jpeg_set_out_colorspace(space)
            .jpeg_set_max_scans(SCANS)
            .set_strict_mode(true)
            .set_max_width(usize::from(u16::MAX))
            .set_max_height(usize::from(u16::MAX))
    };
    let space = match (frame.components.len(), frame.ids()) {
        (1, _) => ColorSpace::Luma,
        (_, ids) if ids == b"RGB" => ColorSpace::RGB,
        _ => ColorSpace::YCbCr,
    };
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(coded), as_coded(space));
    decoder.decode().map_err(|_| broken())
}

/// The segments that matter to decoding, in one piece: tables, frame header and scans.
///
/// Metadata is left out, so that nothing in it can disturb the decoder.
fn coded(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Vec<u8>, FormatError> {
    let mut bytes = vec![0xFF, SOI];
    for segment in layout.segments.iter().filter(|segment| is_coding(segment)) {
        append(source, segment, limits, &mut bytes)?;
    }
    bytes.extend([0xFF, EOI]);
    Ok(bytes)
}

/// Whether a segment matters to decoding.
pub(super) fn is_coding(segment: &Segment) -> bool {
    matches!(&segment.name, b"DQT " | b"DHT " | b"DRI " | b"SOS ") || segment.name.starts_with(b"SOF")
}

/// Appends a segment to the coded picture.
///
/// # Errors
/// [`Problem::OverLimit`] if that gets too large, [`Problem::Io`] if the system cannot read.
pub(super) fn append(
    source: &dyn Source,
    segment: &Segment,
    limits: &Limits,
    bytes: &mut Vec<u8>,
) -> Result<(), FormatError> {
    let (start, at) = (bytes.len(), segment.span.start);
    if bytes.len() as u64 + segment.span.len() > limits.pixels {
        let limit = limits.pixels;
        return Err(FormatError::new(at, Problem::OverLimit { what: "bytes of coded picture", limit }));
    }
    let len = usize::try_from(segment.span.len()).unwrap_or(0);
    bytes.resize(start + len, 0);
    let end = bytes.get_mut(start..).unwrap_or_default();
    source.read_at(at, end).map_err(|err| FormatError::new(at, Problem::Io(err.kind())))
}

/// How a viewer turns the picture: 1 where the file says nothing that can be read.
pub(super) fn orientation(source: &dyn Source, layout: &Layout, limits: &Limits) -> u8 {
    let exif = layout.packets.iter().find(|packet| packet.carrier == Carrier::Exif);
    exif.and_then(|packet| packet.read(source, limits).ok()).map_or(1, |block| exif::orientation(&block))
}

/// Codes a picture as the one in the file is coded: same tables, same sampling, same restart interval. Where
/// the file has no restart markers, one before each row of coded units lets [`super::decode_rows`] read what
/// was written without decoding it all.
/// Gives all segments from the tables to the last scan.
///
/// # Errors
/// [`Problem::Unsupported`] for a picture that is not of the size and colour of the one in the file.
pub(super) fn encode(
    source: &dyn Source,
    layout: &Layout,
    picture: &Picture,
    limits: &Limits,
) -> Result<Vec<u8>, FormatError> {
    let frame = Frame::read(source, layout)?;
    limits.canvas(frame.at, picture.width, picture.height, 1)?;
    let same = picture.width == u32::from(frame.width)
        && picture.height == u32::from(frame.height)
        && picture.colour == frame.colour;
    let ([PictureFrame { samples: Samples::Eight(samples) }], true) = (picture.frames.as_slice(), same)
    else {
        return Err(FormatError::unsupported(frame.at, "a picture of another size or colour"));
    };
    let pixels = usize::from(frame.width) * usize::from(frame.height);
    if samples.len() != pixels * frame.components.len() {
        return Err(FormatError::unsupported(frame.at, "a picture with samples missing"));
    }
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 100);
    let [luma, chroma] = tables(&frame)?.map(|table| QuantizationTableType::Custom(Box::new(table)));
    encoder.set_quantization_tables(luma, chroma);
    // A sampling that the encoder cannot write in one scan is replaced by a finer one: larger, but nothing
    // is lost.
    let (across, down) = frame.subsampling().map_or((1, 1), |(across, down)| (across.min(2), down.min(2)));
    let sampling = SamplingFactor::from_factors(across, down).unwrap_or(SamplingFactor::F_1_1);
    encoder.set_sampling_factor(sampling);
    // Two scans make the smallest files: this encoder cannot save on runs of empty blocks. For pictures
    // that are not progressive, tables of their own would cost a scan for each colour, which not every
    // decoder reads.
    if frame.progressive {
        encoder.set_progressive_scans(2);
    }
    // Its own tables would not hold what restart markers make it write.
    encoder.set_optimized_huffman_tables(frame.progressive && frame.restart == 0);
    let row = frame.width.div_ceil(8 * u16::from(across));
    encoder.set_restart_interval(match frame.restart {
        0 if !frame.progressive => row,
        interval => interval,
    });
    let image = Rows { samples, frame: &frame, across: usize::from(across), down: usize::from(down) };
    encoder.encode_image(image).map_err(|_| FormatError::unsupported(frame.at, "coding this picture"))?;
    finish(out, &frame)
}

/// The tables for brightness and for both colours, in natural order and of 8 bits.
///
/// Where the two colours have tables of their own, or values are larger, the finer value is taken.
fn tables(frame: &Frame) -> Result<[[u16; 64]; 2], FormatError> {
    let first = frame.table(0)?;
    let (second, third) = match frame.components.len() {
        1 => (first, first),
        _ => (frame.table(1)?, frame.table(2)?),
    };
    let mut natural = [[1; 64]; 2];
    let [luma, chroma] = &mut natural;
    for (at, ((one, two), three)) in ZIGZAG.iter().zip(first.iter().zip(second).zip(third)) {
        if let (Some(luma), Some(chroma)) = (luma.get_mut(*at), chroma.get_mut(*at)) {
            *luma = (*one).clamp(1, 255);
            *chroma = two.min(three).clamp(1, 255);
        }
    }
    Ok(natural)
}

/// Cuts the encoder's own start, header and end off, and gives components the numbers they had: viewers
/// tell colours by them.
fn finish(mut out: Vec<u8>, frame: &Frame) -> Result<Vec<u8>, FormatError> {
    let unexpected = || FormatError::unsupported(frame.at, "coding this picture");
    let layout = segments::parse(&out, &Limits::default())?;
    let mut renumbered = Vec::new();
    {
        let mut window = Window::new(&out);
        for segment in &layout.segments {
            let (skip, stride) = match &segment.name {
                b"SOS " => (1, 2),
                name if name.starts_with(b"SOF") => (6, 3),
                _ => continue,
            };
            let marker = Marker::read(&mut window, segment.span.start)?.ok_or_else(unexpected)?;
            let [count] = window.array(marker.body.start + skip - 1)?;
            for index in 0..u64::from(count) {
                let at = marker.body.start + skip + index * stride;
                let [number] = window.array(at)?;
                let id = frame.components.get(usize::from(number)).ok_or_else(unexpected)?.id;
                renumbered.push((usize::try_from(at).map_err(|_| unexpected())?, id));
            }
        }
    }
    for (at, id) in renumbered {
        *out.get_mut(at).ok_or_else(unexpected)? = id;
    }
    let first = layout.segments.iter().find(|segment| !matches!(&segment.name, b"SOI " | b"APP0"));
    let last = layout.segments.iter().rfind(|segment| segment.name == *b"SOS ");
    let (Some(first), Some(last)) = (first, last) else { return Err(unexpected()) };
    let offset = |at| usize::try_from(at).map_err(|_| unexpected());
    out.truncate(offset(last.span.end)?);
    out.drain(..offset(first.span.start)?);
    Ok(out)
}

/// The picture as the encoder takes it: a row at a time, each component by itself.
struct Rows<'a> {
    samples: &'a [u8],
    frame: &'a Frame,
    /// Width of a colour sample in pixels.
    across: usize,
    /// Height of a colour sample in pixels.
    down: usize,
}

impl ImageBuffer for Rows<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        if self.frame.components.len() == 1 { JpegColorType::Luma } else { JpegColorType::Ycbcr }
    }

    fn width(&self) -> u16 {
        self.frame.width
    }

    fn height(&self) -> u16 {
        self.frame.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let (width, height, y) =
            (usize::from(self.frame.width), usize::from(self.frame.height), usize::from(y));
        let [first, second, third, _] = buffers;
        if self.frame.components.len() == 1 {
            first.extend_from_slice(self.samples.get(y * width..(y + 1) * width).unwrap_or_default());
            return;
        }
        let row = |y: usize| self.samples.get(y * width * 3..(y + 1) * width * 3).unwrap_or_default();
        let (pixels, _) = row(y).as_chunks::<3>();
        first.extend(pixels.iter().map(|[value, _, _]| *value));
        if (self.across, self.down) == (1, 1) {
            second.extend(pixels.iter().map(|[_, value, _]| *value));
            third.extend(pixels.iter().map(|[_, _, value]| *value));
            return;
        }
        // The encoder takes the first sample of each group and ignores the others, so the rows between
        // need no work; but the last row stands in for those below the picture.
        if y % self.down != 0 && y + 1 < height {
            second.resize(second.len() + width, 0);
            third.resize(third.len() + width, 0);
            return;
        }
        chroma::reduce(self.samples, width, y / self.down, (self.across, self.down), [second, third]);
    }
}
