//! The ways to mark content that this program knows: one file each, one row each.

pub mod aigc;
pub mod c2pa;
pub mod iptc;
pub mod rhythm;
pub mod spoken;
pub mod stealth;
pub mod traces;
pub mod typography;
pub mod visible;
pub mod watermark;
pub mod wording;
pub mod written;

use crate::Scheme;

/// Every scheme, by name.
#[rustfmt::skip] // one row a line, so that two additions never touch the same line
pub static SCHEMES: &[&Scheme] = &[
    &aigc::SCHEME,
    &c2pa::SCHEME,
    &iptc::SCHEME,
    &rhythm::SCHEME,
    &spoken::SCHEME,
    &stealth::SCHEME,
    &traces::SCHEME,
    &typography::SCHEME,
    &visible::SCHEME,
    &watermark::SCHEME,
    &wording::SCHEME,
    &written::SCHEME,
];

impl Scheme {
    /// The scheme of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SCHEMES.iter().copied().find(|scheme| scheme.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::SCHEMES;

    #[test]
    fn every_file_has_its_row() {
        let names: Vec<_> = SCHEMES.iter().map(|scheme| scheme.name).collect();
        indicia_testkit::list_matches_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/src/schemes"), &names);
    }

    /// Else adding a row could change what an old plan writes.
    #[test]
    fn no_two_defaults_compete() {
        for one in SCHEMES.iter().filter(|scheme| scheme.default) {
            for two in SCHEMES.iter().filter(|scheme| scheme.default && scheme.name != one.name) {
                let compete = one.channel == two.channel && one.kinds.iter().any(|kind| two.suits(*kind));
                assert!(!compete, "{} and {}", one.name, two.name);
            }
        }
    }

    #[test]
    fn every_scheme_says_what_it_is_and_where_that_stands() {
        for scheme in SCHEMES {
            assert!(!scheme.cite.is_empty() && !scheme.kinds.is_empty(), "{}", scheme.name);
            assert!(scheme.about.len() > 80, "{}", scheme.name);
        }
    }
}
