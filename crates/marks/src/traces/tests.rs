use super::list::List;
use super::places::Region;
use super::written;
use super::{find, rows};
use crate::MarkError;
use crate::stage::Stage;
use indicia_core::{Limits, Mark, MediaKind, Status, Tier};
use indicia_media::Carrier;

const TWO: &str = "[groups]\ntool = ['field:Software', 'xmp:CreatorTool']\n";

fn list(rows: &str) -> Result<written::List, String> {
    written::List::read(&format!("{TWO}{rows}"))
}

/// What is found in a packet, by the list that is built in.
fn found(carrier: Carrier, key: &'static str, body: &[u8]) -> Vec<Mark> {
    let stage = Stage::new(MediaKind::Image, vec![(carrier, key, body.to_vec())]);
    let bytes = stage.bytes();
    find(&stage.open(&bytes)).unwrap()
}

fn ids(marks: &[Mark]) -> Vec<&str> {
    marks.iter().map(|mark| mark.trace.unwrap().id).collect()
}

#[test]
fn the_built_in_lists_can_be_read_and_name_each_trace_once() {
    let tests = [Region::Field, Region::Manifest]
        .map(|region| (0..).map_while(|at| List::of(region).test(at)).count());
    assert!(tests[0] + tests[1] == rows().count() && !tests.contains(&0));
    let mut ids: Vec<_> = rows().map(|row| row.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), rows().count());
    assert!(rows().all(|row| !row.means.is_empty() && !row.source.is_empty()));
}

#[test]
fn each_list_has_the_rows_of_its_regions() {
    for row in rows() {
        let of_manifests =
            (0..).map_while(|at| List::of(Region::Manifest).row(at)).any(|one| one.id == row.id);
        for place in row.places {
            assert_eq!(*place == "manifest", of_manifests, "{}: {place}", row.id);
        }
    }
}

#[test]
fn a_row_that_could_never_be_found_is_refused() {
    let row = "[[trace]]\nid='x'\ntier='ai'\nmeans='m'\nsource='s'\n";
    assert!(list(&format!("{row}in=['field']\nany=['a']")).is_ok());
    for (rest, why) in [
        ("in=['field']", "neither a word nor a key"),
        ("in=[]\nany=['a']", "no place"),
        ("in=['nowhere']\nany=['a']", "no region is called nowhere"),
        ("in=['@none']\nany=['a']", "no group is called none"),
        ("in=['field']\nregex='a'", "neither a word nor a key"),
        ("in=['field:a']\nany=['a']\nregex='('", ""),
        ("in=['field:a']\nany=['a']\nwhere='b'", "unknown field"),
    ] {
        let said = list(&format!("{row}{rest}")).err().unwrap_or_else(|| panic!("{rest} was taken"));
        assert!(said.contains(why), "{rest}: {said}");
    }
}

#[test]
fn a_trace_is_told_with_its_place_and_bytes_and_is_only_a_ground_for_suspicion() {
    let body = b"a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1";
    let marks = found(Carrier::Field, "parameters", body);
    assert!(ids(&marks).contains(&"e.a1111"), "{:?}", ids(&marks));
    let mark = marks.iter().find(|mark| mark.trace.unwrap().id == "e.a1111").unwrap();
    assert_eq!((mark.claim.status, mark.trace.unwrap().tier), (Some(Status::Suspected), Tier::Ai));
    assert_eq!(mark.place, "chunk, key parameters");
    assert_eq!(mark.site.unwrap().len(), "Steps: 20, ".len() as u64);
    assert!(mark.raw.contains("Steps: 20, Sampler"), "{}", mark.raw);
    assert!(found(Carrier::Field, "parameters", b"Steps: one, two").is_empty(), "all words have to be there");
    assert!(found(Carrier::Field, "Title", b"Steps: 20, Sampler: none").is_empty(), "another key");
}

