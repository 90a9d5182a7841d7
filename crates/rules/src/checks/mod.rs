//! The methods by which a rule can be decided: one file each, one row each.

mod mark_any;

use crate::Check;

/// Every method, by name.
#[rustfmt::skip] // one row a line, so that two additions never touch the same line
pub static CHECKS: &[&Check] = &[
    &mark_any::CHECK,
];

#[cfg(test)]
mod tests {
    use super::CHECKS;

    #[test]
    fn every_file_has_its_row() {
        let names: Vec<_> = CHECKS.iter().map(|check| check.name.replace('.', "_")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        indicia_testkit::list_matches_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/src/checks"), &names);
    }
}
