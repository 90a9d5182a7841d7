//! What people are told of a watermark: what it says, how sure that is, and what became of the content since.

use indicia::{Mark, Nearest, Signal, Strength};

/// A turn that is told, in degrees.
const TURN: f64 = 0.05;
/// A share of speed or pitch that is told.
const STRETCH: f64 = 0.0005;
/// A share of the area that is told of as cropped or padded.
const AREA: f64 = 0.02;

/// After "none": how near the best attempt came.
pub(crate) fn short(nearest: &Nearest) -> String {
    let Strength { statistic, threshold, .. } = nearest.strength;
    format!(" (z {statistic:.1} where {threshold:.1} is needed; {})", nearest.reach)
}

/// The lines of a mark that is a watermark.
pub(crate) fn facts(mark: &Mark) -> Vec<String> {
    let Some(signal) = &mark.signal else { return Vec::new() };
    let holds = match signal.payload.as_str() {
        "" => "no id: it tells that the content was marked, and no more".to_owned(),
        payload => format!("id {} (payload {payload}, version {})", signal.id, signal.version),
    };
    let mut facts = vec![holds];
    facts.push(if signal.open {
        format!("under the open key ({}), which anyone can write with", signal.key)
    } else {
        format!("under the key {}", signal.key)
    });
    if let Some(strength) = &mark.strength {
        facts.push(sureness(strength, signal.attempts));
    }
    let changes = changes(signal);
    if signal.searched || !changes.is_empty() {
        let how = if signal.searched { "found by searching" } else { "found" };
        let what = if changes.is_empty() { "moved".to_owned() } else { changes.join(", ") };
        let is_sound = signal.geometry.iter().any(|(what, _)| *what == "time");
        let content = if is_sound { "sound" } else { "picture" };
        facts.push(format!("{how}: since it was marked, the {content} was {what}"));
    }
    facts
}

fn sureness(strength: &Strength, attempts: u64) -> String {
    let Strength { statistic, threshold, false_alarm } = strength;
    let power = (-false_alarm.log10()).floor();
    let plural = if attempts == 1 { "attempt" } else { "attempts" };
    format!(
        "z {statistic:.1} where {threshold:.1} is needed: of content without a mark, fewer than 1 in 10^{power} would show as \
         much by chance ({attempts} {plural})"
    )
}

fn changes(signal: &Signal) -> Vec<String> {
    let mut changes = Vec::new();
    for (what, value) in &signal.geometry {
        match *what {
            "mirrored" if *value > 0.5 => changes.push("mirrored".to_owned()),
            "time" if (value - 1.0).abs() >= STRETCH => {
                let (by, how) = (100.0 * (1.0 / value - 1.0), if *value < 1.0 { "faster" } else { "slower" });
                changes.push(format!("played {:.1} % {how}", by.abs()));
            }
            "pitch" if (value - 1.0).abs() >= STRETCH => {
                let cents = 1200.0 * value.log2();
                let how = if cents > 0.0 { "higher" } else { "lower" };
                changes.push(format!("made {:.0} cents {how}", cents.abs()));
            }
            "rotation_degrees" if value.abs() >= TURN => {
                changes.push(format!("turned by {value:.1} degrees"))
            }
            "share_of_area" if *value < 1.0 - AREA => {
                changes.push(format!("cropped to about {:.0} % of its area", 100.0 * value));
            }
            "share_of_area" if *value > 1.0 + AREA => {
                changes.push(format!("padded to about {:.0} % of its area", 100.0 * value));
            }
            _ => {}
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::{facts, short};
    use indicia::{Mark, Nearest, Signal, Strength};

    fn mark(open: bool, geometry: Vec<(&'static str, f64)>) -> Mark {
        let signal = Signal {
            payload: "1700000000000001".into(),
            version: 1,
            id: "digest 00000000000001".into(),
            key: "0123456789abcdef".into(),
            open,
            searched: true,
            attempts: 40,
            geometry,
            spans: Vec::new(),
            frames: 1,
            frames_in_all: 1,
        };
        let strength = Strength { statistic: 25.0, threshold: 11.7, false_alarm: 3e-117 };
        Mark { signal: Some(signal), strength: Some(strength), ..Mark::default() }
    }

    #[test]
    fn a_mark_is_told_with_its_key_its_sureness_and_what_happened() {
        let geometry = vec![("rotation_degrees", -3.04), ("mirrored", 0.0), ("share_of_area", 0.517)];
        let said = facts(&mark(true, geometry)).join("\n");
        for part in [
            "id digest 00000000000001 (payload 1700000000000001, version 1)",
            "the open key (0123456789abcdef), which anyone can write with",
            "z 25.0 where 11.7 is needed",
            "fewer than 1 in 10^116 would",
            "(40 attempts)",
            "turned by -3.0 degrees, cropped to about 52 % of its area",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
        let mut presence = mark(true, Vec::new());
        presence
            .signal
            .iter_mut()
            .for_each(|signal| (signal.payload, signal.id) = (String::new(), "none".into()));
        assert!(
            facts(&presence)
                .join("\n")
                .starts_with("no id: it tells that the content was marked, and no more\n")
        );
        let own = facts(&mark(false, vec![("mirrored", 1.0), ("share_of_area", 1.3)])).join("\n");
        assert!(own.contains("under the key 0123") && !own.contains("anyone"), "{own}");
        assert!(own.contains("mirrored, padded to about 130 %"), "{own}");
        let sound = facts(&mark(false, vec![("time", 0.95), ("pitch", 1.0595)])).join("\n");
        assert!(sound.contains("the sound was played 5.3 % faster, made 100 cents higher"), "{sound}");
        assert!(facts(&Mark::default()).is_empty());
    }

    #[test]
    fn a_search_that_found_nothing_has_its_figure() {
        let strength = Strength { statistic: 9.42, threshold: 11.6, false_alarm: 1.0 };
        let said = short(&Nearest { strength, reach: "looked everywhere".into() });
        assert_eq!(said, " (z 9.4 where 11.6 is needed; looked everywhere)");
    }
}
