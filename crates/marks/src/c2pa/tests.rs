use super::{find, state, verdict};
use crate::MarkError;
use crate::stage::Stage;
use indicia_core::{Context, Field, Gravity, MediaKind, Origin, Status};
use indicia_credentials::{
    Action, Credentials, Kind, Manifest, Part, Signer, State, Status as Code, text_wrapper,
};
use indicia_media::Carrier;

const BASE: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/";

fn action(name: &str, term: &str) -> Action {
    let source_type = (!term.is_empty()).then(|| format!("{BASE}{term}"));
    Action { name: name.into(), source_type, agent: Some(format!("maker of {term}")), ..Action::default() }
}

fn manifest(part: Part, depth: usize, actions: Vec<Action>) -> Manifest {
    let signer = Some(Signer { organization: Some("Example".into()), ..Signer::default() });
    Manifest { label: format!("m{depth}"), part, depth, signer, actions, ..Manifest::default() }
}

fn store(state: State, manifests: Vec<Manifest>) -> Credentials {
    Credentials { validator: "v".into(), state, manifests, statuses: Vec::new(), vouched_by: Vec::new() }
}

#[test]
fn the_whole_chain_says_whether_ai_made_it() {
    use Part::{Component, Input, Whole};
    let opened = || manifest(Whole, 0, vec![action("c2pa.opened", ""), action("c2pa.edited", "composite")]);
    let made = |part| manifest(part, 2, vec![action("c2pa.created", "trainedAlgorithmicMedia")]);
    let camera = |part| manifest(part, 1, vec![action("c2pa.created", "digitalCapture")]);
    let (is, generated) = (Some(Status::Generated), Some(Origin::Generated));
    for (manifests, status, origin) in [
        (vec![opened(), manifest(Whole, 1, vec![]), made(Whole)], is, generated),
        (vec![opened(), made(Component)], is, Some(Origin::Altered)),
        (vec![opened(), made(Input)], None, None),
        (vec![opened(), camera(Whole)], None, None),
        (vec![manifest(Whole, 0, vec![]), camera(Whole)], Some(Status::NotGenerated), None),
        (vec![manifest(Whole, 0, vec![]), camera(Component)], None, None),
        (vec![camera(Whole), made(Whole)], is, generated),
        (
            vec![manifest(Whole, 0, vec![action("c2pa.edited", "trainedAlgorithmicMedia")])],
            is,
            Some(Origin::Altered),
        ),
        (vec![manifest(Whole, 0, vec![action("c2pa.created", "")])], None, None),
        (vec![], None, None),
    ] {
        let claim = verdict::claim(&store(State::Valid, manifests.clone()));
        assert_eq!((claim.status, claim.origin), (status, origin), "{manifests:?}");
    }
}

#[test]
fn what_does_not_hold_is_at_most_a_suspicion() {
    let made = manifest(Part::Whole, 0, vec![action("c2pa.created", "trainedAlgorithmicMedia")]);
    let camera = manifest(Part::Whole, 0, vec![action("c2pa.created", "digitalCapture")]);
    let status = |state, manifest: &Manifest| verdict::claim(&store(state, vec![manifest.clone()])).status;
    assert_eq!(status(State::Trusted, &made), Some(Status::Generated));
    assert_eq!(status(State::Invalid, &made), Some(Status::Suspected));
    assert_eq!(status(State::Invalid, &camera), None);
    let claim = verdict::claim(&store(State::Valid, vec![made]));
    assert_eq!(claim.field(Field::Signer), "Example");
    assert_eq!(claim.field(Field::System), "maker of trainedAlgorithmicMedia");
}

#[test]
fn an_ai_disclosure_is_told_by_its_parts() {
    let told = |data: serde_json::Value| {
        let mut made = manifest(Part::Whole, 0, vec![action("c2pa.created", "trainedAlgorithmicMedia")]);
        made.assertions.push(("c2pa.ai-disclosure".into(), data));
        verdict::claim(&store(State::Valid, vec![made])).field(Field::AiDisclosure).to_owned()
    };
    let all = serde_json::json!({
        "contentProfile": {}, "modelIdentifier": "urn:example:1", "modelName": "Example", "modelType": "x",
    });
    assert_eq!(told(all), "modelType, modelName, modelIdentifier, contentProfile");
    assert_eq!(told(serde_json::json!({ "modelName": "Example", "modelType": null })), "modelName");
    assert_eq!(told(serde_json::json!({})), "nothing");
}

