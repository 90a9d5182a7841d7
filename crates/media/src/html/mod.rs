//! Web pages: what their heads say of them, their words, and paragraphs put before and after these.
//!
//! No guide names a place for labels in a page; the one chosen here is a `meta` element, as some programs have it.

mod declared;
mod page;
mod recognize;
mod splice;
#[cfg(test)]
mod tests;
mod walk;
mod words;

pub(crate) use page::parse;
pub(crate) use recognize::recognize;
pub(crate) use splice::splice;
pub(crate) use words::decode;

/// File name endings.
pub(crate) const EXTENSIONS: &[&str] = &["html", "htm", "xhtml"];

/// Where a page says things about itself.
pub(crate) const META: &str = "HTML meta element";
