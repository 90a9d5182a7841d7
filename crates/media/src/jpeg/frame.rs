use super::marker::Marker;
use crate::{Colour, Layout};
use indicia_core::{FormatError, Problem, Source, Window};

/// How a picture is coded: what its frame header and tables say.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// Where its header stands in the file.
    pub(super) at: u64,
    /// Whether the picture gets finer from scan to scan.
    pub(super) progressive: bool,
    /// Width in pixels.
    pub(super) width: u16,
    /// Height in pixels.
    pub(super) height: u16,
    /// One or three.
    pub(super) components: Vec<Component>,
    /// What the samples mean.
    pub(super) colour: Colour,
    /// Quantisation tables by number, in zigzag order.
    pub(super) tables: [Option<[u16; 64]>; 4],
    /// Coded units between restart markers; 0 for no such markers.
    pub(super) restart: u16,
    /// Whether some scan holds fewer components than the frame.
    pub(super) scans_apart: bool,
}

/// One component of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    /// Its number in the file.
    pub(super) id: u8,
    /// Horizontal sampling factor.
    pub(super) horizontal: u8,
    /// Vertical sampling factor.
    pub(super) vertical: u8,
    /// Number of its quantisation table.
    pub(super) table: u8,
}

/// Most bytes of one table or frame segment that mean anything.
const LARGEST: usize = 4096;

impl Frame {
    /// Reads how the picture of a file is coded.
    ///
    /// # Errors
    /// [`Problem::Unsupported`] for the codings that cannot be decoded here: arithmetic, lossless,
    /// hierarchical, 12 bits, four components; [`Problem::Malformed`] for headers that contradict T.81.
    pub(super) fn read(source: &dyn Source, layout: &Layout) -> Result<Self, FormatError> {
        let mut window = Window::new(source);
        let mut frame: Option<Self> = None;
        let mut tables = [None; 4];
        let (mut restart, mut fewest) = (0, u8::MAX);
        let (mut jfif, mut adobe) = (false, None);
        for segment in &layout.segments {
            let wanted = matches!(&segment.name, b"DQT " | b"DRI " | b"SOS " | b"APP0" | b"APPE" | b"DHP ");
            if !wanted && !segment.name.starts_with(b"SOF") {
                continue;
            }
            let at = segment.span.start;
            let Some(marker) = Marker::read(&mut window, at)? else { continue };
            let len = usize::try_from(marker.body.len()).unwrap_or(LARGEST).min(LARGEST);
            let body = window.bytes(marker.body.start, len)?;
            match &segment.name {
                b"DQT " => quantisation(body, &mut tables)
                    .ok_or(FormatError::malformed(at, "quantisation table cut short"))?,
                b"SOS " => fewest = fewest.min(body.first().copied().unwrap_or(0)),
                b"DRI " => restart = short(body, 0).ok_or(FormatError::new(at, Problem::Truncated))?,
                b"APP0" => jfif |= body.starts_with(b"JFIF\0"),
                b"APPE" if body.starts_with(b"Adobe") => adobe = body.get(11).copied(),
                b"APPE" => {}
                b"DHP " => return Err(FormatError::unsupported(at, "hierarchical JPEG")),
                _ if frame.is_some() => return Err(FormatError::malformed(at, "a second frame header")),
                _ => frame = Some(header(marker, body)?),
            }
        }
        let mut frame = frame.ok_or(FormatError::unsupported(0, "a JPEG file without a picture"))?;
        let ids = frame.ids();
        frame.colour = match (ids.as_slice(), adobe) {
            ([_], _) => Colour::Gray,
            _ if jfif => Colour::YCbCr,
            (_, Some(0)) => Colour::Rgb,
            (_, Some(_)) => Colour::YCbCr,
            (b"RGB", None) => Colour::Rgb,
            _ => Colour::YCbCr,
        };
        let scans_apart = usize::from(fewest) < ids.len();
        Ok(Self { tables, restart, scans_apart, ..frame })
    }

