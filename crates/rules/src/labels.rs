//! What the checks of the AIGC label and of notices have in common: which marks count, and what to say if none does.

use crate::{Case, Judgement};
use indicia_core::{Channel, Form, Gravity, Look, Mark, MediaKind, Notice, Seen};
use indicia_marks::{SCHEMES, Scheme};

/// The scheme of the metadata label.
pub(crate) const AIGC: &str = "aigc";

/// The AIGC labels of a file, without those that may not be labels at all; or the answer if there is none.
pub(crate) fn aigc<'a>(case: &Case<'a>) -> Result<Vec<&'a Mark>, Judgement> {
    let look = case.evidence.look(AIGC);
    match look.map(|look| &look.seen) {
        None | Some(Seen::Absent) => Err(Judgement::unmet("no AIGC label in the file's metadata")),
        Some(Seen::Blind(why)) => Err(Judgement::unknown(why.clone())),
        Some(Seen::Present(marks)) => {
            let sure: Vec<_> = marks.iter().filter(|mark| !mark.is_doubtful()).collect();
            if sure.is_empty() {
                Err(Judgement::unmet("only what may be an example of a label was found"))
            } else {
                Ok(sure)
            }
        }
    }
}

/// Decides by flaws: met if no label has one of these codes.
pub(crate) fn without_flaws(case: &Case<'_>, codes: &[&str], met: &str) -> Judgement {
    let labels = match aigc(case) {
        Ok(labels) => labels,
        Err(judgement) => return judgement,
    };
    let flaws: Vec<_> = labels
        .iter()
        .flat_map(|mark| mark.flaws.iter().map(move |flaw| (mark, flaw)))
        .filter(|(_, flaw)| codes.contains(&flaw.code) && flaw.gravity > Gravity::Note)
        .map(|(mark, flaw)| format!("{} ({}, byte {})", flaw.text, mark.place, flaw.at))
        .collect();
    if flaws.is_empty() { Judgement::met(met) } else { Judgement::unmet(flaws.join("; ")) }
}

/// The metadata label's scheme, where it suits the medium.
pub(crate) fn wants_aigc(kind: MediaKind) -> Vec<&'static Scheme> {
    SCHEMES.iter().copied().filter(|scheme| scheme.name == AIGC && scheme.suits(kind)).collect()
}

/// The notice to write where a rule leaves the form open.
pub(crate) fn wants_notice(kind: MediaKind) -> Vec<&'static Scheme> {
    let fits = |scheme: &&Scheme| scheme.channel == Channel::Explicit && scheme.default && scheme.suits(kind);
    SCHEMES.iter().copied().filter(fits).filter(|scheme| scheme.is_writable()).collect()
}

/// All notices that would do where a rule leaves the form open, the usual one first.
pub(crate) fn any_notice(kind: MediaKind) -> Vec<&'static Scheme> {
    let fits =
        |scheme: &&Scheme| scheme.channel == Channel::Explicit && scheme.suits(kind) && scheme.is_writable();
    let mut all: Vec<_> = SCHEMES.iter().copied().filter(fits).collect();
    all.sort_by_key(|scheme| !scheme.default);
    all
}

/// Decides on the notices people perceive: one that satisfies is enough.
///
/// `test` says why a notice satisfies or does not; it is asked only for those that are surely notices.
/// `None` from it means that the notice is of a form the rule is not about.
pub(crate) fn notice(
    case: &Case<'_>,
    test: impl Fn(&Notice, &Mark) -> Option<Result<String, String>>,
) -> Judgement {
    let looks = || case.evidence.looks.iter().filter(|look| look.channel == Channel::Explicit);
    let mut refused = Vec::new();
    for mark in looks().flat_map(marks).filter(|mark| !mark.is_doubtful()) {
        match mark.notice.as_ref().and_then(|notice| test(notice, mark)) {
            Some(Ok(why)) => return Judgement::met(format!("{why} ({})", mark.place)),
            Some(Err(why)) => refused.push(format!("{why} ({})", mark.place)),
            None => {}
        }
    }
    let blind: Vec<_> = looks().filter_map(blindness).collect();
    let absent: Vec<_> = looks()
        .filter(|look| look.seen == Seen::Absent)
        .map(|look| format!("no {} notice", look.scheme))
        .collect();
    match (refused.is_empty(), blind.is_empty()) {
        (false, true) => Judgement::unmet(refused.join("; ")),
        // What could not be looked for may be the notice that satisfies.
        (false, false) => Judgement::unknown([refused, blind].concat().join("; ")),
        (true, false) => Judgement::unknown([absent, blind].concat().join("; ")),
        (true, true) => {
            let misses: String = looks().map(|look| Scheme::misses_of(look.scheme)).collect();
            Judgement::unmet(format!("no notice was found{misses}"))
        }
    }
}

fn marks(look: &Look) -> &[Mark] {
    match &look.seen {
        Seen::Present(marks) => marks,
        _ => &[],
    }
}

fn blindness(look: &Look) -> Option<String> {
    match &look.seen {
        Seen::Blind(why) => Some(format!("could not look for the {} notice: {why}", look.scheme)),
        _ => None,
    }
}

/// A word for the form, for reasons given to people.
pub(crate) fn form(form: &Form) -> &'static str {
    match form {
        Form::Drawn { .. } => "drawn notice",
        Form::Rhythm { .. } => "rhythm",
        Form::Spoken { .. } => "spoken notice",
        Form::Written => "written notice",
    }
}

