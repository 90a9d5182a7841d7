//! What the fuzz targets do with their input.

use indicia_core::{FormatError, Limits, Source, Span};
use indicia_media::{
    Carrier, Changes, ClosedWords, Content, Ends, FORMATS, Filter, Format, Layout, NewContent, Piece, Put, Sound,
    SoundFilter,
};

/// Small enough that a run is not spent on allocating, or on the pixels of a header that was bent.
const LIMITS: Limits = Limits {
    block: 1 << 18,
    inflated: 1 << 18,
    segments: 1 << 12,
    pixels: 1 << 16,
    text: 1 << 18,
    depth: 64,
};

/// One format past the recognition of files, so that every input reaches its parser, its decoder and its writer.
pub fn format(name: &str, data: &[u8]) {
    let bytes = data.to_vec();
    let format = FORMATS.iter().find(|format| format.name == name).expect("a format of this name");
    let Ok(layout) = (format.parse)(&bytes, &LIMITS) else { return };
    assert!(layout.tiles(bytes.len() as u64), "the segments do not tile the file");
    for packet in &layout.packets {
        let _ = packet.read(&bytes, &LIMITS);
    }
    decode(format, &bytes, &layout);
    // Damaged files are never written.
    if layout.damage.is_some() {
        return;
    }
    if let Some(same) = written(format, &bytes, &layout, &Changes::default()) {
        assert_eq!(same, bytes, "a file is not itself without changes");
    }
    if let Some(extended) = extended(format, &bytes, &layout) {
        let again = (format.parse)(&extended, &LIMITS).expect("what was written is read");
        assert!(again.tiles(extended.len() as u64), "the segments do not tile what was written");
    }
    if let Some(filtered) = filtered(format, &bytes, &layout) {
        let again = (format.parse)(&filtered, &LIMITS).expect("what was written is read");
        assert!(again.tiles(filtered.len() as u64), "the segments do not tile what was written");
    }
    for carrier in format.homes.iter().map(|home| home.carrier) {
        let body = match carrier {
            Carrier::Field => br#"{"Label":"1"}"#.to_vec(),
            Carrier::FrontMatter => b"AIGC: 1\n".to_vec(),
            _ => br#"<x:xmpmeta xmlns:x="adobe:ns:meta/"/>"#.to_vec(),
        };
        let key = if carrier == Carrier::Field { "AIGC".to_owned() } else { String::new() };
        let changes = Changes { added: vec![Put { carrier, key, body }], ..Changes::default() };
        if let Some(labelled) = written(format, &bytes, &layout, &changes) {
            let again = (format.parse)(&labelled, &LIMITS).expect("what was written is read");
            assert!(again.tiles(labelled.len() as u64), "the segments do not tile what was written");
        }
    }
}

/// A sound file with sound before and after its own, if it can have that.
fn extended(format: &Format, bytes: &Vec<u8>, layout: &Layout) -> Option<Vec<u8>> {
    let Content::Sound { facts, .. } = format.content else { return None };
    let facts = facts(bytes, layout).ok().filter(|facts| (1..=8).contains(&facts.channels))?;
    let values = vec![0.1; 600 * usize::from(facts.channels)];
    let sound = Some(Sound { rate: facts.rate, channels: facts.channels, values });
    let content = Some(NewContent::Sound(Ends { start: sound.clone(), end: sound }));
    written(format, bytes, layout, &Changes { content, ..Changes::default() })
}

/// A sound file with its sound changed, if it can have that.
fn filtered(format: &Format, bytes: &Vec<u8>, layout: &Layout) -> Option<Vec<u8>> {
    let Content::Sound { changeable, .. } = format.content else { return None };
    changeable(bytes, layout, &LIMITS).ok()?;
    let filter = Some(Filter::new(|_| Ok(Box::new(Halves))));
    written(format, bytes, layout, &Changes { filter, ..Changes::default() })
}

