//! Compressed blocks of metadata, undone under limits: zlib, gzip, Brotli.

use std::io::Read;

use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};
use indicia_core::{Limits, Problem};

/// Bytes taken from the compressed block at a time.
const BLOCK: usize = 4096;

/// Undoes `deflate` as HTTP has it: zlib, or without its header, as some write it.
///
/// # Errors
/// If the block is broken, or longer than [`Limits::inflated`].
pub(crate) fn inflate(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Problem> {
    match bounded(ZlibDecoder::new(bytes), limits) {
        Err(broken @ Problem::Malformed(_)) => {
            bounded(DeflateDecoder::new(bytes), limits).map_err(|_| broken)
        }
        read => read,
    }
}

/// Undoes gzip.
///
/// # Errors
/// As [`inflate`].
pub(crate) fn gunzip(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Problem> {
    bounded(GzDecoder::new(bytes), limits)
}

/// Undoes Brotli (RFC 7932).
///
/// # Errors
/// As [`inflate`].
pub(crate) fn brotli(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Problem> {
    bounded(Decompressor::new(bytes, BLOCK), limits)
}

/// All that a decoder gives.
fn bounded(decoder: impl Read, limits: &Limits) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::new();
    let read = decoder.take(limits.inflated.saturating_add(1)).read_to_end(&mut out);
    if out.len() as u64 > limits.inflated {
        return Err(Problem::OverLimit { what: "bytes in a compressed block", limit: limits.inflated });
    }
    read.map_err(|_| Problem::Malformed("compressed bytes"))?;
    Ok(out)
}

/// What the beginning of a Brotli block says, as far as it comes out of the compressed bytes given: at most `len` bytes.
pub(crate) fn brotli_head(bytes: &[u8], len: usize) -> Vec<u8> {
    let mut out = vec![0; len];
    let mut decoder = Decompressor::new(bytes, BLOCK);
    let mut filled = 0;
    while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match decoder.read(rest) {
            Ok(0) | Err(_) => break,
            Ok(read) => filled += read,
        }
    }
    out.truncate(filled);
    out
}

#[cfg(test)]
mod tests {
    use super::{brotli, brotli_head, inflate};
    use indicia_core::{Limits, Problem};

    /// `aaa...`, 100 000 of them, as Google's own encoder writes it.
    const MANY: &[u8] = b"\x5B\x9F\x86\x81\x5F\x22\x2C\x1E\x0B\x04\xB2\xFC\x02\x00";

    #[test]
    fn a_block_is_never_undone_past_the_limit() {
        let limits = Limits { inflated: 1000, ..Limits::default() };
        assert!(matches!(brotli(MANY, &limits), Err(Problem::OverLimit { limit: 1000, .. })));
        assert_eq!(brotli(MANY, &Limits::default()).unwrap(), vec![b'a'; 100_000]);
        assert_eq!(brotli_head(MANY, 10), [b'a'; 10]);
    }

    #[test]
    fn what_is_cut_or_no_block_at_all_is_broken() {
        let limits = Limits::default();
        assert!(brotli(&MANY[..MANY.len() - 3], &limits).is_err());
        assert!(brotli(b"", &limits).is_err() && brotli(b"<x:xmpmeta/>", &limits).is_err());
        assert!(inflate(b"<x:xmpmeta/>", &limits).is_err());
        assert_eq!(inflate(&[0x4B, 0x04, 0x00], &limits).unwrap(), b"a", "without the header of zlib");
        assert_eq!(inflate(&[0x78, 0x9C, 0x4B, 0x04, 0x00, 0x00, 0x62, 0x00, 0x62], &limits).unwrap(), b"a");
    }
}