#[cfg(test)]
mod tests {
    use super::{aigc, notice, without_flaws};
    use crate::specimen::{case, doubtful, drawn, flawed, label, labelled, noticed, unseen, written};
    use crate::{Judgement, Outcome};
    use indicia_core::{Channel, Evidence, Gravity};

    /// Satisfied by any notice that says yes.
    fn yes(evidence: &Evidence) -> Judgement {
        notice(&case(evidence), |notice, _| {
            Some(if notice.words == "yes" { Ok("says yes".into()) } else { Err("says no".into()) })
        })
    }

    #[test]
    fn one_notice_that_satisfies_is_enough_and_a_blind_eye_sees_no_absence() {
        let blind = || unseen("visible", Channel::Explicit);
        let both = |one: Evidence, two: Evidence| Evidence::from([one.looks, two.looks].concat());
        let (good, bad) = (|| written("yes", &[]), || written("no", &[]));
        for (evidence, expected) in [
            (Evidence::default(), Outcome::Unmet),
            (noticed(vec![]), Outcome::Unmet),
            (blind(), Outcome::Unknown),
            (both(noticed(vec![]), blind()), Outcome::Unknown),
            (both(blind(), noticed(vec![good()])), Outcome::Met),
            (noticed(vec![bad()]), Outcome::Unmet),
            (noticed(vec![bad(), good()]), Outcome::Met),
            (noticed(vec![doubtful(good())]), Outcome::Unmet),
            (both(blind(), noticed(vec![doubtful(good())])), Outcome::Unknown),
            (both(blind(), noticed(vec![bad()])), Outcome::Unknown),
            (both(noticed(vec![bad()]), blind()), Outcome::Unknown),
        ] {
            assert_eq!(yes(&evidence).outcome, expected, "{evidence:?}");
        }
    }

    #[test]
    fn a_mark_of_another_channel_is_no_notice() {
        let mut evidence = noticed(vec![written("yes", &[])]);
        evidence.looks[0].channel = Channel::Metadata;
        assert_eq!(yes(&evidence).outcome, Outcome::Unmet);
        assert_eq!(
            yes(&unseen("aigc", Channel::Metadata)).outcome,
            Outcome::Unmet,
            "blind to something else"
        );
    }

    #[test]
    fn where_a_reader_is_known_to_miss_some_an_absence_says_so() {
        let mut evidence = noticed(vec![]);
        evidence.looks[0].scheme = "visible";
        let Judgement { outcome, why } = yes(&evidence);
        assert_eq!(outcome, Outcome::Unmet);
        assert!(why.starts_with("no notice was found (") && why.contains("misses some 3 in 100"), "{why}");
    }

    #[test]
    fn a_notice_of_a_form_the_rule_is_not_about_neither_satisfies_nor_is_blamed() {
        let evidence = noticed(vec![drawn(9, 99, 9.0)]);
        let judgement = notice(&case(&evidence), |_, _| None);
        assert_eq!(judgement, Judgement::unmet("no notice was found"));
    }

    #[test]
    fn reasons_name_the_place_and_all_that_was_refused() {
        let why = yes(&noticed(vec![written("no", &[]), written("never", &[])])).why;
        assert_eq!(why, "says no (there); says no (there)");
        assert_eq!(yes(&noticed(vec![written("yes", &[])])).why, "says yes (there)");
        let why = yes(&unseen("visible", Channel::Explicit)).why;
        assert_eq!(why, "could not look for the visible notice: it cannot be decoded");
        let both =
            [noticed(vec![written("no", &[])]).looks, unseen("visible", Channel::Explicit).looks].concat();
        let why = yes(&Evidence::from(both)).why;
        assert_eq!(why, "says no (there); could not look for the visible notice: it cannot be decoded");
    }

    #[test]
    fn only_sure_labels_count_and_blind_is_not_absent() {
        let sure = || label(None, &[]);
        for (evidence, expected) in [
            (labelled(vec![sure()]), Ok(1)),
            (labelled(vec![sure(), doubtful(sure()), sure()]), Ok(2)),
            (labelled(vec![doubtful(sure())]), Err(Outcome::Unmet)),
            (labelled(vec![]), Err(Outcome::Unmet)),
            (Evidence::default(), Err(Outcome::Unmet)),
            (unseen("aigc", Channel::Metadata), Err(Outcome::Unknown)),
        ] {
            let found = aigc(&case(&evidence)).map(|labels| labels.len()).map_err(|why| why.outcome);
            assert_eq!(found, expected, "{evidence:?}");
        }
    }

    #[test]
    fn a_flaw_in_any_label_is_told_with_its_place_and_a_note_is_none() {
        let flaw = |gravity| flawed(label(None, &[]), "spelling", gravity);
        let said = |labels, codes: &[&str]| without_flaws(&case(&labelled(labels)), codes, "fine");
        assert_eq!(said(vec![flaw(Gravity::Note)], &["spelling"]), Judgement::met("fine"));
        assert_eq!(said(vec![flaw(Gravity::Fault)], &["json"]), Judgement::met("fine"));
        let unmet = Judgement::unmet("a flaw (chunk, byte 7)");
        assert_eq!(said(vec![label(None, &[]), flaw(Gravity::Deviation)], &["json", "spelling"]), unmet);
    }
}
