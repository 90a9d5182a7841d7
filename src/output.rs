//! Where output goes: with colour or without, in large writes.

use std::io::{self, BufWriter, Write};

use anstream::adapter::StripBytes;

use crate::args::When;

/// What every colour code starts with.
const ESCAPE: u8 = 0x1B;

/// A stream that takes coloured text and passes it on as its reader can use it.
pub(crate) struct Output<W: Write> {
    out: BufWriter<W>,
    colours: Colours,
}

/// What becomes of colour codes.
enum Colours {
    Kept,
    /// They are to be taken out, and there is none under way: asking for each byte is slow.
    Awaited,
    /// They are taken out; one may have been cut between two writes.
    Stripped(StripBytes),
}

impl Output<io::Stdout> {
    /// Standard output.
    pub(crate) fn standard(when: When) -> Self {
        let coloured = match when {
            When::Always => true,
            When::Never => false,
            When::Auto => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
        };
        Self {
            out: BufWriter::with_capacity(1 << 16, io::stdout()),
            colours: if coloured { Colours::Kept } else { Colours::Awaited },
        }
    }
}

impl<W: Write> Output<W> {
    /// A stream that never wants colour, such as a file.
    pub(crate) fn plain(out: W) -> Self {
        Self { out: BufWriter::with_capacity(1 << 16, out), colours: Colours::Awaited }
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if matches!(self.colours, Colours::Awaited) && bytes.contains(&ESCAPE) {
            self.colours = Colours::Stripped(StripBytes::new());
        }
        match &mut self.colours {
            Colours::Kept | Colours::Awaited => self.out.write_all(bytes)?,
            Colours::Stripped(strip) => {
                for printable in strip.strip_next(bytes) {
                    self.out.write_all(printable)?;
                }
                if is_complete(bytes) {
                    self.colours = Colours::Awaited;
                }
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether the last colour code in these bytes has come to its end (ECMA-48, 5.4); not if there is none to tell by.
fn is_complete(bytes: &[u8]) -> bool {
    let last = bytes.iter().rposition(|byte| *byte == ESCAPE).and_then(|at| bytes.get(at + 1..));
    let Some([b'[', rest @ ..]) = last else { return false };
    rest.iter().any(|byte| matches!(byte, 0x40..=0x7E))
}

#[cfg(test)]
mod tests {
    use super::Output;
    use std::io::Write;

    #[test]
    fn colours_are_taken_out_also_where_a_code_is_cut() {
        let mut bytes = Vec::new();
        let mut out = Output::plain(&mut bytes);
        out.write_all(b"a\x1b[3").unwrap();
        out.write_all("1m生成\x1b[0m\n".as_bytes()).unwrap();
        for piece in ["plain", "\x1b[2m", "dim", "\x1b", "[0", "mafter\x1b[1", ";31", "mend\n"] {
            out.write_all(piece.as_bytes()).unwrap();
        }
        out.flush().unwrap();
        drop(out);
        assert_eq!(String::from_utf8(bytes).unwrap(), "a生成\nplaindimafterend\n");
    }
}