/// Halves samples.
struct Halves;

impl SoundFilter for Halves {
    fn push(&mut self, block: &[f32], out: &mut Vec<f32>) -> Result<(), FormatError> {
        out.extend(block.iter().map(|value| value / 2.0));
        Ok(())
    }

    fn finish(self: Box<Self>, _: &mut Vec<f32>) -> Result<(), FormatError> {
        Ok(())
    }
}

/// The file with changes made to it, if they can be made.
fn written(format: &Format, bytes: &Vec<u8>, layout: &Layout, changes: &Changes) -> Option<Vec<u8>> {
    let pieces = (format.splice)(bytes, layout, changes, &LIMITS).ok()?;
    // What is kept in an annex is addressed as if it stood behind the source.
    let mut all = bytes.clone();
    if let Some(annex) = changes.annex.take() {
        let mut more = vec![0; annex.size() as usize];
        annex.read_at(0, &mut more).expect("an annex is read as it was written");
        all.extend(more);
    }
    let kept = |span: Span| &all[span.start as usize..span.end as usize];
    Some(
        pieces
            .iter()
            .flat_map(|piece| match piece {
                Piece::Keep(span) => kept(*span),
                Piece::New(new) => new,
            })
            .copied()
            .collect(),
    )
}

fn decode(format: &Format, bytes: &Vec<u8>, layout: &Layout) {
    match format.content {
        Content::Closed { words: Some(ClosedWords::Text(words) | ClosedWords::Cells(words)) } => {
            drop(words(bytes, layout, &LIMITS));
        }
        Content::Closed { words: None } => {}
        Content::Video { messages } => drop(messages(bytes, layout, &LIMITS)),
        Content::Picture { decode, rows } => {
            drop(decode(bytes, layout, &LIMITS));
            drop(rows(bytes, layout, &LIMITS, &|shape| shape.height / 2..shape.height));
        }
        Content::Pages { words } => drop(words(bytes, layout, &LIMITS)),
        Content::Text { decode, .. } => drop(decode(bytes, layout, &LIMITS)),
        Content::Sound { open, facts, .. } => {
            let _ = facts(bytes, layout);
            let Ok(mut stream) = open(bytes, layout, &LIMITS) else { return };
            let mut block = Vec::new();
            for _ in 0..64 {
                block.clear();
                if !matches!(stream.next_block(&mut block), Ok(true)) {
                    break;
                }
            }
        }
    }
}

/// The whole line: looked at, labelled, looked at again.
#[cfg(feature = "line")]
pub fn whole(data: &[u8]) {
    use indicia::{Claim, Context, Date, Field, Job, Order, Status, Terms, Waiver, label, scan};
    // The first byte chooses a name, since formats without signature go by it.
    let Some((choice, data)) = data.split_first() else { return };
    let name = ["a.txt", "a.md", "a"][usize::from(*choice) % 3];
    let bytes = data.to_vec();
    let cx = Context { limits: LIMITS, ..Context::default() };
    let packs = indicia::packs(["cn"]).expect("the bundled pack");
    let at = Date::parse("2026-11-23").expect("a day");
    let _ = scan(name, &bytes, &Terms::new(indicia::regimes(&packs), at), &cx);
    let mut claim = Claim { status: Some(Status::Generated), ..Claim::default() };
    claim.set(Field::Producer, "fuzz");
    claim.set(Field::ContentId, "1");
    let mut job = Job::new(Order { claim, replace: true, ..Order::default() }, indicia::regimes(&packs), at);
    job.waived = (choice & 0x80 == 0).then_some(Waiver::AT_REQUEST);
    if let Ok(labelled) = label(&bytes, Some(name), &job, &cx) {
        let again = label(&labelled.bytes, Some(name), &Job { waived: Some(Waiver::AT_REQUEST), ..job }, &cx);
        assert!(again.is_ok_and(|again| again.unchanged), "a labelled file does not keep its label");
    }
}
