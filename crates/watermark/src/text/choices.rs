use std::collections::HashSet;
use std::fmt::{self, Debug, Formatter};
use std::ops::Range;

use crate::Key;
use crate::binomial::ln_tail;

/// A sort of choice that a text leaves open, such as that between two words of one meaning.
pub struct Choices {
    /// Short name.
    pub name: &'static str,
    find: Find,
}

/// Hands over the choices of a text, in order of place.
type Find = fn(&str, &mut dyn FnMut(Choice));

/// Bytes of a text that are scored: a mark that stands in more shows in these.
const SCORED: usize = 4 << 20;

/// A place in a text where either of two forms would do.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// Where the form that was taken stands.
    pub(super) span: Range<usize>,
    /// The two forms, as they would be written here.
    pub(super) forms: [String; 2],
    /// Which of them stands there.
    pub(super) taken: usize,
    /// What the choice is between and stands beside, the same whichever form any choice of the text has.
    pub(super) context: String,
    /// Whether it is read and never written: something that shows nothing stands in it, and would be lost.
    pub(super) is_closed: bool,
}

/// What was read of the choices of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChoicesScore {
    /// Choices scored: of those that are alike and stand beside the same, one.
    pub choices: u64,
    /// How many are as the key says.
    pub agreeing: u64,
    /// The statistic: how many more agree than not, over the root of their number.
    pub z: f64,
    /// The natural logarithm of the probability that text which was not marked under the key shows as much: the tail of as
    /// many tosses of a fair coin, since the key says at each choice by chance what it says, whatever the text is.
    pub ln_false_alarm: f64,
}

impl ChoicesScore {
    /// What `agreeing` of so many choices show.
    pub fn of(agreeing: u64, choices: u64) -> Self {
        let surplus = 2.0 * agreeing as f64 - choices as f64;
        let z = if choices == 0 { 0.0 } else { surplus / (choices as f64).sqrt() };
        Self { choices, agreeing, z, ln_false_alarm: ln_tail(agreeing, choices, 0.5) }
    }
}

impl Debug for Choices {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Choices").field(&self.name).finish()
    }
}

impl Choices {
    pub(super) const fn new(name: &'static str, find: Find) -> Self {
        Self { name, find }
    }

    /// What to put where so that all choices of a text are as the key says, in order of place.
    pub fn edits(&self, text: &str, key: &Key) -> Vec<(Range<usize>, String)> {
        let mut edits = Vec::new();
        (self.find)(text, &mut |choice| {
            let wanted = self.wanted(&choice, key);
            if !choice.is_closed && wanted != choice.taken {
                let [first, second] = choice.forms;
                edits.push((choice.span, if wanted == 0 { first } else { second }));
            }
        });
        edits
    }

    /// A text with all its choices as the key says.
    pub fn written(&self, text: &str, key: &Key) -> String {
        let (mut written, mut from) = (String::new(), 0);
        for (span, form) in self.edits(text, key) {
            written.push_str(text.get(from..span.start).unwrap_or_default());
            written.push_str(&form);
            from = span.end;
        }
        written.push_str(text.get(from..).unwrap_or_default());
        written
    }

    /// Scores the choices of a text, of a long one those in its first four megabytes.
    pub fn read(&self, text: &str, key: &Key) -> ChoicesScore {
        let mut seen = HashSet::new();
        let (mut choices, mut agreeing) = (0, 0);
        let scored = text.get(..text.floor_char_boundary(SCORED)).unwrap_or(text);
        (self.find)(scored, &mut |choice| {
            let wanted = self.wanted(&choice, key);
            if seen.insert(choice.context) {
                choices += 1;
                agreeing += u64::from(wanted == choice.taken);
            }
        });
        ChoicesScore::of(agreeing, choices)
    }

    /// Whether all of a text is scored.
    pub fn scores_all_of(text: &str) -> bool {
        text.len() <= SCORED
    }

    fn wanted(&self, choice: &Choice, key: &Key) -> usize {
        usize::from(key.stream(&format!("text {}\0{}", self.name, choice.context)).word() & 1 == 1)
    }
}
