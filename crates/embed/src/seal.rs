//! The C2PA manifest: made last, over the finished file, since any later change would break it.

use std::io::{Cursor, Read, Seek, Write};

use crate::EmbedError;
use indicia_core::{Claim, Context, Field, Mark, Origin, Seen, SourceStream, Status};
use indicia_credentials::{Deed, Parent, SignError, SigningKey, Software, Statement, can_sign, sign};
use indicia_marks::{MarkError, Scheme};
use indicia_media::{Asset, Carrier};
use indicia_rules::Date;

/// Where digital source types stand (IPTC NewsCodes).
const SOURCE_TYPES: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/";

/// A manifest that is to be made once the rest of a file is finished.
#[derive(Debug)]
pub(crate) struct Seal<'a> {
    key: &'a SigningKey,
    statement: Statement,
    /// The file as it came, if it has a manifest: that is kept as the new one's parent.
    parent: Option<SourceStream<'a>>,
    mime: &'static str,
    name: Option<String>,
}

impl<'a> Seal<'a> {
    /// For a file and what is claimed of it.
    ///
    /// # Errors
    /// If no manifest can be put into such a file, or none can say what is claimed.
    pub(crate) fn new(
        asset: &'a Asset<'a>,
        claim: &Claim,
        key: &'a SigningKey,
        cx: &Context,
    ) -> Result<Self, MarkError> {
        let format = asset.format;
        if !can_sign(format.mime) {
            let why = format!(
                "no C2PA manifest can be put into {}; leave it out with --without c2pa",
                format.title
            );
            return Err(MarkError::Refused(why));
        }
        let signed = asset.packets(Carrier::Manifest).next().is_some();
        Ok(Self {
            key,
            statement: statement(claim, signed, cx)?,
            parent: signed.then(|| SourceStream::new(asset.source)),
            mime: format.mime,
            name: asset.source.path().and_then(|path| Some(path.file_name()?.to_str()?.to_owned())),
        })
    }

    /// Puts the manifest on a finished file: `output` is to be empty, and to be thrown away after an error.
    ///
    /// # Errors
    /// If it cannot be signed, or the manifest that is there cannot be kept.
    pub(crate) fn put(
        &self,
        finished: &Asset<'_>,
        output: &mut (impl Read + Write + Seek + Send),
        cx: &Context,
    ) -> Result<(), EmbedError> {
        let mut statement = self.statement.clone();
        statement.title.clone_from(&self.name);
        statement.aigc = label(finished, cx)?;
        let mut original = self.parent.clone();
        let parent = original.as_mut().map(|stream| Parent {
            stream,
            mime: self.mime,
            title: self.name.as_deref(),
            store: None,
            even_if_invalid: false,
        });
        let mut input = SourceStream::new(finished.source);
        sign(&mut input, self.mime, output, &statement, self.key, parent).map_err(failed)?;
        Ok(())
    }

    /// Puts the manifest on a finished file in memory.
    ///
    /// # Errors
    /// As [`Seal::put`].
    pub(crate) fn put_on_bytes(&self, finished: &Asset<'_>, cx: &Context) -> Result<Vec<u8>, EmbedError> {
        let mut output = Cursor::new(Vec::new());
        self.put(finished, &mut output, cx)?;
        Ok(output.into_inner())
    }
}

/// The mark of a manifest that says this, as it has to be found again; `signed` if the file came with one, which tells
/// what made it.
pub(crate) fn mark(claim: &Claim, signed: bool, cx: &Context) -> Mark {
    let says = !signed || claim.origin == Some(Origin::Altered);
    let status = claim.status.filter(|status| says && *status == Status::Generated);
    let mut told = Claim { status, origin: claim.origin, ..Claim::default() };
    for field in [Field::Producer, Field::ContentId, Field::System, Field::SystemVersion] {
        told.set(field, claim.field(field));
    }
    told.set(Field::CreatedAt, moment(cx.now));
    Mark { claim: told, place: "the manifest".into(), raw: "will hold".into(), ..Mark::default() }
}

fn failed(err: SignError) -> EmbedError {
    let error = match err {
        SignError::Io(err) => {
            return EmbedError::Format(indicia_core::FormatError::new(
                0,
                indicia_core::Problem::Io(err.kind()),
            ));
        }
        SignError::Key(err) => MarkError::Order(err.to_string()),
        other => MarkError::Refused(other.to_string()),
    };
    EmbedError::Mark { scheme: "c2pa", error }
}

/// What the manifest says.
fn statement(claim: &Claim, signed: bool, cx: &Context) -> Result<Statement, MarkError> {
    let text = |field| Some(claim.field(field).to_owned()).filter(|text| !text.is_empty());
    let software = |name: String| Software { name, version: text(Field::SystemVersion) };
    let term = match (claim.status, claim.origin) {
        (Some(Status::Generated), Some(Origin::Altered)) => Some("compositeWithTrainedAlgorithmicMedia"),
        (Some(Status::Generated), _) => Some("trainedAlgorithmicMedia"),
        _ => None,
    };
    // What made a file that came with a manifest, that manifest tells: this one only says what this run did.
    let (deed, term) = match (signed, claim.origin, term) {
        (true, Some(Origin::Altered), Some(term)) => (Deed::Edited, Some(term)),
        (true, ..) => (Deed::Labelled, None),
        (false, _, Some(term)) => (Deed::Created, Some(term)),
        (false, _, None) => {
            return Err(MarkError::Refused(
                "a C2PA manifest says that content is generated and cannot say \"may be\": leave it out with \
                 --without c2pa"
                    .into(),
            ));
        }
    };
    Ok(Statement {
        deed,
        source_type: term.map(|term| format!("{SOURCE_TYPES}{term}")),
        agent: text(Field::System).map(software),
        when: Some(moment(cx.now)),
        generator: Software { name: "Indicia".into(), version: Some(env!("CARGO_PKG_VERSION").into()) },
        provider: text(Field::Producer),
        system: text(Field::System).map(software),
        content_id: text(Field::ContentId),
        ..Statement::default()
    })
}

/// Seconds since 1970 as RFC 3339 writes them.
fn moment(now: u64) -> String {
    let (hours, minutes, seconds) = (now / 3600 % 24, now / 60 % 60, now % 60);
    format!("{}T{hours:02}:{minutes:02}:{seconds:02}Z", Date::of_moment(now))
}

/// The content of the AIGC label that a finished file has.
fn label(finished: &Asset<'_>, cx: &Context) -> Result<Option<serde_json::Value>, EmbedError> {
    let Some(scheme) = Scheme::named("aigc") else { return Ok(None) };
    let Seen::Present(marks) = scheme.look(finished, cx).seen else { return Ok(None) };
    let Some(mark) = marks.iter().find(|mark| !mark.is_doubtful()) else { return Ok(None) };
    let value = serde_json::from_str(&mark.raw).map_err(|err| EmbedError::Mark {
        scheme: "c2pa",
        error: MarkError::Refused(format!("the AIGC label cannot be repeated in the manifest: {err}")),
    })?;
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments_are_written_as_rfc_3339_has_them() {
        assert_eq!(moment(0), "1970-01-01T00:00:00Z");
        assert_eq!(moment(1_795_490_645), "2026-11-24T03:24:05Z");
    }
}
