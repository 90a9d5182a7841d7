use super::*;
use crate::Key;

const KEYS: [i64; 20] =
    [654, 400, 836, 123, 340, 443, 597, 160, 57, 29, 590, 639, 13, 715, 468, 990, 966, 226, 324, 585];

fn published() -> Tournament {
    Tournament::new(&KEYS, 5).unwrap()
}

/// Numbers of `SynthIDTextWatermarkLogitsProcessor` in transformers 4.46.3 with PyTorch 1.13, on a CPU.
mod as_published {
    use super::*;

    #[test]
    fn bits_of_tokens() {
        for (group, bits) in [
            ([1, 2, 3, 4, 5], [0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1, 0, 0]),
            ([0, 0, 0, 0, 7], [0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0]),
            ([151_643, 9, 100_000, 31_999, 12], [0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1]),
        ] {
            let read: Vec<u8> = published().bits(&group[..4], group[4]).into_iter().map(u8::from).collect();
            assert_eq!(read, bits, "{group:?}");
        }
    }

    #[test]
    fn probabilities_after_all_rounds() {
        let (mut drawn, before) = (Drawn::default(), [0.4, 0.3, 0.2, 0.1]);
        for (tokens, after) in [
            (&[][..], [1.380_356_196e-12, 0.999_999_999_998_6, 4.140_408_276e-19, 3.671_070_038_8e-15]),
            (&[2], [0.511_606_250_221, 0.488_393_707_973, 4.169_893_159_8e-8, 1.067_639_779_2e-10]),
        ] {
            let mut probabilities = before;
            published().decide(&mut drawn, tokens, &[0, 1, 2, 3], &mut probabilities);
            for (is, should) in probabilities.iter().zip(after) {
                assert!((is / should - 1.0).abs() < 1e-6, "{tokens:?}: {is} {should}");
            }
        }
    }
}

#[test]
fn a_context_that_came_up_before_is_left_alone() {
    let mut drawn = Drawn::default();
    let mut probabilities = [0.25; 4];
    published().decide(&mut drawn, &[1, 2, 3, 4], &[0, 1, 2, 3], &mut probabilities);
    assert_ne!(probabilities, [0.25; 4]);
    let mut again = [0.25; 4];
    published().decide(&mut drawn, &[9, 1, 2, 3, 4], &[0, 1, 2, 3], &mut again);
    assert_eq!(again, [0.25; 4]);
    let mut forgotten = [0.25; 4];
    published().with_history(0).decide(&mut Drawn::default(), &[1, 2, 3, 4], &[0, 1, 2, 3], &mut forgotten);
    assert_eq!(forgotten, probabilities);
}

fn generate(tournament: Option<&Tournament>, length: usize) -> Vec<u32> {
    let mut random = Key::from_bytes(b"draws").stream("tokens");
    let (mut drawn, mut tokens) = (Drawn::default(), Vec::new());
    while tokens.len() < length {
        // Sixteen candidates a step, other ones at each.
        let first = random.below(50_000);
        let candidates: Vec<u32> = (first..first + 16).collect();
        let mut probabilities = [1.0 / 16.0; 16];
        if let Some(tournament) = tournament {
            tournament.decide(&mut drawn, &tokens, &candidates, &mut probabilities);
        }
        let mut at = f64::from(random.unit());
        let place = probabilities.iter().position(|probability| {
            at -= probability;
            at < 0.0
        });
        tokens.push(candidates[place.unwrap_or(15)]);
    }
    tokens
}

#[test]
fn what_is_decided_is_found_and_what_is_not_is_not() {
    let marked = generate(Some(&published()), 204);
    let score = published().score(&marked);
    assert_eq!(score.tokens, 200);
    assert!(score.z > 8.0 && score.log10_false_alarm() < -9.0, "{score:?}");
    let plain = published().score(&generate(None, 204));
    assert!(plain.z.abs() < 4.0 && plain.log10_false_alarm() > -4.0, "{plain:?}");
    let other = Tournament::new(&[1, 2, 3, 5, 8], 5).unwrap().score(&marked);
    assert!(other.log10_false_alarm() > -4.0, "{other:?}");
}

#[test]
fn tokens_without_a_new_context_are_not_scored() {
    let score = published().score(&[7; 300]);
    assert_eq!((score.tokens, score.repeated), (1, 295));
    assert_eq!(published().score(&[1, 2, 3, 4]).ln_false_alarm, 0.0);
    assert_eq!(published().score(&[1, 2, 3, 4]).z, 0.0);
}

#[test]
fn parameters_that_make_no_watermark_are_refused() {
    assert_eq!(Tournament::new(&[], 5).unwrap_err(), TournamentError::Keys(0));
    assert_eq!(Tournament::new(&KEYS, 1).unwrap_err(), TournamentError::Length(1));
    assert_eq!(published().with_table(0, 0).unwrap_err(), TournamentError::Table(0));
}
