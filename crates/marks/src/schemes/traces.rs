//! What generators, cameras and editors leave in metadata and words without meaning it as a mark.

use crate::{MarkError, Scheme, Write, traces};
use indicia_core::{Channel, Context, Mark, MediaKind};
use indicia_media::Asset;

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "traces",
    title: "traces of generators",
    channel: Channel::Trace,
    kinds: MediaKind::ALL,
    default: false,
    decodes: false,
    misses: "",
    cite: "the list of traces, where each names who has seen it; few were published by those who leave them",
    about: "Settings, prompts, names and numbers that generators write into the metadata of what they make, and \
            what cameras and editors write there. Each is told with its place, the words it was known by and how \
            much it says: `ai` where the file declares it, `generator` for names that only generators write; \
            `hint` and `provenance` are told and never enough, `negative` speaks of another origin. Traces are the \
            third ground on which a platform may call content suspected (Measures, article 6); they make no label, \
            and none of them shows that a person did not make a work. Saving a file anew takes most of them away, \
            so that having none shows nothing.",
    find,
    write: Write::Never,
};

fn find(asset: &Asset<'_>, _: &Context) -> Result<Vec<Mark>, MarkError> {
    traces::find(asset)
}
