//! From the paths on the command line to the files to look at, in order.

use std::fs;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// A file to look at, or why there is none.
#[derive(Debug)]
pub(crate) struct Found {
    /// Its path, as given or as found below what was given.
    pub(crate) path: PathBuf,
    /// Its path below the folder that was given; its bare name if it was given itself.
    pub(crate) below: PathBuf,
    /// Why it cannot be looked at, if it cannot.
    pub(crate) error: Option<String>,
}

/// Every file among the paths and below them, folder by folder in the order of names. Hidden files too, and
/// what symbolic links lead to: a scanner with blind spots would give clean bills it cannot vouch for.
/// The path `-` stands for standard input.
///
/// `without` is a folder to leave out, such as the one that is written to.
pub(crate) fn files(
    paths: Vec<PathBuf>,
    without: Option<&Path>,
) -> impl Iterator<Item = Found> + Send + use<> {
    let without = without.and_then(|folder| fs::canonicalize(folder).ok());
    paths.into_iter().flat_map(move |root| -> Box<dyn Iterator<Item = Found> + Send> {
        if root == Path::new("-") {
            return Box::new(std::iter::once(Found { below: root.clone(), path: root, error: None }));
        }
        let without = without.clone();
        let kept = move |entry: &walkdir::DirEntry| {
            let left_out = without.as_ref().is_some_and(|folder| {
                entry.file_type().is_dir() && fs::canonicalize(entry.path()).is_ok_and(|path| path == *folder)
            });
            entry.depth() == 0 || !left_out
        };
        let walk = WalkDir::new(&root).follow_links(true).sort_by_file_name().into_iter().filter_entry(kept);
        Box::new(walk.filter_map(move |entry| found(&root, entry)))
    })
}

fn found(root: &Path, entry: walkdir::Result<walkdir::DirEntry>) -> Option<Found> {
    match entry {
        Ok(entry) if entry.file_type().is_dir() => None,
        Ok(entry) if entry.depth() > 0 && is_sidecar(entry.path()) => None,
        Ok(entry) => {
            let below = match entry.path().strip_prefix(root) {
                Ok(below) if !below.as_os_str().is_empty() => below.to_owned(),
                _ => entry.path().file_name().map(PathBuf::from).unwrap_or_default(),
            };
            Some(Found { path: entry.into_path(), below, error: None })
        }
        Err(err) => {
            let path = err.path().unwrap_or(root).to_owned();
            let error = match (err.loop_ancestor(), err.io_error()) {
                (Some(ancestor), _) => format!("a symbolic link leads back to {}", ancestor.display()),
                (None, Some(io)) => reason(io),
                (None, None) => err.to_string(),
            };
            Some(Found { below: path.clone(), path, error: Some(error) })
        }
    }
}

/// Whether a file is the manifest of another one beside it, and is read with that.
fn is_sidecar(path: &Path) -> bool {
    let is_manifest = |path: &Path| path.extension().is_some_and(|ending| ending == "c2pa");
    let (true, Some(folder)) = (is_manifest(path), path.parent()) else { return false };
    let beside = |entry: fs::DirEntry| {
        let other = entry.path();
        other.file_stem() == path.file_stem() && !is_manifest(&other)
    };
    fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(beside))
}

/// What the system says, in words without the number.
pub(crate) fn reason(err: &io::Error) -> String {
    match err.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::PermissionDenied => "no permission to read it".into(),
        io::ErrorKind::InvalidInput => "it is not a regular file".into(),
        _ => err.to_string().split(" (os error").next().unwrap_or_default().to_owned(),
    }
}

/// The paths listed in a file, or on standard input for `-`: one a line, or one before each NUL.
pub(crate) fn listed(list: &Path, nul: bool) -> io::Result<Vec<PathBuf>> {
    let reader: Box<dyn Read> =
        if list == Path::new("-") { Box::new(io::stdin()) } else { Box::new(fs::File::open(list)?) };
    let end = if nul { 0 } else { b'\n' };
    let mut paths = Vec::new();
    for line in io::BufReader::new(reader).split(end) {
        let mut line = line?;
        if !nul && line.last() == Some(&b'\r') {
            line.pop();
        }
        if !line.is_empty() {
            paths.push(path(line));
        }
    }
    Ok(paths)
}

#[cfg(unix)]
fn path(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn path(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::files;
    use std::fs;

    #[test]
    fn it_walks_in_order_sees_hidden_files_and_names_loops() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("b")).unwrap();
        fs::create_dir(at("out")).unwrap();
        // A manifest beside its file is read with that; one on its own is looked at.
        for name in ["c.png", "c.c2pa", ".hidden.jpg", "b/a.wav", "d.c2pa", "out/x.png"] {
            fs::write(at(name), b"x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), at("b/loop")).unwrap();
        let out = at("out");
        let found: Vec<_> = files(vec![folder.path().to_owned()], Some(&out)).collect();
        let names: Vec<_> =
            found.iter().filter(|found| found.error.is_none()).map(|found| found.below.clone()).collect();
        assert_eq!(names, [".hidden.jpg", "b/a.wav", "c.png", "d.c2pa"].map(std::path::PathBuf::from));
        #[cfg(unix)]
        assert!(found.iter().any(|found| found.error.as_ref().is_some_and(|why| why.contains("leads back"))));
    }

    #[test]
    fn a_file_given_itself_goes_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, b"x").unwrap();
        let found: Vec<_> = files(vec![path], None).collect();
        assert_eq!(found[0].below, std::path::PathBuf::from("a.txt"));
        assert!(
            files(vec![folder.path().join("nowhere")], None)
                .next()
                .unwrap()
                .error
                .unwrap()
                .contains("no such file")
        );
    }
}
