//! From flags and configuration to the words of the library: what is asked, resolved.

mod manifest;
mod style;
mod trusted;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use indicia::reading::Networks;
use indicia::records::{Hash, PackNote};
use indicia::{
    Claim, Context, Date, Decode, Field, Job, MediaKind, Order, Origin, PLACEHOLDER_PRODUCER, Pack, Profile,
    Role, Scheme, Sealing, SigningKey, Status, Terms, Waiver, WordReader, load_packs, regimes,
};

use crate::args::{ClaimArgs, Judging, KindArg, Label, Look, RoleArg, Scan, StatusArg};
use crate::config::{Config, File};
use crate::exit::FailOn;
use crate::sandbox::Workers;
use crate::watermark_key;
use manifest::{manifest_content, manifest_key};
use style::style;
use trusted::{pinned, trust};

/// What every command that judges files needs.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) packs: Vec<Pack>,
    pub(crate) profile: Profile,
    pub(crate) drafts: bool,
    pub(crate) at: Date,
    pub(crate) role: Role,
    pub(crate) fail_on: Vec<FailOn>,
    pub(crate) jobs: Option<usize>,
    pub(crate) cx: Context,
}

/// What labelling needs besides.
#[derive(Debug)]
pub(crate) struct Labelling {
    pub(crate) order: Order,
    pub(crate) with: Vec<&'static Scheme>,
    pub(crate) without: Vec<&'static Scheme>,
    pub(crate) waive_notice: bool,
    pub(crate) declared: bool,
    /// The key that signs C2PA manifests, if any are signed.
    pub(crate) key: Option<Arc<indicia::manifests::SigningKey>>,
    /// How they are signed.
    pub(crate) sealing: Sealing,
    /// Whether no producer was named, so that the placeholder is written.
    pub(crate) placeholder: bool,
    /// Whether nothing is written.
    pub(crate) rehearsal: bool,
}

impl Settings {
    /// Of `verify` and `scan`.
    pub(crate) fn of_verify(look: &Look, config: &mut Config, now: u64) -> Result<Self, String> {
        // First of all, since a process may have to be started.
        let workers = Workers::for_files(&look.inputs.paths);
        let mut settings = Self::new(&look.judging, look.inputs.jobs, config, now)?;
        settings.cx.sandbox = Some(Arc::new(workers));
        settings.cx.watermarks = watermark_key::search(&look.watermarks, config)?;
        Ok(settings)
    }

    pub(crate) fn of_scan(scan: &Scan, config: &mut Config, now: u64) -> Result<Self, String> {
        let mut settings = Self::of_verify(&scan.look, config, now)?;
        let from_file = |file: &File| file.look.clone().map(Ok);
        let show = |words: &Vec<String>| format!("{words:?}");
        let words = config.pick("look", scan.look_for.clone(), from_file, Some(vec!["none".into()]), show)?;
        let mut words = words.unwrap_or_default();
        if settings.cx.watermarks.deep {
            words.push("watermark".into());
        }
        settings.cx.decode = decode(&words)?;
        Ok(settings)
    }

