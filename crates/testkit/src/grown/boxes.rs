//! Boxes of the ISO base media file format.

use super::{four, inserted, over};

/// Place and size of the last box of these types in the file.
fn last(file: &[u8], kinds: &[&[u8; 4]]) -> Option<(usize, usize)> {
    let (mut at, mut found) = (0, None);
    while at + 8 <= file.len() {
        let size = usize::try_from(u32::from_be_bytes(four(file, at)?)).ok()?;
        let size = if size == 0 { file.len() - at } else { size };
        if kinds.iter().any(|kind| file.get(at + 4..at + 8) == Some(kind.as_slice())) {
            found = Some((at, size));
        }
        if size < 8 {
            return None;
        }
        at += size;
    }
    found
}

fn longer(file: &[u8], kinds: &[&[u8; 4]], by: usize) -> Option<Vec<u8>> {
    let (at, size) = last(file, kinds)?;
    let file = inserted(file, at + size, &vec![0; by])?;
    over(&file, at, &u32::try_from(size + by).ok()?.to_be_bytes())
}

/// More media data behind the last: nothing refers to what follows, but by a search.
pub(super) fn media_data(file: &[u8], by: usize) -> Option<Vec<u8>> {
    // Fragments are found from the end, by offsets that would have to change.
    if last(file, &[b"moof"]).is_some() {
        return None;
    }
    longer(file, &[b"mdat"], by)
}

pub(super) fn codestream(file: &[u8], by: usize) -> Option<Vec<u8>> {
    if file.starts_with(&[0xFF, 0x0A]) {
        return Some([file, &vec![0; by]].concat());
    }
    longer(file, &[b"jxlc", b"jxlp"], by)
}
