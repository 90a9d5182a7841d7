//! Pages and slides: their words against those of another or of a text, as a document and its export.

use std::collections::HashMap;
use std::io::Read;

use indicia_core::{FormatError, SourceStream};
use indicia_media::{Asset, ClosedWords, Content};
use lopdf::Document;

use super::{Likeness, cells, words};

/// Most bytes of a PDF that is compared.
const MOST_BYTES: u64 = 128 << 20;

/// Most bytes that what is drawn on one page may inflate to.
const MOST_PAGE: usize = 16 << 20;

/// Most pages read of one file. Those of the beginning tell one document from another.
const MOST_PAGES: usize = 200;

/// Two texts of one language use their letters alike; codes that were read as letters they do not stand for do not.
const SAME_LETTERS: f64 = 0.75;

/// The words of one side.
pub(super) struct Words {
    pub(super) text: String,
    /// Whether all of it could be read, and as what it stands for.
    pub(super) is_sure: bool,
}

/// Compares two files of which one at least has pages or slides.
pub(super) fn compare(one_asset: &Asset<'_>, other_asset: &Asset<'_>) -> Result<Likeness, FormatError> {
    let (one, other) = match (words_of(one_asset)?, words_of(other_asset)?) {
        (Ok(one), Ok(other)) => (one, other),
        (Err(why), _) | (_, Err(why)) => return Ok(Likeness::Unknown(why)),
    };
    let likeness = match (has_cells(one_asset), has_cells(other_asset)) {
        (false, false) => words::judge(&one.text, &other.text),
        (true, true) => cells::judge(&one.text, &other.text),
        (true, false) => cells::within(&one.text, &other.text),
        (false, true) => cells::within(&other.text, &one.text),
    };
    let read_from_pages = [one_asset, other_asset].iter().any(|asset| has_pages(asset));
    let is_readable =
        one.is_sure && other.is_sure && (!read_from_pages || letters_agree(&one.text, &other.text));
    Ok(match likeness {
        // A font may not say which letters its codes stand for. What was read is no ground to refuse then.
        Likeness::Different(_) if !is_readable => {
            Likeness::Unknown("the words of the PDF's pages could not be read for sure".into())
        }
        likeness => likeness,
    })
}

fn has_cells(asset: &Asset<'_>) -> bool {
    matches!(asset.format.content, Content::Closed { words: Some(ClosedWords::Cells(_)) })
}

fn has_pages(asset: &Asset<'_>) -> bool {
    matches!(asset.format.content, Content::Pages { .. })
}

/// The words of a file; `Err` says why they are not known.
pub(super) fn words_of(asset: &Asset<'_>) -> Result<Result<Words, String>, FormatError> {
    let text = match asset.format.content {
        Content::Pages { .. } => return Ok(words_of_pages(asset)),
        Content::Closed { words: Some(ClosedWords::Text(words) | ClosedWords::Cells(words)) } => {
            words(asset.source, &asset.layout, &asset.limits)?
        }
        _ => asset.text()?.words.clone(),
    };
    Ok(Ok(Words { text, is_sure: true }))
}

fn words_of_pages(asset: &Asset<'_>) -> Result<Words, String> {
    let failed = |why: &dyn ToString| format!("the pages of the PDF could not be read: {}", why.to_string());
    if asset.source.size() > MOST_BYTES {
        return Err("the PDF is too long to compare its words (more than 128 MB)".into());
    }
    let mut bytes = Vec::new();
    SourceStream::new(asset.source).read_to_end(&mut bytes).map_err(|err| failed(&err))?;
    let document = Document::load_mem(&bytes).map_err(|err| failed(&err))?;
    let numbers: Vec<u32> = document.get_pages().into_keys().take(MOST_PAGES).collect();
    let mut words = Words { text: String::new(), is_sure: true };
    for chunk in document.extract_text_chunks_with_limit(&numbers, MOST_PAGE) {
        match chunk {
            Ok(chunk) => words.text.push_str(&chunk),
            Err(_) => words.is_sure = false,
        }
    }
    if !words.text.chars().any(char::is_alphanumeric) {
        return Err("no words could be read on the pages of the PDF".into());
    }
    Ok(words)
}

/// Whether two texts use the same letters about as often.
fn letters_agree(one: &str, other: &str) -> bool {
    let (one, other) = (letters(one), letters(other));
    let both: f64 = one.iter().map(|(letter, count)| count * other.get(letter).unwrap_or(&0.0)).sum();
    let size = |letters: &HashMap<char, f64>| letters.values().map(|count| count * count).sum::<f64>();
    both > SAME_LETTERS * (size(&one) * size(&other)).sqrt()
}

/// How often each letter stands in a text.
fn letters(text: &str) -> HashMap<char, f64> {
    let mut counts = HashMap::new();
    for letter in text.chars().filter(|sign| sign.is_alphabetic()).flat_map(char::to_lowercase) {
        *counts.entry(letter).or_default() += 1.0;
    }
    counts
}
