//! What stands in the boxes of tracks and fragments: metadata of their own, and names that programs leave there.

use super::parse::{Level, Origin, Parser, Style};
use super::text;
use crate::boxes::IsoBox;
use crate::{Body, Carrier};
use indicia_core::{FormatError, Span};

impl Parser<'_> {
    /// Notes the metadata of a track.
    pub(super) fn track(&mut self, chain: &[IsoBox; 2]) -> Result<(), FormatError> {
        let [moov, track] = *chain;
        for part in self.list(track.body).0 {
            match &part.kind {
                b"meta" => self.meta(&[moov, track, part], Level::Track)?,
                b"udta" => {
                    self.user_data(&[moov, track, part], Level::Track);
                }
                b"uuid" => self.uuid(chain, part),
                b"mdia" => self.media(&[moov, track, part])?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Notes the names that programs leave in the description of a track: of its handlers and its encoder.
    fn media(&mut self, chain: &[IsoBox; 3]) -> Result<(), FormatError> {
        let [_, _, media] = *chain;
        let mut is_video = false;
        for part in self.list(media.body).0 {
            match &part.kind {
                b"hdlr" => is_video |= self.handler(chain, part)? == *b"vide",
                b"udta" => {
                    let within: Vec<_> = chain.iter().copied().chain([part]).collect();
                    self.user_data(&within, Level::Track);
                }
                b"minf" => {
                    for inner in self.list(part.body).0 {
                        match &inner.kind {
                            b"hdlr" => {
                                self.handler(chain, inner)?;
                            }
                            b"stbl" if is_video => self.encoders(chain, inner)?,
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Notes the name of a handler; returns its type.
    fn handler(&mut self, chain: &[IsoBox], one: IsoBox) -> Result<[u8; 4], FormatError> {
        let kind = self.walk.window.array(one.body.start + 8)?;
        let span = Span { start: (one.body.start + 24).min(one.body.end), end: one.body.end };
        if !span.is_empty() && self.walk.window.array(span.start)? != [0] {
            let origin = Origin::whole(chain.to_vec(), Style::Fixed);
            let body = Body::Coded(text::handler_name);
            self.put(Carrier::Field, "hdlr".to_owned(), "handler name", span, body, origin);
        }
        Ok(kind)
    }

    /// Notes the names of encoders in the sample descriptions of a picture track.
    fn encoders(&mut self, chain: &[IsoBox], tables: IsoBox) -> Result<(), FormatError> {
        let mut at = tables.body.start;
        while let Some(table) = self.walk.child(at, tables.body.end)? {
            at = table.span.end;
            if &table.kind != b"stsd" || table.body.len() < 8 {
                continue;
            }
            let entries = Span { start: table.body.start + 8, end: table.body.end };
            for entry in self.list(entries).0 {
                // A VisualSampleEntry has 42 bytes before the name, which takes 32.
                let Some(span) =
                    Span::new(entry.body.start + 42, 32).filter(|span| span.end <= entry.body.end)
                else {
                    continue;
                };
                if self.walk.window.array(span.start)? != [0] {
                    let origin = Origin::whole(chain.to_vec(), Style::Fixed);
                    let (key, body) = ("compressorname".to_owned(), Body::Coded(text::counted));
                    self.put(Carrier::Field, key, "sample description", span, body, origin);
                }
            }
        }
        Ok(())
    }

    /// Notes the metadata of a fragment.
    pub(super) fn fragment(&mut self, one: IsoBox) -> Result<(), FormatError> {
        for part in self.list(one.body).0 {
            match &part.kind {
                b"meta" => self.meta(&[one, part], Level::Fragment)?,
                b"udta" => {
                    self.user_data(&[one, part], Level::Fragment);
                }
                b"uuid" => self.uuid(&[one], part),
                b"traf" => {
                    for inner in self.list(part.body).0 {
                        match &inner.kind {
                            b"meta" => self.meta(&[one, part, inner], Level::Fragment)?,
                            b"udta" => {
                                self.user_data(&[one, part, inner], Level::Fragment);
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}
