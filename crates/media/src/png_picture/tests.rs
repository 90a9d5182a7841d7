use super::canvas::over;
use super::unfilter::{mean, paeth, paeth_in_turn};
use crate::png_text::chunk;
use crate::{Asset, Band, Colour, Draft, Picture, Samples};
use indicia_core::Limits;
use png::{BitDepth, BlendOp, ColorType, DisposeOp, Encoder, Filter};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::{Index, select};
use std::io::{Read, Write};

#[expect(clippy::ptr_arg, reason = "a slice cannot become a dyn Source")]
fn asset(bytes: &Vec<u8>) -> Asset<'_> {
    Asset::open(bytes, Some("a.png"), &Limits::default()).unwrap()
}

/// The file after its picture was changed by `change` and coded again.
fn coded(bytes: &Vec<u8>, change: impl FnOnce(&mut Picture)) -> Vec<u8> {
    let asset = asset(bytes);
    let mut draft = Draft::new(&asset);
    change(draft.picture_mut().unwrap());
    draft.render().unwrap().to_bytes().unwrap()
}

fn still(
    colour: ColorType,
    depth: BitDepth,
    data: &[u8],
    set: impl FnOnce(&mut Encoder<'_, &mut Vec<u8>>),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 4, 2);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    set(&mut encoder);
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    bytes
}

#[test]
fn every_colour_type_and_depth_comes_back_as_it_was() {
    let ramp = |len: u8| (0..len).map(|at| at.wrapping_mul(31)).collect::<Vec<_>>();
    let palette = |encoder: &mut Encoder<'_, &mut Vec<u8>>| encoder.set_palette(vec![1, 2, 3, 40, 50, 60]);
    let clear = |encoder: &mut Encoder<'_, &mut Vec<u8>>| {
        encoder.set_palette(vec![1, 2, 3, 40, 50, 60]);
        encoder.set_trns(vec![0]);
    };
    for (bytes, colour, sixteen) in [
        (still(ColorType::Grayscale, BitDepth::One, &[0xA0, 0x50], |_| ()), Colour::Gray, false),
        (still(ColorType::Grayscale, BitDepth::Eight, &ramp(8), |_| ()), Colour::Gray, false),
        (still(ColorType::Grayscale, BitDepth::Sixteen, &ramp(16), |_| ()), Colour::Gray, true),
        (still(ColorType::GrayscaleAlpha, BitDepth::Eight, &ramp(16), |_| ()), Colour::GrayAlpha, false),
        (still(ColorType::Rgb, BitDepth::Eight, &ramp(24), |_| ()), Colour::Rgb, false),
        (still(ColorType::Rgba, BitDepth::Sixteen, &ramp(64), |_| ()), Colour::Rgba, true),
        (still(ColorType::Indexed, BitDepth::One, &[0xA0, 0x50], palette), Colour::Rgb, false),
        (still(ColorType::Indexed, BitDepth::One, &[0xA0, 0x50], clear), Colour::Rgba, false),
    ] {
        let before = asset(&bytes).picture().unwrap().clone();
        assert_eq!(
            (before.colour, matches!(before.frames[0].samples, Samples::Sixteen(_))),
            (colour, sixteen)
        );
        let after = coded(&bytes, |_| ());
        assert!(*asset(&after).picture().unwrap() == before, "{colour:?}");
        assert!(after.len() < 400);
    }
}

