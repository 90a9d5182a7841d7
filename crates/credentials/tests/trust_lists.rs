//! Trust lists as they are published: each is taken whole, or refused with the place; and what was taken is trusted.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::io::Cursor;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use c2pa::{Builder, CallbackSigner, Context, SigningAlg};
use indicia_core::{Trust, TrustPart};
use indicia_credentials::{
    DevelopmentChain, SigningKey, Software, State, Statement, TrustList, TrustListError, read, sign,
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};

const MADE_BY_A_MODEL: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
const TODAY: &str = "2026-11-28";

#[allow(clippy::disallowed_methods, reason = "the library asks the clock whether a certificate is valid")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn der(pem: &str) -> Vec<u8> {
    pem::parse(pem).unwrap().into_contents()
}

/// A list of trusted entities with one service for each certificate, and its status.
fn entities(services: &[(&str, &str)]) -> Value {
    let service = |(pem, status): &(&str, &str)| {
        json!({ "ServiceInformation": {
            "ServiceName": [{ "lang": "en", "value": "a root" }],
            "ServiceDigitalIdentity": { "X509Certificates": [{ "val": STANDARD.encode(der(pem)) }] },
            "ServiceStatus": format!("http://c2pa.org/conformance/trust-list/{status}"),
        }})
    };
    json!({ "LoTE": {
        "ListAndSchemeInformation": {
            "LoTESequenceNumber": 8, "SchemeName": [{ "lang": "en", "value": "C2PA Trust List" }],
            "ListIssueDateTime": "2026-11-26T00:12:13Z", "NextUpdate": "2027-02-24T00:12:13Z",
        },
        "TrustedEntitiesList": [{
            "TrustedEntityInformation": { "TEName": [{ "lang": "en", "value": "Example Ltd" }] },
            "TrustedEntityServices": services.iter().map(service).collect::<Vec<_>>(),
        }],
    }})
}

fn signed(chain: &DevelopmentChain) -> Vec<u8> {
    let key = SigningKey::from_pem(&chain.chain, &chain.private_key, now()).unwrap();
    let sample = std::fs::read("../../samples/jpeg/dandelion-420.jpg").unwrap();
    let mut out = Cursor::new(Vec::new());
    let statement = Statement {
        source_type: Some(MADE_BY_A_MODEL.into()),
        generator: Software { name: "Signer".into(), version: None },
        ..Statement::default()
    };
    sign(&mut Cursor::new(sample), "image/jpeg", &mut out, &statement, &key, None).unwrap();
    out.into_inner()
}

fn state(signed: &[u8], trust: &Trust) -> State {
    read(Cursor::new(signed), "image/jpeg", trust).unwrap().state
}

#[test]
fn the_list_of_the_programme_is_taken_as_json_and_what_it_no_longer_trusts_is_not() {
    let (ours, other) =
        (DevelopmentChain::new("Ours", now()).unwrap(), DevelopmentChain::new("Other", now()).unwrap());
    let file = signed(&ours);
    for (ours_is, wanted) in [("trusted", State::Trusted), ("untrusted", State::Valid), ("", State::Valid)] {
        let list = entities(&[(&other.authority, "trusted"), (&ours.authority, ours_is)]).to_string();
        let list = TrustList::of_anchors(list.as_bytes(), TODAY).unwrap();
        assert_eq!(state(&file, &Trust { anchors: list.text, ..Trust::default() }), wanted, "{ours_is}");
        let said = if ours_is == "trusted" { "2 certificates" } else { "1 certificate" };
        assert!(
            list.about.starts_with(&format!("{said}, C2PA Trust List no. 8 of 2026-11-26")),
            "{}",
            list.about
        );
        assert_eq!(list.about.contains("1 that the list no longer trusts left out"), ours_is != "trusted");
        assert!(!list.about.contains("OUT OF DATE"), "{}", list.about);
    }
    let list = entities(&[(&other.authority, "trusted")]).to_string();
    let old = TrustList::of_anchors(list.as_bytes(), "2027-02-25").unwrap();
    assert!(old.about.contains("OUT OF DATE: a newer one was due on 2027-02-24"), "{}", old.about);
}

