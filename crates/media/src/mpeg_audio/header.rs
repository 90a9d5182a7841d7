use indicia_core::FormatError;

/// The four bytes at the head of an MPEG audio frame (ISO/IEC 11172-3 and 13818-3, 2.4.1.3), taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    /// MPEG-1, MPEG-2 or the unofficial 2.5.
    pub(crate) version: Version,
    /// 1 to 3.
    pub(crate) layer: u8,
    /// Whether a 16-bit checksum follows the header.
    pub(crate) checked: bool,
    /// Bits a second; `None` in free format, where only the distance of two frames tells.
    pub(crate) bit_rate: Option<u32>,
    /// Sound frames a second.
    pub(crate) rate: u32,
    /// Whether the frame is one slot longer.
    pub(crate) padded: bool,
    /// How the channels are coded.
    pub(crate) mode: Mode,
    /// The copyright and original bits, where they stand in the fourth byte.
    pub(crate) rights: u8,
}

/// The generation of the standard; it sets the sampling rates and the length of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// ISO/IEC 11172-3: 32 to 48 kHz.
    One,
    /// ISO/IEC 13818-3, lower sampling frequencies: 16 to 24 kHz.
    Two,
    /// An extension by Fraunhofer: 8 to 12 kHz.
    TwoAndHalf,
}

/// How the channels of a frame are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Each for itself.
    Stereo,
    /// Together; the bits say which tools.
    Joint,
    /// Two that have nothing to do with each other.
    Dual,
    /// One only.
    Mono,
}

/// Kilobits a second of MPEG-1 Layer III, by index.
const LAYER3_ONE: [u32; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
/// Kilobits a second of MPEG-2 Layers II and III, by index.
const LAYER23_TWO: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/// Kilobits a second of MPEG-1 Layer II, by index.
const LAYER2_ONE: [u32; 15] = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
/// Kilobits a second of MPEG-1 Layer I, by index.
const LAYER1_ONE: [u32; 15] = [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448];
/// Kilobits a second of MPEG-2 Layer I, by index.
const LAYER1_TWO: [u32; 15] = [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256];

impl FrameHeader {
    /// Takes the header apart; `None` if the bytes are none.
    pub(crate) fn parse(bytes: [u8; 4]) -> Option<Self> {
        let [sync, kind, rates, channels] = bytes;
        if sync != 0xFF || kind & 0xE0 != 0xE0 {
            return None;
        }
        let version = match kind >> 3 & 3 {
            0 => Version::TwoAndHalf,
            2 => Version::Two,
            3 => Version::One,
            _ => return None,
        };
        let layer = match kind >> 1 & 3 {
            0 => return None,
            code => 4 - code,
        };
        let kilobits = *bit_rates(version, layer).get(usize::from(rates >> 4))?;
        let rate = *version.rates().get(usize::from(rates >> 2 & 3))?;
        let mode = match channels >> 6 {
            0 => Mode::Stereo,
            1 => Mode::Joint,
            2 => Mode::Dual,
            _ => Mode::Mono,
        };
        if channels & 3 == 2 {
            return None; // the reserved emphasis: no encoder writes it, random bytes do
        }
        Some(Self {
            version,
            layer,
            checked: kind & 1 == 0,
            bit_rate: (kilobits > 0).then_some(kilobits * 1000),
            rate,
            padded: rates & 2 != 0,
            mode,
            rights: channels & 0x0C,
        })
    }

    /// The header of the bytes that start here.
    pub(crate) fn at(bytes: &[u8]) -> Option<Self> {
        Self::parse(*bytes.first_chunk()?)
    }

    /// Bytes of the whole frame, header included; `None` in free format.
    pub(crate) fn len(&self) -> Option<usize> {
        let slots = self.samples() / 8 / self.slot() * self.bit_rate? / self.rate + u32::from(self.padded);
        usize::try_from(slots * self.slot()).ok()
    }

    /// Bytes by which a padded frame is longer.
    pub(crate) fn slot(&self) -> u32 {
        if self.layer == 1 { 4 } else { 1 }
    }

    /// Samples a channel in one frame.
    pub(crate) fn samples(&self) -> u32 {
        match (self.layer, self.version) {
            (1, _) => 384,
            (3, Version::Two | Version::TwoAndHalf) => 576,
            _ => 1152,
        }
    }

    /// Number of channels.
    pub(crate) fn channels(&self) -> u16 {
        if self.mode == Mode::Mono { 1 } else { 2 }
    }

    /// Bytes of Layer III side information, which follow the header and its checksum.
    pub(crate) fn side_len(&self) -> usize {
        match (self.version, self.mode) {
            (Version::One, Mode::Mono) => 17,
            (Version::One, _) => 32,
            (_, Mode::Mono) => 9,
            _ => 17,
        }
    }

    /// How many bytes before its header the main data of a Layer III frame begins, side information left out.
    pub(crate) fn reach(&self, frame: &[u8]) -> u16 {
        let at = if self.checked { 6 } else { 4 };
        let side = frame.get(at..).and_then(|side| side.first_chunk()).copied().unwrap_or_default();
        u16::from_be_bytes(side) >> if self.version == Version::One { 7 } else { 8 }
    }

    /// Whether a frame with the other header can follow in the same stream.
    pub(crate) fn goes_with(&self, other: &Self) -> bool {
        self.version == other.version
            && self.layer == other.layer
            && self.rate == other.rate
            && self.channels() == other.channels()
            && self.bit_rate.is_some() == other.bit_rate.is_some()
    }

    /// Refuses what frames cannot be made for or decoded here.
    ///
    /// # Errors
    /// [`indicia_core::Problem::Unsupported`] for Layer I, Layer II and free format.
    pub(crate) fn layer3(&self, at: u64) -> Result<(), FormatError> {
        match (self.layer, self.bit_rate) {
            (3, Some(_)) => Ok(()),
            (3, None) => Err(FormatError::unsupported(at, "sound in free-format MPEG audio")),
            _ => Err(FormatError::unsupported(at, "sound in MPEG audio Layer I or II")),
        }
    }
}

impl Version {
    /// Sampling rates, by index.
    pub(crate) fn rates(self) -> [u32; 3] {
        match self {
            Self::One => [44_100, 48_000, 32_000],
            Self::Two => [22_050, 24_000, 16_000],
            Self::TwoAndHalf => [11_025, 12_000, 8_000],
        }
    }

    /// Kilobits a second of Layer III, by index; the first means free format.
    pub(crate) fn bit_rates(self) -> &'static [u32; 15] {
        bit_rates(self, 3)
    }
}

