//! What signatures in a document forbid (ISO 32000-2, 12.8).

use super::file::File;
use super::object::{Dictionary, Object};
use indicia_core::{FormatError, Problem};

/// Most fields of a form looked at.
const FIELDS: usize = 4096;

/// Refuses metadata where a signature allows no change at all.
///
/// # Errors
/// If one does, or that cannot be told.
pub(crate) fn allow_metadata(file: &File<'_>) -> Result<(), FormatError> {
    let catalog = catalog(file)?;
    if let Some(permissions) = file.inner(&catalog, b"Perms")?
        && let Some(certification) = file.inner(&permissions, b"DocMDP")?
        && forbids(file, &certification)?
    {
        return Err(sealed());
    }
    for field in fields(file, &catalog)? {
        let Some(signature) = file.inner(&field, b"V")? else { continue };
        let lock = file.inner(&field, b"Lock")?;
        if lock.is_some_and(|lock| lock.count(b"P") == Some(1)) || forbids(file, &signature)? {
            return Err(sealed());
        }
    }
    Ok(())
}

/// Refuses to draw on the pages of a signed document: every check of the signature would show it as changed.
///
/// # Errors
/// If it is signed, or that cannot be told.
pub(crate) fn allow_drawing(file: &File<'_>) -> Result<(), FormatError> {
    let catalog = catalog(file)?;
    let form = file.inner(&catalog, b"AcroForm")?;
    // Bit 1 says that there are signatures (table 225).
    let says_so = form.and_then(|form| form.count(b"SigFlags")).is_some_and(|flags| flags & 1 == 1);
    let mut signed = says_so || catalog.find(b"Perms").is_some();
    for field in fields(file, &catalog)? {
        // Only a signature has a dictionary for its value.
        signed |= file.inner(&field, b"V")?.is_some();
    }
    if signed {
        let what = "drawing on a page of a signed PDF, which would show as a change to what was signed";
        return Err(FormatError::unsupported(0, what));
    }
    Ok(())
}

fn sealed() -> FormatError {
    FormatError::unsupported(0, "changing a PDF whose signature allows no changes (DocMDP, P 1)")
}

fn catalog(file: &File<'_>) -> Result<Dictionary, FormatError> {
    let root = file.root.map(|root| file.load(root)).transpose()?;
    Ok(root.and_then(|root| root.object.dictionary().cloned()).unwrap_or_default())
}

/// Whether a signature has a transformation that allows no change.
fn forbids(file: &File<'_>, signature: &Dictionary) -> Result<bool, FormatError> {
    let Some(references) = signature.find(b"Reference") else { return Ok(false) };
    for reference in file.resolve(references)?.items() {
        let reference = file.resolve(reference)?;
        let Some(reference) = reference.dictionary() else { continue };
        if reference.says(b"TransformMethod", b"DocMDP")
            && let Some(parameters) = file.inner(reference, b"TransformParams")?
            && parameters.count(b"P") == Some(1)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The signature fields of the form.
fn fields(file: &File<'_>, catalog: &Dictionary) -> Result<Vec<Dictionary>, FormatError> {
    let Some(form) = file.inner(catalog, b"AcroForm")? else { return Ok(Vec::new()) };
    let Some(list) = form.find(b"Fields") else { return Ok(Vec::new()) };
    let (mut waiting, mut found, mut looked) = (file.resolve(list)?.items().to_vec(), Vec::new(), 0);
    while let Some(field) = waiting.pop() {
        looked += 1;
        if looked > FIELDS || waiting.len() > FIELDS {
            return Err(FormatError::new(0, Problem::OverLimit { what: "fields", limit: FIELDS as u64 }));
        }
        let Object::Dictionary(field) = file.resolve(&field)? else { continue };
        if let Some(kids) = field.find(b"Kids") {
            waiting.extend(file.resolve(kids)?.items().iter().take(FIELDS + 1).cloned());
        }
        if field.says(b"FT", b"Sig")
            || field
                .find(b"V")
                .is_some_and(|value| matches!(value, Object::Reference(_) | Object::Dictionary(_)))
        {
            found.push(field);
        }
    }
    Ok(found)
}
