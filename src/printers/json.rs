//! For programs: one JSON document for the whole run.

use std::io::{self, Write};

use super::{Entry, Heading, Print, Printer};
use crate::record::{Record, SCHEMA_VERSION, Summary};

pub(super) static PRINTER: Printer =
    Printer { name: "json", open: |out, heading| Box::new(Json { out, heading, begun: false }) };

struct Json<'w> {
    out: &'w mut (dyn Write + Send),
    heading: Heading,
    begun: bool,
}

impl Json<'_> {
    /// Files are printed as they come, so that a run over a million of them holds one at a time.
    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return self.out.write_all(b",\n");
        }
        self.begun = true;
        let terms = serde_json::to_string(&self.heading.terms)?;
        writeln!(self.out, "{{\"schema_version\":{SCHEMA_VERSION},\"terms\":{terms},\"files\":[")
    }
}

impl Print for Json<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.begin()?;
        serde_json::to_writer(&mut *self.out, &Record::of(entry))?;
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if !self.begun {
            self.begin()?;
        }
        self.out.write_all(b"\n],\"summary\":")?;
        serde_json::to_writer(&mut *self.out, summary)?;
        self.out.write_all(b"}\n")
    }
}
