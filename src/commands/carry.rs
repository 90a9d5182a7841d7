//! `label --from`: the labels of one file, to be carried over to the file that was made of it.

use std::path::{Path, PathBuf};

use indicia::{Asset, Carried, Context, EmbedError, FileSource, Job, Likeness, carried, likeness};

use super::Stop;
use crate::args::Label;
use crate::walk::reason;

/// The file that labels come from, read.
pub(crate) struct Original {
    path: PathBuf,
    source: FileSource,
    /// Its labels.
    labels: Carried,
    /// Whether content that plainly differs is no reason to refuse.
    though_different: bool,
}

/// That labels were carried over, for the report of the file that has them now.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// The file they come from.
    pub(crate) path: String,
    /// How the content of the two compares.
    pub(crate) likeness: Likeness,
    /// Schemes whose labels have no place in the new file.
    pub(crate) left_behind: Vec<&'static str>,
}

impl Original {
    /// Reads the labels of the file that `--from` names, if it names one.
    pub(crate) fn of(args: &Label, cx: &Context) -> Result<Option<Self>, Stop> {
        let Some(path) = &args.from else { return Ok(None) };
        let one = matches!(args.inputs.paths.as_slice(), [one] if !one.is_dir())
            && args.inputs.files_from.is_none();
        if !one {
            return Err(Stop::Usage("--from is about one file: name the one that was made of SOURCE".into()));
        }
        let stop = |why: String| Stop::Usage(format!("--from {}: {why}", path.display()));
        let source = FileSource::open(path).map_err(|err| stop(reason(&err)))?;
        let asset = open(&source, path, cx).map_err(|err| stop(err.to_string()))?;
        let labels = carried(&asset, cx).map_err(|err| stop(err.to_string()))?;
        drop(asset);
        Ok(Some(Self { path: path.clone(), source, labels, though_different: args.though_different }))
    }

    /// What is to be done to the file that was made of this one.
    pub(crate) fn job<'r>(&self, usual: &Job<'r>) -> Job<'r> {
        let mut order = self.labels.order();
        order.replace = usual.order.replace;
        Job {
            with: self.labels.schemes.clone(),
            without: usual.without.clone(),
            ..Job::new(order, Vec::new(), usual.at)
        }
    }

    /// Compares the content of the two.
    ///
    /// # Errors
    /// [`EmbedError::NoReason`] if they plainly differ.
    pub(crate) fn compare(&self, made: &Asset<'_>, cx: &Context) -> Result<Origin, EmbedError> {
        let likeness = likeness(&open(&self.source, &self.path, cx)?, made);
        if let Likeness::Different(why) = &likeness
            && !self.though_different
        {
            let path = self.path.display();
            return Err(EmbedError::NoReason(format!(
                "it plainly does not hold the content of {path}, so its labels say nothing of it: {why}; if it was \
                 made of that all the same, as a strong crop is, --though-different carries them over"
            )));
        }
        let missing = self.labels.schemes.iter().filter(|scheme| !scheme.suits(made.kind()));
        let left_behind = missing.map(|scheme| scheme.name).collect();
        Ok(Origin { path: self.path.to_string_lossy().into_owned(), likeness, left_behind })
    }
}

fn open<'a>(source: &'a FileSource, path: &Path, cx: &Context) -> Result<Asset<'a>, EmbedError> {
    Ok(Asset::open(source, Some(&path.to_string_lossy()), &cx.limits)?)
}
