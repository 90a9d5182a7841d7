use super::{NO_SOURCE_TYPE, RETIRED_TERM, TERM_SPELLING, UNKNOWN_TERM};
use crate::schemes::iptc::SCHEME;
use crate::stage::Stage;
use crate::{MarkError, Write};
use indicia_core::{Claim, Field, Mark, MediaKind, Order, Origin, Status};
use indicia_media::Carrier;

fn packet(inner: &str) -> String {
    format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description rdf:about='' xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'>{inner}\
         </rdf:Description></rdf:RDF></x:xmpmeta>"
    )
}

fn image(inner: &str) -> Stage {
    Stage::new(MediaKind::Image, vec![(Carrier::Xmp, "", packet(inner).into_bytes())])
}

fn typed(value: &str) -> Stage {
    image(&format!("<Iptc4xmpExt:DigitalSourceType>{value}</Iptc4xmpExt:DigitalSourceType>"))
}

fn one(stage: &Stage) -> Mark {
    let mut marks = stage.find(SCHEME.find).unwrap();
    assert_eq!(marks.len(), 1);
    marks.remove(0)
}

fn codes(mark: &Mark) -> Vec<&str> {
    mark.flaws.iter().map(|flaw| flaw.code).collect()
}

fn order(origin: Option<Origin>, fields: &[(Field, &str)]) -> Order {
    let mut claim = Claim { status: Some(Status::Generated), origin, ..Claim::default() };
    fields.iter().for_each(|(field, value)| claim.set(*field, *value));
    Order { claim, ..Order::default() }
}

fn change(stage: &Stage, order: &Order) -> Result<(Stage, Option<Mark>), MarkError> {
    let Write::Draft { change, .. } = SCHEME.write else { unreachable!() };
    stage.change(change, order)
}

fn write(stage: &Stage, order: &Order) -> Mark {
    let (after, promised) = change(stage, order).unwrap();
    let (promised, found) = (promised.unwrap(), one(&after));
    assert_eq!((&promised.claim, &promised.raw, codes(&promised)), (&found.claim, &found.raw, codes(&found)));
    assert_eq!(change(&after, order).unwrap().1, None, "a second time changes nothing");
    found
}

#[test]
fn terms_say_what_they_say() {
    const ADDRESS: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/";
    for (code, status, origin, flaws) in [
        ("trainedAlgorithmicMedia", Some(Status::Generated), Some(Origin::Generated), vec![]),
        ("compositeWithTrainedAlgorithmicMedia", Some(Status::Generated), Some(Origin::Altered), vec![]),
        ("compositeSynthetic", Some(Status::Generated), Some(Origin::Altered), vec![]),
        ("composite", Some(Status::Possible), None, vec![]),
        ("virtualRecording", Some(Status::Possible), None, vec![]),
        ("digitalCapture", Some(Status::NotGenerated), None, vec![]),
        ("algorithmicallyEnhanced", Some(Status::NotGenerated), None, vec![]),
        ("screenCapture", None, None, vec![]),
        ("softwareImage", None, None, vec![RETIRED_TERM]),
        ("digitalArt", Some(Status::NotGenerated), None, vec![RETIRED_TERM]),
        ("somethingElse", None, None, vec![UNKNOWN_TERM]),
    ] {
        let mark = one(&typed(&format!("{ADDRESS}{code}")));
        assert_eq!((mark.claim.status, mark.claim.origin, codes(&mark)), (status, origin, flaws), "{code}");
        assert_eq!(mark.claim.field(Field::SourceType), format!("{ADDRESS}{code}"));
    }
    let data = one(&typed("http://c2pa.org/digitalsourcetype/trainedAlgorithmicData"));
    assert_eq!((data.claim.status, codes(&data)), (Some(Status::Generated), vec![]));
    assert_eq!(one(&typed("http://c2pa.org/digitalsourcetype/empty")).claim.status, None);
}

#[test]
fn other_spellings_are_understood_and_noted() {
    for value in [
        "https://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia/",
        "http://cv.iptc.org/newscodes/digitalsourcetype/TrainedAlgorithmicMedia",
        "trainedAlgorithmicMedia",
        "TrainedAlgorithmicMedia",
        "digsrctype:trainedAlgorithmicMedia",
        " trainedAlgorithmicMedia\n",
    ] {
        let mark = one(&typed(value));
        assert_eq!(
            (mark.claim.status, codes(&mark)),
            (Some(Status::Generated), vec![TERM_SPELLING]),
            "{value}"
        );
    }
}