/// What is known of a chain is kept: it must not be told of another chain, nor under other lists.
#[test]
fn each_signer_is_vouched_for_by_the_lists_of_the_day_whoever_was_looked_at_before() {
    let chains = ["One", "Two"].map(|name| DevelopmentChain::new(name, now()).unwrap());
    let files = chains.each_ref().map(signed);
    let list = |name: &str, chain: &DevelopmentChain| Trust {
        anchors: chain.authority.clone(),
        lists: vec![TrustPart { name: name.into(), anchors: chain.authority.len(), allowed: 0 }],
        ..Trust::default()
    };
    for name in ["first", "second"] {
        for (at, chain) in chains.iter().enumerate() {
            for (of, file) in files.iter().enumerate() {
                let read = read(Cursor::new(file), "image/jpeg", &list(name, chain)).unwrap();
                let vouched: Vec<&str> = read.vouched_by.iter().map(String::as_str).collect();
                assert_eq!(vouched, if at == of { vec![name] } else { Vec::new() }, "{name} {at} {of}");
            }
        }
    }
}

#[test]
fn bundles_with_words_between_are_taken_and_a_list_that_is_not_whole_is_refused() {
    let ours = DevelopmentChain::new("Ours", now()).unwrap();
    let other = DevelopmentChain::new("Other", now()).unwrap();
    let file = signed(&ours);
    let bundle = format!(
        "\u{feff}## a frozen list: -- and words\r\nSubject\tCN=Other\n{}\n\n## Ours\n{}",
        other.authority,
        ours.authority.replace('\n', "\r\n")
    );
    let list = TrustList::of_anchors(bundle.as_bytes(), TODAY).unwrap();
    assert_eq!(list.about, "2 certificates");
    assert_eq!(state(&file, &Trust { anchors: list.text, ..Trust::default() }), State::Trusted);
    let single = TrustList::of_anchors(&der(&ours.authority), TODAY).unwrap();
    assert_eq!(state(&file, &Trust { anchors: single.text, ..Trust::default() }), State::Trusted);

    let refused = |text: &str| TrustList::of_anchors(text.as_bytes(), TODAY).unwrap_err().to_string();
    let cut = &bundle[..bundle.len() - 40];
    assert!(refused(cut).ends_with("the file is cut off"), "{}", refused(cut));
    let bent = bundle.replacen("MII", "M?I", 1);
    assert_eq!(refused(&bent), "line 3: the certificate that begins here is damaged");
    let endless = other.authority.replace("-----END CERTIFICATE-----\n", "") + &ours.authority;
    assert_eq!(refused(&endless), "line 1: the certificate that begins here has no end");
    assert!(refused(&ours.private_key).contains("line 1: this block is no certificate"));
    assert!(
        refused("once upon a time").starts_with("it is no trust list"),
        "{}",
        refused("once upon a time")
    );
    assert!(refused("eyJhbGciOiJFUzI1NiJ9.e30.AA").contains("signed list"));
    assert!(refused("").contains("names no one"));
    assert!(refused("{}").contains("LoTE.TrustedEntitiesList"));
    assert!(refused("{\"LoTE\":").contains("JSON is broken"));
    let mut damaged = entities(&[(&ours.authority, "trusted")]);
    *damaged
        .pointer_mut("/LoTE/TrustedEntitiesList/0/TrustedEntityServices/0/ServiceInformation/ServiceDigitalIdentity/X509Certificates/0/val")
        .unwrap() = json!("MIIA");
    assert_eq!(refused(&damaged.to_string()), "a certificate of entity 1 (Example Ltd) is damaged");
    let leaf = ours.chain.split_inclusive("-----END CERTIFICATE-----\n").next().unwrap();
    assert_eq!(refused(leaf), TrustListError::Signers.to_string());
}