    fn new(judging: &Judging, jobs: Option<usize>, config: &mut Config, now: u64) -> Result<Self, String> {
        let list = |values: &Vec<String>| format!("{values:?}");
        let names = config.pick(
            "for",
            judging.packs.clone(),
            |file| file.packs.clone().map(Ok),
            Some(vec!["cn".into()]),
            list,
        )?;
        let names = names.unwrap_or_default();
        let named = names.iter().map(String::as_str).filter(|name| *name != "none");
        let shown = |path: &PathBuf| format!("{:?}", path.display().to_string());
        let folder = judging.rules.clone();
        let folder = config.pick("rules", folder, |file| file.rules.clone().map(Ok), None, shown)?;
        let own = folder.as_deref().map(own_packs).transpose()?.unwrap_or_default();
        let packs = load_packs(named, &own).map_err(|err| err.to_string())?;
        let drafts = judging.include_drafts.then_some(true);
        let from_file = |file: &File| file.include_drafts.map(Ok);
        let drafts = config.pick("include-drafts", drafts, from_file, Some(false), bool::to_string)?;
        let role = choose(config, "as", judging.role, |file| file.role.clone(), Some(RoleArg::Producer))?;
        let fail_on = match (judging.exit_zero, &judging.fail_on) {
            (true, _) => Some(Vec::new()),
            (false, given) => given.clone(),
        };
        let from_file = |file: &File| {
            let read = |words: Vec<String>| words.iter().map(|word| FailOn::from_str(word, true)).collect();
            file.fail_on.clone().map(read)
        };
        let built_in = vec![FailOn::Unmet, FailOn::Unknown, FailOn::Refused];
        let show = |values: &Vec<FailOn>| {
            list(&values.iter().map(|value| format!("{value:?}").to_lowercase()).collect())
        };
        let fail_on = config.pick("fail-on", fail_on, from_file, Some(built_in), show)?.unwrap_or_default();
        let jobs = config.pick("jobs", jobs, |file| file.jobs.map(Ok), None, usize::to_string)?;
        if jobs == Some(0) {
            return Err("--jobs takes a number from 1".into());
        }
        Ok(Self {
            packs,
            profile: config.profile(),
            drafts: drafts == Some(true),
            at: judging.at.unwrap_or_else(|| Date::of_moment(now)),
            role: match role {
                Some(RoleArg::Propagator) => Role::Propagator,
                _ => Role::Producer,
            },
            fail_on,
            jobs,
            cx: Context {
                now,
                trust: trust(judging, config, now)?,
                pinned: pinned(judging, config)?,
                sandbox: Some(Arc::new(Workers::new())),
                words: words(),
                ..Context::default()
            },
        })
    }

    /// The rule packs, each with the hash of what was read.
    pub(crate) fn pack_notes(&self) -> Vec<PackNote> {
        let note = |pack: &Pack| PackNote {
            id: pack.name.clone(),
            sha256: Hash::of_hex(&pack.sha256).unwrap_or_default(),
        };
        self.packs.iter().map(note).collect()
    }

    /// Under which rules files are judged.
    pub(crate) fn terms(&self, waived: Option<Waiver>) -> Terms<'_> {
        Terms {
            regimes: regimes(&self.packs),
            at: self.at,
            role: self.role,
            profile: &self.profile,
            drafts: self.drafts,
            waived,
        }
    }

    /// Whether the rules have a manifest written on some kind of media.
    fn wants_manifest(&self, labelling: &Labelling) -> bool {
        let job = self.job(labelling);
        let mut kinds = MediaKind::ALL.iter();
        kinds.any(|kind| job.plan(*kind).schemes().iter().any(|scheme| scheme.name == "c2pa"))
    }

    /// What is to be done to each file.
    pub(crate) fn job(&self, labelling: &Labelling) -> Job<'_> {
        Job {
            order: labelling.order.clone(),
            regimes: regimes(&self.packs),
            at: self.at,
            profile: &self.profile,
            drafts: self.drafts,
            rehearsal: labelling.rehearsal,
            with: labelling.with.clone(),
            without: labelling.without.clone(),
            cannot: Vec::new(),
            waived: labelling.waive_notice.then_some(Waiver::AT_REQUEST),
            declared: labelling.declared,
            key: labelling.key.clone(),
            sealing: labelling.sealing.clone(),
        }
    }
}

