//! C2PA manifests: reading and validating them, keys, and signing.
//!
//! Stands alone beside the containers: it takes a stream and a media type and gives plain facts. What they mean for
//! labels is for the schemes to say.

mod credentials;
mod read;
mod sandbox;

pub use credentials::{Action, Credentials, Kind, Manifest, Part, Signer, State, Status, Unread};
pub use read::{VALIDATOR, read, read_beside};
pub use sandbox::{answer, ask};
