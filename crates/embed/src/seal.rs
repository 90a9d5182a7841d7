//! The C2PA manifest: made last, over the finished file, since any later change would break it.

use std::io::{Cursor, Read, Seek, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::EmbedError;
use indicia_core::{
    Binding, Claim, Context, Field, Limits, Mark, Origin, Seen, SourceStream, Span, Status, Trust,
};
use indicia_credentials::{
    Deed, KeyError, Making, Parent, SignError, SigningKey, SoftBinding, Software, Statement, StorePlace,
    Unread, ask, can_sign, sign, sign_beside, sign_text,
};
use indicia_marks::aigc::label_json;
use indicia_marks::c2pa::{Standing, standing};
use indicia_marks::{MarkError, Scheme};
use indicia_media::Asset;
use indicia_rules::Date;

/// Where digital source types stand (IPTC NewsCodes).
const SOURCE_TYPES: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/";

/// Media types of texts that can hold a manifest among their words (C2PA 2.4, A.8).
pub(crate) const WORDS: &[&str] = &["text/plain", "text/markdown"];

/// How C2PA manifests are signed, besides with which key.
#[derive(Clone, Debug, Default)]
pub struct Sealing {
    /// Whether they are put beside the files even where they could be put in.
    pub beside: bool,
    /// Whether the key asks an authority for time stamps: what the plan counts on, also where no key is at hand.
    pub stamped: bool,
    /// The data of a `cawg.training-mining` assertion: what may be done with the content.
    pub training_mining: Option<Value>,
    /// The data of a `cawg.metadata` assertion: JSON-LD with its `@context`.
    pub metadata: Option<Value>,
}

/// A manifest that is to be made once the rest of a file is finished.
#[derive(Debug)]
pub(crate) struct Seal<'a> {
    key: &'a SigningKey,
    statement: Statement,
    way: Way,
    /// The file as it came, if it has a manifest: that is kept as the new one's parent.
    parent: Option<Original<'a>>,
    mime: &'static str,
    name: Option<String>,
}

/// Where a manifest is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Into the place that the container has for it.
    Inside,
    /// Among the words of a text.
    Words,
    /// Into a file beside.
    Beside,
}

#[derive(Clone, Debug)]
struct Original<'a> {
    stream: SourceStream<'a>,
    /// Its manifest store, where the C2PA library does not find that in the file.
    store: Option<Vec<u8>>,
}