impl Labelling {
    /// Of `label`.
    pub(crate) fn of(label: &Label, config: &mut Config, now: u64) -> Result<(Settings, Self), String> {
        let settings = Settings::new(&label.judging, label.inputs.jobs, config, now)?;
        let quoted = |text: &String| format!("{text:?}");
        let args = &label.claim;
        let producer = config.pick(
            "producer",
            args.producer.clone(),
            |file| file.producer.clone().map(Ok),
            None,
            quoted,
        )?;
        let propagator = config.pick(
            "propagator",
            args.propagator.clone(),
            |file| file.propagator.clone().map(Ok),
            None,
            quoted,
        )?;
        let system =
            config.pick("system", args.system.clone(), |file| file.system.clone().map(Ok), None, quoted)?;
        let status = choose(config, "status", args.status, |file| file.status.clone(), None)?;
        let kind = choose(config, "kind", args.kind, |file| file.kind.clone(), Some(KindArg::Generated))?;
        let mut claim = Claim { origin: kind.map(origin), ..Claim::default() };
        if let Some((name, version)) =
            system.as_deref().map(|system| system.split_once('@').unwrap_or((system, "")))
        {
            claim.set(Field::System, name);
            claim.set(Field::SystemVersion, version);
        }
        let placeholder = match settings.role {
            Role::Producer => {
                claim.status = Some(status.map_or(Status::Generated, self::status));
                claim.set(Field::Producer, producer.clone().unwrap_or_else(|| PLACEHOLDER_PRODUCER.into()));
                claim.set(Field::ContentId, args.id.clone().unwrap_or_default());
                producer.is_none()
            }
            Role::Propagator => {
                claim.status = status.map(self::status);
                claim.set(
                    Field::Propagator,
                    propagator.clone().unwrap_or_else(|| PLACEHOLDER_PRODUCER.into()),
                );
                claim.set(Field::PropagationId, args.id.clone().unwrap_or_default());
                propagator.is_none()
            }
        };
        let mut order = Order {
            claim,
            role: settings.role,
            style: style(label, config, &settings)?,
            replace: args.replace_label,
            carried: false,
            signing_key: security_key(args, config)?,
            watermark_key: None,
        };
        let with = config.pick(
            "with",
            given(&label.style.with),
            |file| file.with.clone().map(Ok),
            None,
            |list| format!("{list:?}"),
        )?;
        let without = config.pick(
            "without",
            given(&label.style.without),
            |file| file.without.clone().map(Ok),
            None,
            |list| format!("{list:?}"),
        )?;
        let named = manifest_key(args, config)?;
        let (sealing, asked) = manifest_content(args, config)?;
        let sealing = Sealing { stamped: named.time_authority.is_some(), ..sealing };
        let mut with = schemes(with)?;
        if let Some(scheme) = Scheme::named("c2pa").filter(|_| named.is_any() || asked) {
            with.push(scheme);
        }
        let (watermark, watermark_key) = watermark_key::of_label(&label.style, config)?;
        let mut without = schemes(without)?;
        if let Some(scheme) = Scheme::named("watermark") {
            match watermark {
                Some(true) => with.push(scheme),
                Some(false) => without.push(scheme),
                None => {}
            }
        }
        order.watermark_key = watermark_key;
        let rehearsal = label.output.dry_run;
        let mut labelling = Self {
            order,
            with,
            key: None,
            sealing,
            rehearsal,
            without,
            waive_notice: label.style.no_explicit,
            declared: args.declared,
            placeholder,
        };
        let asked = labelling.with.iter().any(|scheme| scheme.name == "c2pa");
        if asked && !rehearsal {
            labelling.key = Some(named.read(now)?);
        } else if settings.wants_manifest(&labelling) && label.from.is_none() && !rehearsal {
            labelling.key = Some(named.read(now).map_err(|why| {
                let names: Vec<_> = settings.packs.iter().map(|pack| pack.name.as_str()).collect();
                format!(
                    "the rules of {} ask for a C2PA manifest, and {why}; --without c2pa labels without one",
                    names.join(", ")
                )
            })?);
        }
        Ok((settings, labelling))
    }
}

/// The rule packs of a folder: the text of each file `NAME.toml`, with its name.
pub(crate) fn own_packs(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let wrong =
        |path: &Path, err: &std::io::Error| format!("{}: {}", path.display(), crate::walk::reason(err));
    let mut packs = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|err| wrong(folder, &err))? {
        let path = entry.map_err(|err| wrong(folder, &err))?.path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).map_err(|err| wrong(&path, &err))?;
        // A pack that is not asked for is read all the same: a mistake in it should not wait to be noticed.
        Pack::named(&name, &text).map_err(|err| format!("{}: {err}", path.display()))?;
        packs.push((name, text));
    }
    packs.sort();
    if packs.is_empty() {
        return Err(format!("{}: it has no file that ends in .toml", folder.display()));
    }
    Ok(packs)
}

