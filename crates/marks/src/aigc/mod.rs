//! The parts of the metadata label of GB 45438-2025: how it is spelled, where it stands, what is wrong with it.

pub mod codes;
pub(crate) mod json;
mod keys;
mod provider;
mod reading;

pub use provider::{ProviderCode, Service, provider_code};
