use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

use indicia::records::{Content, Reader, Stored};

use super::show::value;
use super::{Stop, stop, write_file};
use crate::args::ExportFormat;
use crate::exit::Exit;

const COLUMNS: &str = "index,time,event,retain_until,path,sha256,size,format,marks,status,producer,content_id,propagator,\
                       propagation_id,watermark,verdict,outcome,recipient,erased_on";

/// Writes all entries.
pub(super) fn export(
    reader: &mut Reader,
    format: ExportFormat,
    output: Option<&Path>,
    out: &mut dyn Write,
) -> Result<Exit, Stop> {
    let mut to = |out: &mut dyn Write| -> Result<(), Stop> {
        if format == ExportFormat::Csv {
            write!(out, "{COLUMNS}\r\n")?;
        }
        for stored in reader.range(0..reader.size()) {
            let stored = stored.map_err(|err| stop(&err))?;
            match format {
                ExportFormat::Jsonl => writeln!(out, "{}", value(&stored))?,
                ExportFormat::Csv => write!(out, "{}\r\n", row(&stored))?,
            }
        }
        Ok(())
    };
    match output {
        None => to(out)?,
        Some(path) => write_file(path, to)?,
    }
    Ok(Exit::Fine)
}

fn row(stored: &Stored) -> String {
    let entry = &stored.entry;
    let retain_until = entry.retain_until.map(|day| day.to_string()).unwrap_or_default();
    let mut cells =
        vec![stored.index.to_string(), entry.time.to_string(), entry.event.name().into(), retain_until];
    let (record, erased) = match &stored.content {
        Content::Held(record) => (record.as_ref().clone(), String::new()),
        Content::Erased { on, .. } => (Default::default(), on.to_string()),
        Content::None => Default::default(),
    };
    let held = matches!(stored.content, Content::Held(_));
    let marks: Vec<_> = record.marks.iter().map(|mark| mark.scheme.as_str()).collect();
    let only = |text: String| if held { text } else { String::new() };
    let claim = |name: &str| record.claim.get(name).cloned().unwrap_or_default();
    cells.extend([
        record.path.clone(),
        only(record.sha256.to_string()),
        only(record.size.to_string()),
        record.format.clone(),
        marks.join(" "),
    ]);
    cells.extend(["status", "producer", "content_id", "propagator", "propagation_id"].map(claim));
    cells.extend([record.watermark, record.verdict, record.outcome].map(Option::unwrap_or_default));
    cells.extend([record.unlabelled_copy.map(|copy| copy.recipient).unwrap_or_default(), erased]);
    cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",")
}

/// RFC 4180; and nothing that a spreadsheet would take for a formula.
fn quoted(cell: &str) -> Cow<'_, str> {
    let cell = match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => Cow::Owned(format!("'{cell}")),
        false => Cow::Borrowed(cell),
    };
    if cell.contains(['"', ',', '\n', '\r']) {
        return Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\"")));
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_is_one_cell_and_no_formula() {
        for (cell, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"\n", "\"say \"\"x\"\"\n\""),
            ("=1+1", "'=1+1"),
            ("@x,y", "\"'@x,y\""),
        ] {
            assert_eq!(quoted(cell), written);
        }
    }
}
