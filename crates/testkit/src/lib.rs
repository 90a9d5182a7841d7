//! Helpers of the tests; never part of what is shipped.

mod counted_file;
mod failing_file;
mod grown;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

pub use counted_file::CountedFile;
pub use failing_file::FailingFile;
pub use grown::grown;

/// Fails when a folder of rows and the list that names them have drifted apart, or the list is not sorted.
///
/// # Panics
/// If a file has no row, a row has no file, or the order is wrong.
pub fn list_matches_folder(folder: impl AsRef<Path>, names: &[&str]) {
    let stem =
        |entry: fs::DirEntry| entry.path().file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
    let on_disk: BTreeSet<String> = fs::read_dir(folder.as_ref())
        .expect("the folder of the list")
        .filter_map(|entry| stem(entry.expect("a readable folder")))
        .filter(|stem| stem != "mod")
        .collect();
    let listed: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(on_disk, listed, "files and rows in {} differ", folder.as_ref().display());
    assert!(names.is_sorted(), "keep the list sorted: {names:?}");
}
