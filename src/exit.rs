use std::process::ExitCode;

use clap::ValueEnum;
use indicia::Outcome;

/// How a run ends. Of several, the one that stands first here counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// The command line or the configuration is wrong.
    Usage,
    /// A file was left alone on purpose.
    Refused,
    /// A rule is not met, or a mark does not hold.
    Unmet,
    /// Something could not be told.
    Unknown,
    /// All that was asked for is met.
    Fine,
}

/// What makes a run end with other than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A rule is not met (exit 1)
    Unmet,
    /// A rule of severity `warn` is not met (exit 1)
    Warn,
    /// A file or a rule could not be told (exit 3)
    Unknown,
    /// A file was left alone on purpose (exit 4)
    Refused,
}

impl Exit {
    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(self.number())
    }

    /// What the shell sees.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Unmet => 1,
            Self::Usage => 2,
            Self::Unknown => 3,
            Self::Refused => 4,
        }
    }

    /// What remains of it when only some endings count.
    pub(crate) fn under(self, fail_on: &[FailOn]) -> Self {
        let counts = match self {
            Self::Unmet => fail_on.contains(&FailOn::Unmet) || fail_on.contains(&FailOn::Warn),
            Self::Unknown => fail_on.contains(&FailOn::Unknown),
            Self::Refused => fail_on.contains(&FailOn::Refused),
            Self::Usage | Self::Fine => true,
        };
        if counts { self } else { Self::Fine }
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Met => Self::Fine,
            Outcome::Unknown => Self::Unknown,
            Outcome::Unmet => Self::Unmet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, ExitCode, FailOn, Outcome};

    #[test]
    fn only_what_is_named_counts() {
        assert_eq!(Exit::Unknown.under(&[FailOn::Unmet]), Exit::Fine);
        assert_eq!(Exit::Unmet.under(&[FailOn::Unmet]), Exit::Unmet);
        assert_eq!(Exit::Usage.under(&[]), Exit::Usage);
        assert!(Exit::Unmet.min(Exit::Unknown) == Exit::Unmet, "a failure goes before a doubt");
    }

    #[test]
    fn of_several_endings_the_gravest_counts() {
        let order = [Exit::Usage, Exit::Refused, Exit::Unmet, Exit::Unknown, Exit::Fine];
        assert!(order.is_sorted_by(|one, two| one < two));
        for (exit, code) in order.into_iter().zip([2, 4, 1, 3, 0]) {
            assert_eq!(exit.code(), ExitCode::from(code), "{exit:?}");
        }
    }

    #[test]
    fn each_ending_is_let_pass_by_all_names_but_its_own() {
        let all = [FailOn::Unmet, FailOn::Warn, FailOn::Unknown, FailOn::Refused];
        for (exit, named) in [
            (Exit::Unmet, &[FailOn::Unmet, FailOn::Warn][..]),
            (Exit::Unknown, &[FailOn::Unknown]),
            (Exit::Refused, &[FailOn::Refused]),
        ] {
            for fail_on in all {
                let expected = if named.contains(&fail_on) { exit } else { Exit::Fine };
                assert_eq!(exit.under(&[fail_on]), expected, "{exit:?} under {fail_on:?}");
            }
        }
    }

    #[test]
    fn unknown_is_neither_fine_nor_unmet() {
        let exits = [Outcome::Met, Outcome::Unknown, Outcome::Unmet].map(Exit::from);
        assert_eq!(exits, [Exit::Fine, Exit::Unknown, Exit::Unmet]);
    }
}
