//! Pictures that earlier versions marked, which every later one has to read.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that goes wrong may panic")]

use std::{fs::File, io::BufReader, path::Path};

use indicia_watermark::{
    Detection, Id, Key, Meaning, Status,
    picture::{Detector, Effort, Layout, Picture, Samples},
};

#[test]
fn pictures_of_earlier_versions_are_still_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/marked");
    let (open, own) = (Key::public(), Key::from_bytes(b"a key of our own"));
    let digest = Meaning::Label { status: Status::Is, id: Id::new(&open, "a record of ours") };
    let literal = Meaning::Label { status: Status::Suspected, id: Id::Literal("record-7".to_owned()) };
    let expected = [
        ("open-key-crop.png", &open, &digest),
        ("open-key.png", &open, &digest),
        ("own-key-gray.png", &own, &literal),
        ("own-key-turned.png", &own, &literal),
    ];
    let mut names: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert!(names.iter().eq(expected.iter().map(|(name, ..)| *name)), "{names:?}");
    let detector = Detector::new(&[open.clone(), own.clone()]);
    for (name, key, meaning) in expected {
        let decoder = png::Decoder::new(BufReader::new(File::open(folder.join(name)).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut samples = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut samples).unwrap();
        let layout = if info.color_type == png::ColorType::Rgb { Layout::Rgb } else { Layout::Gray };
        let picture = Picture::new(info.width, info.height, layout, Samples::Eight(&samples)).unwrap();
        let found = detector.detect(&picture, Effort::Search);
        let Detection::Present(found) = found else { panic!("{name}: {found:?}") };
        assert_eq!((found[0].key, &found[0].payload.meaning()), (key.id(), meaning), "{name}");
    }
}
