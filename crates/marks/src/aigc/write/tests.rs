//! What is written, and what is refused.

use super::super::codes;
use super::super::tests::{LABEL, YAML, comment, exif, field, front_matter, in_xmp, packet, wrapped};
use crate::schemes::aigc::SCHEME;
use crate::stage::{Part, Stage};
use crate::{MarkError, Write};
use indicia_core::{Claim, Field, Gravity, Mark, MediaKind, Order, Role, Status};
use indicia_media::Carrier;

const PRODUCER: &str = "001191110000000000000E10001";

fn claim(status: Status, fields: &[(Field, &str)]) -> Claim {
    let mut claim = Claim { status: Some(status), ..Claim::default() };
    fields.iter().for_each(|(field, value)| claim.set(*field, *value));
    claim
}

fn produced(producer: &str, id: &str) -> Order {
    let fields = [(Field::Producer, producer), (Field::ContentId, id)];
    Order { claim: claim(Status::Generated, &fields), ..Order::default() }
}

fn spread(status: Option<Status>) -> Order {
    let mut claim =
        claim(Status::Possible, &[(Field::Propagator, "platform"), (Field::PropagationId, "N-1")]);
    claim.status = status;
    Order { claim, role: Role::Propagator, ..Order::default() }
}

fn change(stage: &Stage, order: &Order) -> Result<(Stage, Option<Mark>), MarkError> {
    let Write::Draft { change, .. } = SCHEME.write else { unreachable!() };
    stage.change(change, order)
}

/// Writes, and holds what is found against what was promised.
fn write(stage: &Stage, order: &Order) -> (Stage, Mark) {
    let (after, promised) = change(stage, order).unwrap();
    let promised = promised.expect("a change");
    let marks: Vec<_> =
        after.find(SCHEME.find).unwrap().into_iter().filter(|mark| !mark.is_doubtful()).collect();
    let [found] = marks.as_slice() else { panic!("one label: {marks:?}") };
    assert_eq!((&found.claim, &found.raw), (&promised.claim, &promised.raw));
    assert!(found.place.ends_with(&promised.place), "{} {}", found.place, promised.place);
    // Who signed is told by keys that only who looks knows.
    let flaws = |mark: &Mark| {
        let told = mark.flaws.iter().filter(|flaw| flaw.code != codes::SECURITY_UNPINNED);
        told.map(|flaw| (flaw.code, flaw.text.clone())).collect::<Vec<_>>()
    };
    assert_eq!(flaws(found), flaws(&promised));
    assert_eq!(change(&after, order).unwrap().1, None, "a second time changes nothing");
    (after, found.clone())
}

fn image(packets: Vec<Part>) -> Stage {
    Stage::new(MediaKind::Image, packets)
}

fn refusal(stage: &Stage, order: &Order) -> String {
    match change(stage, order).unwrap_err() {
        MarkError::Refused(why) => why,
        other => panic!("{other:?}"),
    }
}

