//! Whom manifests and security data may be signed by.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use indicia::manifests::{TrustList, TrustListError};
use indicia::{Date, PinnedKeys, Trust, TrustPart};

use crate::args::Judging;
use crate::config::{Config, File, OneOrMore};

/// Whom manifests may be signed by.
pub(super) fn trust(judging: &Judging, config: &mut Config, now: u64) -> Result<Trust, String> {
    let shown = |paths: &Vec<PathBuf>| {
        format!("{:?}", paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>())
    };
    let some = |paths: &Vec<PathBuf>| (!paths.is_empty()).then(|| paths.clone());
    let (anchors, signers) = (some(&judging.trust_anchors), some(&judging.trust_signers));
    let from = |file: &File| file.trust_anchors.clone().map(Ok);
    let anchors = config.pick("trust-anchors", anchors, from, None, shown)?;
    let from = |file: &File| file.trust_signers.clone().map(Ok);
    let signers = config.pick("trust-signers", signers, from, None, shown)?;
    let from = |file: &File| file.trust_config.clone().map(Ok);
    let usages = config.pick("trust-config", some(&judging.trust_config), from, None, shown)?;
    let today = Date::of_moment(now).to_string();
    let mut origin = Vec::new();
    let mut lists = Vec::new();
    let mut read = |paths: Option<Vec<PathBuf>>,
                    list: &dyn Fn(&[u8]) -> Result<TrustList, TrustListError>| {
        let mut all = String::new();
        for path in paths.unwrap_or_default() {
            let wrong = |why: String| format!("{}: {why}", path.display());
            let bytes = trust_list(&path)?;
            let TrustList { text, about } = list(&bytes).map_err(|err| wrong(err.to_string()))?;
            origin.push(described(&path, &about));
            lists.push((described(&path, &about), text.len()));
            all.push_str(&text);
        }
        Ok::<_, String>((all, std::mem::take(&mut lists)))
    };
    let (anchors, of_anchors) = read(anchors, &|bytes| TrustList::of_anchors(bytes, &today))?;
    let (allowed, of_signers) = read(signers, &|bytes| TrustList::of_signers(bytes, &today))?;
    let (usages, _) = read(usages, &TrustList::of_usages)?;
    let of_anchors = of_anchors.into_iter().map(|(name, anchors)| TrustPart { name, anchors, allowed: 0 });
    let of_signers = of_signers.into_iter().map(|(name, allowed)| TrustPart { name, anchors: 0, allowed });
    Ok(Trust {
        anchors,
        user_anchors: String::new(),
        allowed,
        usages,
        origin: origin.join("; "),
        lists: of_anchors.chain(of_signers).collect(),
    })
}

/// Most bytes of a trust list. The public ones have less than a hundredth of it.
const MOST_TRUST_LIST: u64 = 16 << 20;

/// The bytes of a trust list.
fn trust_list(path: &Path) -> Result<Vec<u8>, String> {
    let wrong = |why: String| format!("{}: {why}", path.display());
    let file = std::fs::File::open(path).map_err(|err| wrong(crate::walk::reason(&err)))?;
    let mut bytes = Vec::new();
    let read = std::io::Read::read_to_end(&mut std::io::Read::take(file, MOST_TRUST_LIST + 1), &mut bytes);
    read.map_err(|err| wrong(crate::walk::reason(&err)))?;
    if bytes.len() as u64 > MOST_TRUST_LIST {
        return Err(wrong("it is too long for a trust list (more than 16 MB)".into()));
    }
    Ok(bytes)
}

/// A trust list in words: its name, how much it has, and of which day it is.
fn described(path: &Path, about: &str) -> String {
    let changed = || path.metadata().ok()?.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok();
    let day = changed().map(|since| format!(", file of {}", Date::of_moment(since.as_secs())));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("{name} ({about}{})", day.unwrap_or_default())
}

/// Whose keys labels are known to be signed with.
pub(super) fn pinned(judging: &Judging, config: &mut Config) -> Result<PinnedKeys, String> {
    let given = (!judging.security_trust.is_empty()).then(|| judging.security_trust.clone());
    let from = |file: &File| {
        let pairs = file.security_trust.as_ref()?.iter();
        let each = |(name, paths): (&String, &OneOrMore)| {
            paths.paths().iter().map(|path| (name.clone(), path.clone())).collect::<Vec<_>>()
        };
        Some(Ok(pairs.flat_map(each).collect()))
    };
    let shown = |pairs: &Vec<(String, PathBuf)>| {
        let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (name, path) in pairs {
            names.entry(name).or_default().push(path.display().to_string());
        }
        let each: Vec<_> = names.iter().map(|(name, paths)| format!("{name:?} = {paths:?}")).collect();
        format!("{{ {} }}", each.join(", "))
    };
    let mut pinned = PinnedKeys::default();
    for (name, path) in config.pick("security-trust", given, from, None, shown)?.unwrap_or_default() {
        let wrong = |why: String| format!("{}: {why}", path.display());
        let pem = std::fs::read(&path).map_err(|err| wrong(crate::walk::reason(&err)))?;
        let keys =
            indicia::pinned_keys(&String::from_utf8_lossy(&pem)).map_err(|err| wrong(err.to_string()))?;
        for key in keys {
            pinned.pin(&name, key);
        }
    }
    Ok(pinned)
}
