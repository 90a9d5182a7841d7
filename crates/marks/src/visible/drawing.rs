//! Drawing: a plate of one gray that lets some of the picture through, and letters on it.

use super::contrast::{Luminance, pixel, ratio, share};
use super::geometry::{Area, Upright, nearest};
use super::layout::Setting;
use indicia_media::{Colour, Frame, Picture, Samples};

/// The contrast that a plate is made opaque enough for. Above what is asked for, so that lossy coding of
/// the picture can take some.
const AIM: f32 = 8.0;
/// The most contrast that what shines through a plate may have in itself, so that a text or pattern behind it
/// does not run into the letters.
const LOUDEST: f32 = 1.8;
/// How opaque a plate is, of 255: each in turn until the contrast is reached.
const OPACITIES: [u8; 6] = [148, 170, 192, 214, 236, 255];
/// Most pixels looked at on one frame to choose the plate. What comes of it is measured afterwards, on
/// many more.
const SAMPLES: u32 = 2048;
/// How strong the plate's rim is, of 255: it shows the plate where the picture is as light or dark as the plate.
const RIM: u32 = 72;

/// The grays of a notice, of 255, and how much of the picture its plate covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ink {
    /// Gray of the letters.
    pub letters: u8,
    /// Gray of the plate.
    pub plate: u8,
    /// How opaque the plate is: 255 hides the picture.
    pub opacity: u8,
}

impl Ink {
    /// Light letters on a dark plate: the usual look.
    const LIGHT: Self = Self { letters: 255, plate: 20, opacity: 255 };
    /// Dark letters on a light plate, for light pictures.
    const DARK: Self = Self { letters: 16, plate: 250, opacity: 255 };

    /// The same, hiding the picture: as much contrast as there can be.
    pub(crate) fn opaque(self) -> Self {
        Self { opacity: u8::MAX, ..self }
    }

    /// The look for this picture: as much of it left to see as the contrast allows, on every frame.
    ///
    /// Light on dark, unless that would have to hide more of the picture than dark on light.
    pub(crate) fn choose(
        picture: &Picture,
        upright: Upright,
        setting: &Setting,
        luminance: &Luminance,
    ) -> Self {
        let behind = picture.frames.iter().map(|frame| behind(frame, picture.colour, upright, setting.area));
        let behind: Vec<Vec<[u8; 3]>> = behind.collect();
        let needed = |ink: Self| behind.iter().fold(0, |step, behind| ink.needed(behind, step, luminance));
        let opacity = |step: usize| OPACITIES.get(step).copied().unwrap_or(u8::MAX);
        let light = needed(Self::LIGHT);
        // Nothing hides less of the picture than the first step.
        let dark = if light > 0 { needed(Self::DARK) } else { 0 };
        if dark < light {
            Self { opacity: opacity(dark), ..Self::DARK }
        } else {
            Self { opacity: opacity(light), ..Self::LIGHT }
        }
    }

    /// The first step of [`OPACITIES`], from `step` on, that is enough on this background.
    fn needed(self, behind: &[[u8; 3]], step: usize, luminance: &Luminance) -> usize {
        let last = OPACITIES.len() - 1;
        let steps = OPACITIES.iter().enumerate().take(last).skip(step);
        let mut enough = steps.filter(|(_, opacity)| self.is_enough(**opacity, behind, luminance));
        enough.next().map_or(last, |(at, _)| at)
    }

    /// Whether a plate this opaque keeps the contrast to the letters up and what shines through it down.
    fn is_enough(self, opacity: u8, behind: &[[u8; 3]], luminance: &Luminance) -> bool {
        let mixed = |value: u8| mix(u32::from(value), u32::from(self.plate), u32::from(opacity));
        let seen = |value: u8| u8::try_from(mixed(value)).unwrap_or(u8::MAX);
        let mut plate: Vec<f32> = behind.iter().map(|colour| luminance.of(colour.map(seen))).collect();
        let letters = luminance.of([self.letters; 3]);
        match (share(&mut plate, 0.02), share(&mut plate, 0.98)) {
            (Some(darkest), Some(lightest)) => {
                let nearest = if self.letters > self.plate { lightest } else { darkest };
                ratio(letters, nearest) >= AIM && ratio(darkest, lightest) <= LOUDEST
            }
            _ => true,
        }
    }
}

/// Colours behind a plate. What is transparent does not count: the plate alone is seen there.
fn behind(frame: &Frame, colour: Colour, upright: Upright, area: Area) -> Vec<[u8; 3]> {
    let mut step = 1_u32;
    while u64::from(area.width / step) * u64::from(area.height / step) > u64::from(SAMPLES) {
        step += 1;
    }
    let mut colours = Vec::new();
    for y in (0..area.height).step_by(step as usize) {
        for x in (0..area.width).step_by(step as usize) {
            let at = upright.pixel(area.x + x, area.y + y);
            if let Some((colour, 1..)) = pixel(&frame.samples, colour, at) {
                colours.push(colour);
            }
        }
    }
    colours
}

