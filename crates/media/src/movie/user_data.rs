//! Texts in user data boxes: those of QuickTime, of 3GPP, and whatever else writers put there.

use super::parse::{Origin, Parser, Style};
use super::text;
use crate::boxes::IsoBox;
use crate::{Body, Carrier, Packet};
use indicia_core::{FormatError, Span};

/// Where texts of user data stand.
pub(super) const PLACE: &str = "udta box";

/// Boxes of user data that hold numbers.
#[rustfmt::skip]
const NUMBERS: [&[u8; 4]; 14] = [
    b"AllF", b"LOOP", b"SelO", b"WLOC", b"free", b"hinf", b"hnti", b"ludt", b"ptv ", b"skip", b"strk", b"tsel",
    b"wide", b"yrrc",
];

/// Bytes between the header of a 3GPP asset box and its text: version, flags, what the box adds, language
/// (3GPP TS 26.244, clause 8).
fn asset_header(kind: [u8; 4]) -> Option<u64> {
    match &kind {
        b"albm" | b"auth" | b"cprt" | b"dscp" | b"gnre" | b"kywd" | b"loci" | b"perf" | b"titl" => Some(6),
        b"clsf" => Some(12),
        b"rtng" => Some(14),
        _ => None,
    }
}

impl Parser<'_> {
    /// Notes the texts in one box of user data; `chain` are the boxes it stands in, the outermost first.
    pub(super) fn user_text(&mut self, chain: &[IsoBox], one: IsoBox) -> Result<(), FormatError> {
        if NUMBERS.contains(&&one.kind) || one.body.is_empty() {
            return Ok(());
        }
        let chain: Vec<_> = chain.iter().copied().chain([one]).collect();
        let body = one.body;
        if &one.kind == b"XMP_" {
            self.put(
                Carrier::Xmp,
                String::new(),
                "XMP_ box",
                body,
                Body::Verbatim,
                Origin::whole(chain, Style::Raw),
            );
            return Ok(());
        }
        if one.kind == *b"ID32" {
            return self.id3(chain, one);
        }
        let key = text::key(one.kind);
        let head = self.walk.window.up_to(body.start, 16)?;
        let head: Vec<u8> =
            head.get(..usize::try_from(body.len()).unwrap_or(16).min(head.len())).unwrap_or(head).to_vec();
        if head.get(4..8) == Some(b"data") {
            return self.item(&chain, one, key, super::parse::Level::Movie, false);
        }
        if let Some(header) = asset_header(one.kind)
            && head.starts_with(&[0; 4])
            && body.len() >= header
        {
            let span = Span { start: body.start + header, end: body.end };
            self.put(
                Carrier::Field,
                key,
                PLACE,
                span,
                Body::Coded(text::plain),
                Origin::whole(chain, Style::Ended),
            );
            return Ok(());
        }
        if self.international(&chain, one, &key)? {
            return Ok(());
        }
        // Four zeros are the version and flags that some write in front.
        let skip = if head.starts_with(&[0; 4]) && body.len() > 4 { 4 } else { 0 };
        let span = Span { start: body.start + skip, end: body.end };
        let start = head.get(usize::try_from(skip).unwrap_or(0)..).unwrap_or_default();
        let is_text = start.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..) || *byte == 0);
        let carrier = if is_text && start.first() != Some(&0) { Carrier::Field } else { Carrier::Blob };
        let body = if carrier == Carrier::Field { Body::Coded(text::plain) } else { Body::Verbatim };
        self.put(carrier, key, PLACE, span, body, Origin::whole(chain, Style::Raw));
        Ok(())
    }

    /// Notes the strings of a QuickTime text box, one for each language; false if it holds no such strings.
    fn international(&mut self, chain: &[IsoBox], one: IsoBox, key: &str) -> Result<bool, FormatError> {
        let mut strings = Vec::new();
        let mut at = one.body.start;
        while one.body.end - at >= 4 {
            let [a, b, _, _] = self.walk.window.array(at)?;
            let len = u16::from_be_bytes([a, b]);
            let Some(record) = Span::new(at, 4 + u64::from(len)).filter(|record| record.end <= one.body.end)
            else {
                return Ok(false);
            };
            if len == 0 {
                break;
            }
            self.walk.count(at)?;
            strings.push(record);
            at = record.end;
        }
        if strings.is_empty() {
            return Ok(false);
        }
        // What follows the last string is padding, or this was no list of strings.
        let rest = one.body.end - at;
        let near = usize::try_from(rest).unwrap_or(64).min(64);
        if self.walk.window.bytes(at, near)?.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        let alone = strings.len() == 1;
        for record in strings {
            let mut origin = Origin::whole(chain.to_vec(), Style::International);
            if !alone {
                origin = Origin { removed: record, kept: chain.len(), inner: true, ..origin };
            }
            self.put(Carrier::Field, key.to_owned(), PLACE, record, Body::Coded(text::international), origin);
        }
        Ok(true)
    }

    /// Notes one packet.
    pub(super) fn put(
        &mut self,
        carrier: Carrier,
        key: String,
        place: &'static str,
        span: Span,
        body: Body,
        origin: Origin,
    ) {
        self.layout.packets.push(Packet { carrier, key, place, span, body });
        self.origins.push(origin);
    }
}
