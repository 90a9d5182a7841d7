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
    let sidecar = store.map(|store| Sidecar::publish(store, to)).transpose()?;
    match temporary.keep(&to.path, to.overwrite) {
        Ok(()) => {
            Ok(Publication { evidence, size: source.size(), sidecar: sidecar.map(|sidecar| sidecar.path) })
        }
        Err(err) => {
            if let Some(sidecar) = sidecar {
                sidecar.take_back();
            }
            match err.kind() {
                io::ErrorKind::AlreadyExists => Err(EmbedError::Exists(shown())),
                _ => Err(failed(err)),
            }
        }
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

/// A manifest published beside a file that is not published yet.
struct Sidecar {
    path: PathBuf,
    /// What stood in its place.
    before: Option<Vec<u8>>,
}

impl Sidecar {
    /// Gives a manifest its name, beside the place of its file.
    fn publish(store: TempPath, to: &Destination) -> Result<Self, EmbedError> {
        let path = to.path.with_extension(SIDECAR);
        let shown = path.display().to_string();
        let before = fs::read(&path).ok();
        let kept = if to.overwrite { store.persist(&path) } else { store.persist_noclobber(&path) };
        match kept {
            Ok(()) => Ok(Self { path, before }),
            Err(err) if err.error.kind() == io::ErrorKind::AlreadyExists => Err(EmbedError::Exists(shown)),
            Err(err) => Err(EmbedError::Io { path: shown, error: err.error }),
        }
    }

    /// Leaves the place as it was. What fails here failed before already: there is no one left to tell.
    fn take_back(self) {
        let _ = match self.before {
            Some(before) => fs::write(&self.path, before),
            None => fs::remove_file(&self.path),
        };
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
