//! The first and the last page: where they stand in the tree, how they are shown, what they are drawn with.

use std::rc::Rc;

use super::content::{self, Scan};
use super::file::{File, Loaded};
use super::object::{Dictionary, Id, Object};
use super::update::Edit;
use crate::{Layout, PageWords};
use indicia_core::{FormatError, Limits, Problem, Source};

/// Most nodes of the tree of pages looked at for one page.
const NODES: usize = 4096;
/// Most streams that one page is drawn with.
const STREAMS: usize = 4096;

/// A page, and what it has from the nodes above it (ISO 32000-2, 7.7.3.4).
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Its object.
    pub(crate) loaded: Loaded,
    inherited: Inherited,
}

/// What pages have from the nodes above them.
#[derive(Clone, Debug, Default)]
struct Inherited {
    media: Option<Object>,
    crop: Option<Object>,
    rotate: Option<Object>,
    /// With the bytes that its ranges refer to.
    resources: Option<(Object, Rc<[u8]>)>,
}

/// Which page of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The first.
    First,
    /// The last.
    Last,
}

/// How a page is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct View {
    /// Width as shown, in units of the page.
    pub(crate) width: f64,
    /// Height as shown.
    pub(crate) height: f64,
    /// From points counted from the lower left corner as shown, to points of the page.
    pub(crate) matrix: [f64; 6],
    /// Points of 1/72 inch in one unit.
    pub(crate) unit: f64,
}

/// Reads what the first and the last page say that their spans stand for.
///
/// # Errors
/// If the pages cannot be found or what they are drawn with cannot be read.
pub(crate) fn words(source: &dyn Source, _: &Layout, limits: &Limits) -> Result<PageWords, FormatError> {
    let file = File::open(source, limits)?;
    let (first, last) = (Page::find(&file, Which::First)?, Page::find(&file, Which::Last)?);
    let only = first.loaded.id == last.loaded.id;
    let last = if only { None } else { Some(last.scan(&file)?.words) };
    Ok(PageWords { first: first.scan(&file)?.words, last })
}

impl Inherited {
    fn over(&self, node: &Dictionary, bytes: &[u8]) -> Self {
        let own = |key: &[u8], above: &Option<Object>| node.find(key).cloned().or_else(|| above.clone());
        let resources = node.find(b"Resources").map(|own| (own.clone(), Rc::from(bytes)));
        Self {
            media: own(b"MediaBox", &self.media),
            crop: own(b"CropBox", &self.crop),
            rotate: own(b"Rotate", &self.rotate),
            resources: resources.or_else(|| self.resources.clone()),
        }
    }
}

impl Page {
    /// The first or the last page.
    ///
    /// # Errors
    /// If there is none or the tree is broken.
    pub(crate) fn find(file: &File<'_>, which: Which) -> Result<Self, FormatError> {
        let root = file.root.ok_or(FormatError::malformed(0, "the trailer names no catalog"))?;
        let catalog = file.load(root)?;
        let at = catalog.span.start;
        let pages = catalog.object.dictionary().and_then(|catalog| catalog.find(b"Pages")).cloned();
        let mut waiting: Vec<(Object, Inherited)> =
            pages.map(|pages| (pages, Inherited::default())).into_iter().collect();
        let mut looked = 0;
        while let Some((node, above)) = waiting.pop() {
            looked += 1;
            if looked > NODES || waiting.len() > file.limits.segments {
                let problem = Problem::OverLimit { what: "nodes of the tree of pages", limit: NODES as u64 };
                return Err(FormatError::new(at, problem));
            }
            let Object::Reference(id) = node else {
                return Err(FormatError::malformed(at, "a page has no number of its own"));
            };
            let loaded = file.load(id)?;
            let Some(dictionary) = loaded.object.dictionary() else {
                return Err(FormatError::malformed(loaded.span.start, "a page is no dictionary"));
            };
            let inherited = above.over(dictionary, &loaded.bytes);
            let Some(kids) = dictionary.find(b"Kids").filter(|_| !dictionary.says(b"Type", b"Page")) else {
                return Ok(Self { loaded, inherited });
            };
            let kids = file.resolve(kids)?;
            let next = kids.items().iter().map(|kid| (kid.clone(), inherited.clone()));
            // The last that waits is looked at next.
            match which {
                Which::First => waiting.extend(next.rev()),
                Which::Last => waiting.extend(next),
            }
        }
        Err(FormatError::malformed(at, "there is no page"))
    }