fn bit_rates(version: Version, layer: u8) -> &'static [u32; 15] {
    match (version, layer) {
        (Version::One, 1) => &LAYER1_ONE,
        (Version::One, 2) => &LAYER2_ONE,
        (Version::One, _) => &LAYER3_ONE,
        (_, 1) => &LAYER1_TWO,
        _ => &LAYER23_TWO,
    }
}

#[cfg(test)]
mod tests {
    use super::{FrameHeader, Mode, Version};

    #[test]
    fn headers_as_other_encoders_write_them() {
        // From files made by LAME through ffmpeg: 128 kbit/s joint stereo 44.1 kHz, 32 kbit/s mono 22.05 kHz,
        // 8 kHz mono at 16 kbit/s.
        let one = FrameHeader::parse([0xFF, 0xFB, 0x92, 0x64]).unwrap();
        assert_eq!(
            (one.version, one.layer, one.bit_rate, one.rate),
            (Version::One, 3, Some(128_000), 44_100)
        );
        assert_eq!((one.mode, one.len(), one.samples(), one.side_len()), (Mode::Joint, Some(418), 1152, 32));
        let two = FrameHeader::parse([0xFF, 0xF3, 0x40, 0xC4]).unwrap();
        assert_eq!((two.rate, two.channels(), two.len(), two.side_len()), (22_050, 1, Some(104), 9));
        let half = FrameHeader::parse([0xFF, 0xE3, 0x28, 0xC4]).unwrap();
        assert_eq!((half.version, half.rate, half.len()), (Version::TwoAndHalf, 8_000, Some(144)));
    }

    #[test]
    fn layers_one_and_two_have_their_own_slots() {
        let first = FrameHeader::parse([0xFF, 0xFF, 0x92, 0x04]).unwrap();
        assert_eq!(
            (first.layer, first.bit_rate, first.len()),
            (1, Some(288_000), Some(4 * (12 * 288_000 / 44_100 + 1)))
        );
        let second = FrameHeader::parse([0xFF, 0xFD, 0xA4, 0x04]).unwrap();
        assert_eq!((second.layer, second.rate, second.len()), (2, 48_000, Some(144 * 192_000 / 48_000)));
    }

    #[test]
    fn the_reach_is_read_after_the_checksum() {
        let one = [0xFF, 0xFB, 0x90, 0x64, 0x64, 0x80, 0];
        assert_eq!(FrameHeader::at(&one).unwrap().reach(&one), 201);
        let checked = [0xFF, 0xF2, 0x40, 0xC4, 9, 9, 200, 0];
        assert_eq!(FrameHeader::at(&checked).unwrap().reach(&checked), 200);
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for bytes in [
            [0xFF, 0xEB, 0x90, 0x64], // reserved version
            [0xFF, 0xF9, 0x90, 0x64], // reserved layer: AAC in ADTS
            [0xFF, 0xFB, 0xF0, 0x64], // forbidden bit rate
            [0xFF, 0xFB, 0x9C, 0x64], // reserved sampling rate
            [0xFF, 0xFB, 0x90, 0x66], // reserved emphasis
            [0xFE, 0xFB, 0x90, 0x64],
        ] {
            assert_eq!(FrameHeader::parse(bytes), None, "{bytes:x?}");
        }
        assert_eq!(FrameHeader::parse([0xFF, 0xFB, 0x00, 0x64]).unwrap().len(), None, "free format");
    }
}
