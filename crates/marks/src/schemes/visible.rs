//! The visible notice: words drawn into a picture.

use crate::visible::{self, notice};
use crate::{MarkError, Scheme, Write, alternative_text};
use indicia_core::{Channel, Context, Mark, MediaKind, Order};
use indicia_media::{Asset, Draft};

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "visible",
    title: "visible notice",
    channel: Channel::Explicit,
    kinds: &[MediaKind::Image, MediaKind::Video],
    default: true,
    decodes: true,
    misses: "of labels at the size GB 45438 asks for, the reader misses some 3 in 100, most of them half see-through",
    cite: "GB 45438-2025 clause 5.2; the standard does not say which height of a text it means by 文字高度: \
           taken is the drawn height of the lowest capital letter, digit or Chinese character",
    about: "Words such as AI生成 drawn into the picture, in a corner or at an edge, on every frame, upright as \
            the picture is shown. The letters are at least 5 % of the shorter side high, on a plate that keeps \
            their contrast at 4.5 to 1 or more. Cropping, painting over and strong reduction destroy it. What it says is \
            also put into the metadata as IPTC Alt Text (Accessibility), for those who do not see it, unless the file \
            has such a text. It is \
            measured on the file just written. In a file of unknown origin it is looked for by reading words, along the \
            edges and with --deep everywhere, in Chinese and Latin script, and counts if all of a line is what labels \
            are made of, at an edge, and by itself. Of letters over a busy ground the contrast is a lower bound.",
    find,
    write: Write::Draft { change, confirm: Some(confirm) },
};

fn find(asset: &Asset<'_>, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    let reader = cx
        .words
        .as_deref()
        .ok_or_else(|| MarkError::Blind("nothing that reads words in pictures was given".into()))?;
    reader.ready().map_err(MarkError::Blind)?;
    let mut marks = visible::find(asset.picture()?, reader, cx.watermarks.deep)?;
    marks.iter_mut().for_each(|mark| alternative_text::note(mark, asset));
    Ok(marks)
}

fn change(order: &Order, draft: &mut Draft<'_>, _: &Context) -> Result<Option<Mark>, MarkError> {
    // What the order lacks is said before a picture is decoded for it.
    notice::wording(order)?;
    let mark = notice::draw(order, draft.picture_mut()?)?;
    if let Some(notice) = &mark.notice {
        alternative_text::put(&notice.words, draft)?;
    }
    Ok(Some(mark))
}

fn confirm(mark: &Mark, asset: &Asset<'_>, _: &Context) -> Result<Mark, MarkError> {
    let band = asset.rows(|shape| notice::rows(mark, shape))?;
    let mut measured = notice::measure(mark, &band)?;
    alternative_text::note(&mut measured, asset);
    Ok(measured)
}
