//! What the README says of formats is what the lists say.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use indicia::{Decidable, FORMATS, Force, Format, MediaKind, PACKS, Regime, packs};
use indicia_media::{Carrier, Content};

/// Where the metadata label goes, in the words of the format.
fn label(format: &Format) -> String {
    let preferred: &[Carrier] = match format.kind {
        MediaKind::Image => &[Carrier::Xmp],
        MediaKind::Document => &[Carrier::FrontMatter, Carrier::Field],
        _ => &[Carrier::Field],
    };
    let home = preferred.iter().find_map(|carrier| format.home(*carrier));
    home.map_or_else(|| "only read".into(), |home| home.place.to_owned())
}

fn notice(format: &Format) -> &'static str {
    match (format.no_notice, format.content) {
        (Some(_), _) => "no",
        (None, Content::Picture { .. }) => "drawn",
        (None, Content::Sound { .. }) => "sounded",
        (None, _) => "written",
    }
}

fn table() -> String {
    let mut table =
        "| format | endings | read | metadata label | notice | traces |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for format in FORMATS {
        let endings = format.extensions.join(", ");
        let label = if format.kind == MediaKind::Text { "no place".into() } else { label(format) };
        let row = format!("| {} | {endings} | yes | {label} | {} | yes |", format.title, notice(format));
        writeln!(table, "{row}").ok();
    }
    table
}

#[test]
fn the_table_of_formats_is_what_the_lists_say() {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap_or_default();
    let table = table();
    assert!(readme.contains(&table), "put this into the README:\n\n{table}");
}

/// From which day a regime binds, in words.
fn since(regime: &Regime) -> String {
    let today = indicia::Date::parse("2026-11-23").unwrap_or_else(|| unreachable!("it is a day"));
    match (regime.force(today), regime.in_force_from, regime.in_force_until) {
        (Force::Draft, ..) => "draft".into(),
        (_, Some(from), Some(until)) => format!("{from} to {until}"),
        (_, Some(from), None) => from.to_string(),
        _ => "-".into(),
    }
}

fn regimes_table() -> String {
    let mut table = "| pack | regime | what it is | binds | from | rules | the file decides |\n|---|---|---|---|---|---|---|\n".to_owned();
    let packs = packs(PACKS.iter().map(|(name, _)| *name)).unwrap_or_default();
    for pack in &packs {
        for regime in &pack.regimes {
            let by_file =
                |rule: &&indicia::Rule| matches!(rule.decidable, Decidable::Auto | Decidable::Partial);
            let decided = regime.rules.iter().filter(by_file).count();
            let rules =
                if regime.rules.is_empty() { "asks nothing".into() } else { regime.rules.len().to_string() };
            let row = format!(
                "| {} | {} | {} | {} | {} | {rules} | {decided} |",
                pack.name,
                regime.id,
                regime.title,
                regime.standing.name(),
                since(regime)
            );
            writeln!(table, "{row}").ok();
        }
    }
    table
}

#[test]
fn the_table_of_regimes_is_what_the_packs_say() {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap_or_default();
    let table = regimes_table();
    assert!(readme.contains(&table), "put this into the README:\n\n{table}");
}
