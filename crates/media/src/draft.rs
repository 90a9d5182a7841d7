use std::borrow::Cow;
use std::io::{self, Write};

use crate::{
    Asset, Carrier, Changes, Content, Ends, Filter, NewContent, Packet, PageMark, Picture, Piece, Put, Sound,
    SoundFacts,
};
use indicia_core::{FileSource, FormatError, Problem, Source};

/// Bytes copied at a time when a file is written.
const COPY: u64 = 1 << 20;

/// Changes to a file, gathered and then made in one pass.
#[derive(Debug)]
pub struct Draft<'a> {
    asset: &'a Asset<'a>,
    changes: Changes,
}

/// A file as it will read, ready to be written: new bytes in memory, old ones still in the source.
pub struct Rendered<'a> {
    source: &'a dyn Source,
    /// What follows the source, as addresses go.
    annex: Option<FileSource>,
    pieces: Vec<Piece>,
}

impl std::fmt::Debug for Rendered<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendered").field("pieces", &self.pieces.len()).finish_non_exhaustive()
    }
}

impl<'a> Draft<'a> {
    /// No change yet.
    pub fn new(asset: &'a Asset<'a>) -> Self {
        Self { asset, changes: Changes::default() }
    }

    /// The file as it was.
    pub fn asset(&self) -> &'a Asset<'a> {
        self.asset
    }

    /// Whether nothing is to change so far.
    pub fn is_unchanged(&self) -> bool {
        self.changes.is_empty()
    }

    /// The packets of one sort that are still there, with their index. Those added are not among them.
    pub fn packets(&self, carrier: Carrier) -> impl Iterator<Item = (usize, &'a Packet)> {
        let gone = |at: &usize| matches!(self.changes.replaced.get(at), Some(None));
        self.asset.packets(carrier).filter(move |(at, _)| !gone(at))
    }

