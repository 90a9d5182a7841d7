//! Coding of changed frames as GIF images: only what changes from frame to frame, in the file's own colours where
//! they fit.

use std::collections::BTreeMap;

use crate::gif_blocks::block;
use crate::gif_frames::{Area, Disposal, Image, Movie, Player};
use crate::gif_palette::{self, Counted};
use crate::{Colour, Frame, Layout, Picture, Samples};
use indicia_core::{FormatError, Limits, Source};
use weezl::{BitOrder, encode::Encoder};

type Pixel = [u8; 4];

/// The palette entry of each colour.
type Entries = BTreeMap<[u8; 3], u8>;

/// Codes a picture in place of that of a file: new bytes for segments, by their place in the layout.
///
/// Delays stay. What becomes of an image when the next one comes may change, since a notice that stays need not be
/// coded again.
///
/// # Errors
/// If it differs from the file in size or number of frames, or the file cannot be read.
pub(crate) fn encode(
    source: &dyn Source,
    layout: &Layout,
    new: &Picture,
    limits: &Limits,
) -> Result<Vec<(usize, Vec<u8>)>, FormatError> {
    let movie = Movie::read(source, layout, limits)?;
    let size = (u32::from(movie.width), u32::from(movie.height), movie.images.len());
    if (new.width, new.height, new.frames.len()) != size || new.colour != Colour::Rgba {
        return Err(FormatError::unsupported(0, "a picture of another size, colour or number of frames"));
    }
    let mut player = Player::new(source, &movie, limits);
    let mut coded = Vec::new();
    let mut before = movie.blank();
    let count = before.len();
    let mut frames = new.frames.iter().map(|frame| pixels(frame, count));
    let mut target = frames.next().transpose()?.unwrap_or_default();
    for image in &movie.images {
        let old = player.show(image)?;
        let next = frames.next().transpose()?;
        let drawn = difference(&movie, &before, &target);
        let (disposal, area, after) = match &next {
            None => (image.disposal(), drawn, Vec::new()),
            Some(next) => dispose(&movie, image, drawn, &before, &target, next),
        };
        let part = Part { movie: &movie, image, area, before: &before, old, target: &target };
        let (pixels, transparent) = part.code()?;
        let settings = settings(image, disposal, transparent);
        if image.control.is_some() || settings != [0; 4] {
            let [packed, low, high, index] = settings;
            let control = vec![0x21, 0xF9, 4, packed, low, high, index, 0];
            match image.control {
                Some(at) => {
                    coded.push((at, control));
                    coded.push((image.segment, pixels));
                }
                None => coded.push((image.segment, [control, pixels].concat())),
            }
        } else {
            coded.push((image.segment, pixels));
        }
        before = after;
        target = next.unwrap_or_default();
    }
    Ok(coded)
}

/// The pixels of a frame, each opaque or transparent: GIF knows nothing between.
fn pixels(frame: &Frame, count: usize) -> Result<Vec<Pixel>, FormatError> {
    let Samples::Eight(samples) = &frame.samples else {
        return Err(FormatError::unsupported(0, "16-bit samples in GIF"));
    };
    let pixels = samples.as_chunks::<4>().0;
    if pixels.len() != count {
        return Err(FormatError::malformed(0, "number of samples of the new picture"));
    }
    let one = |[red, green, blue, alpha]: &Pixel| {
        if *alpha < 128 { [0; 4] } else { [*red, *green, *blue, u8::MAX] }
    };
    Ok(pixels.iter().map(one).collect())
}

/// Flags, delay and transparent index of the control extension.
fn settings(image: &Image, disposal: Disposal, transparent: Option<u8>) -> [u8; 4] {
    let [packed, low, high, _] = image.settings;
    let disposal = match disposal {
        // Not to say it is not to dispose of it either.
        disposal if disposal == image.disposal() => packed & 0x1C,
        Disposal::Keep => 1 << 2,
        Disposal::Clear => 2 << 2,
        Disposal::Restore => 3 << 2,
    };
    [packed & 0xE2 | disposal | u8::from(transparent.is_some()), low, high, transparent.unwrap_or(0)]
}

