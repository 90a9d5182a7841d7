use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::temporary::Temporary;
use crate::{EmbedError, Prepared};
use indicia_core::{Channel, Context, Evidence, FileSource, Seen, Source};
use indicia_media::Asset;
use tempfile::TempPath;

/// What the name of a manifest beside a file ends in, in place of the file's own ending.
const SIDECAR: &str = "c2pa";

/// What it ends in while its file is being replaced. A number follows where such a file was left behind.
const ASIDE: &str = "c2pa.before";

/// Most manifests that may have been left behind beside one file.
const MOST_ASIDE: u32 = 1000;

/// Where a labelled file goes.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The file.
    pub path: PathBuf,
    /// Whether one that is there may be replaced.
    pub overwrite: bool,
}

/// A file that was written, and what was read from it afterwards.
#[derive(Debug)]
pub struct Publication {
    /// The marks read back from the file as it now stands.
    pub evidence: Evidence,
    /// Its size in bytes.
    pub size: u64,
    /// The file beside it with its manifest, if that could not be put in.
    pub sidecar: Option<PathBuf>,
}

/// Writes a labelled file: into a temporary file beside its place, flushed to the disk, read back and verified,
/// and only then given its name. Whatever goes wrong before that, the place is as it was.
///
/// `model` is the file whose permissions the new one gets.
///
/// # Errors
/// If it cannot be written, or a mark in it cannot be read back.
pub fn publish(
    prepared: &Prepared<'_>,
    model: Option<&Path>,
    to: &Destination,
    cx: &Context,
) -> Result<Publication, EmbedError> {
    publish_after(prepared, model, to, cx, |_, _| Ok(()))
}

/// As [`publish`], with a last step between reading back and giving the name: what it fails at is not published. It is for
/// keeping a record of what goes out, before it does.
///
/// # Errors
/// As [`publish`]; [`EmbedError::NotRecorded`] with what `before` says.
pub fn publish_after(
    prepared: &Prepared<'_>,
    model: Option<&Path>,
    to: &Destination,
    cx: &Context,
    before: impl FnOnce(&Asset<'_>, &Evidence) -> Result<(), String>,
) -> Result<Publication, EmbedError> {
    let shown = || to.path.display().to_string();
    let failed = |error: io::Error| EmbedError::Io { path: shown(), error };
    if !to.overwrite && to.path.symlink_metadata().is_ok() {
        return Err(EmbedError::Exists(shown()));
    }
    let folder = match to.path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(failed)?;
    // What checks a seal is in a process of its own, and reads by name.
    let new = if prepared.seal.is_some() { Temporary::named } else { Temporary::new };
    let mut temporary = new(folder).map_err(failed)?;
    let mut out = BufWriter::new(temporary.file());
    prepared.rendered.write_to(&mut out).and_then(|()| out.flush()).map_err(failed)?;
    drop(out);
    if let Some(permissions) =
        model.and_then(|model| fs::metadata(model).ok()).map(|facts| facts.permissions())
    {
        temporary.file().set_permissions(permissions).map_err(failed)?;
    }
    temporary.file().sync_all().map_err(failed)?;
    let name = to.path.file_name().and_then(|name| name.to_str());
    let mut source = FileSource::open(&temporary.path()).map_err(failed)?;
    let mut store = None;
    if let Some(seal) = &prepared.seal {
        seal.try_out(&temporary.path(), cx)?;
    }
    if let Some(seal) = prepared.seal.as_ref().filter(|seal| seal.is_beside()) {
        let path = temporary.path().with_extension(SIDECAR);
        let store_at = TempPath::try_from_path(&path).map_err(failed)?;
        fs::write(&path, seal.beside(&Asset::open(&source, name, &cx.limits)?, cx)?).map_err(failed)?;
        store = Some(store_at);
    }
    if let Some(seal) = prepared.seal.as_ref().filter(|seal| !seal.is_beside()) {
        let mut sealed = Temporary::named(folder).map_err(failed)?;
        seal.put(&Asset::open(&source, name, &cx.limits)?, sealed.file_mut(), cx)?;
        let permissions = temporary.file().metadata().map_err(failed)?.permissions();
        sealed.file().set_permissions(permissions).map_err(failed)?;
        sealed.file().sync_all().map_err(failed)?;
        temporary = sealed;
        source = FileSource::open(&temporary.path()).map_err(failed)?;
    }
    let asset = Asset::open(&source, name, &cx.limits)?;
    let mut evidence = prepared.read_back(&asset, cx)?;
    if store.is_some() {
        name_sidecar(&mut evidence, &to.path.with_extension(SIDECAR));
    }
    before(&asset, &evidence).map_err(EmbedError::NotRecorded)?;
    drop(asset);
    let sidecar = place(temporary, store, to, || {})?;
    Ok(Publication { evidence, size: source.size(), sidecar })
}

/// Gives a file its name, and its manifest the one beside it if it has one there; gives back where that stands.
///
/// No step in between leaves a file beside a manifest of other content, which readers would call tampered with. `between` is
/// called there.
fn place(
    temporary: Temporary,
    store: Option<TempPath>,
    to: &Destination,
    mut between: impl FnMut(),
) -> Result<Option<PathBuf>, EmbedError> {
    let shown = || to.path.display().to_string();
    let keep = |temporary: Temporary| {
        temporary.keep(&to.path, to.overwrite).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => EmbedError::Exists(shown()),
            _ => EmbedError::Io { path: shown(), error },
        })
    };
    let Some(store) = store else { return keep(temporary).map(|()| None) };
    let path = to.path.with_extension(SIDECAR);
    let replaces = to.overwrite && to.path.symlink_metadata().is_ok();
    let aside = replaces.then(|| Aside::put(&path)).transpose()?;
    between();
    if !replaces {
        // The file gets its name last: where it stands, its manifest does.
        let kept = if to.overwrite { store.persist(&path) } else { store.persist_noclobber(&path) };
        kept.map_err(|err| named(&path, err.error))?;
        between();
        return keep(temporary).map(|()| Some(path.clone())).inspect_err(|_| {
            // What fails here failed before already: there is no one left to tell.
            let _ = fs::remove_file(&path);
        });
    }
    // The old manifest is gone, then the file is the new one, then it has its manifest.
    if let Err(err) = keep(temporary) {
        aside.into_iter().for_each(Aside::put_back);
        return Err(err);
    }
    between();
    store.persist(&path).map_err(|err| named(&path, err.error))?;
    aside.into_iter().for_each(Aside::delete);
    Ok(Some(path))
}