#[test]
fn rows_by_themselves_are_those_of_the_whole_picture() {
    // Four columns and two rows, with one bit, 8 bits and 16 bits a sample; and an animation.
    for bytes in [
        still(ColorType::Grayscale, BitDepth::One, &[0xA0, 0x50], |_| ()),
        still(ColorType::Rgb, BitDepth::Eight, &(0..24).collect::<Vec<_>>(), |_| ()),
        still(ColorType::Rgba, BitDepth::Sixteen, &(0..64).collect::<Vec<_>>(), |_| ()),
        animation(false),
    ] {
        let whole = asset(&bytes).picture().unwrap().clone();
        for rows in [0..1, 1..2, 0..2, 1..9, 2..5, 1..1] {
            let band = asset(&bytes).rows(|_| rows.clone()).unwrap();
            assert_eq!(band, Band::cut(&whole, band.rows.clone()), "{rows:?}");
            assert!(band.rows.start <= rows.start.min(2) && rows.end.min(2) <= band.rows.end);
            assert_eq!(band.frames.len(), whole.frames.len());
        }
    }
    let bytes = still(ColorType::Rgb, BitDepth::Eight, &(0..24).collect::<Vec<_>>(), |_| ());
    assert_eq!(asset(&bytes).rows(|shape| 1..shape.height).unwrap().rows, 1..2);
    assert_eq!(asset(&bytes).rows(|_| 1..2).unwrap().frames[0].samples, Samples::Eight((12..24).collect()));
}

/// A still picture whose rows have the filters that are named, in turn, coded without this crate's own code.
fn filtered(
    colour: ColorType,
    depth: BitDepth,
    (width, height): (u32, u32),
    filters: &[Filter],
    chunk: usize,
    data: &[u8],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    let mut writer = encoder.write_header().unwrap();
    let mut stream = writer.stream_writer_with_size(chunk).unwrap();
    for (at, row) in data.chunks(data.len() / height as usize).enumerate() {
        stream.set_filter(filters[at % filters.len()]);
        stream.write_all(row).unwrap();
    }
    stream.finish().unwrap();
    writer.finish().unwrap();
    bytes
}

proptest! {
    #[test]
    fn rows_of_any_filters_are_those_of_the_whole_picture(
        colour in select(vec![ColorType::Grayscale, ColorType::GrayscaleAlpha, ColorType::Rgb, ColorType::Rgba]),
        sixteen: bool,
        (width, height) in (1_u32..90, 1_u32..400),
        filters in vec(select(vec![Filter::NoFilter, Filter::Sub, Filter::Up, Filter::Avg, Filter::Paeth]), 1..90),
        chunk in 1_usize..9000,
        (start, end) in (0_u32..400, 0_u32..400),
        damage in option::of((any::<Index>(), any::<u8>())),
        noise in vec(any::<u8>(), 1..700),
    ) {
        let sample = if sixteen { 2 } else { 1 };
        let line = width as usize * colour.samples() * sample;
        let data: Vec<u8> = noise.iter().copied().cycle().take(line * height as usize).collect();
        let depth = if sixteen { BitDepth::Sixteen } else { BitDepth::Eight };
        let mut bytes = filtered(colour, depth, (width, height), &filters, chunk, &data);
        if let Some((at, value)) = damage {
            // Behind the header, whose damage can make the picture another.
            let at = 33 + at.index(bytes.len() - 33);
            bytes[at] ^= value;
        }
        let asset = Asset::open(&bytes, Some("a.png"), &Limits::default()).unwrap();
        match (asset.decode_picture(), asset.rows(|_| start..end)) {
            (Ok(whole), Ok(band)) => {
                prop_assert_eq!(&band, &Band::cut(&whole, band.rows.clone()));
                if damage.is_none() {
                    let after = coded(&bytes, |_| ());
                    let after = Asset::open(&after, Some("a.png"), &Limits::default()).unwrap();
                    prop_assert_eq!(&after.decode_picture().unwrap(), &whole);
                    prop_assert_eq!(&after.rows(|_| start..end).unwrap(), &band);
                }
            }
            // Damage below the rows.
            (Err(_), Ok(_)) => prop_assert!(damage.is_some()),
            (Ok(_), Err(err)) => prop_assert!(false, "rows of a sound picture: {}", err),
            (Err(_), Err(_)) => {}
        }
    }
}