/// The smallest area that holds all pixels for which `wanted` holds; one pixel if there is none.
fn bounds(movie: &Movie, wanted: impl Fn(usize) -> bool) -> Area {
    let (mut left, mut right, mut top, mut bottom) = (movie.width, 0, movie.height, 0);
    let mut at = 0;
    for y in 0..movie.height {
        for x in 0..movie.width {
            if wanted(at) {
                left = left.min(x);
                right = right.max(x + 1);
                top = top.min(y);
                bottom = y + 1;
            }
            at += 1;
        }
    }
    if right == 0 {
        return Area { left: 0, top: 0, width: 1, height: 1 };
    }
    Area { left, top, width: right - left, height: bottom - top }
}

/// The area in which two canvases differ.
fn difference(movie: &Movie, one: &[Pixel], two: &[Pixel]) -> Area {
    bounds(movie, |at| one.get(at) != two.get(at))
}

fn size(area: Area) -> u32 {
    u32::from(area.width) * u32::from(area.height)
}

fn union(one: Area, two: Area) -> Area {
    let (left, top) = (one.left.min(two.left), one.top.min(two.top));
    let right = (one.left + one.width).max(two.left + two.width);
    let bottom = (one.top + one.height).max(two.top + two.height);
    Area { left, top, width: right - left, height: bottom - top }
}

/// What should become of an image so that the next one is as small as it can be; the area to code then, and the
/// canvas that the next one is drawn on.
///
/// An image cannot make pixels transparent: where the next frame is, its predecessor has to be cleared.
fn dispose(
    movie: &Movie,
    image: &Image,
    drawn: Area,
    before: &[Pixel],
    target: &[Pixel],
    next: &[Pixel],
) -> (Disposal, Area, Vec<Pixel>) {
    let reachable =
        |canvas: &[Pixel]| !canvas.iter().zip(next).any(|(under, next)| under[3] != 0 && next[3] == 0);
    let mut choices = Vec::new();
    if reachable(target) {
        choices.push((Disposal::Keep, drawn, target.to_vec()));
    }
    if reachable(before) {
        choices.push((Disposal::Restore, drawn, before.to_vec()));
    }
    if choices.is_empty() || image.disposal() == Disposal::Clear {
        let gone = |at: usize| matches!((target.get(at), next.get(at)), (Some([.., 1..=255]), Some([.., 0])));
        let area = if reachable(target) { drawn } else { union(drawn, bounds(movie, gone)) };
        let mut canvas = target.to_vec();
        movie.clear(&mut canvas, area);
        choices.push((Disposal::Clear, area, canvas));
    }
    let cost = |(disposal, area, canvas): &(Disposal, Area, Vec<Pixel>)| {
        let next = size(difference(movie, canvas, next));
        (u64::from(size(*area)) + u64::from(next), *disposal != image.disposal())
    };
    let best = choices.iter().enumerate().min_by_key(|(_, choice)| cost(choice)).map_or(0, |(at, _)| at);
    choices.swap_remove(best)
}

/// An area of a frame to be coded.
struct Part<'a> {
    movie: &'a Movie,
    image: &'a Image,
    area: Area,
    /// The canvas that it is drawn on.
    before: &'a [Pixel],
    /// The frame as it was in the file.
    old: &'a [Pixel],
    /// The frame as it is to be.
    target: &'a [Pixel],
}

/// How a pixel is coded.
#[derive(Clone, Copy)]
enum Code {
    /// It is transparent: what is there stays.
    Through,
    /// It is what is there already, and may be coded as transparent or as its colour.
    Same([u8; 3]),
    /// It is new.
    New([u8; 3]),
}

/// The colours of an image.
struct Table {
    /// Entry of each colour.
    entries: Entries,
    /// The transparent entry.
    transparent: Option<u8>,
    /// The palette to write; none if it is that of the whole file.
    own: Option<Vec<[u8; 3]>>,
}

