//! Turns the lists of `traces/` into tables, so that no run of the program has to read them.

#[path = "build/automaton.rs"]
mod automaton;
#[path = "src/traces/written.rs"]
mod written;

use std::fmt::Write;
use std::{env, fs};

use automaton::Tables;
use written::List;

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=src/traces/written.rs");
    println!("cargo::rerun-if-changed=build");
    #[expect(clippy::disallowed_methods, reason = "a build script is told by the environment")]
    let folder = env::var("OUT_DIR").map_err(|err| err.to_string())?;
    let mut code = String::new();
    for name in ["texts", "manifests"] {
        let path = format!("traces/{name}.toml");
        println!("cargo::rerun-if-changed={path}");
        let text = fs::read_to_string(&path).map_err(|err| format!("{path}: {err}"))?;
        let list = List::read(&text).map_err(|why| format!("{path}: {why}"))?;
        let automaton = automaton::tables(&list.needles).map_err(|why| format!("{path}: {why}"))?;
        fs::write(format!("{folder}/{name}.automaton"), &automaton.next).map_err(|err| err.to_string())?;
        write_list(&mut code, name, &list, &automaton).map_err(|err| err.to_string())?;
    }
    fs::write(format!("{folder}/traces.rs"), code).map_err(|err| err.to_string())
}

/// Writes a list as a `List` with this name, its automaton standing in a file beside it.
fn write_list(code: &mut String, file: &str, list: &List, automaton: &Tables) -> std::fmt::Result {
    let name = file.to_ascii_uppercase();
    writeln!(code, "static {name}_ROWS: [Row; {}] = [", list.rows.len())?;
    for row in &list.rows {
        let (id, tier, means, source) = (&row.id, row.tier, &row.means, &row.source);
        let (places, words) = (&row.places, &row.words);
        writeln!(
            code,
            "Row {{ id: {id:?}, tier: Tier::{tier:?}, means: {means:?}, source: {source:?}, places: &{places:?}, \
             words: &{words:?} }},"
        )?;
    }
    // Their patterns are built where they are first needed, so that they cannot be constants.
    writeln!(code, "];\nstatic {name}_TESTS: [Test; {}] = [", list.rows.len())?;
    for (row, selectors) in list.rows.iter().zip(&list.selectors) {
        let places = selectors.iter().map(|(region, key)| {
            let region = region.map_or("None".to_owned(), |region| format!("Some(Region::{region})"));
            format!("Selector {{ region: {region}, key: {key:?} }}")
        });
        let places = places.collect::<Vec<_>>().join(", ");
        let regex = row
            .regex
            .as_ref()
            .map_or("None".to_owned(), |regex| format!("Some(Pattern::new({regex:?}, {}))", row.exact));
        let exact = if row.exact { format!("Some(&{:?})", row.words) } else { "None".into() };
        let all: Vec<_> = row.all.iter().map(|word| word.to_ascii_lowercase()).collect();
        let except: Vec<_> = row.except.iter().map(|text| text.to_lowercase()).collect();
        let (word, whole) = (row.word, row.whole);
        writeln!(
            code,
            "Test {{ places: &[{places}], all: &{all:?}, regex: {regex}, except: &{except:?}, exact: {exact}, \
             word: {word}, whole: {whole} }},"
        )?;
    }
    let by_needle = list.by_needle.iter().map(|rows| format!("&{rows:?}")).collect::<Vec<_>>().join(", ");
    let keys =
        list.keys.iter().map(|((region, key), rows)| format!("(Region::{region}, {key:?}, &{rows:?})"));
    let keys = keys.collect::<Vec<_>>().join(", ");
    let Tables { classes, class_count, start, .. } = automaton;
    let ends = automaton.ends.iter().map(|words| format!("&{words:?}")).collect::<Vec<_>>().join(", ");
    writeln!(
        code,
        "];\nstatic {name}: List = List {{ rows: &{name}_ROWS, tests: &{name}_TESTS, needles: Automaton {{ \
         classes: {classes:?}, class_count: {class_count}, next: include_bytes!(concat!(env!(\"OUT_DIR\"), \
         \"/{file}.automaton\")), ends: &[{ends}], start: {start} }}, by_needle: &[{by_needle}], keys: &[{keys}] }};"
    )
}
