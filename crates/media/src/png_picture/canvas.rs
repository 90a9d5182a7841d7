//! The canvas that the frames of an animation are drawn onto.

use std::ops::Range;

use super::problem;
use super::stream::Stream;
use crate::Layout;
use indicia_core::{FormatError, Limits};
use png::{BlendOp, DisposeOp, Reader};

/// The canvas that frames are drawn onto.
pub(super) struct Canvas {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Bytes a pixel.
    pub(super) pixel: usize,
    /// Bytes a sample.
    pub(super) sample: usize,
}

/// Where on the canvas a frame goes, and what becomes of it (APNG: `fcTL`).
#[derive(Clone, Copy)]
struct Area {
    x: usize,
    y: usize,
    width: usize,
    pub(super) height: usize,
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32, pixel: usize, sample: usize) -> Self {
        Self { width: width as usize, height: height as usize, pixel, sample }
    }

    fn len(&self) -> usize {
        self.width * self.height * self.pixel
    }

    pub(super) fn still(
        &self,
        reader: &mut Reader<Stream<'_>>,
        limits: &Limits,
    ) -> Result<Vec<u8>, FormatError> {
        let mut bytes = vec![0; self.len()];
        reader.next_frame(&mut bytes).map_err(|err| problem(err, limits))?;
        Ok(bytes)
    }

    pub(super) fn animation(
        &self,
        reader: &mut Reader<Stream<'_>>,
        layout: &Layout,
        limits: &Limits,
    ) -> Result<Vec<Vec<u8>>, FormatError> {
        let mut frames = Vec::new();
        if default_image_apart(layout) {
            frames.push(self.still(reader, limits)?);
        }
        let count = layout.segments.iter().filter(|segment| segment.name == *b"fcTL").count();
        let (mut canvas, mut raw) = (vec![0; self.len()], vec![0; self.len()]);
        for _ in 0..count {
            reader.next_frame(&mut raw).map_err(|err| problem(err, limits))?;
            let Some(control) = reader.info().frame_control().copied() else {
                return Err(FormatError::malformed(0, "a frame has no fcTL chunk"));
            };
            let area = Area {
                x: control.x_offset as usize,
                y: control.y_offset as usize,
                width: control.width as usize,
                height: control.height as usize,
            };
            let before = (control.dispose_op == DisposeOp::Previous).then(|| canvas.clone());
            self.draw(&mut canvas, &raw, area, control.blend_op);
            frames.push(canvas.clone());
            match (control.dispose_op, before) {
                (DisposeOp::Background, _) => self.clear(&mut canvas, area),
                (DisposeOp::Previous, Some(before)) => canvas = before,
                _ => {}
            }
        }
        Ok(frames)
    }

    /// The bytes of one row of an area.
    fn row(&self, area: Area, row: usize) -> Range<usize> {
        let start = ((area.y + row) * self.width + area.x) * self.pixel;
        start..start + area.width * self.pixel
    }

    fn draw(&self, canvas: &mut [u8], frame: &[u8], area: Area, blend: BlendOp) {
        for (row, new) in frame.chunks_exact((area.width * self.pixel).max(1)).take(area.height).enumerate() {
            let Some(old) = canvas.get_mut(self.row(area, row)) else { continue };
            match blend {
                BlendOp::Source => old.copy_from_slice(new),
                BlendOp::Over => {
                    for (old, new) in old.chunks_exact_mut(self.pixel).zip(new.chunks_exact(self.pixel)) {
                        over(old, new, self.sample);
                    }
                }
            }
        }
    }

    fn clear(&self, canvas: &mut [u8], area: Area) {
        for row in 0..area.height {
            if let Some(old) = canvas.get_mut(self.row(area, row)) {
                old.fill(0);
            }
        }
    }
}

/// One pixel over another, alpha last (PNG third edition, section 13.16). Samples are big-endian.
pub(super) fn over(old: &mut [u8], new: &[u8], sample: usize) {
    let most: u64 = if sample == 2 { 0xFFFF } else { 0xFF };
    let value = |bytes: &[u8]| bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    let split = |bytes: &[u8]| value(bytes.get(bytes.len() - sample..).unwrap_or_default());
    let (front, back) = (split(new), split(old));
    if front == most || back == 0 {
        return old.copy_from_slice(new);
    }
    if front == 0 {
        return;
    }
    // All alphas in units of `most` squared, so that nothing is rounded twice.
    let behind = back * (most - front);
    let whole = front * most + behind;
    let colours = old.len() - sample;
    let mixed =
        |old: &[u8], new: &[u8]| (value(new) * front * most + value(old) * behind + whole / 2) / whole;
    let store = |bytes: &mut [u8], value: u64| {
        let wide = value.to_be_bytes();
        bytes.copy_from_slice(wide.get(8 - bytes.len()..).unwrap_or_default());
    };
    let (old_colours, old_alpha) = old.split_at_mut(colours);
    for (old, new) in old_colours.chunks_exact_mut(sample).zip(new.chunks_exact(sample)) {
        let value = mixed(old, new);
        store(old, value);
    }
    store(old_alpha, (whole + most / 2) / most);
}

/// Whether the pixels of `IDAT` are no frame of the animation: no `fcTL` stands before them.
pub(super) fn default_image_apart(layout: &Layout) -> bool {
    let first = layout.segments.iter().find(|segment| matches!(&segment.name, b"IDAT" | b"fcTL"));
    first.is_some_and(|segment| segment.name == *b"IDAT")
}