impl Part<'_> {
    /// The coded image from its descriptor on, and the index of transparent pixels.
    fn code(&self) -> Result<(Vec<u8>, Option<u8>), FormatError> {
        let codes = self.codes();
        let table = self.table(&codes);
        let index = |code: &Code| match (code, table.transparent) {
            (Code::Through | Code::Same(_), Some(index)) => index,
            (Code::Through, None) => 0,
            (Code::Same(colour) | Code::New(colour), _) => table.entries.get(colour).copied().unwrap_or(0),
        };
        let indices: Vec<u8> = codes.iter().map(index).collect();
        let most = indices.iter().copied().max().unwrap_or(0);
        // At least two bits, as the format asks.
        let code_size = u8::try_from(8 - most.leading_zeros()).unwrap_or(8).max(2);
        let data = Encoder::new(BitOrder::Lsb, code_size)
            .encode(&indices)
            .map_err(|_| FormatError::malformed(0, "the picture cannot be coded as GIF"))?;
        let Area { left, top, width, height } = self.area;
        let mut bytes = vec![0x2C];
        bytes.extend([left, top, width, height].map(u16::to_le_bytes).as_flattened());
        match &table.own {
            None => bytes.push(0),
            Some(palette) => {
                let mut bits = 1;
                while palette.len() > 1 << bits {
                    bits += 1;
                }
                bytes.push(0x80 | (bits - 1));
                bytes.extend(palette.as_flattened());
                bytes.resize(10 + (3 << bits), 0);
            }
        }
        bytes.push(code_size);
        bytes.extend(block(&data));
        Ok((bytes, table.transparent))
    }

    fn codes(&self) -> Vec<Code> {
        let mut codes = Vec::new();
        for at in (0..self.area.height).flat_map(|row| self.movie.row(self.area, row)) {
            codes.push(match (self.target.get(at), self.before.get(at)) {
                (None | Some([.., 0]), _) => Code::Through,
                (Some(new), under) => {
                    let [red, green, blue, _] = *new;
                    let colour = [red, green, blue];
                    if under == Some(new) { Code::Same(colour) } else { Code::New(colour) }
                }
            });
        }
        codes
    }

    fn table(&self, codes: &[Code]) -> Table {
        let through = codes.iter().any(|code| matches!(code, Code::Through));
        let some_same = codes.iter().any(|code| matches!(code, Code::Same(_)));
        let mut counted: BTreeMap<[u8; 3], Counted> = BTreeMap::new();
        let places = (0..self.area.height).flat_map(|row| self.movie.row(self.area, row));
        for (code, at) in codes.iter().zip(places) {
            let Code::New(colour) = code else { continue };
            let one = counted.entry(*colour).or_insert(Counted { colour: *colour, count: 0, old: false });
            one.count += 1;
            one.old |= self.old.get(at) == self.target.get(at);
        }
        let colours: Vec<_> = counted.into_values().collect();
        let needs_transparent = through || some_same;
        for (palette, own) in [(&self.image.palette, true), (&self.movie.palette, false)] {
            if let Some((entries, transparent)) = self.fits(palette, &colours, needs_transparent) {
                return Table { entries, transparent, own: own.then(|| palette.clone()) };
            }
        }
        let palette = gif_palette::choose(&colours, 256 - usize::from(needs_transparent));
        let exact: BTreeMap<[u8; 3], usize> = palette.iter().copied().zip(0..).collect();
        let entry = |one: &Counted| {
            let at = exact.get(&one.colour).copied();
            let at = at.unwrap_or_else(|| gif_palette::nearest(&palette, one.colour));
            (one.colour, u8::try_from(at).unwrap_or(0))
        };
        let entries = colours.iter().map(entry).collect();
        let transparent = needs_transparent.then(|| u8::try_from(palette.len()).unwrap_or(u8::MAX));
        let mut own = palette;
        if needs_transparent {
            own.push([0; 3]);
        }
        Table { entries, transparent, own: Some(own) }
    }

    /// The entries of a palette that is there already, if it has all colours and one to spare for what is transparent.
    fn fits(
        &self,
        palette: &[[u8; 3]],
        colours: &[Counted],
        needs_transparent: bool,
    ) -> Option<(Entries, Option<u8>)> {
        if palette.is_empty() {
            return None;
        }
        let [packed, _, _, was] = self.image.settings;
        let was = (packed & 1 == 1).then_some(was);
        let mut places: Entries = BTreeMap::new();
        for (colour, at) in palette.iter().zip(0_u8..=u8::MAX) {
            if Some(at) != was {
                places.entry(*colour).or_insert(at);
            }
        }
        let mut entries = BTreeMap::new();
        for one in colours {
            entries.insert(one.colour, *places.get(&one.colour)?);
        }
        if !needs_transparent {
            return Some((entries, None));
        }
        let used: Vec<u8> = entries.values().copied().collect();
        let mut spare = was.into_iter().chain((0..palette.len()).filter_map(|at| u8::try_from(at).ok()));
        let transparent = spare.find(|at| !used.contains(at))?;
        Some((entries, Some(transparent)))
    }
}
