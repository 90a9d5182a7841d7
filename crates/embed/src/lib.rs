//! Labels a file: the line from right to left, from rules to bytes, and then back again to make sure.

mod carry;
mod error;
mod job;
mod publish;
mod read_back;
mod seal;
mod temporary;
mod tier;

pub use carry::{Carried, carried};
pub use error::EmbedError;
pub use job::{Job, Prepared, prepare};
pub use publish::{Destination, Publication, publish, publish_after};
pub use seal::Sealing;
pub use tier::tier;
