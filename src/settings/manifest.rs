//! What C2PA manifests are to say, and what signs them.

use std::path::{Path, PathBuf};

use indicia::Sealing;

use super::given;
use crate::args::ClaimArgs;
use crate::config::{Config, File};
use crate::manifest_key::{Named, SECONDS};

/// What C2PA manifests say besides, and whether a flag asks for that and so for a manifest.
pub(super) fn manifest_content(args: &ClaimArgs, config: &mut Config) -> Result<(Sealing, bool), String> {
    let shown = |path: &PathBuf| format!("{:?}", path.display().to_string());
    let training = config.pick(
        "c2pa-training",
        given(&args.c2pa_training),
        |file| file.c2pa_training.clone().map(Ok),
        None,
        |list| format!("{list:?}"),
    )?;
    let flag = args.c2pa_metadata.clone();
    let metadata =
        config.pick("c2pa-metadata", flag, |file| file.c2pa_metadata.clone().map(Ok), None, shown)?;
    let sealing = Sealing {
        beside: args.c2pa_sidecar,
        stamped: false,
        training_mining: training.as_deref().map(training_mining).transpose()?,
        metadata: metadata.as_deref().map(linked_data).transpose()?,
    };
    let asked = args.c2pa_sidecar || !args.c2pa_training.is_empty() || args.c2pa_metadata.is_some();
    Ok((sealing, asked))
}

/// The data of a `cawg.training-mining` assertion (CAWG training and data mining 1.0).
fn training_mining(words: &[String]) -> Result<serde_json::Value, String> {
    const ENTRIES: [&str; 4] = ["ai_generative_training", "ai_inference", "ai_training", "data_mining"];
    const USES: [&str; 3] = ["allowed", "notAllowed", "constrained"];
    let mut entries = serde_json::Map::new();
    for word in words {
        let (names, usage) = match word.split_once('=') {
            Some((name, usage)) => (ENTRIES.iter().filter(|entry| **entry == name).collect(), usage),
            None => (ENTRIES.iter().collect::<Vec<_>>(), word.as_str()),
        };
        if names.is_empty() || !USES.contains(&usage) {
            return Err(format!(
                "--c2pa-training takes {}, or one of {} with = before it, not `{word}`",
                USES.join(", "),
                ENTRIES.join(", ")
            ));
        }
        for name in names {
            entries.insert(format!("cawg.{name}"), serde_json::json!({ "use": usage }));
        }
    }
    Ok(serde_json::json!({ "entries": entries }))
}

/// A JSON-LD object from a file.
fn linked_data(path: &Path) -> Result<serde_json::Value, String> {
    let wrong = |why: String| format!("{}: {why}", path.display());
    let text = std::fs::read_to_string(path).map_err(|err| wrong(crate::walk::reason(&err)))?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|err| wrong(err.to_string()))?;
    match value.get("@context") {
        Some(serde_json::Value::Object(_)) => Ok(value),
        _ => Err(wrong("it is no JSON object with an @context that names its prefixes".into())),
    }
}

/// How long a command that signs may take.
fn seconds(args: &ClaimArgs, config: &mut Config) -> Result<u32, String> {
    let from = |file: &File| file.c2pa_command_timeout.map(Ok);
    let flag = args.c2pa_command_timeout;
    let seconds = config.pick("c2pa-command-timeout", flag, from, Some(SECONDS), u32::to_string)?;
    match seconds.unwrap_or(SECONDS) {
        0 => Err("c2pa-command-timeout takes a number of seconds from 1".into()),
        seconds => Ok(seconds),
    }
}

/// What names the key that signs C2PA manifests.
pub(super) fn manifest_key(args: &ClaimArgs, config: &mut Config) -> Result<Named, String> {
    let quoted = |text: &String| format!("{text:?}");
    let shown = |path: &PathBuf| format!("{:?}", path.display().to_string());
    let (key, chain, command) = (args.c2pa_key.clone(), args.c2pa_chain.clone(), args.c2pa_command.clone());
    Ok(Named {
        time_authority: config.pick(
            "c2pa-tsa",
            args.c2pa_tsa.clone(),
            |file| file.c2pa_tsa.clone().map(Ok),
            None,
            quoted,
        )?,
        key: config.pick("c2pa-key", key, |file| file.c2pa_key.clone().map(Ok), None, quoted)?,
        chain: config.pick("c2pa-chain", chain, |file| file.c2pa_chain.clone().map(Ok), None, shown)?,
        command: config.pick(
            "c2pa-command",
            command,
            |file| file.c2pa_command.clone().map(Ok),
            None,
            quoted,
        )?,
        seconds: seconds(args, config)?,
    })
}