/// The key to secure labels with.
fn security_key(args: &ClaimArgs, config: &mut Config) -> Result<Option<SigningKey>, String> {
    let shown = |path: &PathBuf| format!("{:?}", path.display().to_string());
    let flag = args.security_key.clone();
    let path = config.pick("security-key", flag, |file| file.security_key.clone().map(Ok), None, shown)?;
    let read = |path: &PathBuf| {
        let wrong = |why: String| format!("{}: {why}", path.display());
        let pem = std::fs::read(path).map_err(|err| wrong(crate::walk::reason(&err)))?;
        indicia::signing_key(&String::from_utf8_lossy(&pem)).map_err(|err| wrong(err.to_string()))
    };
    path.as_ref().map(read).transpose()
}

/// What reads words in pictures; it says itself if its networks are not there.
fn words() -> Option<Arc<dyn WordReader>> {
    let folder = crate::commands::models_folder().ok()?;
    Some(Arc::new(Networks::in_folder(folder)))
}

/// For which schemes media are decoded.
fn decode(words: &[String]) -> Result<Decode, String> {
    let decoding = || indicia::SCHEMES.iter().filter(|scheme| scheme.decodes);
    let mut names = Vec::new();
    for word in words.iter().filter(|word| *word != "none") {
        let meant = |scheme: &&&Scheme| match word.as_str() {
            "all" => true,
            channel @ ("explicit" | "watermark") => scheme.channel.name() == channel,
            name => scheme.name == name,
        };
        let before = names.len();
        names.extend(decoding().filter(meant).map(|scheme| scheme.name.to_owned()));
        if names.len() == before {
            let all = decoding().map(|scheme| scheme.name).collect::<Vec<_>>().join(", ");
            return Err(format!(
                "--look takes all, explicit, watermark, none or what takes decoding ({all}), not `{word}`"
            ));
        }
    }
    Ok(Decode::Only(names))
}

fn given(list: &[String]) -> Option<Vec<String>> {
    (!list.is_empty()).then(|| list.to_vec())
}

fn schemes(names: Option<Vec<String>>) -> Result<Vec<&'static Scheme>, String> {
    let named = |name: &String| {
        let all = || indicia::SCHEMES.iter().map(|scheme| scheme.name).collect::<Vec<_>>().join(", ");
        Scheme::named(name).ok_or_else(|| format!("no scheme is called `{name}`; there are: {}", all()))
    };
    names.unwrap_or_default().iter().map(named).collect()
}

fn bytes(path: &Path) -> Result<Arc<[u8]>, String> {
    let read =
        std::fs::read(path).map_err(|err| format!("{}: {}", path.display(), crate::walk::reason(&err)))?;
    Ok(read.into())
}

fn status(status: StatusArg) -> Status {
    match status {
        StatusArg::Is => Status::Generated,
        StatusArg::May => Status::Possible,
        StatusArg::Suspected => Status::Suspected,
    }
}

fn origin(kind: KindArg) -> Origin {
    match kind {
        KindArg::Generated => Origin::Generated,
        KindArg::Altered => Origin::Altered,
    }
}

/// A setting that is one of a few words.
fn choose<T: ValueEnum>(
    config: &mut Config,
    key: &str,
    flag: Option<T>,
    from_file: impl FnOnce(&File) -> Option<String>,
    built_in: Option<T>,
) -> Result<Option<T>, String> {
    let word =
        |value: &T| value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let read = |text: String| {
        T::from_str(&text, true).map_err(|_| {
            let all: Vec<_> = T::value_variants().iter().map(word).collect();
            format!("`{text}` is none of {}", all.join(", "))
        })
    };
    config.pick(key, flag, |file| from_file(file).map(read), built_in, |value| format!("{:?}", word(value)))
}