#[test]
fn signers_are_named_by_certificate_or_fingerprint() {
    let ours = DevelopmentChain::new("Ours", now()).unwrap();
    let file = signed(&ours);
    let leaf = ours.chain.split_inclusive("-----END CERTIFICATE-----\n").next().unwrap();
    let digest = ring::digest::digest(&ring::digest::SHA256, &der(leaf));
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    let base64 = STANDARD.encode(digest);
    let padding = STANDARD.encode([0; 32]);
    for (text, about) in [
        (leaf.to_owned(), "1 certificate"),
        (format!("// O=Example\r\n{base64}\r\n\r\n{padding}\r\n"), "2 fingerprints"),
        (format!("# O=Example\n{hex}"), "1 fingerprint"),
        (format!("{}{base64}\n", ours.authority), "1 certificate, 1 fingerprint"),
    ] {
        let list = TrustList::of_signers(text.as_bytes(), TODAY).unwrap();
        assert_eq!(list.about, about);
        assert_eq!(state(&file, &Trust { allowed: list.text, ..Trust::default() }), State::Trusted, "{text}");
    }
    let of_signers = |text: &str| TrustList::of_signers(text.as_bytes(), TODAY);
    assert_eq!(of_signers(&ours.authority), Err(TrustListError::Authorities));
    assert_eq!(of_signers(&format!("{base64}\n{padding}=\n")), Err(TrustListError::NoFingerprint(2)));
    assert_eq!(
        TrustList::of_anchors(base64.as_bytes(), TODAY),
        Err(TrustListError::Fingerprints),
        "a fingerprint vouches for no one"
    );
}

/// A file signed by a certificate for a use that the specification does not know, and its root.
fn signed_for(usage: &[u64]) -> (Vec<u8>, String) {
    let key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::OrganizationName, "Root");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let root = authority.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name.push(DnType::OrganizationName, "Leaf");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(usage.to_vec())];
    leaf.use_authority_key_identifier_extension = true;
    leaf.not_before = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(now() - 3600);
    let chain = leaf.signed_by(&key, &issuer).unwrap().pem() + &root;
    let oid = usage.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
    let settings = json!({ "trust": { "trust_config": oid }, "verify": { "verify_after_sign": false } });
    let context = Context::new().with_settings(settings).unwrap().into_shared();
    let created = json!({ "action": "c2pa.created", "digitalSourceType": MADE_BY_A_MODEL });
    let actions = json!({ "label": "c2pa.actions.v2", "created": true, "data": { "actions": [created] } });
    let definition = json!({ "assertions": [actions] });
    let mut builder = Builder::from_shared_context(&context).with_definition(definition).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        &key.serialize_der(),
        &SystemRandom::new(),
    );
    let pair = pair.unwrap();
    let signer = CallbackSigner::new(
        move |_: *const (), data: &[u8]| Ok(pair.sign(&SystemRandom::new(), data).unwrap().as_ref().to_vec()),
        SigningAlg::Es256,
        chain.as_bytes(),
    );
    let sample = std::fs::read("../../samples/jpeg/dandelion-420.jpg").unwrap();
    let mut out = Cursor::new(Vec::new());
    builder.sign(&signer, "image/jpeg", &mut Cursor::new(sample), &mut out).unwrap();
    (out.into_inner(), root)
}

#[test]
fn key_usages_are_accepted_besides_those_of_the_specification() {
    let (file, root) = signed_for(&[1, 3, 6, 1, 4, 1, 99999, 7]);
    let trust = Trust { anchors: root, ..Trust::default() };
    assert_ne!(state(&file, &trust), State::Trusted);
    let list = "\n//id-kp-emailProtection \n1.3.6.1.5.5.7.3.4 \r\n# ours\n1.3.6.1.4.1.99999.7";
    let usages = TrustList::of_usages(list.as_bytes()).unwrap();
    assert_eq!(usages.about, "2 key usages");
    assert_eq!(state(&file, &Trust { usages: usages.text, ..trust }), State::Trusted);
    assert_eq!(TrustList::of_usages(b"1.3.6.1.5.5.7.3.4\nemail"), Err(TrustListError::NoUsage(2)));
    assert_eq!(TrustList::of_usages(b"// nothing"), Err(TrustListError::Empty));
}
