//! ADTS frame headers.

/// Bytes of a header without its checksum.
pub(super) const HEADER: usize = 7;
/// Longest frame: its length has 13 bits.
pub(super) const LONGEST: usize = (1 << 13) - 1;

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AdtsHeader {
    /// Frames a second.
    pub(super) rate: u32,
    /// Channels; `None` if the frame itself tells.
    pub(super) channels: Option<u16>,
    /// 0 main, 1 low complexity, 2 scalable sampling rate, 3 long-term prediction.
    pub(super) profile: u8,
    /// Bytes before the coded sound.
    pub(super) head: usize,
    /// Bytes of the frame, header included.
    pub(super) len: usize,
    /// Blocks of 1024 samples a channel.
    pub(super) blocks: u8,
    /// What is the same in every frame of a stream.
    fixed: [u8; 3],
}

impl AdtsHeader {
    /// The header that these bytes start with.
    pub(super) fn at(bytes: &[u8]) -> Option<Self> {
        let [0xFF, second, third, fourth, fifth, sixth, seventh] = *bytes.first_chunk::<HEADER>()? else {
            return None;
        };
        if second & 0xF6 != 0xF0 {
            return None;
        }
        let rates = [
            96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
            7_350,
        ];
        let rate = *rates.get(usize::from(third >> 2 & 15))?;
        let channels = match (third & 1) << 2 | fourth >> 6 {
            0 => None,
            7 => Some(8),
            count => Some(count.into()),
        };
        let head = if second & 1 == 1 { HEADER } else { HEADER + 2 };
        let len = usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth >> 5);
        (len > head).then_some(Self {
            rate,
            channels,
            profile: third >> 6,
            head,
            len,
            blocks: (seventh & 3) + 1,
            // The private bit may change.
            fixed: [second, third & !2, fourth & 0xC0],
        })
    }

    /// A frame of the same stream, without a checksum, of these coded values; `None` if they are too long for one.
    pub(super) fn frame(&self, coded: &[u8]) -> Option<Vec<u8>> {
        let [second, third, fourth] = self.fixed;
        let len = HEADER + coded.len();
        let [_, _, high, low] = u32::try_from(len).ok().filter(|_| len <= LONGEST)?.to_be_bytes();
        let (fifth, sixth) = (high << 5 | low >> 3, low << 5 | 0x1F);
        let head = [0xFF, second | 1, third, fourth | high >> 3, fifth, sixth, 0xFC];
        Some([&head[..], coded].concat())
    }

    /// The `AudioSpecificConfig` (ISO/IEC 14496-3, 1.6.2.1) that says the same.
    pub(super) fn config(&self) -> [u8; 2] {
        let [_, third, fourth] = self.fixed;
        let (rate, channels) = (third >> 2 & 15, (third & 1) << 2 | fourth >> 6);
        [(self.profile + 1) << 3 | rate >> 1, rate << 7 | channels << 3]
    }

    /// Whether its frames have a checksum each.
    pub(super) fn has_checksum(&self) -> bool {
        self.head > HEADER
    }

    /// Whether both can be frames of one stream.
    pub(super) fn goes_with(&self, other: &Self) -> bool {
        self.fixed == other.fixed
    }
}

/// The header of the frame that starts here, if `count` frames in all follow one another.
///
/// `complete` says that the sound ends where the bytes end: then fewer will do, if they end there too.
pub(crate) fn frames_at(bytes: &[u8], count: u32, complete: bool) -> Option<AdtsHeader> {
    let first = AdtsHeader::at(bytes)?;
    let mut at = first.len;
    for _ in 1..count {
        let rest = bytes.get(at..)?;
        if rest.is_empty() && complete {
            break;
        }
        at += AdtsHeader::at(rest).filter(|next| next.goes_with(&first))?.len;
    }
    (!complete || at <= bytes.len()).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::{AdtsHeader, frames_at};

    /// Low complexity, 44.1 kHz, two channels, eight bytes in all.
    const FRAME: [u8; 8] = [0xFF, 0xF1, 0x50, 0x80, 0x01, 0x1F, 0xFC, 0x21];

    #[test]
    fn the_fields_of_a_header() {
        let header = AdtsHeader::at(&FRAME).unwrap();
        assert_eq!((header.rate, header.channels, header.profile), (44_100, Some(2), 1));
        assert_eq!((header.head, header.len, header.blocks), (7, 8, 1));
        let layer3 = [0xFF, 0xFB, 0x50, 0x80, 0x01, 0x1F, 0xFC];
        assert_eq!(AdtsHeader::at(&layer3), None, "MPEG audio has a layer");
        assert_eq!(AdtsHeader::at(&FRAME[..6]), None);
        let short = [0xFF, 0xF1, 0x50, 0x80, 0x00, 0xFF, 0xFC];
        assert_eq!(AdtsHeader::at(&short), None, "a frame of seven bytes is all header");
    }

    #[test]
    fn a_frame_is_headed_as_those_of_its_stream() {
        let first = AdtsHeader::at(&FRAME).unwrap();
        for len in [1, 7, 250, 1_900, 8_184] {
            let frame = first.frame(&vec![7; len]).unwrap();
            let header = AdtsHeader::at(&frame).unwrap();
            assert_eq!((header.len, header.head, header.blocks), (len + 7, 7, 1));
            assert!(header.goes_with(&first));
        }
        assert_eq!(first.frame(&[7; 8_185]), None);
        assert_eq!(first.config(), [0x12, 0x10]);
    }

    #[test]
    fn one_header_alone_is_not_believed() {
        let three = FRAME.repeat(3);
        assert!(frames_at(&three, 3, false).is_some());
        assert!(frames_at(&three[..20], 3, false).is_none());
        assert!(frames_at(&FRAME, 3, true).is_some(), "the only frame");
        assert!(frames_at(&FRAME[..7], 3, true).is_none(), "cut off");
        let mut other = three.clone();
        other[10] = 0x54;
        assert!(frames_at(&other, 3, false).is_none(), "another rate");
    }
}
