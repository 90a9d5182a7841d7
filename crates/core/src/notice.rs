/// A notice that people perceive, as it was found or written.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Its words; empty for a rhythm.
    pub words: String,
    /// Where it stands in the content.
    pub positions: Vec<Position>,
    /// What it is made of, with its measures.
    pub form: Form,
}

/// Where a notice stands in the content (GB 45438-2025 clause 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    /// In a corner of the picture.
    Corner,
    /// Along an edge of the picture.
    Edge,
    /// After the content ends.
    End,
    /// Neither at its start nor at its end, neither in a corner nor at an edge.
    Middle,
    /// Before the content starts.
    Start,
}

/// What a notice is made of. Closed by nature: it is seen, heard or read.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// Drawn into a picture.
    Drawn {
        /// Height of the lowest glyph's box, in pixels of the picture as shown.
        glyph_height: u32,
        /// The picture's shorter side, in pixels.
        short_side: u32,
        /// Least contrast ratio between glyphs and their surroundings (WCAG 2.2), 1 to 21, over all frames.
        contrast: f32,
        /// Frames it stands on.
        frames: usize,
        /// Frames the picture has.
        frames_in_all: usize,
    },
    /// Tones in the order short, long, short, short.
    Rhythm {
        /// Length of a short tone, in milliseconds.
        short_ms: f32,
        /// Length of the long tone, in milliseconds.
        long_ms: f32,
        /// Frequency of the tone, in hertz.
        tone_hz: f32,
    },
    /// Spoken words.
    Spoken {
        /// Characters a minute; 0 if not known, as for a clip of the caller's own.
        characters_per_minute: f32,
    },
    /// Written words in a text.
    Written,
}

impl Position {
    /// The word for it in rule packs and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Corner => "corner",
            Self::Edge => "edge",
            Self::End => "end",
            Self::Middle => "middle",
            Self::Start => "start",
        }
    }
}
