//! The watermark beside the metadata label of the same file: the number they share, and whether they agree.

use super::message::Message;
use crate::aigc;
use indicia_core::{Context, Field, Flaw, Gravity, Mark};
use indicia_media::Asset;
use indicia_watermark::{Id, Key};

/// The fields of a label that lead to a record.
const RECORDS: [Field; 2] = [Field::ContentId, Field::PropagationId];

/// The label of a file, if one can be read and is no example.
pub(super) fn of(asset: &Asset<'_>, cx: &Context) -> Option<Mark> {
    let marks = aigc::find(asset, cx).unwrap_or_default();
    marks.into_iter().find(|mark| !mark.is_doubtful())
}

/// What a watermark contradicts in the label beside it; and the number of the label that it leads to.
pub(super) fn compare(message: &Message, key: &Key, label: &Mark) -> (Vec<Flaw>, Option<(Field, String)>) {
    let mut flaws = Vec::new();
    let mut flaw = |code, text| flaws.push(Flaw { code, gravity: Gravity::Fault, text, at: 0 });
    if let (Some(here), Some(there)) = (message.claim.status, label.claim.status)
        && here != there
    {
        let text = format!(
            "it says status {} where the AIGC label ({}) says {}",
            here.name(),
            label.place,
            there.name()
        );
        flaw("other-status", text);
    }
    let Some(id) = message.id.as_ref().filter(|id| matches!(id, Id::Literal(_) | Id::Digest(_))) else {
        return (flaws, None);
    };
    let numbers: Vec<(Field, &str)> = RECORDS
        .iter()
        .map(|field| (*field, label.claim.field(*field)))
        .filter(|(_, number)| !number.is_empty())
        .collect();
    let led_to = numbers.iter().find(|(_, number)| id.leads_to(key, number));
    if let (None, [(_, first), ..]) = (led_to, numbers.as_slice()) {
        let text = format!(
            "its id ({}) is not that of \"{first}\", the number in the AIGC label ({}): one of the two was made for other \
             content",
            message.id_words(),
            label.place
        );
        flaw("other-record", text);
    }
    (flaws, led_to.map(|(field, number)| (*field, (*number).to_owned())))
}
