//! Pages.

use super::find_last;

/// One more object in an incremental update of a PDF file with a table of objects: a stream that no page uses.
pub(super) fn stream(file: &[u8], by: usize) -> Option<Vec<u8>> {
    let trailer = file.get(find_last(file, b"trailer")? + 7..)?;
    let end = super::find(trailer, b"startxref")?;
    let dictionary = std::str::from_utf8(trailer.get(..end)?).ok()?.trim();
    let before: usize =
        std::str::from_utf8(trailer.get(end + 9..)?).ok()?.split_whitespace().next()?.parse().ok()?;
    let count: usize =
        dictionary.split("/Size").nth(1)?.split_whitespace().next()?.trim_end_matches("/").parse().ok()?;
    let dictionary = dictionary.strip_suffix(">>")?.replacen(
        &format!("/Size {count}"),
        &format!("/Size {}", count + 1),
        1,
    );
    // An older table is named by the one before this.
    let dictionary = match dictionary.split_once("/Prev") {
        Some((left, right)) => {
            format!("{left}{}", right.trim_start().trim_start_matches(|sign: char| sign.is_ascii_digit()))
        }
        None => dictionary,
    };
    let object = [
        format!("\n{count} 0 obj\n<</Length {by}>>\nstream\n").as_bytes(),
        &vec![b' '; by],
        b"\nendstream\nendobj\n",
    ]
    .concat();
    let (at, table) = (file.len() + 1, file.len() + object.len());
    let update = format!(
        "xref\n{count} 1\n{at:010} 00000 n \ntrailer\n{dictionary}/Prev {before}>>\nstartxref\n{table}\n%%EOF\n"
    );
    Some([file, &object, update.as_bytes()].concat())
}