#[test]
fn what_cannot_be_read_is_not_called_absent() {
    let stage = Stage::new(MediaKind::Image, vec![(Carrier::Field, "parameters", vec![b'a'; 99])]);
    let bytes = stage.bytes();
    let mut asset = stage.open(&bytes);
    asset.limits = Limits { block: 10, ..Limits::default() };
    assert!(matches!(find(&asset), Err(MarkError::Blind(_))));
}

#[test]
fn a_word_that_does_not_stand_alone_does_not_hide_one_that_does() {
    let marks = found(Carrier::Field, "Software", b"midjourneyish, by Midjourney");
    assert!(ids(&marks).contains(&"f.mj"), "{:?}", ids(&marks));
    assert_eq!(marks.iter().find(|mark| mark.trace.unwrap().id == "f.mj").unwrap().site.unwrap().len(), 10);
    assert!(found(Carrier::Field, "Software", b"midjourneyish").is_empty());
}

#[test]
fn what_has_to_be_the_whole_text_is_not_found_in_a_longer_one() {
    assert_eq!(ids(&found(Carrier::Field, "Credit", b" Made with Google AI ")), ["c.iptc.legacy"]);
    assert!(found(Carrier::Field, "Credit", b"Photo: Smith. Not Made with Google AI").is_empty());
}

#[test]
fn captions_and_titles_are_no_traces() {
    for key in ["Title", "Description", "Comment", "Author", "Keywords"] {
        let text = b"A photograph shown beside works of Midjourney, DALL-E, Stable Diffusion and NovelAI";
        assert!(found(Carrier::Field, key, text).is_empty(), "{key}");
    }
    assert!(found(Carrier::Comment, "", b"Created with GIMP").is_empty());
    let marks = found(Carrier::Field, "Software", b"GIMP 2.10");
    assert!(marks.iter().all(Mark::is_doubtful) && !marks.is_empty());
}

#[test]
fn a_key_alone_may_have_to_fit_a_pattern() {
    let job = |value: &str| found(Carrier::Field, "hf-job-id", value.as_bytes()).len();
    assert_eq!((job("0f9d"), job("")), (1, 1));
    assert!(found(Carrier::Field, "invokeai_metadata", b"{}").iter().any(|mark| !mark.is_doubtful()));
}

#[test]
fn very_many_hits_cost_no_more_than_the_text() {
    let text = "Steps: ".repeat(300_000);
    assert!(found(Carrier::Field, "parameters", text.as_bytes()).is_empty());
}

proptest::proptest! {
    /// The automaton finds what looking for every word at every place finds.
    #[test]
    fn every_word_is_found_wherever_it_stands(
        pieces in proptest::collection::vec((0_usize..1000, proptest::prelude::any::<bool>(), "[ -~é]{0,3}"), 0..12),
    ) {
        for list in [Region::Field, Region::Manifest].map(List::of) {
            let words: Vec<String> =
                rows().flat_map(|row| row.words).map(|word| word.to_ascii_lowercase()).collect();
            let text: String = pieces.iter().map(|(word, capital, rest)| {
                let word = &words[word % words.len()];
                if *capital { word.to_ascii_uppercase() + rest } else { word.chars().take(word.len() / 2).collect::<String>() + rest }
            }).collect();
            let lower = text.to_ascii_lowercase();
            let mut found: Vec<_> = list.needles.find(text.as_bytes()).map(|(word, hit)| {
                let of = list.by_needle(word).first().and_then(|row| list.row(*row)).unwrap();
                let written = lower[hit.clone()].to_owned();
                assert!(of.words.iter().any(|word| word.eq_ignore_ascii_case(&written)), "{written} of {}", of.id);
                (hit.start, written)
            }).collect();
            let mine: std::collections::BTreeSet<String> =
                (0..).map_while(|at| list.row(at)).flat_map(|row| row.words).map(|word| word.to_ascii_lowercase()).collect();
            let mut there: Vec<_> = mine.iter().flat_map(|word| {
                (0..lower.len()).filter(|at| lower.as_bytes()[*at..].starts_with(word.as_bytes())).map(|at| (at, word.clone()))
            }).collect();
            found.sort_unstable();
            there.sort_unstable();
            proptest::prop_assert_eq!(found, there);
        }
    }
}