    /// Its dictionary.
    pub(crate) fn dictionary(&self) -> Result<&Dictionary, FormatError> {
        let at = self.loaded.span.start;
        self.loaded.object.dictionary().ok_or(FormatError::malformed(at, "a page is no dictionary"))
    }

    /// The streams it is drawn with, in order.
    ///
    /// # Errors
    /// If something else stands there.
    pub(crate) fn streams(&self, file: &File<'_>) -> Result<Vec<Id>, FormatError> {
        let at = self.loaded.span.start;
        let Some(contents) = self.dictionary()?.find(b"Contents") else { return Ok(Vec::new()) };
        let resolved = file.resolve(contents)?;
        let items = match (&resolved, contents) {
            (Object::Null, _) => &[],
            (Object::Array(items), _) => items.as_slice(),
            (Object::Dictionary(_), one @ Object::Reference(_)) => std::slice::from_ref(one),
            _ => return Err(FormatError::malformed(at, "the contents of a page are no streams")),
        };
        if items.len() > STREAMS {
            let problem = Problem::OverLimit { what: "streams of one page", limit: STREAMS as u64 };
            return Err(FormatError::new(at, problem));
        }
        let number = |item: &Object| match item {
            Object::Reference(id) => Ok(*id),
            _ => Err(FormatError::malformed(at, "the contents of a page are no streams")),
        };
        items.iter().map(number).collect()
    }

    /// Looks through what it is drawn with.
    ///
    /// # Errors
    /// If that cannot be read.
    pub(crate) fn scan(&self, file: &File<'_>) -> Result<Scan, FormatError> {
        let mut all = Vec::new();
        for id in self.streams(file)? {
            let loaded = file.load(id)?;
            // A reference to nothing draws nothing.
            if loaded.object == Object::Null {
                continue;
            }
            all.extend(file.decoded(&loaded)?);
            all.push(b'\n');
            let limit = file.limits.inflated;
            if all.len() as u64 > limit {
                let problem = Problem::OverLimit { what: "bytes that draw one page", limit };
                return Err(FormatError::new(loaded.span.start, problem));
            }
        }
        content::scan(&all, &file.limits).map_err(|problem| FormatError::new(self.loaded.span.start, problem))
    }

    /// Its resources with one more font, as they are spelled, and the name of that font in them.
    ///
    /// # Errors
    /// If its resources cannot be read.
    pub(crate) fn resources_with_font(
        &self,
        file: &File<'_>,
        font: Id,
    ) -> Result<(Vec<u8>, String), FormatError> {
        let there = self.inherited.resources.as_ref();
        let (resources, source) = spelled(file, there.map(|(object, bytes)| (object, bytes.as_ref())))?;
        let (fonts, fonts_source) =
            spelled(file, resources.find(b"Font").map(|fonts| (fonts, source.as_slice())))?;
        let name = (0_usize..).map(|at| format!("Notice{at}"));
        let mut free = name.filter(|name| fonts.find(name.as_bytes()).is_none());
        let name = free.next().unwrap_or_default();
        let (mut more, mut edit) = (Edit::default(), Edit::default());
        more.set(&fonts, name.as_bytes(), format!("{} {} R", font.number, font.generation).into_bytes());
        edit.set(&resources, b"Font", more.apply(&fonts, &fonts_source));
        Ok((edit.apply(&resources, &source), name))
    }

