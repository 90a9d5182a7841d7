//! The network that spells out a line of text.

use crate::pixels::Pixels;
use crate::reader::{ReadError, run};
use rten::Model;
use rten_tensor::prelude::*;

/// Height of a line as the network takes it, in pixels.
const HEIGHT: usize = 48;
/// The narrowest line it takes; narrower ones end in nothing.
const NARROWEST: usize = 160;
/// The widest: longer lines are squeezed into it.
const WIDEST: usize = 1920;
/// What its width is a multiple of.
const GRID: usize = 8;

/// A letter of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Letter {
    /// The letter.
    pub sign: char,
    /// Where its middle stands, in shares of the line's width from the left: 0 to 1.
    pub middle: f32,
    /// How sure the network is of it, 0 to 1.
    pub confidence: f32,
}

/// A line of text, spelled out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Its letters, from left to right.
    pub letters: Vec<Letter>,
}

impl Line {
    /// The letters as text.
    pub fn text(&self) -> String {
        self.letters.iter().map(|letter| letter.sign).collect()
    }

    /// Mean confidence of the letters, 0 to 1; 0 if there is none.
    #[expect(clippy::cast_precision_loss, reason = "letters of a line")]
    pub fn confidence(&self) -> f32 {
        let sum: f32 = self.letters.iter().map(|letter| letter.confidence).sum();
        sum / self.letters.len().max(1) as f32
    }
}

/// The letters the network knows, in its order: 0 is none, the last is a space.
pub(crate) fn alphabet(list: &str) -> Vec<char> {
    let named = list.lines().map(|line| line.chars().next().unwrap_or('\u{FFFD}'));
    std::iter::once('\0').chain(named).chain(std::iter::once(' ')).collect()
}

/// The letters of a picture that holds one line.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "sides of a picture"
)]
pub(crate) fn line(model: &Model, alphabet: &[char], pixels: &Pixels<'_>) -> Result<Line, ReadError> {
    let natural = (pixels.width() as f32 * HEIGHT as f32 / pixels.height() as f32).ceil() as usize;
    let width = natural.clamp(1, WIDEST);
    let padded = width.max(NARROWEST).div_ceil(GRID) * GRID;
    let values = run(model, pixels.planes(width, HEIGHT, padded))?;
    let steps = match values.shape() {
        [1, steps, letters] if *letters == alphabet.len() => *steps,
        other => return Err(ReadError::Answer(format!("{other:?} for {} letters", alphabet.len()))),
    };
    let values = values.to_vec();
    let mut line = Line::default();
    let mut last = 0;
    for (step, chances) in values.chunks_exact(alphabet.len()).enumerate() {
        let (best, confidence) = best(chances);
        let sign = alphabet.get(best).copied().filter(|_| best != 0);
        match sign {
            Some(sign) if best != last => {
                let at = (step as f32 + 0.5) / steps as f32 * padded as f32 / width as f32;
                line.letters.push(Letter { sign, middle: at.clamp(0.0, 1.0), confidence });
            }
            _ => {}
        }
        last = best;
    }
    Ok(line)
}

fn best(chances: &[f32]) -> (usize, f32) {
    let first = (0, f32::MIN);
    chances
        .iter()
        .enumerate()
        .fold(first, |best, (at, chance)| if *chance > best.1 { (at, *chance) } else { best })
}

#[cfg(test)]
mod tests {
    use super::{Letter, Line, alphabet, best};

    #[test]
    fn the_alphabet_begins_with_nothing_and_ends_with_a_space() {
        assert_eq!(alphabet("'\nA\n生\n"), ['\0', '\'', 'A', '生', ' ']);
    }

    #[test]
    fn a_line_is_as_sure_as_its_letters_are_on_average() {
        let letter = |sign, confidence| Letter { sign, middle: 0.5, confidence };
        let line = Line { letters: vec![letter('A', 1.0), letter('I', 0.5)] };
        assert_eq!((line.text().as_str(), line.confidence()), ("AI", 0.75));
        assert!(Line::default().confidence() < f32::MIN_POSITIVE);
        assert_eq!(best(&[0.1, 0.7, 0.2]), (1, 0.7));
    }
}
