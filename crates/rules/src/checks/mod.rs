//! The methods by which a rule can be decided: one file each, one row each.

mod aigc_carrier;
mod aigc_chars;
mod aigc_code;
mod aigc_count;
mod aigc_first;
mod aigc_label;
mod aigc_schema;
mod aigc_security;
mod c2pa_actions;
mod c2pa_disclosure;
mod c2pa_field;
mod c2pa_softbinding;
mod c2pa_text;
mod c2pa_timestamp;
mod c2pa_trust;
mod c2pa_valid;
mod diff_preserved;
mod doc_present;
mod edit_ops;
mod human;
mod label_alt;
mod label_audio_pace;
mod label_audio_prefix;
mod label_audio_rhythm;
mod label_audio_spoken;
mod label_text_position;
mod label_visual_contrast;
mod label_visual_position;
mod label_visual_size;
mod label_visual_text;
mod label_visual_time;
mod log_chain;
mod log_schema;
mod mark_any;
mod mark_consistent;
mod mark_fields;
mod mark_layers;
mod mark_order;
mod profile_date;
mod profile_fact;
mod receipt_schema;
mod report_schema;
mod result_schema;
mod service_probe;
mod text_tokens;
mod wm_detect;
mod wm_robustness;
mod xmp_dst;

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
    &c2pa_actions::CHECK,
    &c2pa_disclosure::CHECK,
    &c2pa_field::CHECK,
    &c2pa_softbinding::CHECK,
    &c2pa_text::CHECK,
    &c2pa_timestamp::CHECK,
    &c2pa_trust::CHECK,
    &c2pa_valid::CHECK,
    &diff_preserved::CHECK,
    &doc_present::CHECK,
    &edit_ops::CHECK,
    &human::CHECK,
    &label_alt::CHECK,
    &label_audio_pace::CHECK,
    &label_audio_prefix::CHECK,
    &label_audio_rhythm::CHECK,
    &label_audio_spoken::CHECK,
    &label_text_position::CHECK,
    &label_visual_contrast::CHECK,
    &label_visual_position::CHECK,
    &label_visual_size::CHECK,
    &label_visual_text::CHECK,
    &label_visual_time::CHECK,
    &log_chain::CHECK,
    &log_schema::CHECK,
    &mark_any::CHECK,
    &mark_consistent::CHECK,
    &mark_fields::CHECK,
    &mark_layers::CHECK,
    &mark_order::CHECK,
    &profile_date::CHECK,
    &profile_fact::CHECK,
    &receipt_schema::CHECK,
    &report_schema::CHECK,
    &result_schema::CHECK,
    &service_probe::CHECK,
    &text_tokens::CHECK,
    &wm_detect::CHECK,
    &wm_robustness::CHECK,
    &xmp_dst::CHECK,
];

#[cfg(test)]
mod tests {
    use super::CHECKS;
    use indicia_core::{Channel, MediaKind};
    use indicia_marks::Scheme;

    #[test]
    fn every_file_has_its_row() {
        let names: Vec<_> = CHECKS.iter().map(|check| check.name.replace('.', "_")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        indicia_testkit::list_matches_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/src/checks"), &names);
    }

    /// Parameters that a check takes.
    fn params(check: &str) -> toml::Table {
        match check {
            "aigc.count" => toml::toml! { count = 1 },
            "aigc.label" => toml::toml! { allowed = ["1"] },
            "aigc.schema" => toml::toml! { needs = ["Label"] },
            "c2pa.field" => toml::toml! { fields = ["producer"] },
            "doc.present" | "log.chain" | "log.schema" | "receipt.schema" | "report.schema" => {
                toml::toml! { document = "a" what = "b" }
            }
            "label.audio.pace" => toml::toml! { min = 120.0 max = 160.0 },
            "label.audio.rhythm" => toml::toml! { min_ratio = 1.7 },
            "label.visual.contrast" => toml::toml! { min = 4.5 },
            "label.visual.size" => toml::toml! { min_ratio = 0.05 },
            "label.visual.text" => toml::toml! { regex = "AI" },
            "mark.any" => toml::toml! { needs = ["aigc", "c2pa"] },
            "mark.fields" => toml::toml! { scheme = "aigc" fields = ["producer"] },
            "mark.layers" => toml::toml! { min = 2 },
            "profile.date" => toml::toml! { of = "placed-on-market < 2026-08-02" then = "2026-12-02" },
            "profile.fact" => toml::toml! { holds = "artistic" },
            "result.schema" => toml::toml! { shows = "it" },
            "service.probe" => toml::toml! { question = "it?" },
            "text.tokens" => toml::toml! { threshold = 200 },
            "wm.robustness" => toml::toml! { document = "a" },
            _ => toml::Table::new(),
        }
    }

    #[test]
    fn every_check_of_a_notice_falls_with_it_and_no_check_of_the_label_does() {
        for check in CHECKS {
            let concerns = (check.build)(params(check.name)).unwrap().concerns();
            let is_of_notice = check.name.starts_with("label.");
            assert_eq!(concerns == Some(Channel::Explicit), is_of_notice, "{}", check.name);
        }
    }

    #[test]
    fn a_parameter_that_a_check_does_not_know_is_refused() {
        for check in CHECKS {
            let mut params = params(check.name);
            params.insert("colour".into(), "red".into());
            let refused = (check.build)(params).unwrap_err().to_string();
            assert!(refused.contains("colour"), "{}: {refused}", check.name);
        }
    }

    #[test]
    fn what_a_check_wants_it_does_not_lack() {
        for check in CHECKS {
            let judge = (check.build)(params(check.name)).unwrap();
            for kind in MediaKind::ALL {
                let choice = judge.any_of(*kind);
                let first = |schemes: Vec<&Scheme>| schemes.first().map(|scheme| scheme.name);
                let names = first(choice);
                assert!(names.is_none() || names == first(judge.wants(*kind)), "{}", check.name);
                let lacks = judge.lacks(*kind).is_some();
                assert!(!lacks || judge.wants(*kind).len() < 2, "{} on {kind:?}", check.name);
            }
        }
    }
}
