//! The key that signs C2PA manifests: where it is kept and how it is named.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use indicia::manifests::{SigningCommand, SigningKey, algorithm_of};

use crate::time_authority::TimeAuthority;
use crate::walk::reason;

/// Longest that a signing command may take where nothing else is said, in seconds.
pub(crate) const SECONDS: u32 = 30;

/// What names a key in the environment, before the name of the variable.
const VARIABLE: &str = "env:";

/// The files of the key that was made or taken in by `indicia key`.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The folder they are in.
    pub(crate) folder: PathBuf,
}

/// What of a key is named on the command line or in `indicia.toml`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    /// A file, or `env:` and the name of a variable.
    pub(crate) key: Option<String>,
    /// The file with its certificates.
    pub(crate) chain: Option<PathBuf>,
    /// A program that signs, with its arguments.
    pub(crate) command: Option<String>,
    /// Longest that it may take, in seconds.
    pub(crate) seconds: u32,
    /// The address of a time-stamping authority.
    pub(crate) time_authority: Option<String>,
}

impl Kept {
    /// Those of this user.
    pub(crate) fn of_user() -> Result<Self, String> {
        let folder = dirs::config_dir().ok_or("no folder for configuration is known: is HOME set?")?;
        Ok(Self { folder: folder.join("indicia") })
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.folder.join("c2pa-key.pem")
    }

    pub(crate) fn chain(&self) -> PathBuf {
        self.folder.join("c2pa-chain.pem")
    }

    /// The root that only a key made here has.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.join("c2pa-development-ca.pem")
    }
}

impl Named {
    /// Whether anything is named.
    pub(crate) fn is_any(&self) -> bool {
        self.key.is_some() || self.chain.is_some() || self.command.is_some()
    }

    /// The key itself: the one that is named, or else the one that is kept.
    pub(crate) fn read(&self, now: u64) -> Result<Arc<SigningKey>, String> {
        let key = match (&self.key, &self.chain, &self.command) {
            (None, Some(chain), Some(command)) => {
                let certificates = text(chain)?;
                let mut words = command.split_whitespace().map(OsString::from);
                let program = words.next().ok_or("--c2pa-command is empty")?;
                let time_limit = Duration::from_secs(self.seconds.into());
                let command = SigningCommand { program, arguments: words.collect(), time_limit };
                let algorithm = algorithm_of(&certificates).map_err(|err| wrong(chain, &err))?;
                SigningKey::from_command(&certificates, algorithm, command, now)
                    .map_err(|err| wrong(chain, &err))?
            }
            (Some(key), Some(chain), None) => pair(&secret(key)?, chain, now)?,
            (None, None, None) => {
                let kept = Kept::of_user()?;
                if !kept.key().exists() {
                    return Err("there is no key to sign C2PA manifests with: `indicia key new` makes one for \
                                development, `indicia key import` takes yours, or name it with --c2pa-key and \
                                --c2pa-chain"
                        .into());
                }
                pair(&text(&kept.key())?, &kept.chain(), now)?
            }
            _ => {
                return Err(
                    "a key to sign C2PA manifests with is --c2pa-chain together with either --c2pa-key or \
                            --c2pa-command"
                        .into(),
                );
            }
        };
        Ok(Arc::new(match &self.time_authority {
            Some(url) => key.with_time_stamps(Arc::new(TimeAuthority::new(url)?)),
            None => key,
        }))
    }
}

/// A key and its certificates, checked.
pub(crate) fn pair(key: &str, chain: &Path, now: u64) -> Result<SigningKey, String> {
    SigningKey::from_pem(&text(chain)?, key, now).map_err(|err| wrong(chain, &err))
}

/// A private key from where it is named.
pub(crate) fn secret(name: &str) -> Result<String, String> {
    let Some(variable) = name.strip_prefix(VARIABLE) else { return text(Path::new(name)) };
    #[expect(clippy::disallowed_methods, reason = "the user names the variable")]
    let value = std::env::var(variable);
    value.map_err(|_| format!("the environment variable {variable} is not set, or is no Unicode"))
}

fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|err| format!("{}: {}", path.display(), reason(&err)))
}

fn wrong(path: &Path, err: &dyn std::fmt::Display) -> String {
    format!("{}: {err}", path.display())
}
