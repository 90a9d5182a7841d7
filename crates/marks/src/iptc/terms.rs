//! The vocabulary of digital source types.

use indicia_core::{Origin, Status};

/// Address of the vocabulary; a term's code follows.
pub(super) const VOCABULARY: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/";
/// Address of the two terms that C2PA adds.
pub(super) const C2PA_VOCABULARY: &str = "http://c2pa.org/digitalsourcetype/";

/// What a term says of generative AI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AiUse {
    /// Made by a generative model.
    Generated,
    /// Existing content changed with a generative model, or with parts from one.
    Altered,
    /// It may have parts from a generative model.
    Possible,
    /// Another origin.
    None,
    /// The term says nothing of it.
    Unsaid,
}

/// One term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Its code, the last part of its address.
    pub code: &'static str,
    /// What it says of generative AI.
    pub ai: AiUse,
    /// If it is retired: the code that took its place, or empty if none did.
    pub retired: Option<&'static str>,
    /// Whether it is C2PA's and not IPTC's.
    pub is_c2pa: bool,
}

const fn term(code: &'static str, ai: AiUse) -> Term {
    Term { code, ai, retired: None, is_c2pa: false }
}

const fn retired(code: &'static str, ai: AiUse, by: &'static str) -> Term {
    Term { code, ai, retired: Some(by), is_c2pa: false }
}

const fn c2pa(code: &'static str, ai: AiUse) -> Term {
    Term { code, ai, retired: None, is_c2pa: true }
}

/// Every term, by code.
#[rustfmt::skip] // one row a line
pub static TERMS: &[Term] = &[
    term("algorithmicMedia", AiUse::None),
    term("algorithmicallyEnhanced", AiUse::None),
    term("composite", AiUse::Possible),
    term("compositeCapture", AiUse::None),
    term("compositeSynthetic", AiUse::Altered),
    term("compositeWithTrainedAlgorithmicMedia", AiUse::Altered),
    term("computationalCapture", AiUse::None),
    term("dataDrivenMedia", AiUse::None),
    retired("digitalArt", AiUse::None, "digitalCreation"),
    term("digitalCapture", AiUse::None),
    term("digitalCreation", AiUse::None),
    c2pa("empty", AiUse::Unsaid),
    term("humanEdits", AiUse::None),
    retired("minorHumanEdits", AiUse::None, "humanEdits"),
    term("negativeFilm", AiUse::None),
    term("positiveFilm", AiUse::None),
    term("print", AiUse::None),
    term("screenCapture", AiUse::Unsaid),
    retired("softwareImage", AiUse::Unsaid, ""),
    c2pa("trainedAlgorithmicData", AiUse::Generated),
    term("trainedAlgorithmicMedia", AiUse::Generated),
    term("virtualRecording", AiUse::Possible),
];

impl Term {
    /// Its full address.
    pub fn uri(&self) -> String {
        let vocabulary = if self.is_c2pa { C2PA_VOCABULARY } else { VOCABULARY };
        format!("{vocabulary}{}", self.code)
    }

    /// What it says, as a claim does.
    pub fn meaning(&self) -> (Option<Status>, Option<Origin>) {
        match self.ai {
            AiUse::Generated => (Some(Status::Generated), Some(Origin::Generated)),
            AiUse::Altered => (Some(Status::Generated), Some(Origin::Altered)),
            AiUse::Possible => (Some(Status::Possible), None),
            AiUse::None => (Some(Status::NotGenerated), None),
            AiUse::Unsaid => (None, None),
        }
    }

    /// The term that a value means, in whatever spelling: another scheme, a slash too many, the bare code.
    pub fn meant_by(value: &str) -> Option<&'static Self> {
        let bare = value.trim().trim_end_matches('/');
        let after_scheme = bare.split_once("://").map_or(bare, |(_, rest)| rest);
        let code = match after_scheme.rsplit_once('/') {
            None if after_scheme.len() == bare.len() => bare.strip_prefix("digsrctype:").unwrap_or(bare),
            Some((path, code)) => {
                let path = path.trim_start_matches("www.");
                let known = [VOCABULARY, C2PA_VOCABULARY].into_iter().any(|known| {
                    let known = known.trim_start_matches("http://").trim_end_matches('/');
                    path.eq_ignore_ascii_case(known)
                });
                known.then_some(code)?
            }
            None => return None,
        };
        TERMS.iter().find(|term| term.code.eq_ignore_ascii_case(code))
    }
}

#[cfg(test)]
mod tests {
    use super::{TERMS, Term};

    #[test]
    fn the_list_is_whole_and_in_order() {
        assert!(TERMS.is_sorted_by(|one, two| one.code < two.code));
        assert_eq!(TERMS.iter().filter(|term| !term.is_c2pa).count(), 20);
        for term in TERMS {
            assert_eq!(Term::meant_by(&term.uri()), Some(term));
            assert_eq!(Term::meant_by(term.code), Some(term));
            if let Some(by) = term.retired.filter(|by| !by.is_empty()) {
                assert!(Term::meant_by(by).unwrap().retired.is_none());
            }
        }
    }

    #[test]
    fn other_words_mean_nothing() {
        for value in
            ["", "/", "http://", "http://example.org/trainedAlgorithmicMedia", "trained", "x/composite"]
        {
            assert_eq!(Term::meant_by(value), None, "{value}");
        }
    }
}
