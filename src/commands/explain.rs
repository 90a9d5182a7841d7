//! `explain`: prints the row behind a name.

use std::io::Write;

use indicia::{
    CHECKS, Content, FORMATS, Format, PACKS, Pack, Regime, Rule, SCHEMES, Scheme, TraceRow, guide, packs,
    trace_rows,
};
use owo_colors::OwoColorize;

use super::Stop;
use crate::args::{Explain, General};
use crate::exit::Exit;
use crate::output::Output;

/// Explains one name, or lists all there are.
pub(crate) fn explain(args: &Explain, general: &General) -> Result<Exit, Stop> {
    let packs = packs(PACKS.iter().map(|(name, _)| *name)).map_err(|err| Stop::Usage(err.to_string()))?;
    let mut out = Output::standard(general.color);
    let Some(name) = &args.name else {
        list(&mut out, &packs)?;
        return Ok(Exit::Fine);
    };
    let mut found = false;
    for pack in &packs {
        for regime in &pack.regimes {
            if regime.id == *name {
                print_regime(&mut out, regime, pack)?;
                found = true;
            }
            for rule in regime.rules.iter().filter(|rule| rule.id == *name) {
                print_rule(&mut out, rule, regime, pack)?;
                found = true;
            }
        }
    }
    for scheme in SCHEMES.iter().filter(|scheme| scheme.name == name) {
        print_scheme(&mut out, scheme)?;
        found = true;
    }
    for format in
        FORMATS.iter().filter(|format| format.name == name || format.extensions.contains(&name.as_str()))
    {
        print_format(&mut out, format)?;
        found = true;
    }
    for check in CHECKS.iter().filter(|check| check.name == name) {
        writeln!(out, "{}  a check\n\n{}", check.name.bold(), check.about)?;
        found = true;
    }
    for row in trace_rows().filter(|row| row.id == name.as_str()) {
        print_trace(&mut out, row)?;
        found = true;
    }
    if let Some(pack) = packs.iter().zip(PACKS).find(|(_, (known, _))| known == name).map(|(pack, _)| pack) {
        for regime in &pack.regimes {
            print_regime(&mut out, regime, pack)?;
        }
        found = true;
    }
    if found {
        out.flush()?;
        return Ok(Exit::Fine);
    }
    let close: Vec<_> = names(&packs).into_iter().filter(|known| known.contains(name.as_str())).collect();
    let hint = if close.is_empty() {
        "`indicia explain` lists all names".to_owned()
    } else {
        format!("did you mean {}?", close.join(", "))
    };
    Err(Stop::Usage(format!("nothing here is called `{name}`; {hint}")))
}

fn names(packs: &[Pack]) -> Vec<String> {
    let regimes = packs.iter().flat_map(|pack| &pack.regimes);
    let rules = regimes
        .flat_map(|regime| std::iter::once(&regime.id).chain(regime.rules.iter().map(|rule| &rule.id)));
    let rows = SCHEMES.iter().map(|scheme| scheme.name).chain(FORMATS.iter().map(|format| format.name));
    let traces = trace_rows().map(|row| row.id);
    let named = rows.chain(CHECKS.iter().map(|check| check.name)).chain(traces);
    rules.cloned().chain(named.map(str::to_owned)).collect()
}

fn list(out: &mut dyn Write, packs: &[Pack]) -> std::io::Result<()> {
    for regime in packs.iter().flat_map(|pack| &pack.regimes) {
        writeln!(out, "{}  {}", regime.id.bold(), regime.title)?;
        for rule in &regime.rules {
            writeln!(out, "  {:<24} {}", rule.id, rule.text)?;
        }
    }
    writeln!(out, "{}", "schemes".bold())?;
    for scheme in SCHEMES {
        writeln!(out, "  {:<24} {}", scheme.name, scheme.title)?;
    }
    writeln!(out, "{}", "formats".bold())?;
    for format in FORMATS {
        writeln!(out, "  {:<24} {} ({})", format.name, format.title, format.extensions.join(", "))?;
    }
    writeln!(out, "{}", "checks".bold())?;
    for check in CHECKS {
        writeln!(out, "  {:<24} {}", check.name, check.about)?;
    }
    writeln!(out, "{}", "traces".bold())?;
    for row in trace_rows() {
        writeln!(out, "  {:<24} {}: {}", row.id, row.tier.name(), row.means)?;
    }
    out.flush()
}

fn print_regime(out: &mut dyn Write, regime: &Regime, pack: &Pack) -> std::io::Result<()> {
    writeln!(out, "{}  {}\n", regime.id.bold(), regime.title)?;
    writeln!(out, "  {}, {}", regime.jurisdiction, regime.status)?;
    let day = |date: Option<indicia::Date>| date.map_or("open".to_owned(), |date| date.to_string());
    writeln!(out, "  in force from {} until {}", day(regime.in_force_from), day(regime.in_force_until))?;
    writeln!(out, "  binds: {}", regime.bound.join("; "))?;
    if !regime.says.is_empty() {
        writeln!(out, "  says: {}", regime.says)?;
    }
    if !regime.penalty.is_empty() {
        writeln!(out, "  breaking it may cost: {}", regime.penalty)?;
    }
    if !regime.cannot.is_empty() {
        writeln!(out, "  no program can tell: {}", regime.cannot.join("; "))?;
    }
    print_sources(out, regime, pack)?;
    for rule in &regime.rules {
        writeln!(out, "  {:<24} {}", rule.id, rule.text)?;
    }
    writeln!(out)
}

