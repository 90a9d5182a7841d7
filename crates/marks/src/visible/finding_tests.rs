//! What counts as a label, with a reader of words that is told what stands where, and how letters are measured.

use super::finding::find;
use super::geometry::Area;
use super::measuring::measure;
use super::scene::Scene;
use crate::MarkError;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicia_core::{Form, Mark, Position, Raster, TextLetter, TextRegion, WordReader};
use indicia_media::{Colour, Frame, Picture, Samples};

/// Width and height of the pictures.
const SIZE: (u32, u32) = (800, 600);
const GROUND: u8 = 250;

/// Lines of text, each painted as a flat rectangle in a gray of its own, by which it is known again.
#[derive(Debug)]
struct Told {
    lines: Vec<(Area, &'static str)>,
    confidence: f32,
}

fn gray(number: usize) -> u8 {
    u8::try_from(number * 20).unwrap()
}

fn area(x: u32, y: u32, width: u32, height: u32) -> Area {
    Area { x, y, width, height }
}

impl WordReader for Told {
    fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn regions(&self, picture: &Raster) -> Result<Vec<TextRegion>, String> {
        let scale = picture.width as f32 / SIZE.0 as f32;
        let shown = |number: usize, area: &Area| {
            let (x, y) = (area.x + area.width / 2, area.y + area.height / 2);
            let (x, y) = (x * picture.width / SIZE.0, y * picture.height / SIZE.1);
            picture.rgb[(y * picture.width + x) as usize * 3].abs_diff(gray(number)) < 5
        };
        let region = |(number, (area, _)): (usize, &(Area, &str))| {
            shown(number, area).then_some(TextRegion {
                left: area.x as f32 * scale,
                top: area.y as f32 * scale,
                width: area.width as f32 * scale,
                height: area.height as f32 * scale,
            })
        };
        Ok(self.lines.iter().enumerate().filter_map(region).collect())
    }

