//! `label.visual.position`: where on a picture a drawn notice stands, and on which frames.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Channel, Form, MediaKind, Position};
use indicia_marks::Scheme;

pub(super) static CHECK: Check = Check {
    name: "label.visual.position",
    about: "Met if a drawn notice stands in a corner or at an edge, on every frame.",
    build: |_| Ok(Box::new(AtEdge)),
};

#[derive(Debug)]
struct AtEdge;

impl Judge for AtEdge {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::notice(case, |notice, _| match notice.form {
            Form::Drawn { frames, frames_in_all, .. } => {
                let at_edge =
                    notice.positions.iter().any(|at| matches!(at, Position::Corner | Position::Edge));
                let said = format!("on {frames} of {frames_in_all} frames");
                Some(match (at_edge, frames == frames_in_all) {
                    (true, true) => Ok(format!("at an edge or corner, {said}")),
                    (false, _) => Err("neither in a corner nor at an edge".into()),
                    (true, false) => Err(said),
                })
            }
            _ => None,
        })
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        labels::wants_notice(kind)
    }

    fn concerns(&self) -> Option<Channel> {
        Some(Channel::Explicit)
    }
}
