//! Whether two files hold the same content: transcoded, resized or converted, but the same picture, sound or words.
//! A coarse comparison, made to catch plain mistakes: it tells a wrong file, not a careful forgery.

mod cells;
mod pages;
mod picture;
mod sound;
mod words;

use indicia_media::{Asset, Content};

/// What a comparison of two files' content comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Likeness {
    /// They agree as far as was compared; from 0 to 1, by a measure that the text names.
    Alike(f64, &'static str),
    /// They plainly differ, and how it shows.
    Different(String),
    /// It cannot be told, and why.
    Unknown(String),
}

/// A measure of agreement and what its values mean.
struct Measure {
    /// What is measured.
    name: &'static str,
    /// From here on the content is the same.
    same: f64,
    /// Below this it plainly is not.
    different: f64,
}

impl Measure {
    fn judge(&self, value: f64) -> Likeness {
        let name = self.name;
        if value >= self.same {
            Likeness::Alike(value, name)
        } else if value < self.different {
            Likeness::Different(format!("{name} is {value:.2}, and {} or more in a copy", self.same))
        } else {
            let (least, most) = (self.different, self.same);
            Likeness::Unknown(format!(
                "{name} is {value:.2}, between {least} (other content) and {most} (the same)"
            ))
        }
    }
}

/// Compares what two files hold.
///
/// Pictures are compared by their first frame as it is shown, sound by its loudness over time, words by the runs of
/// letters they share, those of PDF pages, slides and RTF too, spreadsheets by their cells. Content that this program does not decode is `Unknown`, and so is one
/// kind against another, unless both can be perceived and cannot have been made of each other.
pub fn likeness(one: &Asset<'_>, other: &Asset<'_>) -> Likeness {
    let compared = match (one.format.content, other.format.content) {
        (Content::Text { .. }, Content::Text { .. }) => words::compare(one, other),
        _ if has_words(one) && has_words(other) => pages::compare(one, other),
        // Of two, the one is named whose words are not known either.
        (Content::Closed { words: None } | Content::Video { .. }, _) => return undecoded(one),
        (_, Content::Closed { words: None } | Content::Video { .. }) => return undecoded(other),
        (Content::Closed { .. }, _) => return undecoded(one),
        (_, Content::Closed { .. }) => return undecoded(other),
        (Content::Pages { .. }, _) => return undrawn(one),
        (_, Content::Pages { .. }) => return undrawn(other),
        (Content::Picture { .. }, Content::Picture { .. }) => picture::compare(one, other),
        (Content::Sound { .. }, Content::Sound { .. }) => sound::compare(one, other),
        _ => {
            let (one, other) = (one.kind().name(), other.kind().name());
            return Likeness::Different(format!("one holds {one}, the other {other}"));
        }
    };
    compared.unwrap_or_else(|err| Likeness::Unknown(err.to_string()))
}

/// The words of a text or a document, of whatever format, as far as they can be read.
///
/// # Errors
/// If it has none that this program reads, or they cannot be read for sure: says why.
pub fn words_of(asset: &Asset<'_>) -> Result<String, String> {
    if !has_words(asset) {
        return Err(format!("{} holds no words that are read here", asset.format.title));
    }
    let words = pages::words_of(asset).map_err(|err| err.to_string())??;
    if words.is_sure { Ok(words.text) } else { Err("not all of its words could be read".into()) }
}

/// Whether the words of a file are known, or can be.
fn has_words(asset: &Asset<'_>) -> bool {
    matches!(
        asset.format.content,
        Content::Text { .. } | Content::Pages { .. } | Content::Closed { words: Some(_) }
    )
}

fn undecoded(asset: &Asset<'_>) -> Likeness {
    Likeness::Unknown(format!("this program does not decode {}", asset.format.title))
}

fn undrawn(asset: &Asset<'_>) -> Likeness {
    Likeness::Unknown(format!("the pages of {} are not decoded as pictures", asset.format.title))
}

/// How far two rows of numbers rise and fall together: Pearson's correlation; `None` if one of them is flat.
fn correlation(one: &[f64], other: &[f64]) -> Option<f64> {
    let len = one.len().min(other.len());
    let mean = |values: &[f64]| values.iter().take(len).sum::<f64>() / len as f64;
    let (first, second) = (mean(one), mean(other));
    let (mut both, mut of_one, mut of_other) = (0.0, 0.0, 0.0);
    for (a, b) in one.iter().zip(other) {
        both += (a - first) * (b - second);
        of_one += (a - first).powi(2);
        of_other += (b - second).powi(2);
    }
    let size = (of_one * of_other).sqrt();
    // Rounding alone is no movement.
    (size > 1e-9 * len as f64).then(|| both / size)
}

#[cfg(test)]
mod tests;