    fn letters(&self, line: &Raster) -> Result<Vec<TextLetter>, String> {
        let middle = line.rgb[(line.height / 2 * line.width + line.width / 2) as usize * 3];
        let number = (0..self.lines.len()).min_by_key(|number| gray(*number).abs_diff(middle)).unwrap();
        let signs: Vec<char> = self.lines[number].1.chars().collect();
        let letter = |(at, sign): (usize, &char)| TextLetter {
            sign: *sign,
            middle: (at as f32 + 0.5) / signs.len() as f32,
            confidence: self.confidence,
        };
        Ok(signs.iter().enumerate().map(letter).collect())
    }
}

fn frame(lines: &[(Area, &str)]) -> Frame {
    let mut samples = vec![GROUND; (SIZE.0 * SIZE.1 * 3) as usize];
    for (number, (area, _)) in lines.iter().enumerate() {
        for y in area.y..area.y + area.height {
            let start = (y * SIZE.0 + area.x) as usize * 3;
            samples[start..start + area.width as usize * 3].fill(gray(number));
        }
    }
    Frame { samples: Samples::Eight(samples) }
}

fn picture(frames: Vec<Frame>) -> Picture {
    Picture { width: SIZE.0, height: SIZE.1, colour: Colour::Rgb, orientation: 1, frames }
}

fn found(lines: &[(Area, &'static str)], confidence: f32, deep: bool) -> Vec<Mark> {
    let reader = Told { lines: lines.to_vec(), confidence };
    find(&picture(vec![frame(lines)]), &reader, deep).unwrap()
}

/// The codes of the doubts of the only mark.
fn doubts(marks: &[Mark]) -> Vec<&'static str> {
    let [mark] = marks else { panic!("one mark was expected: {marks:?}") };
    mark.flaws
        .iter()
        .filter(|flaw| flaw.gravity == indicia_core::Gravity::Doubt)
        .map(|flaw| flaw.code)
        .collect()
}

#[test]
fn a_label_counts_at_an_edge_and_says_where() {
    for (at, position, words) in [
        (area(20, 20, 120, 36), Position::Corner, "upper left corner"),
        (area(650, 20, 120, 36), Position::Corner, "upper right corner"),
        (area(20, 540, 120, 36), Position::Corner, "lower left corner"),
        (area(650, 540, 120, 36), Position::Corner, "lower right corner"),
        (area(340, 540, 120, 36), Position::Edge, "bottom edge"),
        (area(20, 280, 120, 36), Position::Edge, "left edge"),
    ] {
        let marks = found(&[(at, "AI生成")], 0.95, false);
        assert!(doubts(&marks).is_empty(), "{marks:?}");
        assert!(marks[0].place.starts_with(words), "{} is not {words}", marks[0].place);
        let notice = marks[0].notice.as_ref().unwrap();
        assert_eq!((notice.words.as_str(), &notice.positions[..]), ("AI生成", &[position][..]));
        let Form::Drawn { short_side, frames, frames_in_all, .. } = notice.form else { panic!("{notice:?}") };
        assert_eq!((short_side, frames, frames_in_all), (600, 1, 1));
    }
}

#[test]
fn in_the_middle_it_is_looked_for_only_in_depth_and_is_a_doubt() {
    let middle = [(area(340, 280, 120, 36), "人工智能生成")];
    assert!(found(&middle, 0.95, false).is_empty());
    assert_eq!(doubts(&found(&middle, 0.95, true)), ["not-a-label"]);
}

#[test]
fn few_words_among_others_are_a_doubt_unless_the_others_are_a_label_too() {
    let label = (area(20, 540, 120, 36), "AI生成");
    let below = area(20, 500, 160, 36);
    assert_eq!(doubts(&found(&[label, (below, "图片的方法")], 0.95, false)), ["not-a-label"]);
    let two = found(&[label, (below, "AI-generated")], 0.95, false);
    assert_eq!(two.len(), 2);
    assert!(two.iter().all(|mark| !mark.is_doubtful()), "{two:?}");
    let far = (area(600, 20, 160, 36), "图片的方法");
    assert!(doubts(&found(&[label, far], 0.95, false)).is_empty());
}

#[test]
fn words_that_can_hardly_be_read_are_a_doubt_and_guesses_are_none() {
    let label = [(area(20, 540, 120, 36), "AI生成")];
    assert_eq!(doubts(&found(&label, 0.6, false)), ["hard-to-read"]);
    assert!(found(&label, 0.4, false).is_empty());
}

#[test]
fn other_words_are_no_label_and_missing_elements_are_named() {
    for words in ["OpenAI", "人工智能大会", "NEW YORK 2026"] {
        assert!(found(&[(area(20, 540, 160, 36), words)], 0.95, false).is_empty(), "{words}");
    }
    assert_eq!(doubts(&found(&[(area(20, 540, 80, 36), "AI")], 0.95, false)), ["not-a-label"]);
    let english = found(&[(area(20, 540, 160, 36), "AI-generated")], 0.95, false);
    let flaw = english[0].flaws.iter().find(|flaw| flaw.code == "words").unwrap();
    assert!(flaw.text.contains("GB 45438-2025"), "{}", flaw.text);
}

#[test]
fn parts_of_a_line_are_joined_if_they_are_close() {
    let first = (area(20, 540, 160, 36), "本图片由AI");
    let second = (area(190, 542, 60, 34), "生成");
    let marks = found(&[first, second], 0.95, false);
    assert!(doubts(&marks).is_empty());
    assert_eq!(marks[0].raw, "本图片由AI生成");
    // A gap of two letters, and another height.
    for second in [area(260, 542, 60, 34), area(190, 500, 160, 80)] {
        assert!(found(&[first, (second, "生成")], 0.95, false).is_empty(), "{second:?}");
    }
}

#[test]
fn a_label_on_a_later_frame_is_found_and_the_frames_are_counted() {
    let lines = [(area(20, 540, 120, 36), "AI生成")];
    let reader = Told { lines: lines.to_vec(), confidence: 0.95 };
    let without = frame(&[]);
    let marks =
        find(&picture(vec![without.clone(), without.clone(), frame(&lines)]), &reader, false).unwrap();
    let Form::Drawn { frames_in_all, .. } = marks[0].notice.as_ref().unwrap().form else { panic!() };
    assert_eq!((marks.len(), frames_in_all), (1, 3));
    assert!(find(&picture(vec![without]), &reader, false).unwrap().is_empty());
    assert!(find(&picture(vec![]), &reader, false).unwrap().is_empty());
}

/// Reads a line otherwise in every cut.
#[derive(Debug)]
struct Wavering {
    told: Told,
    texts: Vec<(&'static str, f32)>,
    asked: AtomicUsize,
}

impl WordReader for Wavering {
    fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn regions(&self, picture: &Raster) -> Result<Vec<TextRegion>, String> {
        self.told.regions(picture)
    }

    fn letters(&self, _: &Raster) -> Result<Vec<TextLetter>, String> {
        let at = self.asked.fetch_add(1, Ordering::Relaxed);
        let (text, confidence) = self.texts.get(at).copied().unwrap_or(("", 0.0));
        let count = text.chars().count() as f32;
        let letter = |(at, sign)| TextLetter { sign, middle: (at as f32 + 0.5) / count, confidence };
        Ok(text.chars().enumerate().map(letter).collect())
    }
}

/// What is taken for a label of a line that is read like this, one cut after the other, and how many cuts that took.
fn wavering(texts: &[(&'static str, f32)]) -> (Vec<String>, usize) {
    let lines = vec![(area(20, 540, 120, 36), "")];
    let picture = picture(vec![frame(&lines)]);
    let told = Told { lines, confidence: 1.0 };
    let reader = Wavering { told, texts: texts.to_vec(), asked: AtomicUsize::new(0) };
    let marks = find(&picture, &reader, false).unwrap();
    assert!(marks.iter().all(|mark| mark.place.starts_with("lower left corner")), "{marks:?}");
    (
        marks.into_iter().filter(|mark| !mark.is_doubtful()).map(|mark| mark.raw).collect(),
        reader.asked.into_inner(),
    )
}

#[test]
fn a_line_that_nearly_says_a_label_is_cut_out_anew() {
    assert_eq!(wavering(&[("AI生成", 0.9)]), (vec!["AI生成".into()], 1));
    assert_eq!(wavering(&[("A生成", 0.9), ("A生成", 0.9), ("AI生成", 0.9)]), (vec!["AI生成".into()], 3));
    assert_eq!(wavering(&[("AI生成", 0.6), ("AI生成", 0.9)]), (vec!["AI生成".into()], 2));
    // It is no label as long as no cut says so surely, in one cut each of the three looks that follow; other words are not
    // looked at again.
    assert_eq!(wavering(&[("A生成", 0.9), ("AI生成", 0.7)]), (vec![], 7 + 3));
    assert_eq!(wavering(&[("NEW YORK", 0.9), ("AI生成", 0.9)]), (vec![], 1));
    // A cut that reads less than the first has lost what makes it another text.
    assert_eq!(wavering(&[("一键A生成", 0.9), ("AI生成", 0.9)]), (vec![], 7 + 3));
}

/// Reads other lines where colours are shown by their darkest channel; knows a line again by how long it is.
#[derive(Debug)]
struct Veiled {
    plain: Vec<(Area, &'static str)>,
    darkest: Vec<(Area, &'static str)>,
}

/// A colour whose channels differ.
const COLOUR: [u8; 3] = [250, 150, 50];

impl Veiled {
    fn lines(&self, raster: &Raster) -> &[(Area, &'static str)] {
        match raster.rgb[..3] {
            [50, 50, 50] => &self.darkest,
            [250, 150, 50] => &self.plain,
            _ => &[],
        }
    }
}

impl WordReader for Veiled {
    fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn regions(&self, picture: &Raster) -> Result<Vec<TextRegion>, String> {
        let scale = picture.width as f32 / SIZE.0 as f32;
        let region = |(area, _): &(Area, &str)| TextRegion {
            left: area.x as f32 * scale,
            top: area.y as f32 * scale,
            width: area.width as f32 * scale,
            height: area.height as f32 * scale,
        };
        Ok(self.lines(picture).iter().map(region).collect())
    }

    fn letters(&self, line: &Raster) -> Result<Vec<TextLetter>, String> {
        let apart = |(area, _): &&(Area, &str)| (area.width * line.height).abs_diff(line.width * area.height);
        let text = self.lines(line).iter().min_by_key(apart).map_or("", |(_, text)| text);
        let count = text.chars().count() as f32;
        let letter = |(at, sign)| TextLetter { sign, middle: (at as f32 + 0.5) / count, confidence: 0.95 };
        Ok(text.chars().enumerate().map(letter).collect())
    }
}

fn unveiled(plain: &[(Area, &'static str)], darkest: &[(Area, &'static str)]) -> Vec<String> {
    let samples = COLOUR.repeat((SIZE.0 * SIZE.1) as usize);
    let picture = picture(vec![Frame { samples: Samples::Eight(samples) }]);
    let reader = Veiled { plain: plain.to_vec(), darkest: darkest.to_vec() };
    let marks = find(&picture, &reader, false).unwrap();
    marks.into_iter().filter(|mark| !mark.is_doubtful()).map(|mark| mark.raw).collect()
}

#[test]
fn see_through_letters_are_read_by_one_channel_if_nothing_speaks_against_it() {
    let (whole, part, beside) = (area(20, 540, 240, 36), area(120, 540, 140, 36), area(262, 540, 30, 36));
    let label = [(whole, "AI MODIFIED")];
    assert_eq!(unveiled(&[(part, "MODIFIED")], &label), ["AI MODIFIED"]);
    assert_eq!(unveiled(&[(whole, "AIMODIFIEDNK")], &label), ["AI MODIFIED"], "strokes of what is behind");
    let none = Vec::<String>::new();
    assert_eq!(unveiled(&[(part, "NEW YORK")], &label), none, "nothing that hints at a label");
    assert_eq!(unveiled(&[], &label), none);
    assert_eq!(unveiled(&[(whole, "AI MODIFIED CORN")], &label), none, "less than was there");
    assert_eq!(unveiled(&[(area(20, 540, 300, 36), "AI MODIFIED TV")], &label), none, "less, at its end");
    assert_eq!(unveiled(&[(part, "MODIFIED"), (beside, "TV")], &label), none, "something beside it");
}

/// Says how large the copies are it is given, and fails to spell.
#[derive(Debug)]
struct Broken;

impl WordReader for Broken {
    fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn regions(&self, picture: &Raster) -> Result<Vec<TextRegion>, String> {
        assert_eq!(picture.rgb.len(), picture.width as usize * picture.height as usize * 3);
        assert!(picture.width as usize * picture.height as usize <= 3 << 20, "{picture:?}");
        // Larger than the picture, and reaching out of it.
        Ok(vec![TextRegion { left: -3.0, top: -3.0, width: 1e9, height: 1e9 }])
    }

    fn letters(&self, line: &Raster) -> Result<Vec<TextLetter>, String> {
        Err(format!("it broke at {} x {}", line.width, line.height))
    }
}

#[test]
fn a_reader_that_fails_leaves_the_question_open_in_any_size() {
    for (width, height) in [(1, 1), (1, 9000), (9000, 1), (70_000, 3), (640, 480)] {
        let samples = Samples::Eight(vec![90; width as usize * height as usize]);
        let small =
            Picture { width, height, colour: Colour::Gray, orientation: 1, frames: vec![Frame { samples }] };
        for deep in [false, true] {
            let said = find(&small, &Broken, deep);
            let Err(MarkError::Blind(why)) = said else { panic!("{width} x {height}: {said:?}") };
            assert!(why.starts_with("it broke"), "{why}");
        }
    }
}

/// A line of letters as bars, each of its own height, standing on one base, in a light gray on a dark one.
fn bars(heights: &[u32], (ink, ground): (u8, u8)) -> (Picture, Area, Vec<TextLetter>) {
    let (width, height) = (u32::try_from(heights.len()).unwrap() * 20 + 20, 60);
    let mut samples = vec![ground; (width * height) as usize];
    for (number, tall) in heights.iter().enumerate() {
        for y in 50 - tall..50 {
            let start = (y * width) as usize + number * 20 + 15;
            samples[start..start + 10].fill(ink);
        }
    }
    let letters = (0..heights.len())
        .map(|number| TextLetter {
            sign: 'A',
            middle: (number as f32 * 20.0 + 20.0) / width as f32,
            confidence: 1.0,
        })
        .collect();
    let frames = vec![Frame { samples: Samples::Eight(samples) }];
    let picture = Picture { width, height, colour: Colour::Gray, orientation: 1, frames };
    (picture, area(0, 0, width, height), letters)
}

#[test]
fn the_lowest_letter_that_counts_is_measured_and_how_it_stands_out() {
    let (picture, area, mut letters) = bars(&[40, 28, 40, 20], (255, 0));
    letters[3].sign = 'e';
    let scene = Scene::of(&picture, 0).unwrap();
    let measures = measure(&scene, area, &letters).unwrap();
    assert_eq!(measures.glyph_height, 28);
    assert_eq!((measures.area.x, measures.area.y, measures.area.height), (15, 10, 40));
    let contrast = measures.read(&scene).contrast;
    assert!((contrast - 21.0).abs() < 0.2, "{contrast}");
    // A lone stroke of a capital letter that is far lower than the others is part of one, and no letter.
    let (picture, area, letters) = bars(&[40, 36, 40, 20], (255, 0));
    assert_eq!(measure(&Scene::of(&picture, 0).unwrap(), area, &letters).unwrap().glyph_height, 36);
}

#[test]
fn dark_and_faint_letters_are_measured_and_none_are_not() {
    for (ink, ground, contrast) in [(0, 255, 21.0), (160, 128, 1.5), (90, 128, 1.75)] {
        let (picture, area, letters) = bars(&[40, 40, 40], (ink, ground));
        let scene = Scene::of(&picture, 0).unwrap();
        let measures = measure(&scene, area, &letters).unwrap();
        let read = measures.read(&scene).contrast;
        assert_eq!(measures.glyph_height, 40, "{ink} on {ground}");
        assert!((read / contrast - 1.0).abs() < 0.05, "{ink} on {ground}: {read}");
    }
    let (picture, area, letters) = bars(&[40, 40, 40], (128, 128));
    assert_eq!(measure(&Scene::of(&picture, 0).unwrap(), area, &letters), None);
}
