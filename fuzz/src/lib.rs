//! What the fuzz targets do with their input.

use indicia::{Claim, Context, Date, FORMATS, Field, Job, Limits, Order, Status, Terms, label, scan};

/// Small enough that a run is not spent on allocating.
const LIMITS: Limits =
    Limits { block: 1 << 20, inflated: 1 << 20, segments: 1 << 12, pixels: 1 << 20, text: 1 << 20, depth: 64 };

/// One format past the recognition of files, so that every input reaches its parser.
pub fn format(name: &str, data: &[u8]) {
    let bytes = data.to_vec();
    let format = FORMATS.iter().find(|format| format.name == name).expect("a format of this name");
    let Ok(layout) = (format.parse)(&bytes, &LIMITS) else { return };
    assert!(layout.tiles(bytes.len() as u64), "the segments do not tile the file");
    for packet in &layout.packets {
        let _ = packet.read(&bytes, &LIMITS);
    }
    match format.content {
        indicia_media::Content::Closed => {}
        indicia_media::Content::Picture { decode, .. } => drop(decode(&bytes, &layout, &LIMITS)),
        indicia_media::Content::Pages { words } => drop(words(&bytes, &layout, &LIMITS)),
        indicia_media::Content::Text { decode } => drop(decode(&bytes, &layout, &LIMITS)),
        indicia_media::Content::Sound { open, .. } => {
            let Ok(mut stream) = open(&bytes, &layout, &LIMITS) else { return };
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
pub fn whole(data: &[u8]) {
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
    job.waive_notice = choice & 0x80 == 0;
    if let Ok(labelled) = label(&bytes, Some(name), &job, &cx) {
        let again = label(&labelled.bytes, Some(name), &Job { waive_notice: true, ..job }, &cx);
        assert!(again.is_ok_and(|again| again.unchanged), "a labelled file does not keep its label");
    }
}