    /// A packet's value as it will be; `None` if it was taken out.
    ///
    /// # Errors
    /// If it is unchanged and cannot be read.
    pub fn body(&self, at: usize) -> Result<Option<Cow<'_, [u8]>>, FormatError> {
        match self.changes.replaced.get(&at) {
            Some(changed) => Ok(changed.as_deref().map(Cow::Borrowed)),
            None => match self.asset.layout.packets.get(at) {
                Some(packet) => self.asset.read(packet).map(|body| Some(Cow::Owned(body))),
                None => Ok(None),
            },
        }
    }

    /// Gives a packet that is there a new value.
    pub fn replace(&mut self, at: usize, body: Vec<u8>) {
        self.changes.replaced.insert(at, Some(body));
    }

    /// Takes a packet out.
    pub fn remove(&mut self, at: usize) {
        self.changes.replaced.insert(at, None);
    }

    /// The value that a sort and key of packet will have: the first there, or the one added.
    ///
    /// # Errors
    /// If it is unchanged and cannot be read.
    pub fn current(&self, carrier: Carrier, key: &str) -> Result<Option<Cow<'_, [u8]>>, FormatError> {
        match self.packets(carrier).find(|(_, packet)| packet.key == key) {
            Some((at, _)) => self.body(at),
            None => Ok(self.added(carrier, key).map(|put| Cow::Borrowed(put.body.as_slice()))),
        }
    }

    /// Sets the first packet of a sort and key, or adds one.
    pub fn set(&mut self, carrier: Carrier, key: &str, body: Vec<u8>) {
        let there = self.packets(carrier).find(|(_, packet)| packet.key == key).map(|(at, _)| at);
        if let Some(at) = there {
            return self.replace(at, body);
        }
        self.changes.added.retain(|put| !(put.carrier == carrier && put.key == key));
        self.changes.added.push(Put { carrier, key: key.to_owned(), body });
    }

    /// Takes bytes of the content out; text formats only.
    pub fn cut(&mut self, span: indicia_core::Span) {
        let at = self.changes.cuts.partition_point(|cut| *cut <= span);
        self.changes.cuts.insert(at, span);
    }

    /// The picture as it will be.
    ///
    /// # Errors
    /// If it is no picture, or it cannot be decoded.
    pub fn picture(&self) -> Result<&Picture, FormatError> {
        match &self.changes.content {
            Some(NewContent::Picture(picture)) => Ok(picture),
            _ => self.asset.picture(),
        }
    }

    /// The picture, to change in place. Decoded once and encoded once, however many schemes change it.
    ///
    /// # Errors
    /// If it is no picture, or it cannot be decoded.
    pub fn picture_mut(&mut self) -> Result<&mut Picture, FormatError> {
        if !matches!(self.changes.content, Some(NewContent::Picture(_))) {
            self.changes.content = Some(NewContent::Picture(self.asset.decode_picture()?));
        }
        match &mut self.changes.content {
            Some(NewContent::Picture(picture)) => Ok(picture),
            _ => Err(FormatError::unsupported(0, "pictures in this format")),
        }
    }

    /// Rate and channels that sound put before or after must have.
    ///
    /// # Errors
    /// If it is no sound, or its headers are broken.
    pub fn sound_facts(&self) -> Result<SoundFacts, FormatError> {
        self.asset.sound_facts()
    }

    /// Puts sound before and after what is there, outside of what was put there already.
    pub fn extend_sound(&mut self, ends: Ends<Sound>) {
        let (mut start, mut end) = match self.changes.content.take() {
            Some(NewContent::Sound(earlier)) => (earlier.start, earlier.end),
            _ => (None, None),
        };
        if let Some(mut outer) = ends.start {
            outer.values.extend(start.take().map(|inner: Sound| inner.values).unwrap_or_default());
            start = Some(outer);
        }
        if let Some(outer) = ends.end {
            match &mut end {
                Some(inner) => inner.values.extend(outer.values),
                None => end = Some(outer),
            }
        }
        self.changes.content = Some(NewContent::Sound(Ends { start, end }));
    }

    /// Makes the samples that are there anew. What is put before and after stays as it is given.
    ///
    /// # Errors
    /// As [`Asset::sound_may_change`].
    pub fn filter_sound(&mut self, filter: Filter) -> Result<(), FormatError> {
        self.asset.sound_may_change()?;
        self.changes.filter = Some(filter);
        Ok(())
    }

    /// Puts words among those that are there, each at the offset in the file that it is to stand before; of one place, in
    /// the order in which they are given.
    ///
    /// # Errors
    /// If words cannot be put into this format; the reason is the format's own.
    pub fn insert_words(&mut self, inserts: Vec<(u64, String)>) -> Result<(), FormatError> {
        match self.asset.format.content {
            Content::Text { no_change: None, .. } => {
                self.changes.inserts.extend(inserts);
                self.changes.inserts.sort_by_key(|(at, _)| *at);
                Ok(())
            }
            Content::Text { no_change: Some(why), .. } => Err(FormatError::unsupported(0, why)),
            _ => Err(FormatError::unsupported(0, "words in this format")),
        }
    }

    /// Whether words among these bytes are to be taken out, or put in; at their ends does not count.
    pub fn changes_within(&self, span: indicia_core::Span) -> bool {
        let Changes { cuts, inserts, .. } = &self.changes;
        let cut = cuts.get(cuts.partition_point(|cut| cut.end <= span.start));
        let insert = inserts.get(inserts.partition_point(|(at, _)| *at <= span.start));
        cut.is_some_and(|cut| cut.start < span.end) || insert.is_some_and(|(at, _)| *at < span.end)
    }

    /// Puts words before and after what is there, outside of what was put there already.
    pub fn extend_text(&mut self, ends: Ends<String>) {
        let (start, end) = match self.changes.content.take() {
            Some(NewContent::Text(earlier)) => (earlier.start, earlier.end),
            _ => (None, None),
        };
        let join = |first: Option<String>, second: Option<String>| match (first, second) {
            (Some(first), Some(second)) => Some(first + &second),
            (first, second) => first.or(second),
        };
        let ends = Ends { start: join(ends.start, start), end: join(end, ends.end) };
        self.changes.content = Some(NewContent::Text(ends));
    }

    /// Draws marks over the first and the last page, in place of those asked for before.
    pub fn mark_pages(&mut self, ends: Ends<PageMark>) {
        self.changes.content = Some(NewContent::Pages(ends));
    }

    /// The file with all changes.
    ///
    /// # Errors
    /// If the file is damaged, or the format cannot hold what was put.
    pub fn render(mut self) -> Result<Rendered<'a>, FormatError> {
        self.try_render()
    }

    /// As [`Draft::render`], for those who want to know more of what could not be held.
    ///
    /// # Errors
    /// As [`Draft::render`].
    pub fn try_render(&mut self) -> Result<Rendered<'a>, FormatError> {
        let pieces = self.pieces(&self.changes)?;
        Ok(Rendered { source: self.asset.source, annex: self.changes.annex.take(), pieces })
    }

    /// Whether the file would take all changes but those to its content: where it does not take all, these are why.
    pub fn holds_all_but_content(&self) -> bool {
        self.pieces(&Changes { content: None, ..self.changes.clone() }).is_ok()
    }

    fn pieces(&self, changes: &Changes) -> Result<Vec<Piece>, FormatError> {
        let Asset { source, format, layout, limits, .. } = self.asset;
        match &layout.damage {
            Some(damage) => Err(damage.clone()),
            None => (format.splice)(*source, layout, changes, limits),
        }
    }

    fn added(&self, carrier: Carrier, key: &str) -> Option<&Put> {
        self.changes.added.iter().find(|put| put.carrier == carrier && put.key == key)
    }
}

impl Rendered<'_> {
    /// Number of bytes.
    pub fn len(&self) -> u64 {
        self.pieces.iter().map(Piece::len).sum()
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Writes all bytes, copying what is kept a block at a time.
    ///
    /// # Errors
    /// What the system says.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut block = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::New(bytes) => out.write_all(bytes)?,
                Piece::Keep(span) => {
                    let mut at = span.start;
                    while at < span.end {
                        let len = (span.end - at).min(COPY);
                        block.resize(usize::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?, 0);
                        at += self.read(at, &mut block)?;
                        out.write_all(&block)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Fills a block with what is kept from `at` on, of the source or of the annex; cuts it short between the two.
    fn read(&self, at: u64, block: &mut Vec<u8>) -> io::Result<u64> {
        let size = self.source.size();
        match (&self.annex, at.checked_sub(size)) {
            (Some(annex), Some(behind)) => annex.read_at(behind, block)?,
            (Some(_), None) => {
                let left = usize::try_from(size - at).unwrap_or(usize::MAX);
                block.truncate(left);
                self.source.read_at(at, block)?;
            }
            (None, _) => self.source.read_at(at, block)?,
        }
        Ok(block.len() as u64)
    }

    /// All bytes in memory.
    ///
    /// # Errors
    /// [`Problem::Io`] if the source cannot be read.
    pub fn to_bytes(&self) -> Result<Vec<u8>, FormatError> {
        let mut bytes = Vec::new();
        self.write_to(&mut bytes).map_err(|err| FormatError::new(0, Problem::Io(err.kind())))?;
        Ok(bytes)
    }
}
