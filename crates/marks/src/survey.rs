use crate::{SCHEMES, Scheme};
use indicia_core::{Context, Evidence};
use indicia_media::Asset;
use rayon::prelude::*;

/// Looks at a file with every scheme that suits its kind.
pub fn survey(asset: &Asset<'_>, cx: &Context) -> Evidence {
    let suiting: Vec<&Scheme> = SCHEMES.iter().copied().filter(|scheme| scheme.suits(asset.kind())).collect();
    let look = |scheme: &&Scheme| scheme.look(asset, cx);
    // Those that decode take long, each by itself; the others take less time than handing them to another thread.
    let takes_long = |scheme: &&&Scheme| scheme.decodes && cx.decode.asks_for(scheme.name);
    let looks = if suiting.iter().filter(takes_long).count() > 1 {
        suiting.par_iter().with_max_len(1).map(look).collect()
    } else {
        suiting.iter().map(look).collect()
    };
    Evidence { looks }
}
