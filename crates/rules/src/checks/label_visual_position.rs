//! `label.visual.position`: where on a picture a drawn notice stands, and on which frames.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Channel, Form, Look, MediaKind, Position};
use indicia_marks::Scheme;

pub(super) static CHECK: Check = Check {
    name: "label.visual.position",
    about: "Met if a drawn notice stands in a corner or at an edge, on every frame.",
    build: |params| plain(params, AtEdge),
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

    fn looks_into(&self, look: &Look) -> bool {
        look.channel == Channel::Explicit
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        labels::wants_notice(kind)
    }

    fn concerns(&self) -> Option<Channel> {
        Some(Channel::Explicit)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{notice, noticed, outcome, written};
    use indicia_core::{Form, Mark, Position};

    fn on(positions: &[Position], frames: usize, frames_in_all: usize) -> Mark {
        let form = Form::Drawn { glyph_height: 9, short_side: 99, contrast: 9.0, frames, frames_in_all };
        notice(form, "AI生成", positions)
    }

    #[test]
    fn a_corner_or_an_edge_of_every_frame() {
        let params = toml::Table::new();
        for (notice, expected) in [
            (on(&[Position::Corner], 3, 3), Outcome::Met),
            (on(&[Position::Edge], 3, 3), Outcome::Met),
            (on(&[Position::Middle, Position::Edge], 3, 3), Outcome::Met),
            (on(&[Position::Corner], 2, 3), Outcome::Unmet),
            (on(&[Position::Middle], 3, 3), Outcome::Unmet),
            (on(&[], 3, 3), Outcome::Unmet),
            (written("AI生成", &[Position::Corner]), Outcome::Unmet),
        ] {
            let said = outcome(&CHECK, &params, &noticed(vec![notice.clone()]));
            assert_eq!(said, expected, "{notice:?}");
        }
    }
}
