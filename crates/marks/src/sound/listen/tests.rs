use super::{Heard, listen};
use crate::sound::trial::{Score, Trial};
use indicia_core::{FormatError, Position, Problem};

fn heard(score: &Score) -> Vec<Heard> {
    listen(&mut score.stream(), true, |_| ()).0.unwrap()
}

fn positions(score: &Score) -> Vec<Position> {
    heard(score).iter().map(|heard| heard.position).collect()
}

const LENGTHS: [f64; 4] = [110.0, 330.0, 110.0, 110.0];
const GAPS: [f64; 3] = [110.0, 330.0, 110.0];

fn rhythm(score: Score) -> Score {
    score.tones(&LENGTHS, &GAPS, 1_000.0, 0.3)
}

#[test]
fn it_is_measured_where_it_stands() {
    let content = |score: Score| score.babble(2_500.0, 0.1);
    let new = || Score::new(8_000);
    let at_start = content(rhythm(new().rest(100.0)).rest(350.0));
    let at_end = rhythm(content(new()).rest(350.0)).rest(100.0);
    let at_both = rhythm(content(rhythm(new()).rest(350.0)).rest(350.0));
    let in_middle = content(rhythm(content(new()).rest(350.0)).rest(350.0));
    assert_eq!(positions(&at_start), [Position::Start]);
    assert_eq!(positions(&at_end), [Position::End]);
    assert_eq!(positions(&at_both), [Position::Start, Position::End]);
    assert_eq!(positions(&in_middle), [Position::Middle]);
    let heard = &heard(&at_end)[0];
    assert!((heard.start - 2.85).abs() < 0.01, "{heard:?}");
    assert!((heard.timing.short - 0.110).abs() < 0.005, "{heard:?}");
    assert!((heard.timing.long - 0.330).abs() < 0.005, "{heard:?}");
    assert!((heard.tone_hz - 1_000.0).abs() < 10.0, "{heard:?}");
    assert!(!heard.doubtful);
}

#[test]
fn it_is_heard_at_every_rate_and_through_noise() {
    for rate in [8_000, 11_025, 22_050, 48_000] {
        let score = rhythm(Score::new(rate).rest(100.0)).rest(350.0).babble(1_000.0, 0.1);
        assert_eq!(positions(&score), [Position::Start], "{rate}");
        assert_eq!(positions(&score.with_noise(0.021)), [Position::Start], "{rate} with noise 20 dB under");
    }
}

#[test]
fn other_makers_ways_are_heard() {
    let new = || Score::new(8_000);
    let even = new().tones(&[120.0, 360.0, 120.0, 120.0], &[120.0], 1_046.5, 0.5).babble(2_000.0, 0.1);
    assert_eq!(positions(&even), [Position::Start]);
    let close = new().babble(2_000.0, 0.1).rest(200.0);
    let close = close.tones(&[90.0, 260.0, 90.0, 90.0], &[70.0, 180.0, 70.0], 880.0, 0.3);
    assert_eq!(positions(&close), [Position::End]);
    let mut double = new().tones(&[90.0, 260.0, 90.0, 90.0], &[70.0, 180.0, 70.0], 880.0, 0.3);
    let second = new().tones(&[90.0, 260.0, 90.0, 90.0], &[70.0, 180.0, 70.0], 660.0, 0.25);
    double.values.iter_mut().zip(&second.values).for_each(|(one, two)| *one += two);
    assert_eq!(positions(&double.rest(300.0).babble(2_000.0, 0.1)), [Position::Start]);
    for (unit, ratio, hz) in
        [(52.0, 3.0, 440.0), (250.0, 3.0, 2_900.0), (150.0, 2.0, 330.0), (100.0, 1.8, 700.0)]
    {
        let lengths = [unit, unit * ratio, unit, unit];
        let score = new().babble(1_500.0, 0.1).rest(800.0).tones(&lengths, &[unit], hz, 0.3).rest(800.0);
        assert_eq!(positions(&score), [Position::End], "{unit} {ratio} {hz}");
    }
    let twice = rhythm(rhythm(new()).rest(500.0)).rest(500.0).babble(2_000.0, 0.1);
    assert_eq!(positions(&twice), [Position::Start], "two times over is one notice");
}