/// A gray picture of which the compressed stream is given as it is, in its chunks.
fn of_stream((width, height): (u32, u32), chunks: &[&[u8]]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let mut bytes = [&b"\x89PNG\r\n\x1a\n"[..], &chunk(*b"IHDR", &header).unwrap()].concat();
    for data in chunks {
        bytes.extend(chunk(*b"IDAT", data).unwrap());
    }
    bytes.extend(chunk(*b"IEND", b"").unwrap());
    bytes
}

/// A stored block of deflate.
fn stored(last: bool, data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(data.len()).unwrap();
    [&[u8::from(last)], &len.to_le_bytes()[..], &(!len).to_le_bytes(), data].concat()
}

/// Streams made to look as if they could be entered in the middle, where a reader that does would see other rows.
#[test]
fn nothing_in_the_stream_makes_rows_other_than_a_viewer_shows() {
    let (start, end, flush) = ([0x78, 0x01], [0; 4], stored(false, &[]));
    // Four rows of four pixels whose bytes look like a flush, a last row of 77, and the end of the stream.
    let bait = [&flush[..], &stored(true, &[0, 77, 77, 77, 77]), &end, &[0]].concat();
    let head = stored(false, &bait);
    let tail = [&stored(true, &[0, 8, 8, 8, 8, 0, 9, 9, 9, 9])[..], &end].concat();
    // Cut behind what looks like the flush.
    let (first, second) = head.split_at(10);
    assert!(first.ends_with(&flush));
    let inside = of_stream((4, 6), &[&start, first, second, &tail]);
    // A flush that forgets nothing: the block behind it repeats the row before, by length 3 and distance 3 in
    // the fixed codes.
    let rows = stored(false, &[0, 5, 5, 0, 6, 6]);
    let sync = of_stream((2, 3), &[&start, &rows, &flush, &[0x03, 0x22, 0x00], &end]);
    for (bytes, height, last) in [(inside, 6, 9), (sync, 3, 6)] {
        let asset = asset(&bytes);
        let whole = asset.decode_picture().unwrap();
        for (start, end) in (0..height).flat_map(|start| (start..=height).map(move |end| (start, end))) {
            let band = asset.rows(|_| start..end).unwrap();
            assert_eq!(band, Band::cut(&whole, start..end));
        }
        assert!(matches!(&whole.frames[0].samples, Samples::Eight(values) if values.ends_with(&[last; 2])));
    }
}

#[test]
fn a_stream_that_ends_early_or_has_an_unknown_filter_gives_no_rows() {
    let short = of_stream((2, 4), &[&[0x78, 0x01], &stored(true, &[0, 1, 1, 0, 2, 2]), &[0; 4]]);
    assert!(asset(&short).rows(|_| 0..2).is_ok());
    assert!(asset(&short).rows(|_| 1..3).is_err() && asset(&short).rows(|_| 3..4).is_err());
    let unknown = of_stream((2, 3), &[&[0x78, 0x01], &stored(true, &[0, 1, 1, 5, 2, 2, 0, 3, 3]), &[0; 4]]);
    assert!(asset(&unknown).rows(|_| 0..1).is_ok());
    assert!(asset(&unknown).rows(|_| 1..2).is_err() && asset(&unknown).rows(|_| 2..3).is_err());
}

/// The filter of each row of a gray picture.
fn filters(bytes: &[u8], line: usize) -> Vec<u8> {
    let mut data = Vec::new();
    let mut at = 8;
    while let Some(length) = bytes.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        if &bytes[at + 4..at + 8] == b"IDAT" {
            data.extend_from_slice(&bytes[at + 8..at + 8 + length]);
        }
        at += 12 + length;
    }
    let mut raw = Vec::new();
    flate2::read::ZlibDecoder::new(&data[..]).read_to_end(&mut raw).unwrap();
    raw.chunks(line + 1).map(|row| row[0]).collect()
}

