use crate::SCHEMES;
use indicia_core::{Context, Evidence};
use indicia_media::Asset;

/// Looks at a file with every scheme that suits its kind.
pub fn survey(asset: &Asset<'_>, cx: &Context) -> Evidence {
    let suiting = SCHEMES.iter().filter(|scheme| scheme.suits(asset.kind()));
    Evidence { looks: suiting.map(|scheme| scheme.look(asset, cx)).collect() }
}