/// Refuses to change a file whose manifest the change would break.
///
/// # Errors
/// [`EmbedError::Signed`], unless the manifest is hardly one.
pub(crate) fn refuse_to_break(standing: &Standing) -> Result<(), EmbedError> {
    let keeps = "--with c2pa signs a new one over it and keeps the old";
    let (at, place, way_out) = match standing {
        Standing::Inside { span, .. } => (span.start, format!("byte {}", span.start), keeps),
        Standing::Wrapped(wrapper) => {
            (wrapper.start as u64, format!("among the words, byte {}", wrapper.start), keeps)
        }
        Standing::Beside(sidecar) => (0, format!("beside it, {}", name_of(sidecar)), keeps),
        Standing::Bent(_, true) => return Ok(()),
        other => (0, other.to_string(), "it cannot be kept: take it out first, if that is meant"),
    };
    Err(EmbedError::Signed { at, place, way_out })
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl<'a> Seal<'a> {
    /// For a file, where its manifest stands if it has one, and what is claimed of it.
    ///
    /// # Errors
    /// If no manifest can be put into such a file or beside it, none can say what is claimed, or the one that is there
    /// does not hold or cannot be kept.
    pub(crate) fn new(
        asset: &'a Asset<'a>,
        standing: Option<Standing>,
        claim: &Claim,
        key: &'a SigningKey,
        sealing: &Sealing,
        cx: &Context,
    ) -> Result<Self, MarkError> {
        let format = asset.format;
        let way = match &standing {
            _ if sealing.beside => Way::Beside,
            Some(Standing::Beside(_)) => Way::Beside,
            _ if can_sign(format.mime) => Way::Inside,
            _ if WORDS.contains(&format.mime) => Way::Words,
            _ => Way::Beside,
        };
        let standing = standing.filter(|standing| !matches!(standing, Standing::Bent(_, true)));
        let parent = match &standing {
            Some(standing) => Some(original(asset, standing, way, cx)?),
            None => None,
        };
        let statement = Statement {
            training_mining: sealing.training_mining.clone(),
            metadata: sealing.metadata.clone(),
            ..statement(claim, parent.is_some(), cx)?
        };
        let name = asset.source.path().and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
        Ok(Self { key, statement, way, parent, mime: format.mime, name })
    }

    /// Has the manifest name the watermarks that were written.
    pub(crate) fn bind<'b>(&mut self, bindings: impl Iterator<Item = &'b Binding>) {
        let named = |binding: &Binding| SoftBinding {
            algorithm: binding.algorithm.clone(),
            value: STANDARD.encode(&binding.value),
        };
        self.statement.soft_bindings = bindings.map(named).collect();
    }

    /// Whether the manifest is put into a file of its own, by [`Seal::beside`], and not into this one.
    pub(crate) fn is_beside(&self) -> bool {
        self.way == Way::Beside
    }

    /// Has a finished file read in a process of its own before the C2PA library reads it in this one to sign it: a file can be
    /// made to hang that library, or to have it take all memory. One with a manifest was read so already.
    ///
    /// # Errors
    /// If the limits of that process were reached.
    pub(crate) fn try_out(&self, path: &Path, cx: &Context) -> Result<(), EmbedError> {
        let Some(sandbox) = cx.sandbox.as_ref().filter(|_| self.way != Way::Words && self.parent.is_none())
        else {
            return Ok(());
        };
        match ask(&**sandbox, path, self.mime, &StorePlace::Inside, &Trust::default()) {
            Err(Unread::Stopped(why)) => {
                Err(failed(SignError::Malformed(format!("reading it was stopped: {why}"))))
            }
            // Whatever else is found is for the signing to say.
            _ => Ok(()),
        }
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
        let statement = self.told(finished, cx);
        let mut original = self.parent.clone();
        let parent = original.as_mut().map(|original| self.parent(original));
        if self.way == Way::Words {
            let text = without_wrapper(&Limits { block: finished.limits.text, ..finished.limits }, finished)?;
            let signed = sign_text(&text, &statement, self.key, parent).map_err(failed)?;
            return output.write_all(&signed).map_err(|err| failed(SignError::Io(err)));
        }
        let mut input = SourceStream::new(finished.source);
        sign(&mut input, self.mime, output, &statement, self.key, parent).map_err(failed)?;
        Ok(())
    }

    /// The manifest of a finished file, to stand beside it.
    ///
    /// # Errors
    /// As [`Seal::put`].
    pub(crate) fn beside(&self, finished: &Asset<'_>, cx: &Context) -> Result<Vec<u8>, EmbedError> {
        let statement = self.told(finished, cx);
        let mut original = self.parent.clone();
        let parent = original.as_mut().map(|original| self.parent(original));
        let mut input = SourceStream::new(finished.source);
        sign_beside(&mut input, self.mime, &statement, self.key, parent).map_err(failed)
    }

    /// What is said of the finished file.
    fn told(&self, finished: &Asset<'_>, cx: &Context) -> Statement {
        let mut statement = self.statement.clone();
        statement.title.clone_from(&self.name);
        statement.aigc = label(finished, cx);
        // A file labelled before keeps its number.
        let number = statement.aigc.as_ref().and_then(|label| label.get("ProduceID")).and_then(Value::as_str);
        let number = number.filter(|number| !number.is_empty()).map(str::to_owned);
        statement.content_id = statement.content_id.or(number);
        statement
    }

    fn parent<'p>(&'p self, original: &'p mut Original<'_>) -> Parent<'p> {
        Parent {
            stream: &mut original.stream,
            mime: self.mime,
            title: self.name.as_deref(),
            store: original.store.as_deref(),
            even_if_invalid: false,
        }
    }

    /// Puts the manifest on a finished file in memory.
    ///
    /// # Errors
    /// As [`Seal::put`]; and if it would have to stand beside.
    pub(crate) fn put_on_bytes(&self, finished: &Asset<'_>, cx: &Context) -> Result<Vec<u8>, EmbedError> {
        if self.is_beside() {
            let why = format!(
                "the manifest of {} stands in a file beside it, and a stream has none: write to a file",
                finished.format.title
            );
            return Err(EmbedError::Mark { scheme: "c2pa", error: MarkError::Refused(why) });
        }
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

/// The file with its manifest, as the parent of the new one.
fn original<'a>(
    asset: &'a Asset<'a>,
    standing: &Standing,
    way: Way,
    cx: &Context,
) -> Result<Original<'a>, MarkError> {
    let lost = |why: &str| MarkError::Refused(format!("the manifest of the file cannot be kept: {why}"));
    let store = match standing {
        Standing::Inside { .. } if way == Way::Inside => None,
        Standing::Inside { .. } => {
            return Err(lost("none can be put into such a file in its place by this version"));
        }
        Standing::Wrapped(wrapper) if way == Way::Words => Some(wrapper.store.clone()),
        Standing::Beside(sidecar) => {
            Some(std::fs::read(sidecar).map_err(|err| lost(&format!("{}: {err}", name_of(sidecar))))?)
        }
        other => return Err(lost(&format!("it stands in {other}"))),
    };
    // Looked at where all manifests are: a hostile one is not given to the signer.
    let seen = Scheme::named("c2pa").map(|scheme| scheme.look(asset, cx).seen);
    match seen {
        Some(Seen::Blind(why)) => return Err(lost(&why)),
        Some(Seen::Present(marks)) => {
            let faults = marks.iter().flat_map(|mark| &mark.flaws).filter(|flaw| flaw.code == "c2pa-broken");
            let faults: Vec<&str> = faults.map(|flaw| flaw.text.as_str()).collect();
            if !faults.is_empty() {
                let faults = faults.join(", ");
                return Err(MarkError::Refused(format!(
                    "the manifest of the file does not hold ({faults}), and a new one over it would hide that from many \
                     readers"
                )));
            }
        }
        Some(Seen::Absent) => return Err(lost("it is of another file")),
        None => {}
    }
    Ok(Original { stream: SourceStream::new(asset.source), store })
}

