//! `diff`: two files in, what became of the marks of the first in the second out.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use indicia::{
    Asset, Change, Context, Difference, Evidence, FileSource, Likeness, Mark, Scheme, difference, is_loss,
    likeness, survey,
};
use owo_colors::OwoColorize;
use serde_json::{Value, json};

use super::Stop;
use crate::args::{Diff, General};
use crate::escape::{escape, shortened};
use crate::exit::Exit;
use crate::output::Output;
use crate::record::{SCHEMA_VERSION, mark};
use crate::sandbox::Workers;
use crate::walk::reason;

/// Compares the marks of two files.
pub(crate) fn diff(args: &Diff, general: &General, now: u64) -> Result<Exit, Stop> {
    let cx = Context { now, sandbox: Some(Arc::new(Workers::new())), ..Context::default() };
    let mut out = Output::standard(general.color);
    let compared = compare(&args.before, &args.after, &cx);
    let exit = match &compared {
        Err(why) => {
            match args.json {
                true => writeln!(
                    out,
                    "{}",
                    json!({ "schema_version": SCHEMA_VERSION, "type": "diff", "error": why })
                )?,
                false => writeln!(out, "{} {}", "could not look:".yellow().bold(), escape(why))?,
            }
            Exit::Unknown
        }
        Ok(compared) => {
            if args.json {
                writeln!(out, "{}", compared.record(args))?;
            } else {
                compared.print(&mut out)?;
            }
            compared.exit()
        }
    };
    out.flush()?;
    Ok(if args.exit_zero { Exit::Fine } else { exit })
}

/// What became of the marks of one file in another.
struct Compared {
    differences: Vec<Difference>,
    likeness: Likeness,
}

fn compare(before: &Path, after: &Path, cx: &Context) -> Result<Compared, String> {
    let named = |path: &Path, why: String| format!("{}: {why}", path.display());
    let open = |path: &Path| FileSource::open(path).map_err(|err| named(path, reason(&err)));
    let (first, second) = (open(before)?, open(after)?);
    let name = |path: &Path| path.to_string_lossy().into_owned();
    let asset = |path: &Path, source| {
        Asset::open(source, Some(&name(path)), &cx.limits).map_err(|err| named(path, err.to_string()))
    };
    let (one, other) = (asset(before, &first)?, asset(after, &second)?);
    let evidence: [Evidence; 2] = [survey(&one, cx), survey(&other, cx)];
    let [old, new] = &evidence;
    Ok(Compared { differences: difference(old, new), likeness: likeness(&one, &other) })
}

impl Compared {
    /// A loss is a finding; what could not be looked at, where the file before could have had it, is not known.
    fn exit(&self) -> Exit {
        let blind =
            |one: &Difference| matches!(&one.change, Change::Unknown { before: None, after: Some(_) });
        match (is_loss(&self.differences), self.differences.iter().any(blind)) {
            (true, _) => Exit::Unmet,
            (false, true) => Exit::Unknown,
            (false, false) => Exit::Fine,
        }
    }

    fn print(&self, out: &mut dyn Write) -> std::io::Result<()> {
        for Difference { scheme, change } in &self.differences {
            let title = Scheme::named(scheme).map_or(*scheme, |scheme| scheme.title);
            match change {
                Change::None => writeln!(out, "  {} {title}: none, before and after", "-".dimmed())?,
                Change::Kept => writeln!(out, "  {} {title}: kept", "✓".green())?,
                Change::Lost(marks) => list(out, &"✗ lost".red().to_string(), title, marks)?,
                Change::Gained(marks) => list(out, &"+ new".green().to_string(), title, marks)?,
                Change::Unknown { before, after } => {
                    let why = blindness(before.as_deref(), after.as_deref());
                    writeln!(out, "  {} {title}: could not look: {}", "?".yellow(), escape(&why))?;
                }
                Change::Changed(lines) => {
                    writeln!(out, "  {} {title}: says something else", "✗".red())?;
                    for line in lines {
                        writeln!(out, "      {}", shortened(line, 200))?;
                    }
                }
            }
        }
        match &self.likeness {
            Likeness::Alike(..) => writeln!(out, "\n  the two hold the same content, as far as was compared"),
            Likeness::Different(why) => {
                writeln!(
                    out,
                    "\n  {} {}",
                    "the two plainly hold different content:".red().bold(),
                    escape(why)
                )
            }
            Likeness::Unknown(why) => {
                writeln!(
                    out,
                    "\n  {} {}",
                    "whether the two hold the same content cannot be told:".yellow(),
                    escape(why)
                )
            }
        }
    }

    fn record(&self, args: &Diff) -> Value {
        let rows: Vec<Value> = self.differences.iter().map(row).collect();
        json!({
            "schema_version": SCHEMA_VERSION,
            "type": "diff",
            "before": args.before.to_string_lossy(),
            "after": args.after.to_string_lossy(),
            "lost": is_loss(&self.differences),
            "marks": rows,
            "content": content(&self.likeness),
        })
    }
}

fn list(out: &mut dyn Write, word: &str, title: &str, marks: &[Mark]) -> std::io::Result<()> {
    for mark in marks {
        let raw =
            if mark.raw.is_empty() { String::new() } else { format!(": {}", shortened(&mark.raw, 120)) };
        writeln!(out, "  {word} {title} ({}){raw}", escape(&mark.place))?;
    }
    Ok(())
}

/// Why marks could not be looked for, in words.
fn blindness(before: Option<&str>, after: Option<&str>) -> String {
    match (before, after) {
        (Some(one), Some(other)) if one == other => one.to_owned(),
        (before, after) => {
            let parts =
                [before.map(|why| format!("before: {why}")), after.map(|why| format!("after: {why}"))];
            parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
        }
    }
}

fn row(difference: &Difference) -> Value {
    let marks = |marks: &[Mark]| marks.iter().map(|one| json!(mark(one))).collect::<Vec<_>>();
    let (change, detail) = match &difference.change {
        Change::None => ("none", Value::Null),
        Change::Kept => ("kept", Value::Null),
        Change::Lost(lost) => ("lost", json!(marks(lost))),
        Change::Gained(new) => ("gained", json!(marks(new))),
        Change::Changed(lines) => ("changed", json!(lines)),
        Change::Unknown { before, after } => {
            ("could_not_look", json!(blindness(before.as_deref(), after.as_deref())))
        }
    };
    json!({ "scheme": difference.scheme, "change": change, "detail": detail })
}

/// A comparison of content, for machines.
pub(crate) fn content(likeness: &Likeness) -> Value {
    match likeness {
        Likeness::Alike(value, measure) => json!({ "answer": "alike", "value": value, "measure": measure }),
        Likeness::Different(why) => json!({ "answer": "different", "reason": why }),
        Likeness::Unknown(why) => json!({ "answer": "cannot_tell", "reason": why }),
    }
}
