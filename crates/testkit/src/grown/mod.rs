//! Files with more content: the same files as before, with media or words added that a reader has no reason to read.

mod boxes;
mod chunks;
mod frames;
mod pages;
mod words;
mod zip;

/// Adds at least so many bytes of content to a file of the format of that name; `None` if this file is not built in a
/// way that is known here.
pub fn grown(format: &str, file: &[u8], by: usize) -> Option<Vec<u8>> {
    let grow: fn(&[u8], usize) -> Option<Vec<u8>> = match format {
        "aac" | "mp3" => frames::repeated,
        "flac" => frames::between,
        "ogg" | "opus" => frames::ogg,
        "avif" | "heif" | "m4a" | "mov" | "mp4" => boxes::media_data,
        "jxl" => boxes::codestream,
        "aiff" => |file, by| chunks::iff(file, b"SSND", by),
        "avi" => chunks::movie,
        "bmp" => chunks::bmp,
        "flv" => chunks::flv,
        "gif" => chunks::gif,
        "jpeg" => chunks::jpeg,
        "mkv" | "webm" => chunks::cluster,
        "png" => chunks::png,
        "wav" => |file, by| chunks::riff(file, &[b"data"], by),
        "webp" => |file, by| chunks::riff(file, &[b"VP8 ", b"VP8L"], by),
        "psd" => |file, by| Some([file, &vec![0; by]].concat()),
        "dng" | "tiff" => chunks::tiff,
        "docx" | "epub" | "odp" | "ods" | "odt" | "pptx" | "xlsx" => zip::member,
        "pdf" => pages::stream,
        "html" => |file, by| words::before(file, b"</body>", by),
        "svg" => |file, by| words::before(file, b"</svg>", by),
        "rtf" => |file, by| words::before(file, b"}", by),
        "md" | "txt" => words::after,
        _ => return None,
    };
    grow(file, by)
}

/// Where a part of the file begins, if it has it.
fn find(file: &[u8], part: &[u8]) -> Option<usize> {
    file.windows(part.len()).position(|window| window == part)
}

/// Where the last such part begins.
fn find_last(file: &[u8], part: &[u8]) -> Option<usize> {
    file.windows(part.len()).rposition(|window| window == part)
}

/// The four bytes at a place.
fn four(file: &[u8], at: usize) -> Option<[u8; 4]> {
    file.get(at..at + 4)?.try_into().ok()
}

/// A copy with other bytes at a place, over those that stand there.
fn over(file: &[u8], at: usize, bytes: &[u8]) -> Option<Vec<u8>> {
    Some([file.get(..at)?, bytes, file.get(at + bytes.len()..)?].concat())
}

/// A copy with more bytes at a place.
fn inserted(file: &[u8], at: usize, bytes: &[u8]) -> Option<Vec<u8>> {
    Some([file.get(..at)?, bytes, file.get(at..)?].concat())
}

/// The checksum of PNG chunks and ZIP members, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 })
    })
}