/// A finished text without the wrapper that it came with.
fn without_wrapper(limits: &Limits, finished: &Asset<'_>) -> Result<Vec<u8>, EmbedError> {
    let mut text = limits.take(finished.source, Span { start: 0, end: finished.source.size() })?;
    if let Some(Standing::Wrapped(wrapper)) = standing(finished) {
        text.drain(wrapper.start..wrapper.start + wrapper.length);
    }
    Ok(text)
}

fn failed(err: SignError) -> EmbedError {
    let error = match err {
        SignError::Io(err) => {
            return EmbedError::Format(indicia_core::FormatError::new(
                0,
                indicia_core::Problem::Io(err.kind()),
            ));
        }
        SignError::Key(err @ KeyError::TimeStamp(_)) => MarkError::Refused(err.to_string()),
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
        making: claim.status.filter(|status| *status == Status::Generated).map(|_| match claim.origin {
            Some(Origin::Altered) => Making::Altered,
            _ => Making::Created,
        }),
        ..Statement::default()
    })
}

/// Seconds since 1970 as RFC 3339 writes them.
fn moment(now: u64) -> String {
    let (hours, minutes, seconds) = (now / 3600 % 24, now / 60 % 60, now % 60);
    format!("{}T{hours:02}:{minutes:02}:{seconds:02}Z", Date::of_moment(now))
}

/// The content of the AIGC label that a finished file has, in the one form of Annex E b whatever form it has there.
fn label(finished: &Asset<'_>, cx: &Context) -> Option<Value> {
    let Seen::Present(marks) = Scheme::named("aigc")?.look(finished, cx).seen else { return None };
    let mark = marks.iter().find(|mark| !mark.is_doubtful() && mark.claim.status.is_some())?;
    serde_json::from_str(&label_json(&mark.claim)).ok()
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
