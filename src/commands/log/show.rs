use std::collections::BTreeMap;
use std::io::Write;

use indicia::records::{Content, Reader, Sought, Stored};
use serde_json::{Value, json};

use super::alike::{self, Agreement};
use super::{Stop, stop};
use crate::args::Show;
use crate::escape::escape;
use crate::exit::Exit;
use crate::record::SCHEMA_VERSION;

/// Shows the head, and some entries.
pub(super) fn show(reader: &mut Reader, args: &Show, out: &mut dyn Write) -> Result<Exit, Stop> {
    let sought: Vec<_> = [
        args.id.clone().map(Sought::ContentId),
        args.id.clone().map(Sought::PropagationId),
        args.watermark.clone().map(Sought::Watermark),
        args.sha256.map(Sought::Content),
    ]
    .into_iter()
    .flatten()
    .collect();
    let alike = args.words.as_deref().map(|path| alike::entries(reader, path)).transpose()?;
    let seeks = !sought.is_empty() || alike.is_some();
    let (alike, agreements): (Vec<_>, BTreeMap<u64, Agreement>) = alike
        .unwrap_or_default()
        .into_iter()
        .map(|(stored, agreement)| {
            let index = stored.index;
            (stored, (index, agreement))
        })
        .unzip();
    let mut entries = alike;
    for sought in &sought {
        entries.extend(reader.find(sought).map_err(|err| stop(&err))?);
    }
    for index in &args.entries {
        entries.push(reader.read(*index).map_err(|err| stop(&err))?);
    }
    if !seeks && args.entries.is_empty() {
        let first = reader.size().saturating_sub(args.last);
        for stored in reader.range(first..reader.size()) {
            entries.push(stored.map_err(|err| stop(&err))?);
        }
    }
    entries.sort_by_key(|stored| stored.index);
    entries.dedup_by_key(|stored| stored.index);
    if args.json {
        let head = reader.head();
        let line = json!({
            "schema_version": SCHEMA_VERSION, "type": "log", "origin": head.origin, "size": head.size,
            "root": head.root, "signed_by": reader.verifier().to_string(),
        });
        writeln!(out, "{line}")?;
        for stored in &entries {
            let mut line = value(stored);
            if let (Some(agreement), Some(line)) = (agreements.get(&stored.index), line.as_object_mut()) {
                line.insert("words_agree".into(), agreement.slots.into());
                line.insert("log10_false_match".into(), agreement.log10_false_match.into());
            }
            writeln!(out, "{line}")?;
        }
    } else {
        writeln!(out, "log        {}", escape(&reader.head().origin))?;
        writeln!(out, "signed by  {}", escape(&reader.verifier().to_string()))?;
        writeln!(out, "entries    {}", reader.size())?;
        writeln!(out, "root       {}", reader.head().root)?;
        for stored in &entries {
            in_words(stored, out)?;
            if let Some(Agreement { slots, log10_false_match }) = agreements.get(&stored.index) {
                let power = (-log10_false_match).floor();
                writeln!(
                    out,
                    "   its words agree in {slots} of 64 places; of texts that share up to 5 % of their runs of words, fewer than 1 in 10^{power:.0} would"
                )?;
            }
        }
    }
    let nothing = entries.is_empty() && seeks;
    if nothing && !args.json {
        writeln!(out, "\nno entry is about that; records that were erased are not found")?;
    }
    Ok(if nothing { Exit::Unmet } else { Exit::Fine })
}

/// One entry, for machines.
pub(super) fn value(stored: &Stored) -> Value {
    let (record, erased) = match &stored.content {
        Content::Held(record) => (Some(record), None),
        Content::Erased { on, told_by } => (None, Some(json!({ "on": on, "told_by": told_by }))),
        Content::None => (None, None),
    };
    json!({
        "schema_version": SCHEMA_VERSION, "type": "entry", "index": stored.index, "entry": stored.entry,
        "record": record, "erased": erased,
    })
}

fn in_words(stored: &Stored, out: &mut dyn Write) -> Result<(), Stop> {
    let entry = &stored.entry;
    write!(out, "\n{}  {}  {}", stored.index, entry.time, entry.event.name())?;
    if let Some(until) = entry.retain_until {
        write!(out, ", kept until {until}")?;
    }
    for [first, last] in &entry.concerns {
        match first == last {
            true => write!(out, ", entry {first}")?,
            false => write!(out, ", entries {first} to {last}")?,
        }
    }
    writeln!(out)?;
    match &stored.content {
        Content::None => {}
        Content::Erased { on, told_by } => {
            let until = entry.retain_until.map_or(String::new(), |until| until.to_string());
            writeln!(out, "   erased on purpose on {on}, told by entry {told_by}; retention ended {until}")?;
        }
        Content::Held(record) => {
            writeln!(out, "   {}  {} bytes  SHA-256 {}", escape(&record.path), record.size, record.sha256)?;
            let marks: Vec<_> = record.marks.iter().map(|mark| mark.scheme.as_str()).collect();
            let parts = [
                ("format", record.format.clone()),
                ("marks", marks.join(", ")),
                ("watermark", record.watermark.clone().unwrap_or_default()),
                ("verdict", record.verdict.clone().unwrap_or_default()),
                ("outcome", record.outcome.clone().unwrap_or_default()),
                (
                    "recipient",
                    record.unlabelled_copy.as_ref().map(|copy| copy.recipient.clone()).unwrap_or_default(),
                ),
            ];
            let claim = record.claim.iter().map(|(name, value)| (name.as_str(), value.clone()));
            for (name, text) in claim.chain(parts).filter(|(_, text)| !text.is_empty()) {
                writeln!(out, "   {name:<16} {}", escape(&text))?;
            }
        }
    }
    Ok(())
}
