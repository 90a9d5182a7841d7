//! Watermarks in content: what they say, under which keys, and how they get into pictures, sound and words and out again.

pub(crate) mod choices;
mod label;
mod message;
pub(crate) mod picture;
mod reading;
mod recompressed;
pub(crate) mod sound;
pub(crate) mod text;
mod wanted;

use indicia_core::{Context, Order, WatermarkKey};
use indicia_watermark::{Id, Key, Payload, Status};

/// The keys that are looked with: the open one first.
fn keys(cx: &Context) -> Vec<Key> {
    let own = cx.watermarks.keys.iter().map(|key| Key::from_bytes(key.bytes()));
    let mut keys = vec![Key::public()];
    for key in own {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// The key that is written with.
fn key_of(order: &Order) -> Key {
    let own = |key: &WatermarkKey| Key::from_bytes(key.bytes());
    order.watermark_key.as_ref().map_or_else(Key::public, own)
}

/// The payloads of the ids that are known, under each key and with each thing that they may say.
fn expected(cx: &Context, keys: &[Key]) -> Vec<Payload> {
    let mut payloads = Vec::new();
    for (id, key) in cx.watermarks.ids.iter().flat_map(|id| keys.iter().map(move |key| (id, key))) {
        for status in [Status::Is, Status::MayBe, Status::Suspected] {
            payloads.extend(Payload::new(status, &Id::new(key, id)));
        }
    }
    payloads.sort_by_key(|payload| payload.bits());
    payloads.dedup();
    payloads
}

/// Under how many keys was looked, in words.
fn under(keys: usize) -> String {
    match keys {
        1 => "looked for under the open key alone".to_owned(),
        2 => "looked for under the open key and one more".to_owned(),
        more => format!("looked for under the open key and {} more", more - 1),
    }
}
