use super::*;
use crate::Key;

fn left() -> GreenList {
    GreenList::new(1000, 0.25, Seeding::LeftHash, 1).unwrap()
}

fn own() -> GreenList {
    GreenList::new(1000, 0.25, Seeding::SelfHash, 4).unwrap()
}

/// Numbers of `WatermarkLogitsProcessor` in transformers 4.46.3 with PyTorch 1.13, on a CPU.
mod as_published {
    use super::*;

    #[test]
    fn lists_of_lefthash() {
        for (last, first) in [
            (0, [44, 37, 675, 775, 947, 209]),
            (1, [958, 725, 179, 426, 565, 666]),
            (999, [446, 404, 452, 979, 467, 156]),
            (77, [517, 72, 38, 746, 769, 138]),
        ] {
            let list = left().list(left().left_seed(last));
            assert_eq!(list.len(), 250);
            assert_eq!(list[..6], first, "{last}");
            assert!(first.iter().all(|&token| left().favours(&[5, last], token)));
        }
    }

    #[test]
    fn lists_of_selfhash() {
        for (before, token, first, green) in [
            ([5, 6, 7], 8, [817, 554, 426, 806, 315, 911], false),
            ([999, 0, 3], 500, [534, 970, 676, 982, 253, 206], false),
            ([77, 77, 77], 77, [795, 900, 240, 889, 333, 33], true),
            ([1, 2, 3], 4, [18, 793, 441, 390, 916, 702], false),
        ] {
            assert_eq!(own().list(own().self_seed(&before, token))[..6], first, "{before:?} {token}");
            assert_eq!(own().favours(&before, token), green, "{before:?} {token}");
        }
    }

    #[test]
    fn scores_are_raised_where_theirs_are() {
        let plain: Vec<f32> = (0..1000_u16).map(|i| f32::from(i * 7 % 1000 * 17 % 1000) / 100.0).collect();
        let raised = |list: GreenList, scores: &[f32]| -> Vec<usize> {
            let mut biased = scores.to_vec();
            list.bias(&[9, 8, 7, 6, 5], &mut biased, 2.0);
            (0..1000).filter(|&i| biased[i] != scores[i]).collect()
        };
        let green = raised(left(), &plain);
        assert_eq!(
            (green.len(), green[..6].to_vec(), green.iter().sum()),
            (250, vec![4, 9, 10, 17, 21, 22], 121_170)
        );
        let theirs: Vec<f32> = (0..1000_u32).map(|i| ((i * 7919) % 1000) as f32 / 100.0).collect();
        assert_eq!(raised(own(), &theirs), [62, 210, 346, 605, 630, 704, 877, 926]);
    }
}

#[test]
fn nothing_is_raised_before_there_is_a_context() {
    let mut scores = vec![0.0; 1000];
    own().bias(&[1, 2, 3], &mut scores, 2.0);
    left().bias(&[], &mut scores, 2.0);
    assert!(scores.iter().all(|&score| score == 0.0));
}

/// Draws tokens of a model that finds all equally likely.
fn generate(list: &GreenList, bias: f32, length: usize) -> Vec<u32> {
    let mut random = Key::from_bytes(b"draws").stream("tokens");
    let mut tokens = vec![1, 2, 3, 4];
    while tokens.len() < length {
        let mut scores = vec![0.0; 1000];
        list.bias(&tokens, &mut scores, bias);
        let weights: Vec<f32> = scores.iter().map(|score| score.exp()).collect();
        let mut at = random.unit() * weights.iter().sum::<f32>();
        let drawn = weights.iter().position(|weight| {
            at -= weight;
            at < 0.0
        });
        tokens.push(u32::try_from(drawn.unwrap_or(0)).unwrap());
    }
    tokens
}

#[test]
fn what_is_biased_is_found_and_what_is_not_is_not() {
    let marked = left().score(&generate(&left(), 2.0, 220));
    assert_eq!(marked.tokens + marked.repeated, 219);
    assert!(marked.z > 10.0 && marked.log10_false_alarm() < -9.0, "{marked:?}");
    let plain = generate(&left(), 0.0, 220);
    let absent = left().score(&plain);
    assert!(absent.z.abs() < 4.0 && absent.log10_false_alarm() > -4.0, "{absent:?}");
    let other = left().with_hash_key(7).score(&generate(&left(), 2.0, 220));
    assert!(other.log10_false_alarm() > -4.0, "{other:?}");
    let own = own();
    let marked = own.score(&generate(&own, 4.0, 220));
    assert!(marked.favoured > own.score(&plain).favoured, "{marked:?}");
}

#[test]
fn a_pair_said_again_and_again_counts_once() {
    let list = left();
    let green = (0..1000).find(|&token| list.favours(&[token], token)).unwrap();
    let score = list.score(&[green; 500]);
    assert_eq!((score.tokens, score.repeated), (1, 498));
    assert!(score.log10_false_alarm() > -1.0);
    assert_eq!(list.score(&[]).ln_false_alarm, 0.0);
}

#[test]
fn parameters_that_make_no_watermark_are_refused() {
    assert!(matches!(GreenList::new(1, 0.25, Seeding::LeftHash, 1), Err(GreenListError::Vocabulary(1))));
    for share in [0.0, -1.0, 1.0, 2.0, 1e-9, f64::NAN] {
        assert!(
            matches!(GreenList::new(1000, share, Seeding::LeftHash, 1), Err(GreenListError::Share(_))),
            "{share}"
        );
    }
    assert!(matches!(GreenList::new(1000, 0.25, Seeding::LeftHash, 0), Err(GreenListError::Context(0))));
}
