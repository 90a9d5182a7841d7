use std::fmt;
use std::sync::Arc;

use crate::Claim;

/// What a caller asks to be written on a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Order {
    /// What the marks are to say.
    pub claim: Claim,
    /// On whose behalf.
    pub role: Role,
    /// How the notices that people perceive are to look and sound.
    pub style: Style,
    /// Whether a label of another producer may be replaced.
    pub replace: bool,
    /// Whether the claim was read from the label of a file that this one was made of, and is written as it is.
    pub carried: bool,
    /// The key that secures metadata labels, if they are to be secured (TC260-PG-202511A).
    pub signing_key: Option<SigningKey>,
    /// The key that watermarks are written under; the open one where none is given.
    pub watermark_key: Option<WatermarkKey>,
}

/// The secret that watermarks are written and read with: any bytes. It never shows them.
#[derive(Clone, PartialEq, Eq)]
pub struct WatermarkKey(Arc<[u8]>);

impl WatermarkKey {
    /// A key of these bytes.
    pub fn from_bytes(secret: &[u8]) -> Self {
        Self(secret.into())
    }

    /// The bytes: the secret itself.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for WatermarkKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WatermarkKey(..)")
    }
}

/// A private key for signatures. It never shows its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(Arc<[u8]>);

impl SigningKey {
    /// A key of the bytes of its PKCS#8 document in DER, which are not looked at here.
    pub fn from_pkcs8(der: &[u8]) -> Self {
        Self(der.into())
    }

    /// The PKCS#8 document in DER: the secret itself.
    pub fn pkcs8(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(..)")
    }
}

/// On whose behalf a file is labelled (Measures, articles 4 to 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// The service that generated the content.
    #[default]
    Producer,
    /// A platform that spreads content others made.
    Propagator,
}

/// How the notices that people perceive are to look and sound.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Style {
    /// Language of the words.
    pub language: Language,
    /// Codes of further languages in which they are said as well, as the table of notices has them.
    pub more: Vec<String>,
    /// Words in place of the usual ones.
    pub text: Option<String>,
    /// Where on a picture.
    pub place: Place,
    /// Where in sound and text.
    pub part: Part,
    /// Which notice on sound, where both forms are asked for or none is named.
    pub sound: SoundNotice,
    /// A font in place of the bundled one: the bytes of a TrueType or OpenType file.
    pub font: Option<Arc<[u8]>>,
    /// A recording in place of the bundled voices: the bytes of a WAVE file.
    pub clip: Option<Arc<[u8]>>,
}

/// Language of a notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Chinese and English.
    Both,
    /// English.
    English,
    /// Chinese.
    #[default]
    Chinese,
    /// Neither: those of [`Style::more`] alone.
    Other,
}

/// Where on a picture a notice goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Along the bottom edge, in its middle.
    Bottom,
    /// In the lower left corner.
    BottomLeft,
    /// In the lower right corner.
    #[default]
    BottomRight,
    /// Along the top edge, in its middle.
    Top,
    /// In the upper left corner.
    TopLeft,
    /// In the upper right corner.
    TopRight,
}

/// Which part of sound or text a notice goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// Before the content and after it.
    Both,
    /// After it.
    End,
    /// Before it.
    #[default]
    Start,
}

impl Part {
    /// Whether the start is among it.
    pub fn start(self) -> bool {
        self != Self::End
    }

    /// Whether the end is among it.
    pub fn end(self) -> bool {
        self != Self::Start
    }
}

/// Which notice sound gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SoundNotice {
    /// The rhythm short, long, short, short.
    #[default]
    Rhythm,
    /// Spoken words.
    Voice,
}