fn named(path: &Path, error: io::Error) -> EmbedError {
    let path = path.display().to_string();
    match error.kind() {
        io::ErrorKind::AlreadyExists => EmbedError::Exists(path),
        _ => EmbedError::Io { path, error },
    }
}

/// The manifest of a file that is being replaced. A program that is killed leaves it under its name aside, and it may be the
/// only one there is: no later run takes that name.
struct Aside {
    path: PathBuf,
    /// Where it is now, if there was one.
    now: Option<PathBuf>,
}

impl Aside {
    fn put(path: &Path) -> Result<Self, EmbedError> {
        let names = (1..=MOST_ASIDE).map(|number| match number {
            1 => path.with_extension(ASIDE),
            _ => path.with_extension(format!("{ASIDE}-{number}")),
        });
        let first = path.with_extension(ASIDE);
        let aside = names.into_iter().find(|name| name.symlink_metadata().is_err());
        let aside = aside.ok_or_else(|| EmbedError::Exists(first.display().to_string()))?;
        let now = match fs::rename(path, &aside) {
            Ok(()) => Some(aside),
            Err(err) if err.kind() == io::ErrorKind::NotFound => None,
            Err(err) => return Err(named(path, err)),
        };
        Ok(Self { path: path.to_owned(), now })
    }

    // What fails below leaves the manifest where it is: nothing is lost.
    fn put_back(self) {
        let _ = self.now.map(|now| fs::rename(now, self.path));
    }

    fn delete(self) {
        let _ = self.now.map(fs::remove_file);
    }
}

