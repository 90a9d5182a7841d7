//! `mark.any`: at least one of the named marks, or a mark of one of the named channels, is there.

use crate::{Case, Check, Judge, Judgement};
use indicia_core::{Channel, Look, MediaKind, Seen};
use indicia_marks::{SCHEMES, Scheme};
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "mark.any",
    about: "Met if one of the named schemes, or any scheme of a named channel, found a mark.",
    build: |params| Ok(Box::new(params.try_into::<MarkAny>()?)),
};

#[derive(Debug, Deserialize)]
struct MarkAny {
    needs: Vec<String>,
}

/// Whether a pack's word means this scheme: by its name, or by its channel's.
fn means(need: &str, scheme: &str, channel: Channel) -> bool {
    need == scheme || need == channel.name()
}

impl Judge for MarkAny {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let named = |look: &&Look| self.needs.iter().any(|need| means(need, look.scheme, look.channel));
        let looks = case.evidence.looks.iter().filter(named);
        let none = Judgement::unmet(format!("no {} was found", self.needs.join(" or ")));
        looks.map(weigh).fold(none, |best, next| if next.outcome > best.outcome { next } else { best })
    }

    /// The first that can be written, in the order the pack names them.
    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        let fits = |scheme: &&&Scheme| scheme.default && scheme.suits(kind) && scheme.is_writable();
        let first = |need: &String| {
            SCHEMES.iter().filter(fits).find(|scheme| means(need, scheme.name, scheme.channel))
        };
        self.needs.iter().find_map(first).copied().into_iter().collect()
    }

    fn concerns(&self) -> Option<Channel> {
        let named = |need: &String| SCHEMES.iter().find(|scheme| means(need, scheme.name, scheme.channel));
        let mut channels = self.needs.iter().map(|need| named(need).map(|scheme| scheme.channel));
        let first = channels.next().flatten();
        if channels.all(|channel| channel == first) { first } else { None }
    }
}

fn weigh(look: &Look) -> Judgement {
    let title = Scheme::named(look.scheme).map_or(look.scheme, |scheme| scheme.title);
    match &look.seen {
        Seen::Absent => Judgement::unmet(format!("no {title}")),
        Seen::Blind(why) => Judgement::unknown(format!("{title}: {why}")),
        Seen::Present(marks) if marks.iter().all(indicia_core::Mark::is_doubtful) => {
            Judgement::unknown(format!("{title}: what was found may not be a mark"))
        }
        Seen::Present(_) => Judgement::met(format!("{title} found")),
    }
}