/// Draws a notice on every frame.
pub(crate) fn draw(picture: &mut Picture, upright: Upright, setting: &Setting, ink: Ink) {
    let colour = picture.colour;
    for frame in &mut picture.frames {
        match &mut frame.samples {
            Samples::Eight(all) => draw_on(all, colour, upright, setting, ink),
            Samples::Sixteen(all) => draw_on(all, colour, upright, setting, ink),
        }
    }
}

/// A sample of either depth.
trait Sample: Copy + Into<u32> + TryFrom<u32> {
    /// White, or opaque.
    const MOST: u32;
}

impl Sample for u8 {
    const MOST: u32 = 0xFF;
}

impl Sample for u16 {
    const MOST: u32 = 0xFFFF;
}

fn draw_on<T: Sample>(all: &mut [T], colour: Colour, upright: Upright, setting: &Setting, ink: Ink) {
    let Setting { area, mask, radius, .. } = setting;
    let channels = colour.channels();
    let rim = (radius / 6).max(1);
    let inner = (area.width.saturating_sub(2 * rim), area.height.saturating_sub(2 * rim));
    // Neither at the rim nor in a corner: nearly all pixels.
    let reach = rim.max(*radius);
    let deep = |at: u32, all: u32| at >= reach && at.saturating_add(reach) < all;
    for (y, row) in (0..area.height).zip(mask.rows()) {
        for (x, covered) in (0..area.width).zip(row) {
            let start = upright.pixel(area.x + x, area.y + y) * channels;
            if let Some(pixel) = all.get_mut(start..start + channels) {
                if deep(y, area.height) && deep(x, area.width) {
                    blend(pixel, colour, ink, 255, u32::from(*covered));
                    continue;
                }
                let plate = round(x, y, (area.width, area.height), *radius);
                let inner = match (x.checked_sub(rim), y.checked_sub(rim)) {
                    (Some(x), Some(y)) => round(x, y, inner, radius.saturating_sub(rim)),
                    _ => 0,
                };
                let stroke = (255 - inner) * RIM / 255;
                blend(pixel, colour, ink, plate, stroke.max(u32::from(*covered)));
            }
        }
    }
}

/// Paints one pixel: the plate covers `plate` of 255 of it, the letters `covered` of 255.
fn blend<T: Sample>(pixel: &mut [T], colour: Colour, ink: Ink, plate: u32, covered: u32) {
    if plate == 0 {
        return;
    }
    let (values, alpha) = match colour {
        Colour::Gray | Colour::Rgb | Colour::YCbCr => (pixel, None),
        Colour::GrayAlpha | Colour::Rgba => match pixel.split_last_mut() {
            Some((alpha, values)) => (values, Some(alpha)),
            None => return,
        },
    };
    let before = alpha.as_ref().map_or(255, |alpha| (**alpha).into() * 255 / T::MOST);
    // Alpha is not premultiplied: the picture's own colour counts by how much of it is left beside the plate.
    let beside = (255 - plate) * before / 255;
    for (at, value) in values.iter_mut().enumerate() {
        let chroma = colour == Colour::YCbCr && at > 0;
        let gray = |gray: u8| if chroma { T::MOST / 2 + 1 } else { u32::from(gray) * (T::MOST / 255) };
        let was: u32 = (*value).into();
        // Where the picture is transparent the plate lets nothing through: no one knows what is behind it.
        let background = if before == 255 { was } else { mix(gray(ink.plate), was, before) };
        let under = || mix(background, gray(ink.plate), u32::from(ink.opacity));
        let painted = match covered {
            0 => under(),
            255 => gray(ink.letters),
            _ => mix(under(), gray(ink.letters), covered),
        };
        let mixed = match plate {
            // Nearly all pixels: worth sparing a division.
            255 => painted,
            _ => (painted * plate + was * beside + (plate + beside) / 2) / (plate + beside),
        };
        *value = T::try_from(mixed.min(T::MOST)).unwrap_or(*value);
    }
    if let Some(alpha) = alpha {
        let was: u32 = (*alpha).into();
        *alpha = T::try_from(mix(was, T::MOST, plate)).unwrap_or(*alpha);
    }
}

/// A value on the way from one to another: `weight` of 255.
fn mix(from: u32, to: u32, weight: u32) -> u32 {
    (from * (255 - weight) + to * weight + 127) / 255
}

/// How much of a pixel a rectangle of this size with round corners covers, of 255; 0 outside of it.
fn round(x: u32, y: u32, (width, height): (u32, u32), radius: u32) -> u32 {
    if x >= width || y >= height {
        return 0;
    }
    let radius = radius.min(width / 2).min(height / 2);
    // Pixels that the corner's square still has, counted towards the corner.
    let inward = |at: u32, all: u32| radius.saturating_sub(at.min(all - 1 - at));
    let (across, down) = (inward(x, width), inward(y, height));
    if across == 0 || down == 0 {
        return 255;
    }
    let middle = |pixels: u32| f32::from(u16::try_from(pixels).unwrap_or(u16::MAX)) - 0.5;
    let radius = f32::from(u16::try_from(radius).unwrap_or(u16::MAX));
    let covered = (radius + 0.5 - middle(across).hypot(middle(down))).clamp(0.0, 1.0);
    u32::try_from(nearest(covered * 255.0)).unwrap_or(255)
}
