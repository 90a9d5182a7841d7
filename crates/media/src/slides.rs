//! The words of slides, which this program reads to tell one presentation from another and does not change.

use crate::Layout;
use crate::xml::{self, Event, Walk, local};
use crate::zip;
use indicia_core::{FormatError, Limits, Problem, Source, Window};

/// Most parts that are read of one presentation. Those of the beginning tell it from another.
const MOST_PARTS: usize = 200;

/// The words of a PowerPoint presentation, slide after slide.
///
/// # Errors
/// If a slide cannot be read.
pub(crate) fn powerpoint(source: &dyn Source, _: &Layout, limits: &Limits) -> Result<String, FormatError> {
    let is_slide =
        |name: &str| name.strip_prefix("ppt/slides/slide").is_some_and(|rest| rest.ends_with(".xml"));
    words(source, limits, is_slide, &["t"])
}

/// The words of an `OpenDocument` presentation, notes included.
///
/// # Errors
/// If its content cannot be read.
pub(crate) fn opendocument(source: &dyn Source, _: &Layout, limits: &Limits) -> Result<String, FormatError> {
    words(source, limits, |name| name == "content.xml", &["p", "h"])
}

/// The words in all elements of these names, in parts of such names.
fn words(
    source: &dyn Source,
    limits: &Limits,
    is_part: impl Fn(&str) -> bool,
    elements: &[&str],
) -> Result<String, FormatError> {
    let archive = zip::open(source, limits)?;
    let mut parts: Vec<_> = archive.entries.iter().filter(|entry| is_part(&entry.name)).collect();
    // The second slide before the tenth.
    parts.sort_by_key(|entry| (entry.name.len(), &entry.name));
    let mut window = Window::new(source);
    let mut words = String::new();
    for part in parts.into_iter().take(MOST_PARTS) {
        let left = limits.text.saturating_sub(words.len() as u64);
        let bytes = zip::read(&mut window, source, &archive, part, left, limits)?;
        let at = |problem| FormatError::new(part.at, problem);
        gather(&xml::decode(bytes).map_err(at)?.text, elements, limits, &mut words).map_err(at)?;
    }
    Ok(words)
}

fn gather(text: &str, elements: &[&str], limits: &Limits, words: &mut String) -> Result<(), Problem> {
    let mut walk = Walk::new(text, limits);
    // Whether each element that is open is one whose words count.
    let mut open: Vec<bool> = Vec::new();
    while let Some(event) = walk.next()? {
        match event {
            Event::Start { name, is_empty: false, .. } => open.push(elements.contains(&local(name))),
            Event::Start { .. } => {}
            Event::End { .. } => {
                if open.pop() == Some(true) {
                    words.push('\n');
                }
            }
            Event::Words(more) => {
                if open.contains(&true) {
                    words.push_str(&more);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{opendocument, powerpoint};
    use crate::Layout;
    use crate::zip::tests::archive;
    use indicia_core::Limits;

    #[test]
    fn words_of_slides_come_in_the_order_of_the_slides() {
        let slide =
            |words: &str| format!("<p:sld xmlns:a=\"a\"><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:sld>");
        let (one, two, ten) = (slide("one &amp; first"), slide("two"), slide("ten"));
        let file = archive(&[
            ("ppt/slides/slide10.xml", ten.as_bytes()),
            ("ppt/slides/slide2.xml", two.as_bytes()),
            ("ppt/slides/slide1.xml", one.as_bytes()),
            ("ppt/notesSlides/notesSlide1.xml", two.as_bytes()),
        ]);
        let words = powerpoint(&file, &Layout::default(), &Limits::default()).unwrap();
        assert_eq!(words, "one & first\ntwo\nten\n");
        let file = archive(&[("content.xml", b"<o><h>head</h>between<p>a<s/>b<a>c</a></p></o>")]);
        assert_eq!(opendocument(&file, &Layout::default(), &Limits::default()).unwrap(), "head\nabc\n");
    }

    #[test]
    fn too_many_words_are_over_a_limit() {
        let file = archive(&[("content.xml", b"<o><p>many words</p></o>")]);
        let limits = Limits { text: 10, ..Limits::default() };
        assert!(opendocument(&file, &Layout::default(), &limits).is_err());
    }
}