#[test]
fn the_nearest_byte_is_the_one_the_standard_says() {
    // As section 9.4 has it, without regard to speed.
    let standard = |a: i32, b: i32, c: i32| {
        let [far_a, far_b, far_c] = [a, b, c].map(|byte| (a + b - c - byte).abs());
        match () {
            () if far_a <= far_b && far_a <= far_c => a,
            () if far_b <= far_c => b,
            () => c,
        }
    };
    for (a, b) in (0..=255_u8).flat_map(|a| (0..=255_u8).map(move |b| (a, b))) {
        assert_eq!(u16::from(mean(a, b)), (u16::from(a) + u16::from(b)) / 2);
        for c in (0..=255_u8).filter(|c| c % 3 == 0 || a.abs_diff(*c) < 3 || b.abs_diff(*c) < 3) {
            let nearest = standard(a.into(), b.into(), c.into());
            assert_eq!(i32::from(paeth(a, b, c)), nearest, "{a} {b} {c}");
            assert_eq!(i32::from(paeth_in_turn(a, b, c)), nearest, "{a} {b} {c}");
        }
    }
}

#[test]
fn a_coded_picture_has_rows_that_stand_alone_where_that_is_cheap() {
    let gray = |value: fn(u32, u32) -> u32| {
        let data: Vec<u8> = (0..64 * 200_u32).map(|at| value(at % 64, at / 64).to_le_bytes()[0]).collect();
        let bytes = filtered(ColorType::Grayscale, BitDepth::Eight, (64, 200), &[Filter::Up], 4096, &data);
        let after = coded(&bytes, |_| ());
        assert!(*asset(&after).picture().unwrap() == *asset(&bytes).picture().unwrap());
        filters(&after, 64)
    };
    let smooth = gray(|x, y| (x + y) * 9);
    let alone = (0..200).filter(|at| smooth[*at] == 1).collect::<Vec<_>>();
    assert!(alone.len() >= 6 && alone.windows(2).all(|two| two[1] - two[0] <= 40), "{alone:?}");
    // Each row as the one above, and none smooth: the first only.
    let bars = gray(|x, _| x * x * 37);
    assert!(bars[1..].iter().all(|filter| *filter == 2), "{bars:?}");
}

/// Pixels of several `IDAT` chunks: damage below the rows is no concern of theirs, any other is.
#[test]
fn damage_in_the_rows_or_above_is_found() {
    let mut state = 1_u32;
    let noise = |_| {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12345);
        state.to_be_bytes()[1]
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 64, 3000);
    encoder.set_color(ColorType::Grayscale);
    let data: Vec<u8> = (0..64 * 3000).map(noise).collect();
    let mut writer = encoder.write_header().unwrap();
    let mut stream = writer.stream_writer_with_size(1 << 14).unwrap();
    Write::write_all(&mut stream, &data).unwrap();
    stream.finish().unwrap();
    drop(writer);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    assert!(asset(&bytes).picture().is_err());
    assert!(asset(&bytes).rows(|_| 2000..2010).is_err());
    let above = asset(&bytes).rows(|_| 100..110).unwrap();
    assert_eq!(above.frames[0].samples, Samples::Eight(data[6400..7040].to_vec()));
}

