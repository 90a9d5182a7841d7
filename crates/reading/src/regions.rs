//! From a map of how likely each pixel belongs to text to the boxes of its lines.
//!
//! The network marks the core of a line, shrunk by a known rule (differentiable binarization, Liao et al. 2020): what
//! hangs together is one line, and its box is let out again.

/// From this probability on a pixel counts as text.
const PIXEL: f32 = 0.3;
/// Least mean probability of the pixels of a line.
const LINE: f32 = 0.5;
/// Lowest or narrowest core of a line, in pixels of the map.
const SMALLEST: usize = 3;
/// How far a box is let out: its area times this over its perimeter.
const UNCLIP: f32 = 1.6;
/// Most lines of one picture; those found first, from the top.
const MOST: usize = 1000;

/// Where a line of text stands, in pixels of the picture, with how likely it is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// Left edge.
    pub left: f32,
    /// Upper edge.
    pub top: f32,
    /// Width, greater than 0.
    pub width: f32,
    /// Height, greater than 0.
    pub height: f32,
    /// Mean probability of its pixels, 0 to 1.
    pub confidence: f32,
}

/// A map of probabilities, row by row.
pub(crate) struct Map<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) values: &'a [f32],
}

/// What hangs together, while it is followed.
struct Core {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
    count: usize,
    sum: f64,
}

impl Map<'_> {
    /// The lines of the map. `scale` is how many pixels of the picture are one of the map, across and down.
    pub(crate) fn regions(&self, scale: (f32, f32), picture: (f32, f32)) -> Vec<Region> {
        let mut seen = vec![false; self.values.len()];
        let mut regions = Vec::new();
        for start in 0..self.values.len() {
            if regions.len() == MOST {
                break;
            }
            if self.is_text(start) && !seen.get(start).copied().unwrap_or(true) {
                let core = self.follow(start, &mut seen);
                regions.extend(core.region(scale, picture));
            }
        }
        regions
    }

    fn is_text(&self, at: usize) -> bool {
        self.values.get(at).is_some_and(|value| *value > PIXEL)
    }

    /// All pixels that hang together with this one, also by a corner.
    fn follow(&self, start: usize, seen: &mut [bool]) -> Core {
        let (x, y) = (start % self.width, start / self.width);
        let mut core = Core { left: x, right: x, top: y, bottom: y, count: 0, sum: 0.0 };
        let mut open = vec![start];
        if let Some(seen) = seen.get_mut(start) {
            *seen = true;
        }
        while let Some(at) = open.pop() {
            let (x, y) = (at % self.width, at / self.width);
            core.left = core.left.min(x);
            core.right = core.right.max(x);
            core.top = core.top.min(y);
            core.bottom = core.bottom.max(y);
            core.count += 1;
            core.sum += self.values.get(at).copied().map_or(0.0, f64::from);
            for y in y.saturating_sub(1)..=(y + 1).min(self.height.saturating_sub(1)) {
                for x in x.saturating_sub(1)..=(x + 1).min(self.width.saturating_sub(1)) {
                    let next = y * self.width + x;
                    if let Some(seen) = seen.get_mut(next).filter(|seen| !**seen && self.is_text(next)) {
                        *seen = true;
                        open.push(next);
                    }
                }
            }
        }
        core
    }
}

impl Core {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "sides of a picture")]
    fn region(&self, scale: (f32, f32), picture: (f32, f32)) -> Option<Region> {
        let (width, height) = (self.right - self.left + 1, self.bottom - self.top + 1);
        let confidence = (self.sum / self.count.max(1) as f64) as f32;
        if width.min(height) < SMALLEST || confidence < LINE {
            return None;
        }
        let (width, height) = (width as f32, height as f32);
        let out = width * height * UNCLIP / (2.0 * (width + height));
        let left = ((self.left as f32 - out) * scale.0).max(0.0);
        let top = ((self.top as f32 - out) * scale.1).max(0.0);
        let right = ((self.left as f32 + width + out) * scale.0).min(picture.0);
        let bottom = ((self.top as f32 + height + out) * scale.1).min(picture.1);
        let region = Region { left, top, width: right - left, height: bottom - top, confidence };
        (region.width > 0.0 && region.height > 0.0).then_some(region)
    }
}

#[cfg(test)]
mod tests {
    use super::{Map, Region};

    fn regions(width: usize, rows: &[&str]) -> Vec<Region> {
        let value = |sign| match sign {
            '#' => 0.9,
            '+' => 0.4,
            _ => 0.0,
        };
        let values: Vec<f32> = rows.iter().flat_map(|row| row.chars().map(value)).collect();
        let map = Map { width, height: rows.len(), values: &values };
        map.regions((2.0, 4.0), (2.0 * width as f32, 4.0 * rows.len() as f32))
    }

    #[test]
    fn what_hangs_together_is_one_line_and_is_let_out() {
        let found = regions(
            12,
            &[
                "............",
                "............",
                "...####.....",
                "...#####....",
                "...####.....",
                "............",
                "............",
                "............",
            ],
        );
        assert_eq!(found.len(), 1, "{found:?}");
        // 5 x 3, let out by 15 * 1.6 / 16 = 1.5 on every side.
        let Region { left, top, width, height, confidence } = found[0];
        assert_eq!((left, top, width, height), (3.0, 2.0, 16.0, 24.0));
        assert!((confidence - 0.9).abs() < 0.001);
    }

    #[test]
    fn what_is_too_small_or_too_faint_is_none() {
        assert!(regions(6, &["......", ".####.", ".####.", "......"]).is_empty(), "two rows");
        assert!(regions(6, &["......", ".++++.", ".++++.", ".++++.", "......"]).is_empty(), "faint");
        assert!(regions(3, &["...", "..."]).is_empty());
        assert_eq!(regions(7, &["###.###", "###.###", "###.###"]).len(), 2);
    }
}