    /// How it is shown.
    ///
    /// # Errors
    /// If its box or its rotation makes no sense.
    pub(crate) fn view(&self, file: &File<'_>) -> Result<View, FormatError> {
        let at = self.loaded.span.start;
        let wrong = || FormatError::malformed(at, "a page has no sensible size");
        let media = self.inherited.media.as_ref().map(|found| rectangle(file, found)).transpose()?.flatten();
        let [mut left, mut low, mut right, mut high] = media.ok_or_else(wrong)?;
        let crop = self.inherited.crop.as_ref().map(|found| rectangle(file, found)).transpose()?.flatten();
        if let Some(crop) = crop {
            let inner = [left.max(crop[0]), low.max(crop[1]), right.min(crop[2]), high.min(crop[3])];
            // Readers show the whole page where nothing would be left of it.
            if inner[0] < inner[2] && inner[1] < inner[3] {
                [left, low, right, high] = inner;
            }
        }
        let (across, up) = (right - left, high - low);
        if !(across > 0.0 && up > 0.0) {
            return Err(wrong());
        }
        let rotate = match &self.inherited.rotate {
            Some(rotate) => number(&file.resolve(rotate)?).unwrap_or(0.0),
            None => 0.0,
        };
        let (width, height, matrix) = match rotate.rem_euclid(360.0) {
            0.0 => (across, up, [1.0, 0.0, 0.0, 1.0, left, low]),
            90.0 => (up, across, [0.0, 1.0, -1.0, 0.0, right, low]),
            180.0 => (across, up, [-1.0, 0.0, 0.0, -1.0, right, high]),
            270.0 => (up, across, [0.0, -1.0, 1.0, 0.0, left, high]),
            _ => return Err(FormatError::malformed(at, "a page is turned by no multiple of 90 degrees")),
        };
        let unit = self.dictionary()?.find(b"UserUnit").map(|unit| file.resolve(unit)).transpose()?;
        let unit = unit.as_ref().and_then(number).filter(|unit| (0.01..=100_000.0).contains(unit));
        Ok(View { width, height, matrix, unit: unit.unwrap_or(1.0) })
    }
}

/// A dictionary and the bytes it is spelled in; an empty one if there is none.
fn spelled(file: &File<'_>, there: Option<(&Object, &[u8])>) -> Result<(Dictionary, Vec<u8>), FormatError> {
    match there {
        Some((Object::Reference(id), _)) => {
            let loaded = file.load(*id)?;
            match loaded.object {
                Object::Dictionary(dictionary) => Ok((dictionary, loaded.bytes)),
                Object::Null => spelled(file, None),
                _ => Err(FormatError::malformed(
                    loaded.span.start,
                    "the resources of a page are no dictionary",
                )),
            }
        }
        Some((Object::Dictionary(dictionary), bytes)) => Ok((dictionary.clone(), bytes.to_vec())),
        None | Some((Object::Null, _)) => {
            Ok((Dictionary { range: 0..4, ..Dictionary::default() }, b"<<>>".to_vec()))
        }
        _ => Err(FormatError::malformed(0, "the resources of a page are no dictionary")),
    }
}

/// Left, low, right and high of a rectangle, whichever corners it names.
fn rectangle(file: &File<'_>, object: &Object) -> Result<Option<[f64; 4]>, FormatError> {
    let resolved = file.resolve(object)?;
    let mut sides = [0.0; 4];
    if resolved.items().len() != sides.len() {
        return Ok(None);
    }
    for (side, item) in sides.iter_mut().zip(resolved.items()) {
        let Some(value) = number(&file.resolve(item)?) else { return Ok(None) };
        *side = value;
    }
    let [a, b, c, d] = sides;
    Ok(Some([a.min(c), b.min(d), a.max(c), b.max(d)]))
}

/// A number no page is larger than.
fn number(object: &Object) -> Option<f64> {
    let value = match object {
        Object::Integer(value) => *value as f64,
        Object::Real(value) => *value,
        _ => return None,
    };
    (value.abs() <= 1e7).then_some(value)
}
