//! Some rows of a picture, decoded without the others: coded data can be entered at restart markers.

use std::ops::Range;

use super::blocks::Blocks;
use super::frame::Frame;
use super::marker::{EOI, Marker, SOI};
use super::pixels;
use crate::{Band, Frame as PictureFrame, Layout, Samples, Shape};
use indicia_core::{FormatError, Limits, Source, Window};

/// First of the eight restart markers, which follow one another in turn.
const RST0: u8 = 0xD0;

/// Decodes the rows that are wanted; all of them where the file has no restart marker near enough.
///
/// # Errors
/// As [`pixels::decode`]. Damage to coded data of other rows goes unnoticed, but a file whose restart markers
/// do not follow one another is decoded as a whole.
pub(crate) fn decode_rows(
    source: &dyn Source,
    layout: &Layout,
    limits: &Limits,
    wanted: &dyn Fn(Shape) -> Range<u32>,
) -> Result<Band, FormatError> {
    let frame = pixels::decodable(source, layout, limits)?;
    let (width, height) = (u32::from(frame.width), u32::from(frame.height));
    let shape = Shape { width, height, orientation: pixels::orientation(source, layout, limits) };
    let rows = shape.clamp(&wanted(shape));
    let Some(excerpt) = Excerpt::cut(source, layout, limits, &frame, &rows)? else {
        return pixels::decode(source, layout, limits).map(Band::from);
    };
    let mut samples = pixels::samples(&frame, &excerpt.coded)?;
    let line = usize::from(frame.width) * frame.components.len();
    let offset = |row: u32| row.saturating_sub(excerpt.rows.start) as usize * line;
    if samples.len() != offset(excerpt.rows.end) {
        return Err(FormatError::malformed(frame.at, "coded picture"));
    }
    samples.truncate(offset(rows.end));
    samples.drain(..offset(rows.start));
    let frames = vec![PictureFrame { samples: Samples::Eight(samples) }];
    Ok(Band { shape, colour: frame.colour, rows, frames })
}

/// Width and height in pixels of a coded unit (T.81: MCU) of pictures that are cut here: baseline or extended
/// sequential, each colour sampled as is or every second time, and all in one scan.
fn unit(frame: &Frame) -> Option<(u32, u32)> {
    let sampled = |factors: (u8, u8)| {
        frame
            .components
            .iter()
            .map(|of| (of.horizontal, of.vertical))
            .eq(std::iter::once(factors).chain(std::iter::repeat_n((1, 1), frame.components.len() - 1)))
    };
    let (across, down) = [(1, 1), (2, 1), (1, 2), (2, 2)].into_iter().find(|factors| sampled(*factors))?;
    let possible =
        !frame.progressive && !frame.scans_apart && (frame.components.len() > 1 || across * down == 1);
    possible.then_some((8 * u32::from(across), 8 * u32::from(down)))
}

/// A JPEG file of some rows of another.
struct Excerpt {
    coded: Vec<u8>,
    /// Its rows, as the other counts them.
    rows: Range<u32>,
}

