//! Watermarks in content: what they say, under which keys, and how they get into pictures and out again.

mod label;
mod message;
pub(crate) mod picture;
mod recompressed;

use indicia_core::{Context, Order, WatermarkKey};
use indicia_watermark::Key;

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
