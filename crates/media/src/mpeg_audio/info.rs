//! The first frame of many files: silence for a decoder, with a table of the whole file in it.
//!
//! `Xing` and `Info` stand after the side information (Xing, LAME tag specification revision 1), `VBRI` 32
//! bytes after the header (Fraunhofer).

use super::header::FrameHeader;

/// What the first frame tells of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Info {
    /// `Xing`, `Info` or `VBRI`.
    pub(crate) name: [u8; 4],
    /// Offset of the name in the frame.
    pub(crate) at: usize,
    /// Number of sound frames, this one not counted.
    pub(crate) frames: Option<u32>,
    /// Bytes of this frame and all sound frames.
    pub(crate) bytes: Option<u32>,
    /// Offset of the seek table in the frame; `Xing` and `Info` only.
    pub(crate) toc: Option<usize>,
    /// What LAME and those who follow it put after the table.
    pub(crate) lame: Option<Lame>,
}

/// The part of the first frame that began with LAME: offsets in the frame, and what is needed of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lame {
    /// Offset of the encoder's name, with which it starts.
    pub(crate) at: usize,
    /// Samples that the encoder put before the sound.
    pub(crate) delay: u16,
    /// Samples that the encoder put after the sound.
    pub(crate) padding: u16,
}

/// Bytes of the LAME part.
pub(crate) const LAME_LEN: usize = 36;

impl Info {
    /// Reads the first frame of a file; `None` if it is sound like any other.
    pub(crate) fn read(header: &FrameHeader, frame: &[u8]) -> Option<Self> {
        if header.layer != 3 {
            return None;
        }
        // Programs disagree on whether a checksum moves it.
        let places = [4 + header.side_len(), 6 + header.side_len()];
        let found = places.into_iter().take(1 + usize::from(header.checked)).find_map(|at| xing(frame, at));
        found.or_else(|| vbri(frame))
    }
}

fn word(frame: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*frame.get(at..)?.first_chunk()?))
}

fn xing(frame: &[u8], at: usize) -> Option<Info> {
    let name = *frame.get(at..)?.first_chunk()?;
    if !matches!(&name, b"Xing" | b"Info") {
        return None;
    }
    let flags = word(frame, at + 4)?;
    let mut next = at + 8;
    let mut field = |flag: u32, len: usize| {
        (flags & flag != 0).then(|| {
            next += len;
            next - len
        })
    };
    let (frames, bytes, toc) = (field(1, 4), field(2, 4), field(4, 100));
    field(8, 4); // a quality, of which nothing is needed
    let lame = frame.get(next..next + LAME_LEN).filter(|part| part.first() != Some(&0)).and_then(|part| {
        let [a, b, c] = *part.get(21..)?.first_chunk()?;
        let delay = u16::from(a) << 4 | u16::from(b) >> 4;
        Some(Lame { at: next, delay, padding: u16::from(b & 0x0F) << 8 | u16::from(c) })
    });
    let read = |at: Option<usize>| at.and_then(|at| word(frame, at));
    Some(Info { name, at, frames: read(frames), bytes: read(bytes), toc, lame })
}

fn vbri(frame: &[u8]) -> Option<Info> {
    let at = 36;
    let name = *frame.get(at..)?.first_chunk()?;
    (&name == b"VBRI").then(|| Info {
        name,
        at,
        frames: word(frame, at + 14),
        bytes: word(frame, at + 10),
        toc: None,
        lame: None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Info, Lame};
    use crate::mpeg_audio::FrameHeader;

    #[test]
    fn a_lame_frame_is_read() {
        // The first frame that ffmpeg's libmp3lame wrote for one second at 22.05 kHz mono.
        let mut frame = vec![0xFF, 0xF3, 0x40, 0xC4];
        frame.resize(13, 0);
        frame.extend_from_slice(b"Info\0\0\0\x0F\0\0\0\x29\0\0\x10\x4C");
        frame.extend(0..100_u8);
        frame.extend_from_slice(
            b"\0\0\0\x39Lavc61.19\0\0\0\0\0\0\0\0\0\0\0\0\x24\x04\x80\0\0\0\0\0\0\0\0\0\0\0\0",
        );
        frame.resize(208, 0);
        let info = Info::read(&FrameHeader::at(&frame).unwrap(), &frame).unwrap();
        assert_eq!(
            (&info.name, info.frames, info.bytes, info.toc),
            (b"Info", Some(41), Some(4172), Some(29))
        );
        assert_eq!(info.lame, Some(Lame { at: 133, delay: 576, padding: 1152 }));
        for len in 0..frame.len() {
            let _ = Info::read(&FrameHeader::at(&frame).unwrap(), &frame[..len]);
        }
    }

    #[test]
    fn a_fraunhofer_frame_is_read() {
        let mut frame = vec![0xFF, 0xFB, 0x90, 0x64];
        frame.resize(36, 0);
        frame.extend_from_slice(b"VBRI\0\x01\0\0\0\x4B\0\x01\0\0\0\0\x02\0");
        frame.resize(417, 0);
        let info = Info::read(&FrameHeader::at(&frame).unwrap(), &frame).unwrap();
        assert_eq!((&info.name, info.frames, info.bytes), (b"VBRI", Some(512), Some(65_536)));
    }
}
