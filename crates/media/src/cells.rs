//! The cells of spreadsheets, which this program reads to tell one from another and does not change: a line for each text, and
//! for each number as it is kept, not as it is shown.

use crate::Layout;
use crate::xml::{self, Event, Walk, local};
use crate::zip;
use indicia_core::{FormatError, Limits, Problem, Source, Window};

/// Most parts that are read of one spreadsheet.
const MOST_PARTS: usize = 200;

/// The cells of an Excel workbook: its shared texts, then what stands in the sheets themselves.
///
/// # Errors
/// If a part cannot be read.
pub(crate) fn excel(source: &dyn Source, _: &Layout, limits: &Limits) -> Result<String, FormatError> {
    let is_part = |name: &str| {
        name == "xl/sharedStrings.xml"
            || name
                .strip_prefix("xl/worksheets/")
                .is_some_and(|rest| rest.ends_with(".xml") && !rest.contains('/'))
    };
    cells(source, limits, is_part, |text, limits, out| {
        let mut walk = Walk::new(text, limits);
        // Whether a value is kept elsewhere or no number: `s`, `b` and `e` (ECMA-376-1, 18.18.11).
        let mut is_other = false;
        let mut open: Vec<&str> = Vec::new();
        while let Some(event) = walk.next()? {
            match event {
                Event::Start { name, tag, is_empty } => {
                    if local(name) == "c" {
                        let sort = attribute(&walk, &tag, "t")?;
                        is_other = matches!(sort.as_deref(), Some("s" | "b" | "e"));
                    }
                    if !is_empty {
                        open.push(local(name));
                    }
                }
                Event::End { .. } => {
                    if let Some("si" | "is" | "v") = open.pop() {
                        out.push('\n');
                    }
                }
                Event::Words(words) => match open.last() {
                    // How a word is pronounced is no part of it.
                    Some(&"t") if !open.contains(&"rPh") => out.push_str(&words),
                    Some(&"v") if !is_other => out.push_str(&words),
                    _ => {}
                },
            }
        }
        Ok(())
    })
}

/// The cells of an `OpenDocument` spreadsheet.
///
/// # Errors
/// If its content cannot be read.
pub(crate) fn opendocument(source: &dyn Source, _: &Layout, limits: &Limits) -> Result<String, FormatError> {
    cells(
        source,
        limits,
        |name| name == "content.xml",
        |text, limits, out| {
            let mut walk = Walk::new(text, limits);
            // Whether each element that is open is a paragraph of a cell whose text counts.
            let mut open: Vec<bool> = Vec::new();
            let mut is_text = false;
            while let Some(event) = walk.next()? {
                match event {
                    Event::Start { name, tag, is_empty } => {
                        if local(name) == "table-cell" {
                            let sort = attribute(&walk, &tag, "value-type")?;
                            is_text = sort.as_deref().is_none_or(|sort| sort == "string");
                            if let Some(number) = attribute(&walk, &tag, "value")? {
                                out.push_str(&number);
                                out.push('\n');
                            }
                        }
                        if !is_empty {
                            open.push(local(name) == "p" && is_text);
                        }
                    }
                    Event::End { .. } => {
                        if open.pop() == Some(true) {
                            out.push('\n');
                        }
                    }
                    Event::Words(words) if open.contains(&true) => out.push_str(&words),
                    Event::Words(_) => {}
                }
            }
            Ok(())
        },
    )
}

/// An attribute by its name without prefix.
fn attribute(walk: &Walk<'_>, tag: &std::ops::Range<usize>, name: &str) -> Result<Option<String>, Problem> {
    let found = walk.attributes(tag)?.into_iter().find(|one| local(one.name) == name);
    Ok(found.map(|one| one.value().into_owned()))
}

fn cells(
    source: &dyn Source,
    limits: &Limits,
    is_part: impl Fn(&str) -> bool,
    gather: impl Fn(&str, &Limits, &mut String) -> Result<(), Problem>,
) -> Result<String, FormatError> {
    let archive = zip::open(source, limits)?;
    let parts = archive.entries.iter().filter(|entry| is_part(&entry.name)).take(MOST_PARTS);
    let mut window = Window::new(source);
    let mut out = String::new();
    for part in parts {
        let left = limits.text.saturating_sub(out.len() as u64);
        let bytes = zip::read(&mut window, source, &archive, part, left, limits)?;
        let at = |problem| FormatError::new(part.at, problem);
        gather(&xml::decode(bytes).map_err(at)?.text, limits, &mut out).map_err(at)?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{excel, opendocument};
    use crate::Layout;
    use crate::zip::tests::archive;
    use indicia_core::Limits;

    #[test]
    fn texts_and_numbers_are_read_as_they_are_kept() {
        let shared = "<sst><si><t>Level</t></si><si><r><t>two </t></r><r><t>parts</t></r><rPh><t>x</t></rPh></si></sst>";
        let sheet = "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c><c><v>1.25</v></c><c t=\"b\"><v>1</v></c>\
            <c t=\"inlineStr\"><is><t>within</t></is></c><c t=\"str\"><f>A1</f><v>made</v></c><c/></row></sheetData></worksheet>";
        let file = archive(&[
            ("xl/sharedStrings.xml", shared.as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
            ("xl/worksheets/_rels/sheet1.xml.rels", b"<no/>"),
        ]);
        let cells = excel(&file, &Layout::default(), &Limits::default()).unwrap();
        let cells: Vec<&str> = cells.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(cells, ["Level", "two parts", "1.25", "within", "made"]);
        let content = "<o><table:table-cell office:value-type=\"string\"><text:p>Level</text:p></table:table-cell>\
            <table:table-cell office:value-type=\"float\" office:value=\"1.25\"><text:p>1.3</text:p></table:table-cell>\
            <table:table-cell office:value-type=\"date\" office:date-value=\"2026-01-01\"><text:p>1 Jan</text:p></table:table-cell></o>";
        let file = archive(&[("content.xml", content.as_bytes())]);
        assert_eq!(opendocument(&file, &Layout::default(), &Limits::default()).unwrap(), "Level\n1.25\n");
    }
}
