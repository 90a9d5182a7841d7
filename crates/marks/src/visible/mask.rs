//! Which pixels of a plate the letters cover.

use super::font::Raster;

/// From this coverage on a pixel counts as inside a letter.
pub(crate) const INSIDE: u8 = 230;

/// How much of each pixel of a plate the letters cover.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mask {
    /// Number of columns.
    pub width: u32,
    /// Number of rows.
    pub height: u32,
    /// Row by row: 0 nothing, 255 all.
    pub coverage: Vec<u8>,
}

impl Mask {
    /// No letter yet.
    pub(crate) fn empty(width: u32, height: u32) -> Self {
        Self { width, height, coverage: vec![0; width as usize * height as usize] }
    }

    /// Adds a letter with the upper left corner of its raster here; what is over the edge is left out.
    pub(crate) fn add(&mut self, raster: &Raster, x: i32, y: i32) {
        for (row, line) in raster.coverage.chunks(raster.width.max(1) as usize).enumerate() {
            for (column, covered) in line.iter().enumerate() {
                let across = i32::try_from(column).ok().and_then(|column| x.checked_add(column));
                let down = i32::try_from(row).ok().and_then(|row| y.checked_add(row));
                let (Some(Ok(across)), Some(Ok(down))) = (across.map(u32::try_from), down.map(u32::try_from))
                else {
                    continue;
                };
                if across >= self.width {
                    continue;
                }
                if let Some(pixel) =
                    self.coverage.get_mut(down as usize * self.width as usize + across as usize)
                {
                    *pixel = pixel.saturating_add(*covered);
                }
            }
        }
    }

    /// Rows of the mask, from the top.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.coverage.chunks_exact(self.width.max(1) as usize)
    }

    /// Columns and rows that letters reach, each as first and last; `None` if there are none.
    pub(crate) fn ink(&self) -> Option<((u32, u32), (u32, u32))> {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (mut columns, mut rows) = ((u32::MAX, 0), (u32::MAX, 0));
        for (row, line) in self.rows().enumerate() {
            let Some(first) = line.iter().position(|covered| *covered > 0) else { continue };
            let last = line.iter().rposition(|covered| *covered > 0).unwrap_or(first);
            columns = (columns.0.min(place(first)), columns.1.max(place(last)));
            rows = (rows.0.min(place(row)), place(row));
        }
        (rows.0 <= rows.1).then_some((columns, rows))
    }

    /// The mask in few letters, in cells of `cell` x `cell` pixels: `e` empty, `f` inside letters, `m` both,
    /// each with the number of cells in a row that are so.
    pub(crate) fn trace(&self, cell: u32) -> String {
        let cell = cell.max(1);
        let mut written = format!("{cell};");
        let mut run: Option<(char, u32)> = None;
        for y in (0..self.height).step_by(cell as usize) {
            for x in (0..self.width).step_by(cell as usize) {
                let state = self.state(x, y, cell);
                run = match run {
                    Some((same, count)) if same == state => Some((same, count + 1)),
                    before => {
                        push(&mut written, before);
                        Some((state, 1))
                    }
                };
            }
        }
        push(&mut written, run);
        written
    }

    fn state(&self, x: u32, y: u32, cell: u32) -> char {
        let (mut least, mut most) = (u8::MAX, 0);
        let right = x.saturating_add(cell).min(self.width) as usize;
        for row in self.rows().skip(y as usize).take(cell as usize) {
            for covered in row.get(x as usize..right).unwrap_or_default() {
                least = least.min(*covered);
                most = most.max(*covered);
            }
        }
        match (least >= INSIDE, most == 0) {
            (true, _) => 'f',
            (_, true) => 'e',
            _ => 'm',
        }
    }

    /// The mask of a plate of this size that [`Mask::trace`] wrote; pixels of mixed cells count as half covered.
    pub(crate) fn read_trace(written: &str, width: u32, height: u32) -> Option<Self> {
        let (cell, runs) = written.split_once(';')?;
        let cell: u32 = cell.parse().ok().filter(|cell| *cell > 0)?;
        let (across, down) = (width.div_ceil(cell), height.div_ceil(cell));
        let all = across as usize * down as usize;
        let mut cells: Vec<u8> = Vec::new();
        let mut rest = runs;
        while let Some(state) = rest.chars().next() {
            let covered = match state {
                'e' => 0,
                'f' => u8::MAX,
                'm' => 128,
                _ => return None,
            };
            let tail = rest.get(1..)?;
            let digits = tail.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(tail.len());
            let (count, next) = tail.split_at_checked(digits)?;
            let count: usize = count.parse().ok()?;
            if count > all - cells.len() {
                return None;
            }
            cells.resize(cells.len() + count, covered);
            rest = next;
        }
        if cells.len() != all {
            return None;
        }
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x / cell, y / cell)));
        let covered = |(x, y): (u32, u32)| cells.get((y * across + x) as usize).copied();
        Some(Self { width, height, coverage: pixels.map(covered).collect::<Option<_>>()? })
    }
}

fn push(written: &mut String, run: Option<(char, u32)>) {
    if let Some((state, count)) = run {
        written.push(state);
        written.push_str(&count.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;
    use crate::visible::font::Raster;

    fn mask() -> Mask {
        let mut mask = Mask::empty(5, 4);
        let raster = Raster { width: 2, height: 2, coverage: vec![255, 255, 255, 100], ..Raster::default() };
        mask.add(&raster, 1, 1);
        mask
    }

    #[test]
    fn letters_land_where_they_are_put_and_not_over_the_edge() {
        assert_eq!(mask().coverage, [0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 255, 100, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(mask().ink(), Some(((1, 2), (1, 2))));
        let mut over = mask();
        let raster = Raster { width: 2, height: 2, coverage: vec![9; 4], ..Raster::default() };
        over.add(&raster, -1, -1);
        over.add(&raster, 4, 3);
        over.add(&raster, 5, 0);
        over.add(&raster, i32::MIN, i32::MAX);
        over.add(&raster, 0, i32::MAX);
        assert_eq!((over.coverage[0], over.coverage[5], over.coverage[19]), (9, 0, 9));
        assert_eq!(over.coverage.iter().filter(|covered| **covered == 9).count(), 2);
        assert_eq!(Mask::empty(3, 3).ink(), None);
    }

    #[test]
    fn traces_are_read_again() {
        assert_eq!(mask().trace(1), "1;e6f2e3f1m1e7");
        let read = Mask::read_trace(&mask().trace(1), 5, 4).unwrap();
        assert_eq!(read.coverage[12], 128);
        assert_eq!(read.coverage.iter().map(|covered| u32::from(*covered)).sum::<u32>(), 3 * 255 + 128);
        // Cells of 2 x 2 pixels over 5 x 4: the last column of cells is one pixel wide.
        assert_eq!(mask().trace(2), "2;m2e1m2e1");
        assert_eq!(Mask::read_trace("2;m2e1m2e1", 5, 4).unwrap().coverage[15..], [128, 128, 128, 128, 0]);
    }

    #[test]
    fn broken_traces_are_refused() {
        for broken in
            ["", "1", "0;e20", "1;e19", "1;e21", "1;e99999999999999999999", "1;x20", "1;e", "1;é20", "1;e10f"]
        {
            assert_eq!(Mask::read_trace(broken, 5, 4), None, "{broken}");
        }
    }
}