/// 150 and 300 ms without gaps are one tone of 750 ms: nobody can tell.
#[test]
fn without_gaps_there_is_no_rhythm() {
    let score = Score::new(22_050).tones(&[150.0, 300.0, 150.0, 150.0], &[0.0], 1_000.0, 0.3).rest(500.0);
    assert!(heard(&score.babble(1_000.0, 0.1)).is_empty());
}

#[test]
fn opposite_and_single_channels_are_heard() {
    let score = rhythm(Score::new(44_100)).rest(400.0).babble(1_000.0, 0.1);
    let stereo = |right: f32| score.values.iter().flat_map(|value| [*value, value * right]).collect();
    for right in [1.0, -1.0, 0.0] {
        let mut stream = Trial::new(44_100, 2, stereo(right));
        assert_eq!(listen(&mut stream, true, |_| ()).0.unwrap().len(), 1, "{right}");
    }
}

#[test]
fn other_messages_are_not_it() {
    let new = || Score::new(8_000).babble(300.0, 0.1).rest(600.0);
    let sos = "... --- ...";
    let within = [
        ".- ..",
        sos,
        ".- .. -",
        "- .- ..",
        ".- ../.- .-..",
        "-.-. --.-/.- ../.-.",
        "....",
        ".-...",
        ".-.",
        ".- .",
        "-- ..",
    ];
    for code in within.into_iter().skip(1) {
        for unit in [60.0, 130.0] {
            let score = new().morse(code, unit, 800.0, 0.3).rest(1_700.0);
            assert!(heard(&score).is_empty(), "{code} {unit}");
        }
    }
    assert_eq!(heard(&new().morse(within[0], 110.0, 800.0, 0.3).rest(2_000.0)).len(), 1, "the test itself");
}

#[test]
fn telephones_and_alarms_are_not_it() {
    let new = || Score::new(8_000).rest(500.0);
    let busy = (0..20).fold(new(), |score, _| score.tone(500.0, 425.0, 0.3).rest(500.0));
    let alarm = (0..20).fold(new(), |score, _| score.tone(100.0, 2_000.0, 0.3).rest(100.0));
    let uneven =
        (0..9).fold(new(), |score, at| score.tone([100.0, 300.0, 100.0][at % 3], 900.0, 0.3).rest(150.0));
    for score in [busy, alarm, uneven] {
        assert!(heard(&score.rest(4_000.0)).is_empty());
    }
    // Four keys, each of two tones, the second held: the pitches differ.
    let keys =
        [(697.0, 1_209.0, 80.0), (770.0, 1_336.0, 240.0), (852.0, 1_477.0, 80.0), (941.0, 1_336.0, 80.0)];
    let mut dial = new();
    for (low, high, ms) in keys {
        let (low, high) = (Score::new(8_000).tone(ms, low, 0.2), Score::new(8_000).tone(ms, high, 0.2));
        dial.values.extend(low.values.iter().zip(&high.values).map(|(one, two)| one + two));
        dial = dial.rest(80.0);
    }
    assert!(heard(&dial.rest(4_000.0)).is_empty());
}

#[test]
fn notes_of_a_melody_are_not_it() {
    let new = || Score::new(16_000).rest(500.0);
    let pitches = new().tone(150.0, 880.0, 0.3).rest(50.0).tone(350.0, 880.0, 0.3).rest(50.0);
    let pitches = pitches.tone(150.0, 880.0, 0.3).rest(50.0).tone(150.0, 990.0, 0.3).rest(2_000.0);
    assert!(heard(&pitches).is_empty(), "the last note is another");
    let amid = new().tone(200.0, 660.0, 0.3).rest(100.0).tones(&LENGTHS, &[60.0], 880.0, 0.3);
    assert!(heard(&amid.rest(100.0).tone(200.0, 660.0, 0.3).rest(2_000.0)).is_empty(), "notes around it");
    let mut struck = rhythm(new());
    let onsets: Vec<usize> = (1..struck.values.len())
        .filter(|at| {
            struck.values[*at] != 0.0
                && struck.values[at.saturating_sub(200)..*at].iter().all(|value| *value == 0.0)
        })
        .collect();
    for (at, value) in struck.values.iter_mut().enumerate() {
        let since = onsets.iter().rev().find(|onset| **onset <= at).map_or(0, |onset| at - onset);
        *value *= (-(since as f32) / 1_200.0).exp();
    }
    assert!(heard(&struck.rest(2_000.0)).is_empty(), "struck strings fall");
}

