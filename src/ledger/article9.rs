//! Copies without a notice: the one case in which the law lets it be left out, and what it asks for that.

use indicia::records::{Day, Moment};
use indicia::{Channel, Job, MediaKind, Regime};

use super::Asked;

/// How long the recipient of a copy without a notice is recorded at least (Measures for Labelling, article 9).
const MONTHS: u16 = 6;

/// What every regime of China is named after.
const CHINA: &str = "cn.";

/// Whether the notice that people perceive may be left out of what this run writes.
///
/// # Errors
/// If other regimes ask for the notice, or the recipient or the log is missing.
pub(crate) fn check(job: &Job<'_>, asked: &Asked, recipient: Option<&str>) -> Result<(), String> {
    let (own, others): (Vec<&Regime>, Vec<_>) =
        job.regimes.iter().copied().partition(|regime| regime.id.starts_with(CHINA));
    if let Some(rule) = asks_for_notice(job, others) {
        return Err(format!(
            "--no-explicit leaves out the notice that people perceive, which only China allows (Measures, article 9), and \
             {rule} asks for it: label for --for cn alone, or leave the notice in"
        ));
    }
    let Some(_) = asks_for_notice(job, own) else { return Ok(()) };
    if let Some(months) = asked.months.filter(|months| *months < MONTHS) {
        return Err(format!(
            "--retain {months} is too short: who receives a copy without a notice is recorded for at least {MONTHS} months \
             (Measures, article 9)"
        ));
    }
    let named = recipient.is_some_and(|recipient| !recipient.trim().is_empty());
    let missing = match (named, asked.folder.is_some()) {
        (true, true) => return Ok(()),
        (true, false) => "--log FOLDER (or `log = \"FOLDER\"` in indicia.toml), where that is recorded",
        (false, true) => "--recipient NAME, who receives it",
        (false, false) => {
            "--recipient NAME, who receives it, and --log FOLDER (or `log = \"FOLDER\"` in indicia.toml), where that is recorded"
        }
    };
    Err(format!(
        "--no-explicit leaves out the notice that people perceive. The Measures (article 9) allow it to a user who asks for it, \
         after an agreement on the duty to label, if the recipient is kept in a log for at least six months. Missing: {missing}. \
         To leave a mark out without that, name it with --without; the report then tells which rule is not met"
    ))
}

/// A rule of these regimes that a notice would serve, on whatever media.
fn asks_for_notice(job: &Job<'_>, regimes: Vec<&Regime>) -> Option<String> {
    let asking = Job { regimes, waived: None, with: Vec::new(), without: Vec::new(), ..job.clone() };
    let rule = |kind: &MediaKind| {
        let plan = asking.plan(*kind);
        let notices = plan.marks.iter().filter(|(scheme, _)| scheme.channel == Channel::Explicit);
        notices.flat_map(|(_, rules)| rules).next().map(|rule| rule.id.clone())
    };
    MediaKind::ALL.iter().find_map(rule)
}

/// Until when the recipient is recorded.
pub(crate) fn until(now: u64, asked: Option<Day>) -> Day {
    let least = Moment::of_seconds(now).day().months_later(MONTHS);
    asked.map_or(least, |asked| asked.max(least))
}

#[cfg(test)]
mod tests {
    use super::{Asked, check, until};
    use indicia::records::Day;
    use indicia::{Claim, Date, Field, Job, Order, Waiver, packs, regimes};

    #[test]
    fn a_recipient_and_a_log_are_needed_where_china_asks_for_the_notice() {
        let packs = packs(["cn"]).unwrap();
        let mut claim = Claim { status: Some(indicia::Status::Generated), ..Claim::default() };
        claim.set(Field::Producer, "A");
        let order = Order { claim, ..Order::default() };
        let job = |regimes| Job {
            waived: Some(Waiver::AT_REQUEST),
            ..Job::new(order.clone(), regimes, Date::parse("2026-11-01").unwrap())
        };
        let (china, none) = (job(regimes(&packs)), job(Vec::new()));
        let log = Asked { folder: Some("log".into()), months: None };
        assert!(check(&none, &Asked::default(), None).is_ok(), "no rule asks for a notice");
        assert!(check(&china, &log, Some("Studio")).is_ok());
        for (asked, recipient, named, unnamed) in [
            (&log, None, "--recipient NAME", "--log FOLDER"),
            (&log, Some("  "), "--recipient NAME", "--log FOLDER"),
            (&Asked::default(), Some("Studio"), "--log FOLDER", "--recipient NAME"),
        ] {
            let refused = check(&china, asked, recipient).unwrap_err();
            let missing = refused.split("Missing: ").nth(1).unwrap();
            assert!(missing.contains(named) && !missing.contains(unnamed), "{refused}");
        }
        let short = Asked { months: Some(5), ..log.clone() };
        assert!(check(&china, &short, Some("Studio")).unwrap_err().contains("at least 6 months"));
        // The law before the Measures asked for no such notice.
        let before = Job { at: Date::parse("2020-01-01").unwrap(), ..china };
        assert!(check(&before, &Asked::default(), None).is_ok());
    }

    #[test]
    fn six_months_are_the_least() {
        let day = |text: &str| Day::parse(text).unwrap();
        let now = 1_795_805_062; // 2026-11-27
        assert_eq!(until(now, None), day("2027-05-27"));
        assert_eq!(until(now, Some(day("2027-01-01"))), day("2027-05-27"));
        assert_eq!(until(now, Some(day("2028-01-01"))), day("2028-01-01"));
    }
}
