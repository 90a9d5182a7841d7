use super::canvas::over;
use crate::{Asset, Band, Colour, Draft, Picture, Samples};
use indicia_core::Limits;
use png::{BitDepth, BlendOp, ColorType, DisposeOp, Encoder};

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
    std::io::Write::write_all(&mut stream, &data).unwrap();
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
