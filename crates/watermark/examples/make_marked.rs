//! Makes the pictures of `tests/marked`, which every later version has to read.
//!
//! `cargo run -p indicia-watermark --example make_marked`. Run it for new pictures only: those that are there stay.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    reason = "a tool for those who work on this crate"
)]

use std::{fs::File, path::Path};

use indicia_watermark::{
    Id, Key, Payload, Status,
    picture::{Layout, PictureMut, SamplesMut, Strength, embed},
};

#[path = "../tests/common/mod.rs"]
mod common;

fn save(name: &str, width: usize, height: usize, color: png::ColorType, samples: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/marked").join(name);
    if path.exists() {
        println!("{name} is there");
        return;
    }
    let mut encoder = png::Encoder::new(File::create(path).unwrap(), width as u32, height as u32);
    encoder.set_color(color);
    encoder.set_compression(png::Compression::High);
    encoder.write_header().unwrap().write_image_data(samples).unwrap();
}

fn main() {
    let (width, height) = (448, 336);
    let own = Key::from_bytes(b"a key of our own");
    let digest = Payload::new(Status::Is, &Id::new(&Key::public(), "a record of ours")).unwrap();
    let literal = Payload::new(Status::Suspected, &Id::new(&own, "record-7")).unwrap();

    let mut rgb = common::scene(width, height, "marked");
    let mut picture =
        PictureMut::new(width as u32, height as u32, Layout::Rgb, SamplesMut::Eight(&mut rgb)).unwrap();
    println!("{:?}", embed(&mut picture, &Key::public(), digest, Strength::default()));
    save("open-key.png", width, height, png::ColorType::Rgb, &rgb);
    let crop: Vec<u8> = rgb
        .chunks_exact(width * 3)
        .skip(21)
        .take(300)
        .flat_map(|row| row[31 * 3..][..400 * 3].to_vec())
        .collect();
    save("open-key-crop.png", 400, 300, png::ColorType::Rgb, &crop);

    let gray: Vec<u8> =
        common::scene(width, height, "marked gray").chunks_exact(3).map(|pixel| pixel[0]).collect();
    let mut gray = gray;
    let mut picture =
        PictureMut::new(width as u32, height as u32, Layout::Gray, SamplesMut::Eight(&mut gray)).unwrap();
    println!("{:?}", embed(&mut picture, &own, literal, Strength::Fixed { psnr: 42.0 }));
    save("own-key-gray.png", width, height, png::ColorType::Grayscale, &gray);
    let turned: Vec<u8> =
        (0..width * height).map(|at| gray[(height - 1 - at % height) * width + at / height]).collect();
    save("own-key-turned.png", height, width, png::ColorType::Grayscale, &turned);
}