fn print_sources(out: &mut dyn Write, regime: &Regime, pack: &Pack) -> std::io::Result<()> {
    for source in pack.sources.iter().filter(|source| regime.sources.contains(&source.id)) {
        writeln!(
            out,
            "  source: {}\n          {}\n          how sure: {}",
            source.title, source.url, source.confidence
        )?;
    }
    Ok(())
}

fn print_rule(out: &mut dyn Write, rule: &Rule, regime: &Regime, pack: &Pack) -> std::io::Result<()> {
    writeln!(out, "{}  {}\n", rule.id.bold(), rule.clause)?;
    writeln!(out, "  {}\n", rule.text)?;
    let kinds: Vec<_> = rule.kinds.iter().map(|kind| kind.name()).collect();
    writeln!(out, "  regime:    {} ({})", regime.id, regime.title)?;
    writeln!(out, "  binds:     {}", rule.role.name())?;
    writeln!(out, "  media:     {}", kinds.join(", "))?;
    writeln!(out, "  severity:  {}", rule.severity.name())?;
    writeln!(out, "  decidable: {}", rule.decidable.name())?;
    writeln!(out, "  check:     {}", rule.method)?;
    if let Some(check) = CHECKS.iter().find(|check| check.name == rule.method) {
        writeln!(out, "             {}", check.about)?;
    }
    if !rule.remedy.is_empty() {
        writeln!(out, "  mend:      {}", rule.remedy)?;
    }
    if !rule.note.is_empty() {
        writeln!(out, "  note:      {}", rule.note)?;
    }
    let list = |conditions: &[indicia::Condition]| {
        conditions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    for (word, conditions) in
        [("when:", &rule.when), ("unless:", &rule.unless), ("closed by:", &rule.closed_by)]
    {
        if !conditions.is_empty() {
            writeln!(out, "  {word:<10} {}", list(conditions))?;
        }
    }
    if let Some(later) = &rule.later {
        writeln!(out, "  later:     from {} if {}", later.from, later.when)?;
    }
    if let Some(day) = rule.in_force_from {
        writeln!(out, "  from:      {day}")?;
    }
    if rule.draft {
        writeln!(out, "  a draft, judged with --include-drafts alone")?;
    }
    if !rule.verified {
        writeln!(out, "  not read in a primary text, so never an error")?;
    }
    print_sources(out, regime, pack)
}

fn print_scheme(out: &mut dyn Write, scheme: &Scheme) -> std::io::Result<()> {
    let kinds: Vec<_> = scheme.kinds.iter().map(|kind| kind.name()).collect();
    writeln!(
        out,
        "{}  {}, a mark in the {} channel\n",
        scheme.name.bold(),
        scheme.title,
        scheme.channel.name()
    )?;
    writeln!(out, "  {}\n", scheme.about)?;
    writeln!(out, "  media:   {}", kinds.join(", "))?;
    writeln!(out, "  written: {}", if scheme.is_writable() { "yes" } else { "no, only looked for" })?;
    writeln!(out, "  source:  {}", scheme.cite)
}

fn print_trace(out: &mut dyn Write, row: &TraceRow) -> std::io::Result<()> {
    let counts = if row.tier.is_ground() {
        "a ground for suspicion, and no more than that"
    } else {
        "told, and counts for nothing"
    };
    writeln!(out, "{}  a trace: {}\n", row.id.bold(), row.means)?;
    writeln!(out, "  tier:    {}, {counts}", row.tier.name())?;
    writeln!(out, "  places:  {}", row.places.join(", "))?;
    if !row.words.is_empty() {
        writeln!(out, "  words:   {}", row.words.join(", "))?;
    }
    writeln!(out, "  seen by: {}", row.source)
}

fn print_format(out: &mut dyn Write, format: &Format) -> std::io::Result<()> {
    writeln!(out, "{}  {}, {} ({})\n", format.name.bold(), format.title, format.kind.name(), format.mime)?;
    writeln!(out, "  endings:       {}", format.extensions.join(", "))?;
    let homes: Vec<_> =
        format.homes.iter().map(|home| format!("{} ({:?})", home.place, home.carrier)).collect();
    let homes = if homes.is_empty() { "none".to_owned() } else { homes.join(", ") };
    writeln!(out, "  metadata home: {homes}")?;
    if !format.homes.is_empty() {
        let place = match guide(format) {
            Some(name) => format!("{name} names a place in this format"),
            None => {
                "no guide names a place in this format; the one above is this program's choice".to_owned()
            }
        };
        writeln!(out, "  AIGC label:    {place}")?;
    }
    writeln!(out, "  notice:        {}", notice(format))?;
    writeln!(out, "  source:        {}", format.cite)
}

/// How a file of this format gets the notice that people perceive, or why it gets none.
fn notice(format: &Format) -> &'static str {
    match (format.no_notice, format.content) {
        (Some(why), _) => why,
        (None, Content::Picture { .. }) => "drawn into every frame",
        (None, Content::Sound { .. }) => "sounded before and after, as a rhythm or spoken",
        (None, Content::Pages { .. }) => "drawn over the first page and the last",
        (None, _) => "written as the first line and the last",
    }
}