fn order_error(stage: &Stage, order: &Order) -> String {
    match change(stage, order).unwrap_err() {
        MarkError::Order(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_kind_gets_the_bytes_that_its_guide_has() {
    let order = produced(PRODUCER, "P-0001");
    let (after, mark) = write(&Stage::new(MediaKind::Audio, vec![]), &order);
    assert_eq!((after.packets, mark.flaws), (vec![field("AIGC", LABEL)], vec![]));
    let (after, _) = write(&image(vec![]), &order);
    assert_eq!(after.packets, [in_xmp(LABEL)]);
    let (after, _) = write(&Stage::new(MediaKind::Video, vec![]), &order);
    assert_eq!(after.packets, [in_xmp(LABEL)], "a format without fields");
    let (after, mark) = write(&Stage::new(MediaKind::Document, vec![]), &order);
    assert_eq!((after.packets, mark.flaws), (vec![front_matter(YAML)], vec![]));
}

#[test]
fn a_format_without_a_place_is_refused() {
    assert!(refusal(&Stage::new(MediaKind::Text, vec![]), &produced("p", "i")).contains("no place"));
}

#[test]
fn front_matter_around_the_label_stays() {
    let order = produced(PRODUCER, "P-0001");
    let document = |text: &str| Stage::new(MediaKind::Document, vec![front_matter(text)]);
    let (after, _) = write(
        &document(
            "title: x\nAIGC: {\"Label\":\"1\",\"ContentProducer\":\"001191110000000000000E10001\"}\nb: [1]\n",
        ),
        &order,
    );
    assert_eq!(after.packets, [front_matter(&format!("title: x\n{YAML}b: [1]\n"))]);
    let (after, _) = write(&document("title: x\r\n"), &order);
    assert_eq!(after.packets, [front_matter(&format!("title: x\r\n{}", YAML.replace('\n', "\r\n")))]);
    assert!(refusal(&document("{\"a\":1}"), &order).contains("JSON"));
}

#[test]
fn one_label_is_left_wherever_they_were() {
    let other = "<TC260:x>stays</TC260:x>";
    let attribute = format!(
        "{}<rdf:Description TC260:AIGC='{LABEL}'/>",
        String::from_utf8(packet("")).unwrap().split("</rdf:Description>").next().unwrap().to_owned()
            + other
            + "</rdf:Description>"
    ) + "</rdf:RDF></x:xmpmeta>";
    let attribute = attribute.replace(
        "<rdf:Description TC260",
        "<rdf:Description xmlns:TC260='http://www.tc260.org.cn/ns/AIGC/1.0/' TC260",
    );
    let blanked = exif(&[b"ASCII\0\0\0".to_vec(), vec![b' '; wrapped().len()]].concat());
    let before = image(vec![
        (Carrier::Xmp, "", attribute.into_bytes()),
        exif(&[b"ASCII\0\0\0", wrapped().as_bytes()].concat()),
        field("AIGC", &wrapped()),
        field("Title", "stays"),
        comment(&wrapped()),
        comment("stays"),
        (Carrier::Blob, "", format!("AIGC{LABEL}").into_bytes()),
        in_xmp(LABEL),
    ]);
    assert_eq!(before.find(SCHEME.find).unwrap().len(), 6);
    let (after, _) = write(&before, &produced(PRODUCER, "P-2"));
    assert_eq!(after.packets[1..4], [blanked, field("Title", "stays"), comment("stays")]);
    assert_eq!(after.packets.len(), 5);
    assert!(String::from_utf8_lossy(&after.packets[0].2).contains(other));
    assert_eq!(after.packets[4].2, packet(""));
    let sound = Stage::new(
        MediaKind::Audio,
        vec![field("COMM", &wrapped()), field("AIGC", LABEL), field("AIGC", LABEL), in_xmp(LABEL)],
    );
    let (after, _) = write(&sound, &produced(PRODUCER, "P-2"));
    assert_eq!(
        after.packets,
        [field("AIGC", &LABEL.replace("P-0001", "P-2")), (Carrier::Xmp, "", packet(""))]
    );
}

#[test]
fn blocks_in_the_words_go_and_examples_stay() {
    let words = format!("{YAML}\n# t\n\n```yaml\n{YAML}```\n");
    let before = Stage { kind: MediaKind::Document, packets: vec![], words };
    let (after, _) = write(&before, &produced(PRODUCER, "P-0001"));
    assert_eq!(after.words, format!("\n# t\n\n```yaml\n{YAML}```\n"));
}

#[test]
fn words_that_could_not_be_decoded_are_not_cut() {
    let words = format!("{YAML}\n\u{FFFD}\n");
    let stage = Stage { kind: MediaKind::Document, packets: vec![], words };
    assert!(refusal(&stage, &produced(PRODUCER, "P-0001")).contains("encoding"));
}

#[test]
fn other_words_are_never_taken_along() {
    let order = produced(PRODUCER, "P-2");
    for part in [
        comment(&format!("my holiday {}", wrapped())),
        exif(format!("ASCII\0\0\0my holiday {}", wrapped()).as_bytes()),
        (Carrier::Xmp, "", packet(&format!("<TC260:x>my holiday {}</TC260:x>", wrapped()))),
        field("Comment", &format!("my holiday {}", wrapped())),
    ] {
        assert!(refusal(&image(vec![part]), &order).contains("among other words"));
    }
}

#[test]
fn a_broken_packet_is_never_overwritten() {
    let cut = (Carrier::Xmp, "", in_xmp(LABEL).2[..400].to_vec());
    let mut order = produced(PRODUCER, "P-2");
    assert!(refusal(&image(vec![cut.clone()]), &order).contains("cannot be read"));
    order.replace = true;
    assert!(refusal(&image(vec![cut]), &order).contains("cannot be read"));
    let harmless = (Carrier::Xmp, "", b"<x:xmpmeta><rdf:RDF><a".to_vec());
    assert!(refusal(&image(vec![harmless]), &order).contains("broken"));
}

#[test]
fn another_producers_label_is_replaced_only_when_asked() {
    let mut order = produced("me", "i");
    for label in [LABEL, "{\"Label\":\"1\"", r#"{"Label":"3","ContentProducer":"","ProduceID":""}"#] {
        let before = image(vec![in_xmp(label)]);
        order.replace = false;
        assert!(refusal(&before, &order).contains("--replace-label"));
        order.replace = true;
        let (_, mark) = write(&before, &order);
        assert_eq!((mark.claim.field(Field::Producer), mark.claim.field(Field::Propagator)), ("me", "me"));
    }
}

#[test]
fn the_same_producer_keeps_its_number_and_what_secures_it() {
    let secured = LABEL.replace("\"ReservedCode1\":\"\"", "\"ReservedCode1\":\"sig\"");
    let before = image(vec![field("AIGC", &secured)]);
    let (_, mark) = write(&before, &produced(PRODUCER, ""));
    assert_eq!(
        (mark.claim.field(Field::ContentId), mark.claim.field(Field::ProducerSecurity)),
        ("P-0001", "sig")
    );
    let (_, mark) = write(&before, &produced(PRODUCER, "P-2"));
    assert_eq!((mark.claim.field(Field::ContentId), mark.claim.field(Field::ProducerSecurity)), ("P-2", ""));
    assert_eq!(mark.claim.field(Field::PropagationId), "P-2");
    let platform = secured.replace(
        "\"ContentPropagator\":\"001191110000000000000E10001\",\"PropagateID\":\"P-0001\"",
        "\"ContentPropagator\":\"q\",\"PropagateID\":\"N\"",
    );
    let (_, mark) = write(&image(vec![field("AIGC", &platform)]), &produced(PRODUCER, ""));
    assert_eq!((mark.claim.field(Field::Propagator), mark.claim.field(Field::PropagationId)), ("q", "N"));
    let two = image(vec![field("AIGC", LABEL), comment(&wrapped().replace("P-0001", "P-3"))]);
    assert!(order_error(&two, &produced(PRODUCER, "")).contains("two numbers"));
    write(&two, &produced(PRODUCER, "P-3"));
}

#[test]
fn what_is_there_already_is_left_alone() {
    for stage in [
        image(vec![in_xmp(LABEL)]),
        Stage::new(MediaKind::Audio, vec![field("AIGC", LABEL)]),
        Stage::new(MediaKind::Document, vec![front_matter(YAML)]),
    ] {
        assert_eq!(change(&stage, &produced(PRODUCER, "P-0001")).unwrap(), (stage, None));
    }
}

#[test]
fn an_order_must_say_enough_and_nothing_impossible() {
    let empty = image(vec![]);
    assert!(order_error(&empty, &produced("", "i")).contains("producer"));
    assert!(order_error(&empty, &produced("p", "")).contains("number"));
    assert!(order_error(&empty, &produced("p\n", "i")).contains("U+000A"));
    let mut order = produced("p", "i");
    order.claim.status = None;
    assert!(order_error(&empty, &order).contains("does not say"));
    order.claim.status = Some(Status::NotGenerated);
    assert!(order_error(&empty, &order).contains("cannot"));
    order.claim = Claim::default();
    order.role = Role::Propagator;
    assert!(order_error(&empty, &order).contains("propagator"));
}

#[test]
fn a_propagator_adds_its_part_and_keeps_the_producers() {
    let secured = LABEL.replace("\"ReservedCode1\":\"\"", "\"ReservedCode1\":\"s i\\\\g\"");
    let suspected = secured.replace("\"Label\":\"1\"", "\"Label\":\"3\"");
    for before in
        [image(vec![in_xmp(&suspected)]), image(vec![comment(&suspected), field("AIGC", &suspected)])]
    {
        let (_, mark) = write(&before, &spread(Some(Status::Generated)));
        let expected = claim(
            Status::Suspected,
            &[
                (Field::Producer, PRODUCER),
                (Field::ContentId, "P-0001"),
                (Field::ProducerSecurity, "s i\\g"),
                (Field::Propagator, "platform"),
                (Field::PropagationId, "N-1"),
            ],
        );
        assert_eq!(mark.claim, expected);
    }
}

#[test]
fn a_propagator_alone_may_doubt_but_not_know() {
    let empty = image(vec![]);
    let (after, mark) = write(&empty, &spread(Some(Status::Suspected)));
    assert_eq!((mark.claim.status, mark.flaws), (Some(Status::Suspected), vec![]));
    assert_eq!(
        after.packets,
        [in_xmp(
            r#"{"Label":"3","ContentProducer":"","ProduceID":"","ReservedCode1":"","ContentPropagator":"platform","PropagateID":"N-1","ReservedCode2":""}"#
        )]
    );
    assert!(order_error(&empty, &spread(Some(Status::Generated))).contains("article 6"));
    assert!(order_error(&empty, &spread(None)).contains("does not say"));
}

#[test]
fn a_propagator_does_not_choose_between_labels() {
    let two = image(vec![in_xmp(LABEL), comment(&wrapped().replace("\"1\"", "\"2\""))]);
    let why = refusal(&two, &spread(None));
    assert!(why.contains("at byte") && why.matches("at byte").count() == 2, "{why}");
    let unknown = image(vec![in_xmp(&LABEL.replace("\"1\"", "\"AIGC\""))]);
    assert!(refusal(&unknown, &spread(Some(Status::Possible))).contains("cannot be understood"));
}

proptest::proptest! {
    #[test]
    fn what_annex_e_allows_comes_back_without_a_flaw(
        producer in "[!-\\[\\]-~]{1,30}", id in "[!-\\[\\]-~]{1,30}", security in "[!-\\[\\]-~]{0,30}", spot in 0usize..4, level in 0usize..3,
    ) {
        proptest::prop_assume!(!["undefined", "null"].contains(&producer.as_str()) && !["undefined", "null"].contains(&id.as_str()));
        let kind = [MediaKind::Audio, MediaKind::Image, MediaKind::Document, MediaKind::Video][spot];
        let mut order = produced(&producer, &id);
        order.claim.status = Some([Status::Generated, Status::Possible, Status::Suspected][level]);
        order.claim.set(Field::ProducerSecurity, security.clone());
        let (_, mark) = write(&Stage::new(kind, vec![]), &order);
        let mut expected = order.claim.clone();
        expected.set(Field::Propagator, producer);
        expected.set(Field::PropagationId, id);
        proptest::prop_assert_eq!(mark.claim, expected);
        proptest::prop_assert!(mark.flaws.iter().all(|flaw| flaw.code == codes::CODE || flaw.gravity == Gravity::Note));
    }

    #[test]
    fn other_characters_come_back_too(producer in "[ -~中文\u{1F600}]{0,20}", spot in 0usize..4) {
        let producer = format!("p{producer}");
        let kind = [MediaKind::Audio, MediaKind::Image, MediaKind::Document, MediaKind::Video][spot];
        let (_, mark) = write(&Stage::new(kind, vec![]), &produced(&producer, "i"));
        proptest::prop_assert_eq!(mark.claim.field(Field::Producer), producer);
    }
}

#[test]
fn a_label_is_signed_for_its_last_values_and_once() {
    use super::super::security::signing_key;
    use super::super::security::tests::vectors::{P256_PEM, SM2_PEM};
    let key = |pem: &str| Some(signing_key(pem).unwrap());
    for kind in [MediaKind::Image, MediaKind::Document] {
        let stage = Stage::new(kind, Vec::new());
        let order = Order { signing_key: key(SM2_PEM), ..produced("producer", "N-7") };
        let (signed, mark) = write(&stage, &order);
        assert!(mark.has(codes::SECURITY_VALID) && !mark.has(codes::CHARS), "{:?}", mark.flaws);
        let first = mark.claim.field(Field::ProducerSecurity).to_owned();
        // Without the key it stays as long as it fits, and goes with the values that it was made for.
        assert_eq!(change(&signed, &produced("producer", "N-7")).unwrap().1, None);
        let (_, mark) = write(&signed, &produced("producer", "N-8"));
        assert_eq!(mark.claim.field(Field::ProducerSecurity), "");
        let (_, mark) = write(&signed, &Order { claim: produced("producer", "N-8").claim, ..order.clone() });
        assert!(mark.has(codes::SECURITY_VALID) && mark.claim.field(Field::ProducerSecurity) != first);
        // A platform leaves it, and signs in its own field.
        let platform = Order { signing_key: key(P256_PEM), ..spread(None) };
        let (_, mark) = write(&signed, &platform);
        assert_eq!(mark.claim.field(Field::ProducerSecurity), first);
        let valid = mark.flaws.iter().filter(|flaw| flaw.code == codes::SECURITY_VALID);
        assert_eq!(valid.count(), 2, "{:?}", mark.flaws);
        // Another key signs anew.
        let (_, mark) = write(&signed, &Order { signing_key: key(P256_PEM), ..produced("producer", "N-7") });
        assert!(mark.has(codes::SECURITY_VALID) && mark.claim.field(Field::ProducerSecurity) != first);
    }
}
