//! Reads the rule packs when the program is built, so that no run of it has to read TOML before it can begin.

use std::fmt::Write;
use std::{env, fs};

use sha2::{Digest, Sha256};

const FOLDER: &str = "src/regimes";

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let mut code = String::from("[");
    let mut paths = Vec::new();
    for entry in fs::read_dir(FOLDER).map_err(|err| format!("{FOLDER}: {err}"))? {
        paths.push(entry.map_err(|err| format!("{FOLDER}: {err}"))?.path());
    }
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "toml")) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(path).map_err(|err| format!("{name}: {err}"))?;
        let pack: toml::Table = toml::from_str(&text).map_err(|err| format!("{name}: {err}"))?;
        let json = serde_json::to_string(&pack).map_err(|err| format!("{name}: {err}"))?;
        let sha256: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(code, "Brought {{ name: {name:?}, json: {json:?}, sha256: {sha256:?} }},")
            .map_err(|err| err.to_string())?;
    }
    code.push(']');
    #[expect(clippy::disallowed_methods, reason = "a build script is told by the environment")]
    let folder = env::var("OUT_DIR").map_err(|err| err.to_string())?;
    fs::write(format!("{folder}/packs.rs"), code).map_err(|err| err.to_string())
}