    /// The numbers of the components.
    pub(super) fn ids(&self) -> Vec<u8> {
        self.components.iter().map(|component| component.id).collect()
    }

    /// The quantisation table of a component, in zigzag order.
    ///
    /// # Errors
    /// [`Problem::Malformed`] if it is missing.
    pub(super) fn table(&self, component: usize) -> Result<[u16; 64], FormatError> {
        let number = self.components.get(component).map_or(0, |component| component.table);
        let table = self.tables.get(usize::from(number)).copied().flatten();
        table.ok_or(FormatError::malformed(self.at, "no quantisation table"))
    }

    /// Width and height of a colour sample in brightness samples, where both colours have the same.
    pub(super) fn subsampling(&self) -> Option<(u8, u8)> {
        let [first, second, third] = self.components.as_slice() else { return Some((1, 1)) };
        let same = (second.horizontal, second.vertical) == (third.horizontal, third.vertical);
        let whole =
            first.horizontal % second.horizontal == 0 && first.vertical.is_multiple_of(second.vertical);
        (same && whole).then_some((first.horizontal / second.horizontal, first.vertical / second.vertical))
    }
}

fn short(body: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(body.get(at..at + 2)?.try_into().ok()?))
}

/// Reads a frame header (ITU-T T.81, B.2.2).
fn header(marker: Marker, body: &[u8]) -> Result<Frame, FormatError> {
    let at = marker.span.start;
    let refused = |what| Err(FormatError::unsupported(at, what));
    let progressive = match marker.code {
        0xC0 | 0xC1 => false,
        0xC2 => true,
        0xC3 => return refused("lossless JPEG"),
        0xC5..=0xC7 | 0xCD..=0xCF => return refused("hierarchical JPEG"),
        _ => return refused("JPEG with arithmetic coding"),
    };
    let truncated = FormatError::new(at, Problem::Truncated);
    let [precision, _, _, _, _, count, rest @ ..] = body else { return Err(truncated) };
    let (Some(height), Some(width)) = (short(body, 1), short(body, 3)) else { return Err(truncated) };
    match (*precision, *count) {
        (8, 1 | 3) => {}
        (8, 4) => return refused("JPEG with four colour components (CMYK)"),
        (8, 2) => return refused("JPEG with two colour components"),
        (8, _) => return Err(FormatError::malformed(at, "number of components")),
        _ => return refused("JPEG with more than 8 bits a sample"),
    }
    let (components, _) = rest.as_chunks::<3>();
    let components: Vec<Component> = components
        .iter()
        .take(usize::from(*count))
        .map(|[id, factors, table]| Component {
            id: *id,
            horizontal: factors >> 4,
            vertical: factors & 15,
            table: *table,
        })
        .collect();
    if components.len() < usize::from(*count) {
        return Err(truncated);
    }
    let possible = |factor: u8| (1..=4).contains(&factor);
    if !components.iter().all(|of| possible(of.horizontal) && possible(of.vertical)) {
        return Err(FormatError::malformed(at, "sampling factor"));
    }
    if width == 0 || height == 0 {
        return refused("JPEG that gives its height after the picture");
    }
    let colour = Colour::YCbCr; // until all that decides it was read
    let tables = [None; 4];
    Ok(Frame { at, progressive, width, height, components, colour, tables, restart: 0, scans_apart: false })
}

/// Reads quantisation tables (ITU-T T.81, B.2.4.1); `None` if one is cut short.
fn quantisation(mut body: &[u8], tables: &mut [Option<[u16; 64]>; 4]) -> Option<()> {
    while let Some((kind, rest)) = body.split_first() {
        let wide = kind >> 4 != 0;
        let (values, rest) = rest.split_at_checked(if wide { 128 } else { 64 })?;
        let mut table = [0; 64];
        for (at, value) in table.iter_mut().enumerate() {
            *value = if wide { short(values, 2 * at)? } else { u16::from(*values.get(at)?) };
        }
        *tables.get_mut(usize::from(kind & 15))? = Some(table);
        body = rest;
    }
    Some(())
}
