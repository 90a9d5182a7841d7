use std::io::Write;
use std::path::Path;

use indicia::records::{Checkpoint, Reader};

use super::{Stop, stop, write_file};
use crate::exit::Exit;
use crate::walk::reason;

/// Writes a proof of an entry, or of all that came after an earlier checkpoint.
pub(super) fn prove(
    reader: &mut Reader,
    entry: Option<u64>,
    since: Option<&Path>,
    output: Option<&Path>,
    out: &mut dyn Write,
) -> Result<Exit, Stop> {
    let text = match (entry, since) {
        (Some(entry), _) => reader.prove(entry).map_err(|err| stop(&err))?.to_string(),
        (None, Some(since)) => {
            let was = checkpoint(since, reader)?;
            reader.prove_consistency(&was).map_err(|err| stop(&err))?.to_string()
        }
        (None, None) => {
            return Err(Stop::Usage("name an entry, or an earlier checkpoint with --since".into()));
        }
    };
    match output {
        None => write!(out, "{text}")?,
        Some(path) => write_file(path, |file| Ok(file.write_all(text.as_bytes())?))?,
    }
    Ok(Exit::Fine)
}

/// An earlier checkpoint of the same log.
pub(super) fn checkpoint(path: &Path, reader: &Reader) -> Result<Checkpoint, Stop> {
    let bytes =
        std::fs::read(path).map_err(|err| Stop::Usage(format!("{}: {}", path.display(), reason(&err))))?;
    Checkpoint::open(&bytes, reader.verifier())
        .map_err(|fault| Stop::Usage(format!("{}: {fault}", path.display())))
}
