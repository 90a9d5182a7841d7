//! Frames before and after those of an AAC file.

use super::header::{AdtsHeader, LONGEST};
use super::stream::Adts;
use crate::aac_frames::{AacFrames, is_replicated};
use crate::{Ends, Sound};
use indicia_core::{FormatError, Source, Window};

/// Frames that are looked at for what they replicate.
const LOOKED_AT: usize = 4;
/// Frames of silence at both ends, for players that leave out what an encoder usually adds there.
const LEFT_OUT: u64 = 2;

/// The bytes of new frames, with their headers.
#[derive(Debug, Default)]
pub(super) struct Notices {
    pub(super) start: Vec<u8>,
    pub(super) end: Vec<u8>,
}

impl Notices {
    /// Codes sound to stand beside the frames of a file.
    ///
    /// # Errors
    /// For what frames of low complexity without checksums cannot stand beside, and if the source cannot be read.
    pub(super) fn encode(source: &dyn Source, adts: &Adts, ends: &Ends<Sound>) -> Result<Self, FormatError> {
        let at = adts.frames.start;
        let header = plain(source, adts)?;
        let headed = |frames: AacFrames| -> Result<Vec<u8>, FormatError> {
            let frames = frames.0.iter().map(|frame| header.frame(frame)).collect::<Option<Vec<_>>>();
            Ok(frames.ok_or(FormatError::unsupported(at, "an AAC frame of this length"))?.concat())
        };
        let start = ends
            .start
            .as_ref()
            .map(|sound| AacFrames::before(sound, LEFT_OUT))
            .transpose()?
            .unwrap_or_default();
        let end =
            ends.end.as_ref().map(|sound| AacFrames::after(sound, LEFT_OUT)).transpose()?.unwrap_or_default();
        Ok(Self { start: headed(start)?, end: headed(end)? })
    }
}

/// The header of frames that new ones can stand beside.
///
/// # Errors
/// [`indicia_core::Problem::Unsupported`] for all others.
pub(super) fn plain(source: &dyn Source, adts: &Adts) -> Result<AdtsHeader, FormatError> {
    let at = adts.frames.start;
    let header = adts.header.ok_or(FormatError::malformed(at, "no AAC frame"))?;
    let odd = if header.profile != 1 {
        Some("new sound in AAC of other profiles than low complexity")
    } else if header.has_checksum() || header.blocks > 1 {
        Some("new sound in AAC frames with checksums or of several blocks")
    } else if !matches!(header.channels, Some(1 | 2)) {
        Some("new sound in AAC of more than two channels")
    } else if is_replicated(header.config(), first(source, adts, &header)?.iter().map(Vec::as_slice)) {
        Some("new sound in HE-AAC")
    } else {
        None
    };
    odd.map_or(Ok(header), |what| Err(FormatError::unsupported(at, what)))
}

/// The first frames, without their headers.
fn first(source: &dyn Source, adts: &Adts, header: &AdtsHeader) -> Result<Vec<Vec<u8>>, FormatError> {
    let mut window = Window::new(source);
    let (mut at, mut frames) = (adts.frames.start, Vec::new());
    while frames.len() < LOOKED_AT && at < adts.frames.end {
        let near = usize::try_from(adts.frames.end - at).unwrap_or(LONGEST).min(LONGEST);
        let bytes = window.up_to(at, near)?;
        let Some(next) = AdtsHeader::at(bytes).filter(|next| next.goes_with(header)) else { break };
        frames.extend(bytes.get(next.head..next.len).map(<[u8]>::to_vec));
        at += next.len as u64;
    }
    Ok(frames)
}
