//! Notices confirmed on the bytes of a file, of which only some rows are decoded.

use super::notice::{draw, measure, rows};
use crate::MarkError;
use indicia_core::{Claim, Limits, Mark, Order, Place, Status, Style};
use indicia_media::{Asset, Draft, Picture, Samples};

const JPEG: &[u8] = include_bytes!("../../../../samples/jpeg/dandelion-420.jpg");
const PNG: &[u8] = include_bytes!("../../../../samples/png/astronaut-rgb.png");
const PLACES: [Place; 4] = [Place::BottomRight, Place::TopLeft, Place::Bottom, Place::TopRight];

/// Where [`turned`] puts the orientation.
const ORIENTATION: usize = 31;

/// The same file with an Exif block that says how it is turned.
fn turned(file: &[u8], orientation: u8) -> Vec<u8> {
    let tiff =
        [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(), &[orientation, 0, 0, 0, 0, 0, 0]];
    let exif = [b"\xFF\xE1\0\x22Exif\0\0".as_slice(), &tiff.concat()].concat();
    [&file[..2], &exif, &file[2..]].concat()
}

#[expect(clippy::ptr_arg, reason = "a source has to have a size")]
fn open(bytes: &Vec<u8>) -> Asset<'_> {
    Asset::open(bytes, None, &Limits::default()).unwrap()
}

/// The file with its picture changed.
fn changed<T>(bytes: &Vec<u8>, change: impl FnOnce(&mut Picture) -> T) -> (Vec<u8>, T) {
    let asset = open(bytes);
    let mut draft = Draft::new(&asset);
    let given = change(draft.picture_mut().unwrap());
    (draft.render().unwrap().to_bytes().unwrap(), given)
}

fn labelled(bytes: &Vec<u8>, place: Place) -> (Vec<u8>, Mark) {
    let order = Order {
        claim: Claim { status: Some(Status::Generated), ..Claim::default() },
        style: Style { place, ..Style::default() },
        ..Order::default()
    };
    changed(bytes, |picture| draw(&order, picture).unwrap())
}

fn confirmed(mark: &Mark, bytes: &Vec<u8>) -> Result<Mark, MarkError> {
    let band = open(bytes).rows(|shape| rows(mark, shape))?;
    measure(mark, &band)
}

#[test]
fn the_rows_of_the_notice_are_enough_however_the_picture_is_turned() {
    for orientation in 1..=8 {
        for place in PLACES {
            let (bytes, mark) = labelled(&turned(JPEG, orientation), place);
            let asset = open(&bytes);
            let band = asset.rows(|shape| rows(&mark, shape)).unwrap();
            assert_eq!(band.shape.orientation, orientation);
            let part = band.rows.len() as f32 / band.shape.height as f32;
            let turned = orientation > 4;
            assert!(part < if turned { 0.5 } else { 0.2 }, "{orientation} {place:?}: {part}");
            // The same figures as on the whole picture.
            let measured = measure(&mark, &band).unwrap();
            assert_eq!(
                measured,
                measure(&mark, asset.picture().unwrap()).unwrap(),
                "{orientation} {place:?}"
            );
        }
    }
    let (bytes, mark) = labelled(&PNG.to_vec(), Place::BottomRight);
    assert_eq!(confirmed(&mark, &bytes).unwrap(), mark);
}

#[test]
fn a_notice_that_is_missing_painted_over_or_elsewhere_is_not_confirmed() {
    for (file, orientation) in [(PNG.to_vec(), 1)]
        .into_iter()
        .chain((1..=8).map(|orientation| (turned(JPEG, orientation), orientation)))
    {
        let (bytes, mark) = labelled(&file, Place::BottomRight);
        let fails = |what: &str, bytes: &Vec<u8>| {
            let failed = confirmed(&mark, bytes);
            assert!(matches!(&failed, Err(MarkError::Refused(_))), "{orientation}, {what}: {failed:?}");
        };
        fails("missing", &file);
        fails("missing from a picture coded again", &changed(&file, |_| ()).0);
        let (painted, ()) = changed(&bytes, |picture| {
            for frame in &mut picture.frames {
                if let Samples::Eight(all) = &mut frame.samples {
                    all.fill(128);
                }
            }
        });
        fails("painted over", &painted);
        for place in [Place::TopLeft, Place::TopRight, Place::BottomLeft] {
            fails("elsewhere", &labelled(&file, place).0);
        }
        if bytes.starts_with(b"\xFF\xD8") {
            let mut otherwise = bytes.clone();
            assert_eq!(otherwise[ORIENTATION], orientation);
            otherwise[ORIENTATION] = otherwise[ORIENTATION] % 8 + 1;
            fails("turned otherwise", &otherwise);
        }
    }
}

#[test]
fn too_few_rows_are_refused() {
    let (bytes, mark) = labelled(&turned(JPEG, 6), Place::TopLeft);
    for (first, last) in [(1, 0), (0, 1)] {
        let asset = open(&bytes);
        let less = asset.rows(|shape| {
            let rows = rows(&mark, shape);
            rows.start + first..rows.end - last
        });
        assert!(matches!(measure(&mark, &less.unwrap()), Err(MarkError::Refused(_))));
    }
    let placeless = Mark { place: String::new(), ..mark };
    assert!(matches!(confirmed(&placeless, &bytes), Err(MarkError::Refused(_))));
}
