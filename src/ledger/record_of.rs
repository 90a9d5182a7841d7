//! From reports to records: what the log keeps of a file, and nothing it must not keep.

use std::collections::BTreeMap;
use std::io;

use indicia::records::{Hash, Hasher, MarkNote, Record, Tool};
use indicia::{
    Asset, Channel, Claim, Evidence, Field, Look, Mark, Origin, Report, Seen, SegmentRole, Source, Status,
    words_of,
};
use indicia_watermark::text::Fingerprint;

/// Bytes read at once.
const BLOCK: usize = 1 << 18;

/// Fields that say what a user typed: a log covers outputs only (Code of Practice, sub-measure 1.1.3).
const PROMPTS: [Field; 2] = [Field::Prompt, Field::PromptWriter];

/// What the log keeps of a file with these marks. `asset` is the file cut up, if that can be done.
pub(crate) fn record(
    name: &str,
    source: &dyn Source,
    asset: Option<&Asset<'_>>,
    evidence: &Evidence,
) -> io::Result<Record> {
    let (sha256, media) = hashes(source, asset)?;
    let present = || evidence.looks.iter().flat_map(|look| marks(look).iter().map(move |mark| (look, mark)));
    let sure = || present().filter(|(look, mark)| look.channel != Channel::Trace && !mark.is_doubtful());
    let note = |scheme: &str, mark: &Mark| {
        let id = [Field::ContentId, Field::PropagationId].map(|field| mark.claim.field(field));
        let id = id.into_iter().find(|id| !id.is_empty()).map(str::to_owned);
        MarkNote { scheme: scheme.to_owned(), id }
    };
    let mut claims: Vec<_> = sure().map(|(look, mark)| (rank(look.channel), &mark.claim)).collect();
    claims.sort_by_key(|(rank, _)| *rank);
    let tool = Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() };
    Ok(Record {
        path: name.to_owned(),
        sha256,
        size: source.size(),
        media,
        format: asset.map(|asset| asset.format.name.to_owned()).unwrap_or_default(),
        marks: sure().map(|(look, mark)| note(look.scheme, mark)).collect(),
        claim: words(claims.into_iter().map(|(_, claim)| claim)),
        watermark: watermarks(evidence).next(),
        tool: Some(tool),
        ..Record::default()
    })
}

/// The fingerprint of the words of a text or a document; `None` if it has none, or too few.
pub(crate) fn fingerprint(asset: &Asset<'_>) -> Option<Fingerprint> {
    words_of(asset).ok().and_then(|words| Fingerprint::of(&words))
}

/// What was concluded of a file that was checked.
pub(crate) fn concluded(record: Record, report: &Report<'_>) -> Record {
    let (verdict, outcome) = (report.verdict.statement.name().to_owned(), report.outcome().name().to_owned());
    Record { verdict: Some(verdict), outcome: Some(outcome), ..record }
}

/// The ids that watermarks of a file carry.
pub(crate) fn watermarks(evidence: &Evidence) -> impl Iterator<Item = String> + '_ {
    let looks = evidence.looks.iter().filter(|look| look.channel == Channel::Watermark);
    let marks = looks.flat_map(marks).filter(|mark| !mark.is_doubtful());
    marks
        .filter_map(|mark| mark.signal.as_ref())
        // One that is known in part, or holds nothing, has words for that in place of an id.
        .filter(|signal| !signal.payload.is_empty() && !signal.payload.contains('?'))
        .map(|signal| signal.id.clone())
        .filter(|id| leads_somewhere(id))
}

/// Some watermarks carry no id, or one that is not understood, and say so in its place.
fn leads_somewhere(id: &str) -> bool {
    !matches!(id, "" | "none" | "not known") && !id.starts_with("malformed")
}

fn marks(look: &Look) -> &[Mark] {
    match &look.seen {
        Seen::Present(marks) => marks,
        Seen::Absent | Seen::Blind(_) => &[],
    }
}

/// The standard's own label has the say on what several could say.
fn rank(channel: Channel) -> u8 {
    match channel {
        Channel::Metadata => 0,
        Channel::Manifest => 1,
        Channel::Watermark => 2,
        Channel::Explicit | Channel::Trace => 3,
    }
}

fn words<'c>(claims: impl Iterator<Item = &'c Claim>) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            words.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
    };
    for claim in claims {
        add("status", claim.status.map_or("", Status::name));
        add("origin", claim.origin.map_or("", Origin::name));
        for (field, value) in claim.fields.iter().filter(|(field, _)| !PROMPTS.contains(field)) {
            add(field.name(), value);
        }
    }
    words
}

/// The claim that a record keeps.
pub(crate) fn claim(record: &Record) -> Claim {
    let mut claim = Claim::default();
    let word = |name: &str| record.claim.get(name).map(String::as_str);
    let statuses = [Status::Generated, Status::Possible, Status::Suspected, Status::NotGenerated];
    claim.status = statuses.into_iter().find(|status| Some(status.name()) == word("status"));
    claim.origin =
        [Origin::Generated, Origin::Altered].into_iter().find(|one| Some(one.name()) == word("origin"));
    for field in Field::ALL.iter().filter(|field| !PROMPTS.contains(field)) {
        claim.set(*field, word(field.name()).unwrap_or_default());
    }
    claim
}

