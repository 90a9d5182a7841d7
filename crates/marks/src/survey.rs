use crate::schemes::watermark;
use crate::{SCHEMES, Scheme};
use indicia_core::{Context, Evidence, MediaKind, TextLength};
use indicia_media::Asset;
use rayon::prelude::*;

/// Looks at a file with every scheme that suits its kind.
pub fn survey(asset: &Asset<'_>, cx: &Context) -> Evidence {
    let suiting: Vec<&Scheme> = SCHEMES.iter().copied().filter(|scheme| scheme.suits(asset.kind())).collect();
    let look = |scheme: &&Scheme| scheme.look(asset, cx);
    // Those that decode take long, each by itself; the others take less time than handing them to another thread.
    let takes_long = |scheme: &&&Scheme| scheme.decodes && cx.decode.asks_for(scheme.name);
    let looks = if suiting.iter().filter(takes_long).count() > 1 {
        suiting.par_iter().with_max_len(1).map(look).collect()
    } else {
        suiting.iter().map(look).collect()
    };
    Evidence { looks, length: text_length(asset, cx) }
}

/// How long a plain text is, if its words are looked through for a watermark.
pub fn text_length(asset: &Asset<'_>, cx: &Context) -> Option<TextLength> {
    if asset.kind() != MediaKind::Text || !cx.decode.asks_for(watermark::SCHEME.name) {
        return None;
    }
    let words = &asset.text().ok()?.words;
    Some(TextLength { words: words.split_whitespace().count() as u64, bytes: words.len() as u64 })
}

#[cfg(test)]
mod tests {
    use super::text_length;
    use indicia_core::{Context, Decode, Limits, TextLength};
    use indicia_media::Asset;

    #[test]
    fn plain_text_is_as_long_as_its_words_if_they_are_looked_through() {
        let length = |name: &str, bytes: &[u8], cx: &Context| {
            let bytes = bytes.to_vec();
            text_length(&Asset::open(&bytes, Some(name), &Limits::default()).unwrap(), cx)
        };
        let all = Context::default();
        assert_eq!(length("a.txt", b"one two\n three", &all), Some(TextLength { words: 3, bytes: 14 }));
        let chinese = "\u{672c}\u{6587}".as_bytes();
        assert_eq!(length("a.txt", chinese, &all), Some(TextLength { words: 1, bytes: 6 }));
        assert_eq!(length("a.md", b"one", &all), None, "a document");
        let none = Context { decode: Decode::Only(Vec::new()), ..Context::default() };
        assert_eq!(length("a.txt", b"one", &none), None);
        assert_eq!(length("a.png", include_bytes!("../../../samples/png/astronaut-rgb.png"), &all), None);
    }
}