#[test]
fn a_tone_of_another_pitch_inside_spoils_it() {
    let new =
        || Score::new(8_000).rest(500.0).tone(110.0, 1_000.0, 0.3).rest(110.0).tone(330.0, 1_000.0, 0.3);
    let last =
        |score: Score| score.tone(110.0, 1_000.0, 0.3).rest(110.0).tone(110.0, 1_000.0, 0.3).rest(2_000.0);
    let spoiled = last(new().rest(110.0).tone(110.0, 1_500.0, 0.3).rest(110.0));
    assert!(heard(&spoiled).is_empty());
    assert_eq!(heard(&last(new().rest(330.0))).len(), 1, "the test itself");
}

#[test]
fn trembling_tones_are_not_it() {
    let mut score = rhythm(Score::new(8_000).rest(500.0)).rest(2_000.0);
    assert_eq!(heard(&score).len(), 1, "the test itself");
    for (at, value) in score.values.iter_mut().enumerate() {
        *value *= 0.8 + 0.2 * (at as f32 / 8_000.0 * 20.0 * std::f32::consts::TAU).sin();
    }
    assert!(heard(&score).is_empty());
}

/// A piece for beeps may hold the rhythm by chance: it is reported, but as doubtful.
#[test]
fn even_beeps_among_many_are_doubtful() {
    let mut score = Score::new(8_000);
    for at in 0..15u8 {
        score = score.tone(120.0, 400.0 + 37.0 * f32::from(at), 0.3).rest(120.0);
    }
    let score = score.rest(1_500.0).tones(&[100.0, 200.0, 100.0, 100.0], &[100.0], 880.0, 0.3).rest(1_500.0);
    assert!(heard(&score).iter().all(|heard| heard.doubtful) && heard(&score).len() == 1);
    let spaced = rhythm(score).rest(1_500.0);
    assert!(heard(&spaced).iter().any(|heard| !heard.doubtful));
}

#[test]
fn what_was_heard_before_a_failure_is_kept() {
    let mut stream = rhythm(Score::new(8_000)).rest(400.0).babble(2_000.0, 0.1).stream();
    stream.failure = Some(FormatError::new(77, Problem::Truncated));
    let (heard, failure) = listen(&mut stream, true, |_| ());
    assert_eq!((heard.unwrap().len(), failure.unwrap().at), (1, 77));
    let mut stream = rhythm(Score::new(8_000).babble(2_000.0, 0.1).rest(400.0)).rest(9_000.0).stream();
    stream.failure = Some(FormatError::new(77, Problem::Truncated));
    let heard = listen(&mut stream, true, |_| ()).0.unwrap();
    assert_eq!(heard[0].position, Position::Middle, "the end was not reached");
}

#[test]
fn nothing_is_heard_where_nothing_is() {
    for rate in [8_000, 44_100] {
        assert!(heard(&Score::new(rate)).is_empty());
        assert!(heard(&Score::new(rate).rest(3_000.0)).is_empty());
        assert!(heard(&Score::new(rate).babble(2_000.0, 0.3)).is_empty());
    }
    assert!(listen(&mut Trial::new(1_000, 1, vec![0.0; 9]), true, |_| ()).0.is_none());
    assert!(listen(&mut Trial::new(8_000, 0, Vec::new()), true, |_| ()).0.is_none());
}
