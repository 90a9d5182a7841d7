//! For programs: one JSON document for the whole run.

use std::io::{self, Write};

use super::{Entry, Heading, Print, Printer};
use crate::record::{Record, SCHEMA_VERSION, Summary};

pub(super) static PRINTER: Printer = Printer {
    name: "json",
    pictures: false,
    open: |out, heading| Box::new(Json { out, heading, begun: false }),
};

struct Json<'w> {
    out: &'w mut (dyn Write + Send),
    heading: Heading<'w>,
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

#[cfg(test)]
mod tests {
    use crate::specimen;
    use serde_json::Value;

    #[test]
    fn it_prints_the_specimen_as_agreed() {
        specimen::agrees("json", false);
    }

    /// What a value has that a schema does not name, or lacks that it requires; each with where it stands.
    fn differences(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        if let Some(name) = schema["$ref"].as_str() {
            return differences(root, root.pointer(&name[1..]).unwrap(), value, at, found);
        }
        if schema["const"].as_u64().is_some_and(|one| *value != one) {
            found.push(format!("{at} is {value}"));
        }
        if schema["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
            found.push(format!("{at} is {value}"));
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            if value.get(name.as_str().unwrap()).is_none() {
                found.push(format!("{at} lacks {name}"));
            }
        }
        for (name, part) in value.as_object().into_iter().flatten() {
            match (&schema["properties"][name], &schema["additionalProperties"]) {
                (Value::Null, Value::Null) if schema.get("properties").is_some() => {
                    found.push(format!("{at}/{name}"))
                }
                (Value::Null, other) => differences(root, other, part, &format!("{at}/{name}"), found),
                (known, _) => differences(root, known, part, &format!("{at}/{name}"), found),
            }
        }
        for part in value.as_array().into_iter().flatten() {
            differences(root, &schema["items"], part, &format!("{at}/*"), found);
        }
    }

    #[test]
    fn the_schema_names_every_field_and_word_that_is_printed() {
        let root: Value = serde_json::from_str(include_str!("../../docs/report.schema.json")).unwrap();
        let mut report: Value = serde_json::from_str(&specimen::printed("json", false)).unwrap();
        let held = |report: &Value| {
            let mut found = Vec::new();
            differences(&root, &root, report, "", &mut found);
            found
        };
        assert_eq!(held(&report), Vec::<String>::new());
        report["files"][0]["looks"][0]["answer"] = "maybe".into();
        report["summary"]["surprise"] = 1.into();
        report["files"][1].as_object_mut().unwrap().remove("verdict");
        assert_eq!(held(&report).len(), 3, "the schema is really held against it: {:?}", held(&report));
    }
}
