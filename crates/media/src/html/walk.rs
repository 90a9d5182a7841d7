//! One walk over a page.

use std::ops::Range;

use super::META;
use super::declared::charset;
use super::page::{Form, Found, Page};
use crate::markup::{Scanner, Token, attributes, base64, part, says};
use crate::xml::unescape;
use crate::{Body, Carrier, Packet};
use indicia_core::{FormatError, Problem};

/// What may stand in a head; anything else begins the body (HTML, 13.2.6.4.4).
const HEAD: &[&str] = &[
    "html", "head", "title", "meta", "link", "base", "basefont", "bgsound", "script", "style", "template",
    "noscript", "noframes",
];

/// A walk over a page that notes what stands where.
pub(super) struct Walk<'a> {
    pub(super) page: Page,
    pub(super) text: &'a [u8],
    pub(super) bytes: &'a [u8],
    pub(super) most: usize,
    /// How good the place for new elements is that was found so far: the better one counts.
    pub(super) anchor: u8,
    /// Whether nothing has begun the body yet.
    pub(super) in_head: bool,
    /// Elements open whose content is not in force.
    pub(super) inert: Vec<&'static str>,
}

impl Walk<'_> {
    /// Goes over the page from an offset on.
    pub(super) fn run(&mut self, first: usize) {
        let mut scanner = Scanner::new(self.text, first, self.page.notation);
        let mut title: Option<(usize, Range<usize>)> = None;
        let mut script: Option<(Script, usize, Range<usize>)> = None;
        let mut last_end = None;
        let mut in_raw = false;
        while let Some(token) = scanner.next() {
            if self.page.found.len() >= self.most {
                let problem =
                    Problem::OverLimit { what: "pieces of metadata in a page", limit: self.most as u64 };
                self.note(FormatError::new(0, problem));
                break;
            }
            match token {
                Token::Comment { inner, all } => {
                    let body = self.page.letters.plain(self.page.part(self.bytes, &inner));
                    self.find(Carrier::Comment, "", "HTML comment", (inner, all, Form::Comment), body);
                }
                Token::Doctype(all) => self.anchor(1, all.end),
                Token::Instruction(all) => {
                    if part(self.text, &all).starts_with(b"<?xml") {
                        self.anchor(1, all.end);
                    }
                }
                Token::Words(words) | Token::Cdata { inner: words } => {
                    if let Some((_, inner)) = &mut title {
                        inner.end = words.end;
                    } else if let Some((_, _, inner)) = &mut script {
                        inner.end = words.end;
                    } else if self.in_head
                        && self.inert.is_empty()
                        && !part(self.text, &words).trim_ascii().is_empty()
                    {
                        let raw = part(self.text, &words);
                        let blank = raw.len() - raw.trim_ascii_start().len();
                        if !in_raw {
                            self.in_head = false;
                            self.page.body.start = words.start + blank;
                        }
                    }
                }
                Token::Start { name, tag, .. } => {
                    let is = |word: &str| says(self.text, &name, word);
                    in_raw = ["style", "script", "noframes"].iter().any(|word| is(word));
                    if self.in_head && self.inert.is_empty() && !HEAD.iter().any(|word| is(word)) {
                        self.in_head = false;
                        self.page.has_frames = is("frameset");
                        self.page.body.start = if is("body") { tag.end } else { tag.start };
                    }
                    if is("body") {
                        let all = attributes(self.text, &tag);
                        self.page.is_hidden |= all.iter().any(|one| super::words::hides(self.text, one));
                    } else if is("html") {
                        self.anchor(2, tag.end);
                    } else if is("head") {
                        self.anchor(3, tag.end);
                    } else if is("meta") {
                        self.meta(&tag);
                    } else if is("link") {
                        self.link(&tag);
                    } else if is("title") {
                        title = Some((tag.start, tag.end..tag.end));
                    } else if is("script") {
                        script = self.script(&tag).map(|kind| (kind, tag.start, tag.end..tag.end));
                    } else if is("template") {
                        self.inert.push("template");
                    } else if is("noscript") {
                        self.inert.push("noscript");
                    }
                }
                Token::End { name, tag } => {
                    in_raw = false;
                    let is = |word: &str| says(self.text, &name, word);
                    if is("title") {
                        if let Some((start, inner)) = title.take() {
                            let body = self.page.letters.escaped(self.page.part(self.bytes, &inner));
                            let place =
                                if self.in_head { "HTML title element" } else { "title element in the body" };
                            self.find(
                                Carrier::Field,
                                "title",
                                place,
                                (inner, start..tag.end, Form::Words),
                                body,
                            );
                        }
                    } else if is("script") {
                        if let Some((kind, start, inner)) = script.take() {
                            self.end_script(kind, inner, start..tag.end);
                        }
                    } else if is("body") {
                        last_end = Some((2, tag.start));
                    } else if is("html") && last_end.is_none_or(|(kind, _)| kind == 1) {
                        last_end = Some((1, tag.start));
                    } else if let Some(last) = self.inert.last()
                        && is(last)
                    {
                        self.inert.pop();
                    }
                }
            }
        }
        if let Some(at) = scanner.unended {
            let at = self.page.span(&(at..at)).start;
            self.note(FormatError::new(at, Problem::Truncated));
        }
        let body = &mut self.page.body;
        if let Some((_, at)) = last_end {
            if self.in_head {
                body.start = at;
            }
            if at >= body.start {
                body.end = at;
            }
        }
    }

    fn note(&mut self, damage: FormatError) {
        self.page.damage.get_or_insert(damage);
    }

    /// Notes a place for new elements.
    fn anchor(&mut self, worth: u8, at: usize) {
        if worth > self.anchor && self.in_head && self.inert.is_empty() {
            self.anchor = worth;
            self.page.head = at;
        }
    }

    fn find(
        &mut self,
        carrier: Carrier,
        key: &str,
        place: &'static str,
        (inner, all, form): (Range<usize>, Range<usize>, Form),
        body: Body,
    ) {
        let packet = Packet { carrier, key: key.to_owned(), place, span: self.page.span(&inner), body };
        self.page.found.push(Found { packet, all, form });
    }

    fn value(&self, range: &Range<usize>) -> String {
        unescape(&self.page.letters.decode(self.page.part(self.bytes, range))).into_owned()
    }

    fn meta(&mut self, tag: &Range<usize>) {
        let all = attributes(self.text, tag);
        if charset(self.text, &all).is_some() {
            self.anchor(4, tag.end);
        }
        let of = |name: &str| all.iter().find(|one| says(self.text, &one.name, name));
        let Some(key) = of("name").or(of("property")).or(of("itemprop")) else { return };
        let key = self.value(&key.value);
        let (inner, form) = match of("content") {
            Some(one) if one.site.end > one.value.end => (one.value.clone(), Form::Quoted),
            Some(one) if one.value.start > one.name.end => (one.value.clone(), Form::Bare),
            Some(one) => (one.site.clone(), Form::Missing),
            None => {
                let end = all.iter().map(|one| one.site.end).max().unwrap_or(tag.end);
                (end..end, Form::Missing)
            }
        };
        let place = match self.inert.last() {
            Some(_) => "HTML meta element not in force",
            None if self.in_head => META,
            None => "HTML meta element in the body",
        };
        let body = match form {
            Form::Missing => Body::Decoded(Vec::new()),
            _ => self.page.letters.escaped(self.page.part(self.bytes, &inner)),
        };
        self.find(Carrier::Field, &key, place, (inner, tag.clone(), form), body);
    }

    fn link(&mut self, tag: &Range<usize>) {
        let all = attributes(self.text, tag);
        let of = |name: &str| all.iter().find(|one| says(self.text, &one.name, name));
        let is_manifest = of("rel").is_some_and(|rel| {
            let mut words = part(self.text, &rel.value).split(u8::is_ascii_whitespace);
            words.any(|word| word.eq_ignore_ascii_case(b"c2pa-manifest"))
        });
        if is_manifest {
            let inner = of("href").map_or(tag.clone(), |one| one.value.clone());
            let at = self.page.span(&inner).start;
            let body = Body::Broken(FormatError::unsupported(at, "a C2PA manifest outside of the file"));
            self.find(Carrier::Manifest, "", "C2PA link element", (inner, tag.clone(), Form::Quoted), body);
        }
    }

    /// The sort of script, if it holds metadata.
    fn script(&self, tag: &Range<usize>) -> Option<Script> {
        let all = attributes(self.text, tag);
        let kind = all.iter().find(|one| says(self.text, &one.name, "type"))?;
        let kind =
            part(self.text, &kind.value).split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        if kind.eq_ignore_ascii_case(b"application/ld+json") {
            return Some(Script::Linked);
        }
        kind.eq_ignore_ascii_case(b"application/c2pa").then_some(Script::Manifest)
    }

    fn end_script(&mut self, kind: Script, inner: Range<usize>, all: Range<usize>) {
        let raw = self.page.part(self.bytes, &inner);
        match kind {
            Script::Linked => {
                let body = self.page.letters.plain(raw);
                let place = "HTML script element";
                self.find(Carrier::Blob, "ld+json", place, (inner, all, Form::Script), body);
            }
            Script::Manifest => {
                let body = Body::Coded(|text, _| base64(text));
                self.find(Carrier::Manifest, "", "C2PA script element", (inner, all, Form::Script), body);
            }
        }
    }
}

/// A script that holds metadata.
#[derive(Clone, Copy, Debug)]
enum Script {
    /// JSON-LD.
    Linked,
    /// A C2PA manifest store in base 64.
    Manifest,
}