/// Has the report name the manifest beside a file as it is called in the end.
fn name_sidecar(evidence: &mut Evidence, path: &Path) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for look in evidence.looks.iter_mut().filter(|look| look.channel == Channel::Manifest) {
        if let Seen::Present(marks) = &mut look.seen {
            marks.iter_mut().for_each(|mark| mark.place = format!("sidecar {name}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Destination, publish};
    use crate::{EmbedError, Prepared};
    use indicia_core::{Claim, Context, Limits, Mark, Source, Status};
    use indicia_marks::Scheme;
    use indicia_media::{Asset, Draft};
    use std::fs;
    use std::io;
    use std::path::{Path, PathBuf};

    const TEXT: &[u8] = b"# Title\n\nwords\n";

    /// Publishes a text as it is, or as if a label had been written into it.
    fn publish_text(
        source: &dyn Source,
        path: &Path,
        overwrite: bool,
        labelled: bool,
    ) -> Result<u64, EmbedError> {
        let asset = Asset::open(source, Some("a.md"), &Limits::default())?;
        let claim = Claim { status: Some(Status::Generated), ..Claim::default() };
        let label = (Scheme::named("aigc").unwrap(), Some(Mark { claim, ..Mark::default() }));
        let written = if labelled { vec![label] } else { Vec::new() };
        let prepared = Prepared {
            rendered: Draft::new(&asset).render()?,
            written,
            unchanged: true,
            watermark_key: None,
            seal: None,
        };
        let to = Destination { path: path.to_owned(), overwrite };
        Ok(publish(&prepared, None, &to, &Context::default())?.size)
    }

    fn names(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    #[test]
    fn a_file_that_is_there_is_replaced_only_if_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/b.md");
        assert_eq!(publish_text(&TEXT.to_vec(), &path, false, false).unwrap(), TEXT.len() as u64);
        fs::write(&path, "mine").unwrap();
        let refused = publish_text(&TEXT.to_vec(), &path, false, false).unwrap_err();
        assert!(matches!(refused, EmbedError::Exists(_)), "{refused:?}");
        assert_eq!(fs::read(&path).unwrap(), b"mine");
        publish_text(&TEXT.to_vec(), &path, true, false).unwrap();
        assert_eq!(fs::read(&path).unwrap(), TEXT);
        assert_eq!(names(path.parent().unwrap()), [path]);
    }

    #[test]
    fn what_cannot_be_read_back_leaves_the_place_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.md");
        for overwrite in [false, true] {
            let refused = publish_text(&TEXT.to_vec(), &path, overwrite, true).unwrap_err();
            assert!(matches!(refused, EmbedError::NotReadBack { scheme: "aigc", .. }), "{refused:?}");
            assert!(names(folder.path()).is_empty());
        }
        fs::write(&path, "mine").unwrap();
        assert!(publish_text(&TEXT.to_vec(), &path, true, true).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"mine");
        assert_eq!(names(folder.path()), [path]);
    }

    #[test]
    fn what_cannot_be_recorded_is_not_published() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = TEXT.to_vec();
        let asset = Asset::open(&bytes, Some("a.md"), &Limits::default()).unwrap();
        let to = Destination { path: folder.path().join("b.md"), overwrite: false };
        let attempt = |answer: Result<(), String>| {
            let rendered = Draft::new(&asset).render().unwrap();
            let prepared =
                Prepared { rendered, written: Vec::new(), unchanged: true, watermark_key: None, seal: None };
            let before = |asset: &Asset<'_>, _: &indicia_core::Evidence| {
                assert_eq!(asset.source.size(), TEXT.len() as u64, "it sees what would go out");
                assert!(!to.path.exists(), "before it does");
                answer
            };
            super::publish_after(&prepared, None, &to, &Context::default(), before)
        };
        let refused = attempt(Err("the disk is full".into())).unwrap_err();
        assert!(matches!(&refused, EmbedError::NotRecorded(why) if why == "the disk is full"), "{refused:?}");
        assert!(names(folder.path()).is_empty());
        assert!(attempt(Ok(())).is_ok());
        assert_eq!(names(folder.path()), std::slice::from_ref(&to.path));
    }

    /// A text during whose reading someone else writes a file.
    struct Overtaken(PathBuf);

    impl Source for Overtaken {
        fn size(&self) -> u64 {
            TEXT.len() as u64
        }

        fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
            fs::write(&self.0, "theirs")?;
            TEXT.to_vec().read_at(at, buf)
        }
    }

    #[test]
    fn a_file_that_appears_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.md");
        let source = Overtaken(path.clone());
        let asset = Asset::open(&source, Some("a.md"), &Limits::default()).unwrap();
        let rendered = Draft::new(&asset).render().unwrap();
        fs::remove_file(&path).unwrap();
        let prepared =
            Prepared { rendered, written: Vec::new(), unchanged: true, watermark_key: None, seal: None };
        let to = Destination { path: path.clone(), overwrite: false };
        let refused = publish(&prepared, None, &to, &Context::default()).unwrap_err();
        assert!(matches!(refused, EmbedError::Exists(_)), "{refused:?}");
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(names(folder.path()), [path]);
    }

    /// What stands in a folder: each name with what it holds.
    fn standing(folder: &Path) -> Vec<String> {
        let mut all: Vec<_> = names(folder)
            .iter()
            .filter(|path| path.extension().is_none_or(|ending| ending != "tmp"))
            .map(|path| {
                let held = fs::read_to_string(path).unwrap_or_else(|_| "a folder".into());
                format!("{}: {held}", path.file_name().unwrap().to_str().unwrap())
            })
            .collect();
        all.sort();
        all
    }

    /// Places a new file and its manifest, and tells what stands there at each step.
    fn placed(folder: &Path, overwrite: bool) -> (Vec<Vec<String>>, Result<Option<PathBuf>, EmbedError>) {
        use std::io::Write;
        let mut file = super::Temporary::named(folder).unwrap();
        file.file_mut().write_all(b"new").unwrap();
        let store = tempfile::Builder::new().suffix(".tmp").tempfile_in(folder).unwrap().into_temp_path();
        fs::write(&store, "of new").unwrap();
        let to = Destination { path: folder.join("a.md"), overwrite };
        let mut steps = Vec::new();
        let placed = super::place(file, Some(store), &to, || steps.push(standing(folder)));
        (steps, placed)
    }

    #[test]
    fn at_no_step_does_a_file_stand_beside_a_manifest_of_other_content() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let (steps, done) = placed(folder, false);
        assert_eq!(done.unwrap(), Some(folder.join("a.c2pa")));
        assert_eq!(steps, [vec![], vec!["a.c2pa: of new".to_owned()]], "the file comes last");
        let both = ["a.c2pa: of new", "a.md: new"];
        assert_eq!(standing(folder), both);
        for with_manifest in [true, false] {
            fs::write(folder.join("a.md"), "old").unwrap();
            fs::remove_file(folder.join("a.c2pa")).unwrap();
            let mut aside = Vec::new();
            if with_manifest {
                fs::write(folder.join("a.c2pa"), "of old").unwrap();
                aside.push("a.c2pa.before: of old".to_owned());
            }
            let (steps, done) = placed(folder, true);
            done.unwrap();
            let step = |file: &str| [&aside[..], &[format!("a.md: {file}")]].concat();
            assert_eq!(steps, [step("old"), step("new")]);
            assert_eq!(standing(folder), both);
        }
    }

    #[test]
    fn what_a_run_that_was_killed_left_aside_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        for (name, held) in [
            ("a.md", "old"),
            ("a.c2pa", "of old"),
            ("a.c2pa.before", "of older"),
            ("a.c2pa.before-2", "of oldest"),
        ] {
            fs::write(folder.join(name), held).unwrap();
        }
        let (steps, done) = placed(folder, true);
        done.unwrap();
        let during = ["a.c2pa.before-2: of oldest", "a.c2pa.before-3: of old", "a.c2pa.before: of older"];
        assert!(steps.iter().all(|step| step[..3] == during), "{steps:?}");
        let left = ["a.c2pa.before-2: of oldest", "a.c2pa.before: of older", "a.c2pa: of new", "a.md: new"];
        assert_eq!(standing(folder), left);
        // What is put back goes where it was.
        fs::write(folder.join("a.c2pa"), "of old").unwrap();
        fs::remove_file(folder.join("a.md")).unwrap();
        fs::create_dir(folder.join("a.md")).unwrap();
        assert!(placed(folder, true).1.is_err());
        assert_eq!(fs::read(folder.join("a.c2pa")).unwrap(), b"of old");
        assert_eq!(fs::read(folder.join("a.c2pa.before")).unwrap(), b"of older");
    }

    #[test]
    fn a_file_that_cannot_be_placed_leaves_the_manifest_that_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::create_dir(folder.join("a.md")).unwrap();
        fs::write(folder.join("a.c2pa"), "of old").unwrap();
        let before = standing(folder);
        assert!(matches!(placed(folder, true).1, Err(EmbedError::Io { .. })));
        assert_eq!(standing(folder), before);
        assert!(matches!(placed(folder, false).1, Err(EmbedError::Exists(_))), "the manifest is someone's");
        assert_eq!(standing(folder), before);
        fs::remove_file(folder.join("a.c2pa")).unwrap();
        assert!(matches!(placed(folder, false).1, Err(EmbedError::Exists(_))));
        assert_eq!(standing(folder), ["a.md: a folder"]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_the_model() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (model, path) = (folder.path().join("a.md"), folder.path().join("b.md"));
        fs::write(&model, TEXT).unwrap();
        let bytes = TEXT.to_vec();
        let asset = Asset::open(&bytes, Some("a.md"), &Limits::default()).unwrap();
        for mode in [0o640, 0o604] {
            fs::set_permissions(&model, fs::Permissions::from_mode(mode)).unwrap();
            let rendered = Draft::new(&asset).render().unwrap();
            let prepared =
                Prepared { rendered, written: Vec::new(), unchanged: true, watermark_key: None, seal: None };
            let to = Destination { path: path.clone(), overwrite: true };
            publish(&prepared, Some(&model), &to, &Context::default()).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        }
    }
}
