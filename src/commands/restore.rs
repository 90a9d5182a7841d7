//! `label --restore`: the labels a file has lost, from the record of its publication.

use indicia::{Asset, Carried, Channel, Context, EmbedError, Job, Scheme, survey};

use super::Stop;
use crate::ledger::{Asked, Finder, Ledger, Way, record_of};

/// The log that labels are put back from.
pub(crate) struct Restoring {
    finder: Finder,
    /// The number that the user gave.
    id: Option<String>,
}

impl Restoring {
    /// Opens the log.
    pub(crate) fn of(asked: &Asked, ledger: Option<&Ledger>, id: Option<&str>) -> Result<Self, Stop> {
        let folder = asked.folder.as_deref().ok_or_else(|| {
            Stop::Usage(
                "--restore needs the log that the files were recorded in: --log FOLDER, or `log = \"FOLDER\"` in indicia.toml"
                    .into(),
            )
        })?;
        let finder = Finder::open(folder, ledger.map(Ledger::verifier)).map_err(Stop::Log)?;
        Ok(Self { finder, id: id.map(str::to_owned) })
    }

    /// What is to be done to a file, the entry that says so, and how the file led to it.
    ///
    /// # Errors
    /// [`EmbedError::NoReason`] if the log knows nothing of it, or its records contradict each other.
    pub(crate) fn job<'r>(
        &self,
        asset: &Asset<'_>,
        usual: &Job<'r>,
        cx: &Context,
    ) -> Result<(Job<'r>, u64, Way), EmbedError> {
        let evidence = survey(asset, cx);
        let found = self.finder.of(asset.source, Some(asset), &evidence, self.id.as_deref());
        let found =
            found.map_err(|why| EmbedError::NoReason(format!("the log cannot be looked up: {why}")))?;
        let mut published = found.iter();
        let Some(latest) = published.next() else {
            return Err(EmbedError::NoReason(
                "the log has no record of a file with its media, the id in its watermark or a number in its marks; --id names \
                 the number it was published under"
                    .into(),
            ));
        };
        let claim = record_of::claim(&latest.record);
        if let Some(other) = published.find(|other| record_of::claim(&other.record) != claim) {
            return Err(EmbedError::NoReason(format!(
                "entries {} and {} of the log both lead here and contradict each other: --id names the number it was published \
                 under",
                latest.index, other.index
            )));
        }
        let schemes = latest.record.marks.iter().filter_map(|mark| Scheme::named(&mark.scheme));
        let metadata = |scheme: &&Scheme| scheme.channel == Channel::Metadata && scheme.is_writable();
        let mut schemes: Vec<&'static Scheme> = schemes.filter(metadata).collect();
        schemes.dedup_by_key(|scheme| scheme.name);
        if schemes.is_empty() || claim.status.is_none() {
            return Err(EmbedError::NoReason(format!(
                "entry {} of the log records no metadata label that could be put back",
                latest.index
            )));
        }
        let mut order = Carried { claim, schemes: schemes.clone() }.order();
        order.replace = usual.order.replace;
        let job =
            Job { with: schemes, without: usual.without.clone(), ..Job::new(order, Vec::new(), usual.at) };
        Ok((job, latest.index, latest.way))
    }
}
