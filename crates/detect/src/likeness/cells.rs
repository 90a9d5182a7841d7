//! Cells: the texts and numbers that two spreadsheets share, or that one has and a text too, in whatever order.

use std::collections::HashSet;

use super::{Likeness, Measure};
use unicode_normalization::UnicodeNormalization;

/// Letters and digits of a cell that says something: fewer are in every table.
const SAYS: usize = 3;
/// Cells that tell one table from another.
const ENOUGH: usize = 8;

/// A converted table keeps nearly all of its cells; another one of the same kind shares its headings.
const CELLS: Measure = Measure { name: "the share of common cells", same: 0.6, different: 0.1 };

/// Compares the cells of two spreadsheets, a line each.
pub(super) fn judge(one: &str, other: &str) -> Likeness {
    let (one, other) = (cells(one), cells(other));
    let fewest = one.len().min(other.len());
    if fewest < ENOUGH {
        return few();
    }
    CELLS.judge(one.intersection(&other).count() as f64 / fewest as f64)
}

/// Compares the cells of a spreadsheet with the words of something else. Numbers are shown there in forms of their own, so that
/// texts alone count.
pub(super) fn within(table: &str, words: &str) -> Likeness {
    let texts: HashSet<String> =
        cells(table).into_iter().filter(|cell| cell.parse::<f64>().is_err()).collect();
    if texts.len() < ENOUGH {
        return few();
    }
    let words = plain(words);
    let found = texts.iter().filter(|cell| words.contains(cell.as_str())).count();
    CELLS.judge(found as f64 / texts.len() as f64)
}

fn few() -> Likeness {
    Likeness::Unknown("the tables have too few cells to compare".into())
}

/// The cells that say something: numbers to ten digits, texts by their letters and digits.
fn cells(lines: &str) -> HashSet<String> {
    let cell = |line: &str| match line.trim().parse::<f64>() {
        Ok(number) => format!("{number:.9e}").parse::<f64>().unwrap_or(number).to_string(),
        Err(_) => plain(line),
    };
    let says = |cell: &String| cell.chars().filter(|sign| sign.is_alphanumeric()).count() >= SAYS;
    lines.lines().map(cell).filter(says).collect()
}

/// Letters and digits in lower case.
fn plain(words: &str) -> String {
    words.nfkc().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{judge, within};
    use crate::Likeness;

    const TABLE: &str = "Station\nUpper weir\nLower weir\nOld bridge\nMill race\nFerry\nMouth of the brook\nQuay wall\n1.250\n3.14159265358979\n20.5\n7";

    #[test]
    fn a_table_is_known_by_its_cells_in_any_order_and_form() {
        let mut lines: Vec<&str> = TABLE.lines().collect();
        lines.reverse();
        let other = lines.join("\n").replace("1.250", "1.25").replace("3.14159265358979", "3.1415926535898");
        assert!(matches!(judge(TABLE, &other), Likeness::Alike(share, _) if share > 0.99));
        let words = "STATION upper\u{a0}weir, lower weir; old bridge. Mill race, ferry. mouth of the brook and the quay wall: 1,25";
        assert!(matches!(within(TABLE, words), Likeness::Alike(share, _) if share > 0.99));
    }

    #[test]
    fn another_table_is_none_and_a_short_one_says_nothing() {
        let other = "Month\nJanuary\nFebruary\nMarch\nApril\nMay\nJune\nJuly\n1200\n1300\n1400";
        assert!(matches!(judge(TABLE, other), Likeness::Different(_)));
        assert!(matches!(
            within(TABLE, "It is about the keeping of bees in the mountains."),
            Likeness::Different(_)
        ));
        assert!(matches!(judge("1\n2\n3\nTotal", TABLE), Likeness::Unknown(_)));
        assert!(matches!(within("1\n2\n3\nTotal", "Total"), Likeness::Unknown(_)));
    }
}
