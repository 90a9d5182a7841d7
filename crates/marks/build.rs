//! Turns the lists of `traces/` into tables, so that no run of the program has to read them.

#[path = "src/traces/written.rs"]
mod written;

use std::fmt::Write;
use std::{env, fs};

use written::List;

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=src/traces/written.rs");
    let mut code = String::new();
    for name in ["texts", "manifests"] {
        let path = format!("traces/{name}.toml");
        println!("cargo::rerun-if-changed={path}");
        let text = fs::read_to_string(&path).map_err(|err| format!("{path}: {err}"))?;
        let list = List::read(&text).map_err(|why| format!("{path}: {why}"))?;
        table(&mut code, &name.to_ascii_uppercase(), &list).map_err(|err| err.to_string())?;
    }
    #[expect(clippy::disallowed_methods, reason = "a build script is told by the environment")]
    let folder = env::var("OUT_DIR").map_err(|err| err.to_string())?;
    fs::write(format!("{folder}/traces.rs"), code).map_err(|err| err.to_string())
}

/// Writes a list as a `Table` with this name.
fn table(code: &mut String, name: &str, list: &List) -> std::fmt::Result {
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
    writeln!(
        code,
        "];\nstatic {name}_TABLE: Table = Table {{ rows: &{name}_ROWS, tests: &{name}_TESTS, needles: &{:?}, \
         by_needle: &[{by_needle}], keys: &[{keys}] }};",
        list.needles
    )
}
