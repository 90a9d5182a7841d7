//! Carrying marks over: what a file's metadata says, as an order for the file that was made of it.

use indicia_core::{Channel, Claim, Context, Mark, Order, Seen};
use indicia_marks::{SCHEMES, Scheme};
use indicia_media::Asset;

use crate::EmbedError;

/// What one file's labels say, to be written on another.
#[derive(Clone, Debug)]
pub struct Carried {
    /// All that they say.
    pub claim: Claim,
    /// The schemes they are in.
    pub schemes: Vec<&'static Scheme>,
}

/// Reads the labels in a file's metadata that can be carried over to another file.
///
/// Notices that people perceive and watermarks are part of the content: whoever converted it converted them.
/// Manifests are bound to the bytes they were made for, and are left behind.
///
/// # Errors
/// [`EmbedError::NoReason`] if there is none, a label cannot be read or looked for, or labels contradict each other.
pub fn carried(source: &Asset<'_>, cx: &Context) -> Result<Carried, EmbedError> {
    let mut carried = Carried { claim: Claim::default(), schemes: Vec::new() };
    let written = |scheme: &&&Scheme| scheme.channel == Channel::Metadata && scheme.is_writable();
    for scheme in SCHEMES.iter().filter(written).filter(|scheme| scheme.suits(source.kind())) {
        let marks = match scheme.look(source, cx).seen {
            Seen::Absent => continue,
            Seen::Blind(why) => return Err(no_reason(scheme, &format!("could not be looked for: {why}"))),
            Seen::Present(marks) => marks,
        };
        let mut sure = marks.iter().filter(|mark| !mark.is_doubtful());
        let Some(first) = sure.next() else { continue };
        if let Some(other) = sure.find(|other| other.claim != first.claim) {
            let why = format!("is there twice, and contradicts itself: {} and {}", first.place, other.place);
            return Err(no_reason(scheme, &why));
        }
        carried.add(scheme, first)?;
    }
    if carried.schemes.is_empty() {
        let why = "the file to carry labels over from has none in its metadata".to_owned();
        return Err(EmbedError::NoReason(why));
    }
    Ok(carried)
}

fn no_reason(scheme: &Scheme, why: &str) -> EmbedError {
    EmbedError::NoReason(format!("in the file to carry labels over from, the {} {why}", scheme.title))
}

impl Carried {
    fn add(&mut self, scheme: &'static Scheme, mark: &Mark) -> Result<(), EmbedError> {
        let claim = &mark.claim;
        if claim.status.is_none() {
            return Err(no_reason(scheme, "does not say what it means"));
        }
        // The first scheme, by name the standard's own label, has the say on what both could say.
        self.claim.status = self.claim.status.or(claim.status);
        self.claim.origin = self.claim.origin.or(claim.origin);
        for (field, value) in &claim.fields {
            if self.claim.field(*field).is_empty() {
                self.claim.set(*field, value.clone());
            }
        }
        self.schemes.push(scheme);
        Ok(())
    }

    /// The order that writes this on another file, word for word.
    pub fn order(&self) -> Order {
        Order { claim: self.claim.clone(), carried: true, ..Order::default() }
    }
}
