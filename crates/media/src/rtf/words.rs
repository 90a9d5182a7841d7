//! Words in a document's code page, with single characters in Unicode among them.

use encoding_rs::Encoding;

/// Words being put together.
#[derive(Debug, Default)]
pub(super) struct Words {
    text: String,
    /// In the code page.
    bytes: Vec<u8>,
    /// Which that is.
    page: Option<&'static Encoding>,
    /// In UTF-16.
    units: Vec<u16>,
}

impl Words {
    /// A byte in the code page.
    pub(super) fn byte(&mut self, byte: u8, page: &'static Encoding) {
        if !self.units.is_empty() || self.page.is_some_and(|known| known != page) {
            self.flush(page);
        }
        self.page = Some(page);
        self.bytes.push(byte);
    }

    /// A unit in UTF-16.
    pub(super) fn unit(&mut self, unit: u16, page: &'static Encoding) {
        if !self.bytes.is_empty() {
            self.flush(page);
        }
        self.units.push(unit);
    }

    /// Number of bytes so far.
    pub(super) fn len(&self) -> usize {
        self.text.len() + self.bytes.len() + self.units.len()
    }

    /// All words.
    pub(super) fn finish(mut self, page: &'static Encoding) -> String {
        self.flush(page);
        self.text
    }

    fn flush(&mut self, page: &'static Encoding) {
        let page = self.page.take().unwrap_or(page);
        self.text.push_str(&page.decode_without_bom_handling(&self.bytes).0);
        self.text.push_str(&String::from_utf16_lossy(&self.units));
        self.bytes.clear();
        self.units.clear();
    }
}

/// The encoding of a font's set of characters (specification 1.9.1, "Font table"); `None` where the document decides.
pub(super) fn of_characters(number: i32) -> Option<&'static Encoding> {
    let page = match number {
        77 => 10_000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    };
    Some(code_page(page))
}

/// The encoding that a number of a code page means; Western if it is not known.
pub(super) fn code_page(number: i32) -> &'static Encoding {
    match number {
        874 => encoding_rs::WINDOWS_874,
        932 => encoding_rs::SHIFT_JIS,
        936 | 54936 => encoding_rs::GB18030,
        949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        866 => encoding_rs::IBM866,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        10000 => encoding_rs::MACINTOSH,
        65001 => encoding_rs::UTF_8,
        _ => encoding_rs::WINDOWS_1252,
    }
}
