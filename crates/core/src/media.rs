/// What a person perceives when the file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Words in a container that has a place for metadata, such as Markdown with front matter.
    Document,
    /// A still or animated picture.
    Image,
    /// Words and nothing else: no place for metadata.
    Text,
    /// Moving pictures, with or without sound.
    Video,
}

impl MediaKind {
    /// Every kind, for rules and schemes that do not distinguish.
    pub const ALL: &'static [Self] = &[Self::Audio, Self::Document, Self::Image, Self::Text, Self::Video];

    /// The word for it in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Image => "image",
            Self::Text => "text",
            Self::Video => "video",
        }
    }
}
