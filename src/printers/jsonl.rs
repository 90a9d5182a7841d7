//! For programs: one JSON object a line, one line a file, and a last line with the sums.

use std::io::{self, Write};

use super::{Entry, Print, Printer};
use crate::record::{Record, Summary};

pub(super) static PRINTER: Printer =
    Printer { name: "jsonl", pictures: false, open: |out, _| Box::new(JsonLines(out)) };

struct JsonLines<'w>(&'w mut (dyn Write + Send));

impl JsonLines<'_> {
    fn line(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }
}

impl Print for JsonLines<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.line(&Record::of(entry))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.line(summary)
    }
}

#[cfg(test)]
mod tests {
    use crate::specimen;

    #[test]
    fn it_prints_the_specimen_as_agreed() {
        specimen::agrees("jsonl", false);
    }
}
