use std::collections::BTreeMap;

use super::codec::{Shape, resynchronise, unsynchronise};
use super::frame::Frame;
use super::packet::{XMP_OWNER, content, shape};
use super::tag::{EXTENDED, FOOTER, Tag, UNSYNCHRONISED, synchsafe};
use super::text::Coding;
use crate::{Carrier, Piece, Put};
use indicia_core::{FormatError, Limits, Problem, Source};

/// Zeros left after the frames of a tag that is new or has grown, so that a later change fits in.
const PADDING: u64 = 512;

/// The version of a new tag: 2.4 alone holds UTF-8, so that a label of any script stays readable as it is,
/// and it is what ffmpeg writes unasked.
const NEW_VERSION: u8 = 4;

/// A tag with frames replaced (by index; `None` takes one out) and added. No frame left means no tag.
///
/// Frames that do not change keep their bytes; a tag of version 2.2 or 2.3 that was unsynchronised as a whole
/// is written without that, since only so the sizes in its frames are those of their bytes. The tag stays as
/// long as it was if the frames fit.
///
/// # Errors
/// [`Problem::OverLimit`] if it grows over what its sizes can say; [`Problem::Unsupported`] for sorts of
/// packet that an ID3 tag of this version has no frame for.
pub(crate) fn rewrite(
    source: &dyn Source,
    tag: Option<&Tag>,
    replaced: &BTreeMap<usize, Option<&[u8]>>,
    added: &[&Put],
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let version = tag.map_or(NEW_VERSION, |tag| tag.version);
    let flags = tag.map_or(0, |tag| tag.flags);
    let writer = Writer { version, unsynchronised: version == 4 && flags & UNSYNCHRONISED != 0 };
    let mut frames = Vec::new();
    for (at, frame) in tag.iter().flat_map(|tag| tag.frames.iter().enumerate()) {
        match replaced.get(&at) {
            Some(None) => {}
            Some(Some(value)) => frames.push(Piece::New(writer.replace(source, frame, value, limits)?)),
            None if version < 4 && flags & UNSYNCHRONISED != 0 => {
                frames.push(Piece::New(resynchronise(&limits.take(source, frame.span)?)));
            }
            None => frames.push(Piece::Keep(frame.span)),
        }
    }
    for put in added {
        frames.push(Piece::New(writer.add(put)?));
    }
    if frames.is_empty() {
        return Ok(Vec::new());
    }
    let extended = tag.map_or(&[][..], |tag| &tag.extended);
    let footer = version == 4 && flags & FOOTER != 0;
    let body = extended.len() as u64 + frames.iter().map(Piece::len).sum::<u64>();
    let room = tag.map_or(0, |tag| tag.span.len().saturating_sub(10));
    let padding = match room.checked_sub(body) {
        _ if footer => 0,
        Some(left) => left,
        None => PADDING,
    };
    let mut kept = flags & !EXTENDED;
    if version < 4 {
        kept &= !UNSYNCHRONISED;
    }
    if !extended.is_empty() {
        kept |= EXTENDED;
    }
    let size = synchsafe(body + padding)?;
    let header = |letters: &[u8; 3]| [letters.as_slice(), &[version, 0, kept], &size].concat();
    let mut pieces = vec![Piece::New([header(b"ID3").as_slice(), extended].concat())];
    pieces.extend(frames);
    if padding > 0 {
        pieces.push(Piece::New(vec![0; usize::try_from(padding).unwrap_or(0)]));
    }
    if footer {
        pieces.push(Piece::New(header(b"3DI")));
    }
    Ok(pieces)
}

/// Writes frames for a tag of one version.
struct Writer {
    version: u8,
    unsynchronised: bool,
}

impl Writer {
    /// A new frame for a packet.
    fn add(&self, put: &Put) -> Result<Vec<u8>, FormatError> {
        match (put.carrier, self.version) {
            (Carrier::Field, version) => {
                let id = if version == 2 { *b"TXX\0" } else { *b"TXXX" };
                self.frame(id, &self.texts(&[], &[put.key.as_str()], &put.body)?)
            }
            (Carrier::Xmp, 3 | 4) => self.frame(*b"PRIV", &[XMP_OWNER.as_bytes(), &[0], &put.body].concat()),
            (Carrier::Xmp, _) => Err(FormatError::unsupported(0, "XMP in an ID3v2.2 tag")),
            _ => Err(FormatError::unsupported(0, "this sort of metadata in an ID3 tag")),
        }
    }

    /// A frame with a new value: same identifier, language, description, owner.
    fn replace(
        &self,
        source: &dyn Source,
        frame: &Frame,
        value: &[u8],
        limits: &Limits,
    ) -> Result<Vec<u8>, FormatError> {
        let shape = shape(frame)
            .ok_or(FormatError::unsupported(frame.span.start, "a new value for this ID3 frame"))?;
        let (old, head) = content(source, frame, shape, limits)?;
        let new = match shape {
            Shape::Text => self.texts(&[], &[], value)?,
            Shape::Described => self.texts(&[], &[head.key.as_str()], value)?,
            Shape::Comment => self.texts(old.get(1..4).unwrap_or(b"und"), &[head.key.as_str()], value)?,
            Shape::Owned | Shape::Object => [old.get(..head.value).unwrap_or_default(), value].concat(),
        };
        self.frame(frame.id, &new)
    }

    /// The content of a text frame: encoding, language, texts that end in a zero, the value.
    fn texts(&self, language: &[u8], before: &[&str], value: &[u8]) -> Result<Vec<u8>, FormatError> {
        let value = std::str::from_utf8(value)
            .map_err(|_| FormatError::malformed(0, "a text for an ID3 frame that is no UTF-8"))?;
        if before.iter().any(|text| text.contains('\0')) {
            return Err(FormatError::malformed(0, "a zero in the description of an ID3 frame"));
        }
        let all: Vec<&str> = before.iter().copied().chain([value]).collect();
        let coding = Coding::for_texts(self.version, &all);
        let mut content = vec![coding.number()];
        content.extend_from_slice(language);
        for text in before {
            content.extend_from_slice(&coding.encode(text));
            content.extend(std::iter::repeat_n(0, coding.unit()));
        }
        content.extend_from_slice(&coding.encode(value));
        Ok(content)
    }

    /// Header and content.
    fn frame(&self, id: [u8; 4], content: &[u8]) -> Result<Vec<u8>, FormatError> {
        let over = |limit| FormatError::new(0, Problem::OverLimit { what: "bytes in an ID3 frame", limit });
        if self.version == 2 {
            let [a, b, c, _] = id;
            let size = u32::try_from(content.len()).ok().filter(|size| *size < 1 << 24);
            let [_, high, middle, low] = size.ok_or(over((1 << 24) - 1))?.to_be_bytes();
            return Ok([&[a, b, c, high, middle, low], content].concat());
        }
        if self.version == 3 {
            let size = synchsafe(content.len() as u64).map(|_| content.len())?;
            let size = u32::try_from(size).map_err(|_| over(u64::from(u32::MAX)))?.to_be_bytes();
            return Ok([id.as_slice(), &size, &[0, 0], content].concat());
        }
        let stored = if self.unsynchronised { unsynchronise(content) } else { content.to_vec() };
        let flags = [0, if self.unsynchronised { 2 } else { 0 }];
        Ok([id.as_slice(), &synchsafe(stored.len() as u64)?, &flags, &stored].concat())
    }
}
