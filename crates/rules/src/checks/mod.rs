//! The methods by which a rule can be decided: one file each, one row each.

mod aigc_carrier;
mod aigc_chars;
mod aigc_code;
mod aigc_count;
mod aigc_first;
mod aigc_label;
mod aigc_schema;
mod aigc_security;
mod human;
mod label_audio_pace;
mod label_audio_prefix;
mod label_audio_rhythm;
mod label_text_position;
mod label_visual_contrast;
mod label_visual_position;
mod label_visual_size;
mod label_visual_text;
mod mark_any;
mod mark_fields;

use crate::Check;

/// Every method, by name.
#[rustfmt::skip] // one row a line, so that two additions never touch the same line
pub static CHECKS: &[&Check] = &[
    &aigc_carrier::CHECK,
    &aigc_chars::CHECK,
    &aigc_code::CHECK,
    &aigc_count::CHECK,
    &aigc_first::CHECK,
    &aigc_label::CHECK,
    &aigc_schema::CHECK,
    &aigc_security::CHECK,
    &human::CHECK,
    &label_audio_pace::CHECK,
    &label_audio_prefix::CHECK,
    &label_audio_rhythm::CHECK,
    &label_text_position::CHECK,
    &label_visual_contrast::CHECK,
    &label_visual_position::CHECK,
    &label_visual_size::CHECK,
    &label_visual_text::CHECK,
    &mark_any::CHECK,
    &mark_fields::CHECK,
];

#[cfg(test)]
mod tests {
    use super::CHECKS;
    use indicia_core::Channel;

    #[test]
    fn every_file_has_its_row() {
        let names: Vec<_> = CHECKS.iter().map(|check| check.name.replace('.', "_")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        indicia_testkit::list_matches_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/src/checks"), &names);
    }

    #[test]
    fn every_check_of_a_notice_falls_with_it_and_no_check_of_the_label_does() {
        let params = toml::toml! {
            allowed = ["1"]
            count = 1
            fields = ["producer"]
            max = 160.0
            min = 4.5
            min_ratio = 0.05
            needs = ["Label"]
            regex = "AI"
            scheme = "aigc"
        };
        for check in CHECKS {
            let concerns = (check.build)(params.clone()).unwrap().concerns();
            let expected = check.name.starts_with("label.").then_some(Channel::Explicit);
            assert_eq!(concerns, expected, "{}", check.name);
        }
    }
}