/// Three frames: red over all; half-clear green in a corner that goes away again; blue in another corner.
fn animation(apart: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 4, 2);
    encoder.set_color(ColorType::Rgba);
    encoder.set_animated(3, 7).unwrap();
    encoder.set_sep_def_img(apart).unwrap();
    let mut writer = encoder.write_header().unwrap();
    if apart {
        writer.write_image_data(&[9; 32]).unwrap();
    }
    writer.set_frame_delay(1, 10).unwrap();
    writer.write_image_data(&[255, 0, 0, 255].repeat(8)).unwrap();
    writer.set_frame_dimension(2, 1).unwrap();
    writer.set_frame_delay(2, 10).unwrap();
    writer.set_blend_op(BlendOp::Over).unwrap();
    writer.set_dispose_op(DisposeOp::Previous).unwrap();
    writer.write_image_data(&[0, 255, 0, 128].repeat(2)).unwrap();
    writer.set_frame_position(2, 1).unwrap();
    writer.set_frame_delay(3, 10).unwrap();
    writer.set_blend_op(BlendOp::Source).unwrap();
    writer.set_dispose_op(DisposeOp::Background).unwrap();
    writer.write_image_data(&[0, 0, 255, 255].repeat(2)).unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn frames_are_drawn_onto_the_whole_canvas() {
    let bytes = animation(false);
    let frames: Vec<Vec<u8>> = asset(&bytes)
        .picture()
        .unwrap()
        .frames
        .iter()
        .map(|frame| match &frame.samples {
            Samples::Eight(bytes) => bytes.clone(),
            Samples::Sixteen(_) => panic!("16 bits"),
        })
        .collect();
    let (red, mixed, blue) = ([255, 0, 0, 255], [127, 128, 0, 255], [0, 0, 255, 255]);
    let row = |pixels: [[u8; 4]; 4]| pixels.concat();
    assert_eq!(frames[0], [row([red; 4]), row([red; 4])].concat());
    assert_eq!(frames[1], [row([mixed, mixed, red, red]), row([red; 4])].concat());
    assert_eq!(frames[2], [row([red; 4]), row([red, red, blue, blue])].concat());
}

#[test]
fn an_animation_comes_back_with_its_frames_times_and_plays() {
    for apart in [false, true] {
        let bytes = animation(apart);
        let before = asset(&bytes).picture().unwrap().clone();
        assert_eq!(before.frames.len(), 3 + usize::from(apart));
        let after = coded(&bytes, |_| ());
        assert!(*asset(&after).picture().unwrap() == before, "apart: {apart}");
        let mut reader = png::Decoder::new(std::io::Cursor::new(&after)).read_info().unwrap();
        let control = *reader.info().animation_control().unwrap();
        assert_eq!((control.num_frames, control.num_plays), (3, 7));
        let mut delays = Vec::new();
        let mut buffer = vec![0; 64];
        for at in 0..3 + usize::from(apart) {
            reader.next_frame(&mut buffer).unwrap();
            if !(apart && at == 0) {
                delays.push(reader.info().frame_control().unwrap().delay_num);
            }
        }
        assert_eq!(delays, [1, 2, 3]);
    }
}

#[test]
fn a_changed_picture_keeps_the_chunks_that_still_fit() {
    let set = |encoder: &mut Encoder<'_, &mut Vec<u8>>| {
        encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: 7, yppu: 7, unit: png::Unit::Meter }));
        encoder.add_text_chunk("Title".into(), "x".into()).unwrap();
        encoder.set_palette(vec![1, 2, 3, 40, 50, 60]);
    };
    let bytes = still(ColorType::Indexed, BitDepth::One, &[0xA0, 0x50], set);
    let after = coded(&bytes, |picture| {
        if let Samples::Eight(bytes) = &mut picture.frames[0].samples {
            bytes[0] = 200;
        }
    });
    let names: Vec<_> = asset(&after).layout.segments.iter().map(|segment| segment.name).collect();
    assert!(names.contains(b"pHYs") && names.contains(b"tEXt") && !names.contains(b"PLTE"), "{names:?}");
    let picture = asset(&after).picture().unwrap().clone();
    assert!(matches!(&picture.frames[0].samples, Samples::Eight(bytes) if bytes[..3] == [200, 50, 60]));
}

#[test]
fn a_pixel_over_another_is_mixed_by_alpha() {
    let mut back = [100, 0, 0, 255];
    over(&mut back, &[200, 0, 0, 51], 1);
    assert_eq!(back, [120, 0, 0, 255]);
    let mut clear = [9, 9, 9, 0];
    over(&mut clear, &[200, 1, 2, 51], 1);
    assert_eq!(clear, [200, 1, 2, 51]);
    let mut deep = [0x80, 0x00, 0xFF, 0xFF];
    over(&mut deep, &[0xFF, 0xFF, 0x80, 0x00], 2);
    assert_eq!(deep, [0xC0, 0x00, 0xFF, 0xFF]);
}
