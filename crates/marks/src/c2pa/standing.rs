//! Where the manifest of a file stands, if it has one: found without validating anything.

use std::fmt;
use std::path::{Path, PathBuf};

use indicia_core::{Source, Span};
use indicia_credentials::{Reference, TextWrapper, WrapperError, reference, text_wrapper};
use indicia_media::{Asset, Carrier, Packet};

/// The XMP property that says where in the network a manifest is (C2PA 2.2, 11.5).
const PROVENANCE: &[u8] = b"dcterms:provenance";

/// What a sidecar's name ends in, in place of the file's own ending, as c2patool writes and reads it.
const SIDECAR: &str = "c2pa";

/// What a web page's own manifest or its address is declared with (C2PA 2.4, A.7).
const IN_PAGES: [&str; 2] = ["application/c2pa", "c2pa-manifest"];

/// What a manifest between the lines of a structured text begins with (C2PA 2.4, A.9).
const ARMOUR: &str = "-----BEGIN C2PA MANIFEST-----";

/// Where a manifest stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In the place that the container has for it.
    Inside {
        /// Its bytes in the file.
        span: Span,
        /// That place in the format's words.
        place: &'static str,
    },
    /// In a file beside it.
    Beside(PathBuf),
    /// Among the words of a text, in characters no one sees (C2PA 2.4, A.8).
    Wrapped(TextWrapper),
    /// The same, but broken: the words of the specification for how.
    Torn(WrapperError),
    /// Between two lines of a structured text (C2PA 2.4, A.9).
    Armoured(Span),
    /// The same, but broken: how, and whether the lines may be an example of such lines.
    Bent(String, bool),
    /// Only in the network.
    Remote(String),
    /// In a place that this version does not read.
    Unread(&'static str),
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inside { place, .. } => f.write_str(place),
            Self::Beside(_) => f.write_str("a file beside it"),
            Self::Wrapped(_) | Self::Torn(_) => f.write_str("a wrapper among the words (C2PA 2.4, A.8)"),
            Self::Armoured(_) | Self::Bent(..) => f.write_str("lines among the words (C2PA 2.4, A.9)"),
            Self::Remote(address) => write!(f, "the network, {address}"),
            Self::Unread(what) => f.write_str(what),
        }
    }
}

/// Where the manifest of a file stands; `None` if there is no sign of one.
pub fn standing(asset: &Asset<'_>) -> Option<Standing> {
    if let Some((_, Packet { span, place, .. })) = asset.packets(Carrier::Manifest).next() {
        return Some(Standing::Inside { span: *span, place });
    }
    beside(asset).map(Standing::Beside).or_else(|| among_words(asset)).or_else(|| remote(asset))
}

/// The sidecar of a file, if there is one. Two files that differ in their endings only share its name.
fn beside(asset: &Asset<'_>) -> Option<PathBuf> {
    let sidecar = sidecar(asset.source)?;
    sidecar.is_file().then_some(sidecar)
}

/// Where the sidecar of a file is, or would be: `NAME.c2pa` for `NAME.jpg`.
pub fn sidecar(source: &dyn Source) -> Option<PathBuf> {
    source.path().map(|path| path.with_extension(SIDECAR))
}

/// The names of the files beside this one that a sidecar of this name could be of as well.
pub(super) fn of_the_same_name(source: &dyn Source) -> Vec<String> {
    let (Some(path), Some(sidecar)) = (source.path(), sidecar(source)) else { return Vec::new() };
    let Some(entries) = path.parent().and_then(|folder| match folder.as_os_str().is_empty() {
        true => Path::new(".").read_dir().ok(),
        false => folder.read_dir().ok(),
    }) else {
        return Vec::new();
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    let same = |name: &std::ffi::OsString| Path::new(name).file_stem() == path.file_stem();
    let own = [path.file_name(), sidecar.file_name()];
    let others = names.filter(|name| same(name) && !own.contains(&Some(name)));
    others.map(|name| name.to_string_lossy().into_owned()).collect()
}

/// What speaks of a manifest in the network.
fn remote(asset: &Asset<'_>) -> Option<Standing> {
    for packet in asset.layout.packets.iter().filter(|packet| packet.carrier == Carrier::Xmp) {
        let body = asset.read(packet).unwrap_or_default();
        let Some(at) = body.windows(PROVENANCE.len()).position(|part| part == PROVENANCE) else { continue };
        let address = address(body.get(at + PROVENANCE.len()..).unwrap_or_default());
        // Others point into the file, where a manifest once was that is gone.
        if address.starts_with("http://") || address.starts_with("https://") {
            return Some(Standing::Remote(address));
        }
    }
    None
}

/// The address in what follows the name of the property: an attribute's value or an element's text.
fn address(rest: &[u8]) -> String {
    let rest = String::from_utf8_lossy(rest.get(..rest.len().min(2048)).unwrap_or_default());
    let value = rest.trim_start_matches(|letter: char| letter.is_whitespace() || "=>\"'".contains(letter));
    value.split(['"', '\'', '<']).next().unwrap_or_default().trim().to_owned()
}

/// A manifest among the words of a text.
fn among_words(asset: &Asset<'_>) -> Option<Standing> {
    match asset.format.mime {
        "text/plain" | "text/markdown" => {}
        "text/html" => return in_page(asset),
        _ => return None,
    }
    // Text that cannot be decoded is told as such by the schemes that read words.
    let words = &asset.text().ok()?.words;
    if !matches!(text_wrapper::find(words.as_bytes()), Ok(None)) {
        // The manifest is bound to the file's bytes, front matter included.
        let Some(bytes) = bytes(asset) else { return Some(Standing::Unread("a text over the limits")) };
        return Some(match text_wrapper::find(&bytes) {
            Ok(Some(wrapper)) => Standing::Wrapped(wrapper),
            Ok(None) => Standing::Unread("a wrapper (C2PA 2.4, A.8) in a text that is not UTF-8"),
            Err(err) => Standing::Torn(err),
        });
    }
    let in_front = || {
        let packets = asset.packets(Carrier::FrontMatter);
        packets.filter_map(|(_, packet)| asset.read(packet).ok()).any(|front| holds(&front, ARMOUR))
    };
    if !words.contains(ARMOUR) && !in_front() {
        return None;
    }
    let bytes = bytes(asset)?;
    let whole = std::str::from_utf8(&bytes).ok()?;
    match reference(whole) {
        Ok(None) => None,
        Ok(Some((_, Reference::Remote(address)))) => Some(Standing::Remote(address)),
        Ok(Some((start, Reference::Here(store)))) => {
            let span = Span::new(start as u64, store.len() as u64 * 4 / 3)?;
            Some(Standing::Armoured(span))
        }
        Err(err) => Some(Standing::Bent(err.to_string(), err.may_be_an_example())),
    }
}

/// A manifest that a web page holds or names.
fn in_page(asset: &Asset<'_>) -> Option<Standing> {
    let bytes = bytes(asset)?;
    IN_PAGES
        .iter()
        .any(|name| holds(&bytes, name))
        .then_some(Standing::Unread("a declaration in the page (C2PA 2.4, A.7)"))
}

fn holds(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

/// All bytes of a text.
pub(super) fn bytes(asset: &Asset<'_>) -> Option<Vec<u8>> {
    let size = asset.source.size();
    if size > asset.limits.text {
        return None;
    }
    let mut bytes = vec![0; usize::try_from(size).ok()?];
    asset.source.read_at(0, &mut bytes).ok()?;
    Some(bytes)
}
