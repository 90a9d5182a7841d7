//! `rules`: the packs, from which day they bind, what comes next, and what differs between two.

use std::io::{self, Write};
use std::path::Path;

use indicia::{Date, Force, PACKS, Pack, Rule, What, changes, load_packs};
use owo_colors::OwoColorize;

use super::Stop;
use crate::args::{General, Rules, RulesTask};
use crate::escape::escape;
use crate::exit::Exit;
use crate::output::Output;
use crate::settings::own_packs;

/// Lists the packs, or compares two.
pub(crate) fn rules(args: &Rules, general: &General, now: u64) -> Result<Exit, Stop> {
    let own = args.rules.as_deref().map(own_packs).transpose().map_err(Stop::Usage)?.unwrap_or_default();
    let at = args.at.unwrap_or_else(|| Date::of_moment(now));
    let mut out = Output::standard(general.color);
    match &args.task {
        None => list(&mut out, &own, at)?,
        Some(RulesTask::Diff { before, after }) => {
            let (before, after) = (Side::of(before, &own)?, Side::of(after, &own)?);
            compare(&mut out, &before, &after)?;
        }
    }
    out.flush()?;
    Ok(Exit::Fine)
}

/// Every pack: those of one's own, then those built in that they do not stand for.
fn all(own: &[(String, String)]) -> Result<Vec<Pack>, Stop> {
    let brought = PACKS.iter().map(|(name, _)| *name).filter(|name| own.iter().all(|(mine, _)| mine != name));
    let names: Vec<&str> = own.iter().map(|(name, _)| name.as_str()).chain(brought).collect();
    let load = |name: &&str| load_packs([*name], own).map_err(|err| Stop::Usage(err.to_string()));
    Ok(names.iter().map(load).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn list(out: &mut dyn Write, own: &[(String, String)], at: Date) -> Result<(), Stop> {
    let packs = all(own)?;
    for pack in &packs {
        let read = pack.as_of.map(|day| format!(", law read on {day}")).unwrap_or_default();
        let version = pack.version.as_deref().unwrap_or("none");
        let digest = pack.sha256.get(..12).unwrap_or_default();
        let about = format!("version {}{read}, sha256 {digest}", escape(version));
        writeln!(out, "{}  {}", pack.name.bold(), about.dimmed())?;
        for regime in &pack.regimes {
            let word = match regime.force(at) {
                Force::InForce => format!(
                    "in force since {}",
                    regime.in_force_from.map_or_else(|| "ever".into(), |day| day.to_string())
                ),
                Force::From(day) => format!("from {day}"),
                Force::Past => {
                    format!("until {}", regime.in_force_until.map_or_else(String::new, |day| day.to_string()))
                }
                Force::Draft => "not in force".into(),
            };
            let count =
                regime.rules.iter().filter(|rule| regime.force_of(rule, at) == Force::InForce).count();
            let rules = if regime.rules.is_empty() {
                "asks nothing of a file".into()
            } else {
                format!("{count} of {} rules", regime.rules.len())
            };
            writeln!(out, "  {:<22} {word}; {}; {rules}", regime.id, regime.standing.name())?;
            writeln!(out, "      {}", regime.title)?;
            if !regime.says.is_empty() {
                writeln!(out, "      {}", regime.says.dimmed())?;
            }
        }
    }
    let mut events: Vec<_> =
        packs.iter().flat_map(|pack| &pack.regimes).flat_map(|regime| regime.events()).collect();
    events.retain(|(day, _)| *day > at);
    events.sort();
    writeln!(out, "\n{} {at}", "After".bold())?;
    if events.is_empty() {
        writeln!(out, "  nothing that these packs know of")?;
    }
    for (day, what) in events {
        writeln!(out, "  {day}  {what}")?;
    }
    Ok(())
}

/// One side of a comparison: packs, and which of their rules are meant.
struct Side {
    name: String,
    packs: Vec<Pack>,
    regime: Option<String>,
    at: Option<Date>,
}

impl Side {
    /// A pack, a regime or a file, with `@` and a day.
    fn of(words: &str, own: &[(String, String)]) -> Result<Self, Stop> {
        let (name, at) = match words.rsplit_once('@') {
            Some((name, day)) => {
                let day = Date::parse(day).ok_or_else(|| {
                    Stop::Usage(format!("`{day}` in `{words}` is no date of the form YYYY-MM-DD"))
                })?;
                (name, Some(day))
            }
            None => (words, None),
        };
        let side = |packs, regime| Self { name: words.to_owned(), packs, regime, at };
        if name.ends_with(".toml") {
            let text = std::fs::read_to_string(Path::new(name))
                .map_err(|err| Stop::Usage(format!("{name}: {}", crate::walk::reason(&err))))?;
            let pack = Pack::named(name, &text).map_err(|err| Stop::Usage(format!("{name}: {err}")))?;
            return Ok(side(vec![pack], None));
        }
        if let Ok(packs) = load_packs([name], own) {
            return Ok(side(packs, None));
        }
        let packs = all(own)?;
        if packs.iter().flat_map(|pack| &pack.regimes).any(|regime| regime.id == name) {
            return Ok(side(packs, Some(name.to_owned())));
        }
        Err(Stop::Usage(format!(
            "no pack, regime or file is called `{name}`; `indicia rules` lists packs and regimes"
        )))
    }

    fn rules(&self) -> Vec<&Rule> {
        let regimes = self.packs.iter().flat_map(|pack| &pack.regimes);
        let regimes = regimes.filter(|regime| self.regime.as_ref().is_none_or(|name| *name == regime.id));
        let in_force = |at: Date, force: Force| match force {
            Force::InForce => true,
            Force::From(day) => day <= at,
            Force::Draft | Force::Past => false,
        };
        regimes
            .flat_map(|regime| regime.rules.iter().map(move |rule| (regime, rule)))
            .filter(|(regime, rule)| self.at.is_none_or(|at| in_force(at, regime.force_of(rule, at))))
            .map(|(_, rule)| rule)
            .collect()
    }
}

fn compare(out: &mut dyn Write, before: &Side, after: &Side) -> io::Result<()> {
    let found = changes(&before.rules(), &after.rules());
    let (old, new) = (before.rules().len(), after.rules().len());
    writeln!(
        out,
        "{} ({old} rules) against {} ({new} rules)",
        escape(&before.name).bold(),
        escape(&after.name).bold()
    )?;
    if found.is_empty() {
        return writeln!(out, "no rule differs");
    }
    for change in found {
        match change.change {
            What::Added { text } => writeln!(out, "{} {}  {text}", "+".green(), change.rule)?,
            What::Removed { text } => writeln!(out, "{} {}  {text}", "-".red(), change.rule)?,
            What::Changed(parts) => {
                writeln!(out, "{} {}", "~".yellow(), change.rule)?;
                for (part, old, new) in parts {
                    writeln!(out, "    {part}: {old} {} {new}", "->".dimmed())?;
                }
            }
        }
    }
    Ok(())
}
