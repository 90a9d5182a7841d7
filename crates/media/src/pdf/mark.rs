//! Drawing a mark on pages: its own streams around those that are there, in an incremental update.

use std::io::Write;

use super::file::File;
use super::object::Id;
use super::pages::{Page, View, Which};
use super::signature;
use super::text_string::{hexadecimal, wide};
use super::update::{Edit, Update};
use crate::{Ends, PageMark, PathStep};
use flate2::{Compression, write::ZlibEncoder};
use indicia_core::{FormatError, Problem};

/// Least size of the letters, in points.
const LETTER: f64 = 10.0;
/// Least size of the letters, by the height of the page as shown.
const SHARE: f64 = 0.014;
/// Smallest size that letters shrink to on a narrow page, in points.
const SMALLEST: f64 = 3.0;
/// From the edges of the page, in points.
const MARGIN: f64 = 24.0;
/// From the edges of a small page, by its shorter side.
const SMALL_MARGIN: f64 = 0.05;
/// From the letters to the edges of the plate, in ems.
const PAD: f64 = 0.35;
/// Width of a blank in Helvetica, in ems.
const BLANK: f64 = 0.278;

/// Draws marks on the first and the last page.
///
/// # Errors
/// If they cannot be drawn, and why.
pub(crate) fn draw(file: &File<'_>, update: &mut Update, ends: &Ends<PageMark>) -> Result<(), FormatError> {
    signature::allow_drawing(file)?;
    if file.xref.sections.iter().any(|section| section.trailer.find(b"XRefStm").is_some()) {
        return Err(FormatError::unsupported(
            0,
            "drawing on a page of a PDF with two sorts of cross-references",
        ));
    }
    let (first, last) = (Page::find(file, Which::First)?, Page::find(file, Which::Last)?);
    let mut pages: Vec<(Page, Vec<&PageMark>)> = Vec::new();
    for (page, mark) in [(first, &ends.start), (last, &ends.end)] {
        let Some(mark) = mark else { continue };
        match pages.iter_mut().find(|(there, _)| there.loaded.id == page.loaded.id) {
            Some((_, marks)) => marks.push(mark),
            None => pages.push((page, vec![mark])),
        }
    }
    let save = update.fresh()?;
    update.put_stream(save, "", b"q\n");
    let font = update.fresh()?;
    update.put(font, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec());
    for (page, marks) in pages {
        draw_on(file, update, [save, font], &page, &marks)?;
    }
    Ok(())
}

/// Draws marks below each other on one page.
fn draw_on(
    file: &File<'_>,
    update: &mut Update,
    [save, font]: [Id; 2],
    page: &Page,
    marks: &[&PageMark],
) -> Result<(), FormatError> {
    let at = page.loaded.span.start;
    let scan = page.scan(file)?;
    if scan.underflows || scan.within_text {
        let what = "drawing on a page whose content restores more states than it saves or ends within a text";
        return Err(FormatError::unsupported(at, what));
    }
    // Whatever the page leaves behind: its clipping, its colours, a layer that can be hidden.
    let mut commands = "\n".to_owned() + &"EMC\n".repeat(scan.marked) + &"Q\n".repeat(scan.saved + 1);
    let view = page.view(file)?;
    let (resources, font) = page.resources_with_font(file, font)?;
    let mut from_top = 0.0;
    for mark in marks {
        commands += &drawn(mark, view, &font, &mut from_top)
            .ok_or(FormatError::unsupported(at, "so many words on so small a page"))?;
    }
    let drawing = update.fresh()?;
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    let packed = packed.write_all(commands.as_bytes()).and_then(|()| packed.finish());
    let packed = packed.map_err(|err| FormatError::new(at, Problem::Io(err.kind())))?;
    update.put_stream(drawing, " /Filter /FlateDecode", &packed);
    let mut streams = page.streams(file)?;
    streams.insert(0, save);
    streams.push(drawing);
    let streams: Vec<_> = streams.iter().map(|id| format!("{} {} R", id.number, id.generation)).collect();
    let (dictionary, mut edit) = (page.dictionary()?, Edit::default());
    edit.set(dictionary, b"Resources", resources);
    edit.set(dictionary, b"Contents", format!("[{}]", streams.join(" ")).into_bytes());
    update.put(page.loaded.id, edit.apply(dictionary, &page.loaded.bytes));
    Ok(())
}

/// The operators that draw a mark; `None` if there is no room for it.
fn drawn(mark: &PageMark, view: View, font: &str, from_top: &mut f64) -> Option<String> {
    let heights = || mark.outline.iter().flat_map(PathStep::points).map(|point| f64::from(point[1]));
    let (low, high) = (heights().fold(0.0, f64::min), heights().fold(0.0, f64::max));
    let (across, up) = (f64::from(mark.width) + 2.0 * PAD, high - low + 2.0 * PAD);
    let margin = (MARGIN / view.unit).min(SMALL_MARGIN * view.width.min(view.height));
    let (room_across, room_up) = (view.width - 2.0 * margin, view.height - 2.0 * margin - *from_top);
    let letter = (LETTER / view.unit).max(SHARE * view.height).min(room_across / across).min(room_up / up);
    // Written so that what is no number is refused too.
    if !(letter >= SMALLEST / view.unit && letter <= view.height) {
        return None;
    }
    let top = view.height - margin - *from_top;
    *from_top += up * letter;
    let text = String::from_utf8(hexadecimal(&wide(&mark.words))).ok()?;
    let mut out = format!("q\n{} cm\n/Span <</ActualText {text}>> BDC\n", numbers(&view.matrix));
    let plate = [margin, top - up * letter, across * letter, up * letter];
    out += &format!("1 g\n{} re f\n0.1 g\n", numbers(&plate));
    let letters = [letter, 0.0, 0.0, letter, margin + PAD * letter, top - (PAD + high) * letter];
    out += &format!("{} cm\n", numbers(&letters));
    for step in &mark.outline {
        let points: Vec<f64> = step.points().iter().flatten().map(|value| f64::from(*value)).collect();
        let operator = match step {
            PathStep::Move(_) => "m",
            PathStep::Line(_) => "l",
            PathStep::Curve(_) => "c",
            PathStep::Close => "h",
        };
        out += numbers(&points).trim_start();
        out += &format!(" {operator}\n");
    }
    // Many readers heed the words only where there are letters too: blanks over the whole width, not shown.
    let blanks = mark.words.chars().count().max(1);
    let stretch = 100.0 * f64::from(mark.width) / (BLANK * blanks as f64);
    out += &format!("f\nBT\n/{font} 1 Tf 3 Tr {} Tz ({}) Tj\nET\n", numbers(&[stretch]), " ".repeat(blanks));
    out += "EMC\nQ\n";
    Some(out)
}

/// Numbers as they are spelled, without needless digits.
fn numbers(values: &[f64]) -> String {
    let spell = |value: &f64| {
        let spelled = format!("{value:.4}");
        let spelled = spelled.trim_end_matches('0').trim_end_matches('.');
        if spelled == "-0" { "0".to_owned() } else { spelled.to_owned() }
    };
    values.iter().map(spell).collect::<Vec<_>>().join(" ")
}