#[test]
fn integrity_trust_expiry_and_ingredients_are_told_apart() {
    let told = |code: &str, of_ingredient| {
        let status =
            Code { code: code.into(), kind: Kind::Failure, of_ingredient, url: None, explanation: None };
        let statuses = vec![status.clone(), status];
        let store = Credentials { statuses, ..store(State::Valid, vec![manifest(Part::Whole, 0, vec![])]) };
        let flaws = state::flaws(&store, "", 7);
        assert_eq!(flaws.len(), 2, "{code}: told once, and the state");
        assert!(flaws[1].text.contains("judged by v"), "{flaws:?}");
        assert!(flaws[0].text.contains(code) && flaws[0].at == 7, "{flaws:?}");
        (flaws[0].code, flaws[0].gravity)
    };
    for (code, expected) in [
        ("assertion.dataHash.mismatch", ("c2pa-broken", Gravity::Fault)),
        ("claimSignature.mismatch", ("c2pa-broken", Gravity::Fault)),
        ("signingCredential.invalid", ("c2pa-certificate", Gravity::Fault)),
        ("signingCredential.expired", ("c2pa-expired", Gravity::Deviation)),
        ("claimSignature.outsideValidity", ("c2pa-expired", Gravity::Deviation)),
        ("signingCredential.ocsp.revoked", ("c2pa-revoked", Gravity::Fault)),
        ("signingCredential.untrusted", ("c2pa-untrusted", Gravity::Note)),
        ("timeStamp.mismatch", ("c2pa-time-stamp", Gravity::Deviation)),
        ("cawg.ica.did_unavailable", ("c2pa-identity", Gravity::Note)),
    ] {
        assert_eq!(told(code, false), expected, "{code}");
    }
    assert_eq!(told("assertion.dataHash.mismatch", true), ("c2pa-ingredient", Gravity::Note));
    let flaws = state::flaws(&store(State::Trusted, vec![manifest(Part::Whole, 0, vec![])]), "", 0);
    assert_eq!(flaws.iter().map(|flaw| flaw.code).collect::<Vec<_>>(), ["c2pa-trusted", "c2pa-state"]);
    let flaws = state::flaws(&store(State::Invalid, vec![]), "", 0);
    assert_eq!(flaws[0].code, "c2pa-broken", "an invalid store is never without a fault");
}

#[test]
fn a_manifest_among_words_or_in_the_network_is_not_called_absent() {
    let said = |kind, packet: &str, words: &str| {
        let packets = match packet {
            "" => Vec::new(),
            packet => vec![(Carrier::Xmp, "", packet.as_bytes().to_vec())],
        };
        let stage = Stage { kind, packets, words: words.into() };
        let bytes = stage.bytes();
        find(&stage.open(&bytes), &Context::default())
    };
    let remote = "<x dcterms:provenance=\"https://example.org/a.c2pa\"/>";
    let wrapped = format!("words{}", text_wrapper::encode(b"store").unwrap());
    let broken = said(MediaKind::Document, "", &wrapped).unwrap();
    assert!(broken[0].has("c2pa-broken") && !broken[0].is_doubtful(), "{broken:?}");
    let example = said(MediaKind::Document, "", "`-----BEGIN C2PA MANIFEST----- <URL>`").unwrap();
    assert!(example[0].is_doubtful(), "words about such lines: {example:?}");
    for (packet, words) in [
        (remote, ""),
        ("", "# -----BEGIN C2PA MANIFEST----- https://example.org/a -----END C2PA MANIFEST-----"),
    ] {
        let kind = if packet.is_empty() { MediaKind::Document } else { MediaKind::Image };
        assert!(matches!(said(kind, packet, words), Err(MarkError::Blind(_))), "{packet}{words}");
    }
    assert_eq!(said(MediaKind::Document, "", "words \u{FEFF}\u{2764}\u{FE0F}"), Ok(Vec::new()));
    let stale = "<x dcterms:provenance=\"self#jumbf=/c2pa/urn:uuid:1\"/>";
    assert_eq!(said(MediaKind::Image, stale, ""), Ok(Vec::new()), "what is gone is in no network");
    assert_eq!(said(MediaKind::Image, "<x dc:title=\"provenance\"/>", ""), Ok(Vec::new()));
}