impl Excerpt {
    /// Copies the tables of a picture and the coded data of these rows, and of one row of units more above and
    /// below: colour is interpolated with that of the neighbours. `None` if the file cannot be cut there.
    fn cut(
        source: &dyn Source,
        layout: &Layout,
        limits: &Limits,
        frame: &Frame,
        rows: &Range<u32>,
    ) -> Result<Option<Self>, FormatError> {
        let (Some((across, down)), true) = (unit(frame), frame.restart > 0) else { return Ok(None) };
        let (width, height) = (u32::from(frame.width), u32::from(frame.height));
        let (columns, lines) = (width.div_ceil(across), height.div_ceil(down));
        let interval = u32::from(frame.restart);
        // Rows of units from one that begins at a restart marker to the next that does.
        let step = (1..=interval).find(|step| (step * columns).is_multiple_of(interval)).unwrap_or(interval);
        let first = (rows.start / down).saturating_sub(1) / step * step;
        let last = (rows.end.div_ceil(down) + 1).next_multiple_of(step).min(lines);
        let rows = first * down..(last * down).min(height);
        if rows == (0..height) {
            return Ok(None);
        }
        let Some(Scan { mut coded, entropy, blocks }) =
            Scan::read(source, layout, limits, frame, rows.end - rows.start)?
        else {
            return Ok(None);
        };
        let Some(stretches) = stretches(&entropy) else { return Ok(None) };
        let number = |units: u32| units.div_ceil(interval) as usize;
        let wanted = stretches.get(number(first * columns)..number(last * columns));
        let (true, Some(wanted)) = (stretches.len() == number(lines * columns), wanted) else {
            return Ok(None);
        };
        let mut left = (last - first) * columns;
        for (index, stretch) in (0_u8..8).cycle().zip(wanted) {
            let stretch = entropy.get(stretch.clone()).unwrap_or_default();
            if !blocks.fill(left.min(interval), stretch) {
                return Err(FormatError::malformed(frame.at, "coded picture"));
            }
            left = left.saturating_sub(interval);
            coded.extend_from_slice(stretch);
            coded.extend([0xFF, RST0 + index]);
        }
        // After the last stretch comes the end of the picture instead.
        coded.truncate(coded.len().saturating_sub(2));
        coded.extend([0xFF, EOI]);
        Ok(Some(Self { coded, rows }))
    }
}

/// A picture of one scan, taken apart.
struct Scan {
    /// All up to the coded data, the frame header saying another height.
    coded: Vec<u8>,
    /// The coded data.
    entropy: Vec<u8>,
    /// How that is coded.
    blocks: Blocks,
}

impl Scan {
    /// `None` if something other than the end comes after the first scan, or its tables are broken.
    fn read(
        source: &dyn Source,
        layout: &Layout,
        limits: &Limits,
        frame: &Frame,
        height: u32,
    ) -> Result<Option<Self>, FormatError> {
        let mut window = Window::new(source);
        let mut coded = vec![0xFF, SOI];
        let mut blocks = Blocks::default();
        let mut entropy = None;
        for segment in layout.segments.iter().filter(|segment| pixels::is_coding(segment)) {
            if entropy.is_some() {
                return Ok(None);
            }
            let from = coded.len();
            pixels::append(source, segment, limits, &mut coded)?;
            let Some(marker) = Marker::read(&mut window, segment.span.start)? else { return Ok(None) };
            let within = |at: u64| from + usize::try_from(at - segment.span.start).unwrap_or(0);
            let body = within(marker.body.start)..within(marker.body.end);
            let Some(header) = coded.get_mut(body.clone()) else { return Ok(None) };
            let fits = match &segment.name {
                b"DHT " => blocks.define(header),
                b"SOS " => {
                    let fits = blocks.assign(header, frame);
                    entropy = Some(coded.split_off(body.end));
                    fits
                }
                name if name.starts_with(b"SOF") => u16::try_from(height).ok().and_then(|height| {
                    // After the precision.
                    header.get_mut(1..3)?.copy_from_slice(&height.to_be_bytes());
                    Some(())
                }),
                _ => Some(()),
            };
            if fits.is_none() {
                return Ok(None);
            }
        }
        Ok(entropy.map(|entropy| Self { coded, entropy, blocks }))
    }
}

/// What stands between restart markers; `None` if these do not follow one another in turn.
fn stretches(entropy: &[u8]) -> Option<Vec<Range<usize>>> {
    let mut stretches = Vec::new();
    let (mut start, mut next) = (0, RST0);
    let mut skip = 0;
    for at in memchr::memchr_iter(0xFF, entropy) {
        if at < skip {
            continue;
        }
        skip = at + 2;
        match entropy.get(at + 1) {
            Some(0) => {}
            Some(code) if *code == next => {
                stretches.push(start..at);
                start = skip;
                next = RST0 + (next - RST0 + 1) % 8;
            }
            _ => return None,
        }
    }
    stretches.push(start..entropy.len());
    Some(stretches)
}