/// SHA-256 of a file, and of its coded media alone, in one pass.
pub(crate) fn hashes(source: &dyn Source, asset: Option<&Asset<'_>>) -> io::Result<(Hash, Option<Hash>)> {
    let whole = asset.filter(|asset| asset.layout.damage.is_none());
    let segments = whole.map(|asset| asset.layout.segments.as_slice()).unwrap_or_default();
    let essence: Vec<_> =
        segments.iter().filter(|one| one.role == SegmentRole::Essence).map(|one| one.span).collect();
    let (mut all, mut media) = (Hasher::default(), Hasher::default());
    let mut buffer = vec![0; BLOCK];
    let (mut at, mut next) = (0, essence.iter().peekable());
    while at < source.size() {
        let left = source.size() - at;
        let length = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
        let block = buffer.get_mut(..length).unwrap_or_default();
        source.read_at(at, block)?;
        all.update(block);
        let end = at + length as u64;
        while let Some(span) = next.peek().filter(|span| span.start < end) {
            let from = usize::try_from(span.start.max(at) - at).unwrap_or_default();
            let to = usize::try_from(span.end.min(end).saturating_sub(at)).unwrap_or_default();
            media.update(block.get(from..to).unwrap_or_default());
            if span.end > end {
                break;
            }
            next.next();
        }
        at = end;
    }
    Ok((all.finish(), (!essence.is_empty()).then(|| media.finish())))
}

#[cfg(test)]
mod tests {
    use super::{claim, hashes, record};
    use indicia::records::Hash;
    use indicia::{Asset, Basis, Channel, Claim, Evidence, Field, Limits, Look, Mark, Seen, Status};

    fn look(scheme: &'static str, channel: Channel, claim: Claim) -> Look {
        let mark = Mark { claim, ..Mark::default() };
        Look { scheme, channel, basis: Basis::Read, seen: Seen::Present(vec![mark]), nearest: None }
    }

    /// Code of Practice, sub-measure 1.1.3: outputs only, never prompts.
    #[test]
    fn prompts_are_never_recorded() {
        let mut said = Claim { status: Some(Status::Generated), ..Claim::default() };
        for field in Field::ALL {
            said.set(*field, format!("the {}", field.name()));
        }
        let looks = vec![look("aigc", Channel::Metadata, said.clone())];
        let made = record("a.png", &b"bytes".to_vec(), None, &Evidence::from(looks)).unwrap();
        let text = serde_json::to_string(&made).unwrap();
        assert!(text.contains("the producer") && !text.contains("prompt"), "{text}");
        said.set(Field::Prompt, "");
        said.set(Field::PromptWriter, "");
        assert_eq!(claim(&made), said, "and all else comes back");
    }

    #[test]
    fn the_label_has_the_say_and_traces_have_none() {
        let claim = |id: &str| {
            let mut claim = Claim::default();
            claim.set(Field::ContentId, id);
            claim
        };
        let looks = vec![
            look("traces", Channel::Trace, claim("T")),
            look("watermark", Channel::Watermark, claim("W")),
            look("aigc", Channel::Metadata, claim("A")),
        ];
        let made = record("a.png", &b"bytes".to_vec(), None, &Evidence::from(looks)).unwrap();
        assert_eq!(made.claim.get("content_id").unwrap(), "A");
        assert_eq!(made.watermark, None, "a number in its claim may be that of the label beside it");
        assert_eq!(made.marks.len(), 2);
    }

    #[test]
    fn a_watermark_without_an_id_leads_nowhere() {
        for (id, leads) in [
            ("digest 0123456789abcd", true),
            ("N-1", true),
            ("none", false),
            ("not known", false),
            ("malformed 00", false),
        ] {
            assert_eq!(super::leads_somewhere(id), leads, "{id}");
        }
    }

    #[test]
    fn the_media_alone_stay_when_the_metadata_go() {
        let png = |text: bool| {
            let chunk = |name: &[u8], data: &[u8]| {
                let named = [name, data].concat();
                let (length, crc) = (u32::try_from(data.len()).unwrap(), crc32fast::hash(&named));
                [&length.to_be_bytes()[..], &named, &crc.to_be_bytes()].concat()
            };
            let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
            bytes.extend(chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]));
            if text {
                bytes.extend(chunk(b"tEXt", &[&b"Comment\0"[..], &vec![b'x'; 1 << 19]].concat()));
            }
            bytes.extend(chunk(b"IDAT", b"\x78\x9c\x63\x60\x00\x00\x00\x02\x00\x01"));
            bytes.extend(chunk(b"IEND", b""));
            bytes
        };
        let of = |bytes: &Vec<u8>| {
            hashes(bytes, Some(&Asset::open(bytes, Some("a.png"), &Limits::default()).unwrap())).unwrap()
        };
        let (long, short) = (png(true), png(false));
        assert_eq!(of(&long).0, Hash::of(&long));
        assert_eq!(of(&long).1, of(&short).1);
        assert!(of(&long).1.is_some() && of(&long).1 != Some(Hash::of(&short)));
    }
}
