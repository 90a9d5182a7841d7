//! The words the other crates share: what a claim is, what a mark is, where bytes come from.
//!
//! No file format, no label, no law and no output is known here.

mod claim;
mod context;
mod error;
mod mark;
mod media;
mod notice;
mod order;
mod source;
mod window;
mod words;

pub use claim::{AI_DISCLOSURE_PARTS, Claim, Field, Origin, Status};
pub use context::{Context, Decode, Limits, PinnedKeys, Sandbox, Trust, TrustPart, WatermarkSearch};
pub use error::{FormatError, Problem};
pub use mark::{
    Basis, Binding, Channel, Evidence, Flaw, Gravity, Look, Mark, Nearest, Seen, Signal, Signature, Strength,
    TextLength, Tier, Trace,
};
pub use media::MediaKind;
pub use notice::{Form, Notice, Position};
pub use order::{Language, Order, Part, Place, Role, SigningKey, SoundNotice, Style, WatermarkKey};
pub use source::{FileSource, Source, SourceStream, Span};
pub use window::Window;
pub use words::{Raster, TextLetter, TextRegion, WordReader};