#[test]
fn a_system_without_a_source_type_is_no_answer() {
    let mark = one(&image("<Iptc4xmpExt:AISystemUsed>X</Iptc4xmpExt:AISystemUsed>"));
    assert_eq!(
        (mark.claim.status, mark.claim.field(Field::System), codes(&mark)),
        (None, "X", vec![NO_SOURCE_TYPE])
    );
}

#[test]
fn parts_and_sources_of_the_picture_do_not_speak_for_it() {
    let part = "<Iptc4xmpExt:a rdf:parseType='Resource'><Iptc4xmpExt:DigitalSourceType>trainedAlgorithmicMedia\
                </Iptc4xmpExt:DigitalSourceType></Iptc4xmpExt:a>";
    assert_eq!(image(part).find(SCHEME.find).unwrap(), []);
    assert_eq!(Stage::new(MediaKind::Image, vec![]).find(SCHEME.find).unwrap(), []);
}

#[test]
fn a_broken_packet_is_blindness() {
    let whole = typed("trainedAlgorithmicMedia").packets[0].2.clone();
    let at = whole.windows(9).position(|part| part == b"SourceTyp").unwrap();
    let cut = Stage::new(MediaKind::Image, vec![(Carrier::Xmp, "", whole[..at + 10].to_vec())]);
    assert!(cut.find(SCHEME.find).is_err());
    assert!(matches!(change(&cut, &order(Some(Origin::Generated), &[])), Err(MarkError::Refused(_))));
}

#[test]
fn what_is_written_is_found() {
    let fields = [
        (Field::System, "Model <X> & \"Y\""),
        (Field::SystemVersion, "1.0"),
        (Field::Prompt, "a cat,\nand 一只狗"),
        (Field::PromptWriter, "Ann"),
    ];
    for (origin, code) in [
        (Origin::Generated, "trainedAlgorithmicMedia"),
        (Origin::Altered, "compositeWithTrainedAlgorithmicMedia"),
    ] {
        for stage in
            [Stage::new(MediaKind::Image, vec![]), image("<Iptc4xmpExt:x>stays</Iptc4xmpExt:x>"), typed(code)]
        {
            let order = order(Some(origin), &fields);
            let mark = write(&stage, &order);
            let mut expected = order.claim.clone();
            expected.set(Field::SourceType, format!("http://cv.iptc.org/newscodes/digitalsourcetype/{code}"));
            assert_eq!((mark.claim, mark.flaws), (expected, vec![]));
        }
    }
}

#[test]
fn another_origin_is_replaced_only_when_asked() {
    let mut order = order(Some(Origin::Generated), &[(Field::System, "X")]);
    for stage in [
        typed("http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"),
        typed("composite"),
        typed("nonsense"),
        image("<Iptc4xmpExt:AISystemUsed>Y</Iptc4xmpExt:AISystemUsed>"),
    ] {
        order.replace = false;
        let Err(MarkError::Refused(why)) = change(&stage, &order) else { panic!() };
        assert!(why.contains("--replace-label"), "{why}");
        order.replace = true;
        write(&stage, &order);
    }
}

#[test]
fn what_has_no_term_is_not_made_up() {
    let stage = Stage::new(MediaKind::Image, vec![]);
    let mut unsure = order(None, &[]);
    for status in [
        None,
        Some(Status::Generated),
        Some(Status::Possible),
        Some(Status::Suspected),
        Some(Status::NotGenerated),
    ] {
        unsure.claim.status = status;
        assert!(matches!(change(&stage, &unsure), Err(MarkError::Order(_))), "{status:?}");
    }
    let control = order(Some(Origin::Generated), &[(Field::System, "a\u{1}")]);
    assert!(matches!(change(&stage, &control), Err(MarkError::Order(_))));
    let sound = Stage::new(MediaKind::Audio, vec![]);
    assert!(matches!(change(&sound, &order(Some(Origin::Generated), &[])), Err(MarkError::Refused(_))));
}

#[test]
fn further_packets_lose_what_the_first_says() {
    let mut stage = image("");
    stage.packets.extend(typed("trainedAlgorithmicMedia").packets);
    write(&stage, &order(Some(Origin::Generated), &[]));
}
