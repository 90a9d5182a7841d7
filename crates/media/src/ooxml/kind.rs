//! Which program a package is for.

use crate::Head;
use crate::zip;

/// A kind of package.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The folder of its parts, in lower case.
    pub(crate) folder: &'static str,
    /// File name endings.
    pub(crate) extensions: &'static [&'static str],
    /// What the content type of its main part contains.
    main: &'static [&'static str],
}

/// Word.
pub(crate) const WORD: Kind = Kind {
    folder: "word/",
    extensions: &["docx", "docm", "dotx", "dotm"],
    main: &[
        "wordprocessingml.document.main+xml",
        "wordprocessingml.template.main+xml",
        "application/vnd.ms-word.",
    ],
};

/// Excel.
pub(crate) const EXCEL: Kind = Kind {
    folder: "xl/",
    extensions: &["xlsx", "xlsm", "xltx", "xltm"],
    main: &[
        "spreadsheetml.sheet.main+xml",
        "spreadsheetml.template.main+xml",
        "application/vnd.ms-excel.sheet.",
        "application/vnd.ms-excel.template.",
    ],
};

/// PowerPoint.
pub(crate) const POWERPOINT: Kind = Kind {
    folder: "ppt/",
    extensions: &["pptx", "pptm", "potx", "potm", "ppsx", "ppsm"],
    main: &[
        "presentationml.presentation.main+xml",
        "presentationml.template.main+xml",
        "presentationml.slideshow.main+xml",
        "application/vnd.ms-powerpoint.",
    ],
};

const KINDS: &[&Kind] = &[&WORD, &EXCEL, &POWERPOINT];

/// How surely a file that starts like this is of a kind. The names of parts tell, then what the list of content types
/// says as far as it stands in the head; if neither does, the name of the file.
pub(crate) fn recognize(head: &Head<'_>, kind: &Kind) -> u32 {
    let seen = zip::names(head);
    if seen.is_empty() {
        return if zip::look(head, kind.extensions) { 2 } else { 0 };
    }
    let starts = |name: &[u8], folder: &str| {
        name.get(..folder.len()).is_some_and(|start| start.eq_ignore_ascii_case(folder.as_bytes()))
    };
    let sure = |folder: &str| 4 + u32::try_from(folder.len()).unwrap_or(0);
    for one in &seen {
        if let Some(found) = KINDS.iter().find(|known| starts(one.name, known.folder)) {
            return if found.folder == kind.folder { sure(found.folder) } else { 0 };
        }
        if one.name == b"mimetype" {
            return 0;
        }
    }
    if let Some(types) = seen.iter().find(|one| one.name.eq_ignore_ascii_case(b"[Content_Types].xml")) {
        let words = types.words();
        let holds = |main: &&str| memchr::memmem::find(&words, main.as_bytes()).is_some();
        if let Some(found) = KINDS.iter().find(|known| known.main.iter().any(&holds)) {
            return if found.folder == kind.folder { sure("[Content_Types].xml") } else { 0 };
        }
    }
    let named = head.extension.is_some_and(|extension| kind.extensions.contains(&extension));
    if named { 4 } else { 0 }
}
