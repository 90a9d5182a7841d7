//! Signatures that others made, what becomes of them when something is changed, and our own.

pub(in super::super) mod vectors;

use super::super::reading::{Place, readings};
use super::super::{codes, label};
use super::{KeyError, PinError, document, pinned_keys, secure, signing_key, verify};
use indicia_core::{Claim, Field, Gravity, Limits, Mark, PinnedKeys, Role, Span};
use vectors::*;

const SM2_OID: &str = "1.2.156.10197.1.501";
const P256_OID: &str = "1.2.840.10045.4.3.2";
const RSA_OID: &str = "1.2.840.113549.1.1.11";

fn inspect(label: &str, claim: &Claim) -> Vec<super::Finding> {
    super::inspect(label, claim, false).findings
}

fn claim(producer: &str, id: &str, security: &str) -> Claim {
    let mut claim = Claim::default();
    claim.set(Field::Producer, producer);
    claim.set(Field::ContentId, id);
    claim.set(Field::ProducerSecurity, security);
    claim
}

fn data(oid: &str, signature: &str, key: &str) -> String {
    let entry = |rest: &str| format!("{{\"AlgID\":\"{oid}\",\"KeyID\":1,{rest}}}");
    let signed =
        entry(&format!("\"Type\":\"DS\",\"TBSData\":{{\"Type\":\"Md\"}},\"Signature\":\"{signature}\""));
    let key = entry(&format!("\"Type\":\"PubKey\",\"KeyValue\":\"{key}\""));
    format!("{{\"SecurityData\":{{\"Type\":\"TC260PG\",\"Version\":1,\"PubSD\":[{signed},{key}]}}}}")
}

/// The codes found in `ReservedCode1` beside a label with the values `1`, `p` and `i`.
fn codes_of(security: &str) -> Vec<&'static str> {
    inspect("1", &claim("p", "i", security)).into_iter().map(|(code, ..)| code).collect()
}

fn text_of(security: &str) -> String {
    inspect("1", &claim("p", "i", security)).into_iter().map(|(.., text)| text).collect()
}

#[test]
fn signatures_in_the_wild_fit() {
    let producer = "001191310104MACE0YX63918020";
    for (id, signature) in [("142569260085903360", STEPFUN_1), ("147392816552226816", STEPFUN_2)] {
        let security = data(SM2_OID, signature, STEPFUN_KEY);
        let found = inspect("1", &claim(producer, id, &security));
        let [(code, gravity, text)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((*code, *gravity), (codes::SECURITY_VALID, Gravity::Note));
        assert!(text.contains("SM2 with SM3, over the hash of the message in its place"), "{text}");
        assert!(text.contains("not changed since they were signed") && !text.contains("who"), "{text}");
        for (label, producer, id) in [("2", producer, id), ("1", "x", id), ("1", producer, "x")] {
            let found = inspect(label, &claim(producer, id, &security));
            let [(code, gravity, _)] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!((*code, *gravity), (codes::SECURITY_BROKEN, Gravity::Fault));
        }
    }
}

/// SubjectPublicKeyInfo and certificates in PEM.
fn pem_of(tag: &str, digits: &str) -> String {
    pem::encode(&pem::Pem::new(tag, verify::bytes(digits).unwrap()))
}

/// The codes of who signed, for a label of the producer `p` signed with the key of the SM2 vector.
fn identity(pinned: &PinnedKeys, security: &str) -> Vec<&'static str> {
    let claim = claim("p", "i", security);
    let signatures = super::inspect("1", &claim, false).signatures;
    let mut mark = Mark { claim, signatures, ..Mark::default() };
    super::identify(&mut mark, pinned);
    mark.flaws.iter().map(|flaw| flaw.code).collect()
}

#[test]
fn who_signed_is_told_only_by_keys_pinned_to_the_name() {
    let signed = data(SM2_OID, SM2, SM2_KEY);
    let pinned = |name: &str, pems: &[String]| {
        let mut pinned = PinnedKeys::default();
        for key in pems.iter().flat_map(|pem| pinned_keys(pem).unwrap()) {
            pinned.pin(name, key);
        }
        pinned
    };
    let (own, other) = (pem_of("PUBLIC KEY", SM2_KEY), pem_of("PUBLIC KEY", RSA_KEY));
    assert_eq!(identity(&PinnedKeys::default(), &signed), [codes::SECURITY_UNPINNED]);
    assert_eq!(identity(&pinned("q", std::slice::from_ref(&own)), &signed), [codes::SECURITY_UNPINNED]);
    assert_eq!(identity(&pinned("p", std::slice::from_ref(&own)), &signed), [codes::SECURITY_SIGNER]);
    let certificate = pem_of("CERTIFICATE", SM2_CERTIFICATE);
    assert_eq!(identity(&pinned("p", &[certificate]), &signed), [codes::SECURITY_SIGNER]);
    let not_signed = [codes::SECURITY_OTHER_KEY];
    assert_eq!(identity(&pinned("p", std::slice::from_ref(&other)), &signed), not_signed);
    // Of several keys, in one file or in several, one is enough.
    assert_eq!(identity(&pinned("p", &[other.clone(), own.clone()]), &signed), [codes::SECURITY_SIGNER]);
    assert_eq!(identity(&pinned("p", &[other + &own]), &signed), [codes::SECURITY_SIGNER]);
    // Whoever takes the signature out has not signed.
    for security in ["", "x", &data(SM2_OID, &SM2.replace('A', "B"), SM2_KEY)] {
        assert_eq!(
            identity(&pinned("p", std::slice::from_ref(&own)), security),
            [codes::SECURITY_UNSIGNED],
            "{security}"
        );
    }
    assert_eq!(identity(&PinnedKeys::default(), ""), [""; 0]);
}

#[test]
fn only_public_keys_and_certificates_are_pinned() {
    assert_eq!(
        pinned_keys(&pem_of("PUBLIC KEY", RSA_KEY)),
        pinned_keys(&pem_of("CERTIFICATE", RSA_CERTIFICATE))
    );
    assert_eq!(pinned_keys(SM2_PEM), Err(PinError::Private));
    for nothing in ["", "x", "-----BEGIN PUBLIC KEY-----"] {
        assert_eq!(pinned_keys(nothing), Err(PinError::NotPem), "{nothing}");
    }
    // 33 bytes could be a bare point, which no PEM file holds.
    for (tag, digits) in [
        ("PUBLIC KEY", format!("02{}", "11".repeat(32))),
        ("CERTIFICATE", SM2_KEY.into()),
        ("X", SM2_KEY.into()),
    ] {
        assert_eq!(pinned_keys(&pem_of(tag, &digits)), Err(PinError::Algorithm), "{tag}");
    }
}

#[test]
fn signatures_of_another_program_fit() {
    for (oid, signature, key, words) in [
        (SM2_OID, SM2, SM2_KEY, "SM2 with SM3, over the message itself"),
        (SM2_OID, SM2_HASHED, SM2_KEY, "SM2 with SM3, over the hash"),
        (P256_OID, P256, P256_KEY, "ECDSA P-256 with SHA-256, over the message itself"),
        (RSA_OID, RSA, RSA_KEY, "RSA with SHA-256, over the message itself"),
    ] {
        let security = data(oid, signature, key);
        assert_eq!(codes_of(&security), [codes::SECURITY_VALID], "{words}");
        assert!(text_of(&security).contains(words), "{}", text_of(&security));
        let lower = data(oid, &signature.to_lowercase(), &key.to_lowercase());
        assert_eq!(text_of(&lower), text_of(&security));
    }
}

#[test]
fn a_key_is_read_in_each_coding() {
    let point = &SM2_KEY[SM2_KEY.len() - 130..];
    let (x, y) = (&point[2..66], &point[66..]);
    let is_odd = u8::from_str_radix(&y[62..], 16).unwrap() % 2 == 1;
    let compressed = format!("{}{x}", if is_odd { "03" } else { "02" });
    let wrong = format!("{}{x}", if is_odd { "02" } else { "03" });
    let words = text_of(&data(SM2_OID, SM2, SM2_KEY));
    for key in [point, &point[2..], &compressed, x] {
        assert_eq!(text_of(&data(SM2_OID, SM2, key)), words, "{key}");
    }
    assert_eq!(codes_of(&data(SM2_OID, SM2, &wrong)), [codes::SECURITY_BROKEN]);
    // A zero before x stands for an even y.
    let zero = codes_of(&data(SM2_OID, SM2, &format!("00{x}")));
    assert_eq!(zero, [if is_odd { codes::SECURITY_BROKEN } else { codes::SECURITY_VALID }]);
    for (oid, signature, certificate, key) in
        [(SM2_OID, SM2, SM2_CERTIFICATE, SM2_KEY), (RSA_OID, RSA, RSA_CERTIFICATE, RSA_KEY)]
    {
        let security = data(oid, signature, certificate).replace("PubKey", "Certificate");
        assert_eq!(text_of(&security), text_of(&data(oid, signature, key)));
    }
    // PKCS#1: what is within the SubjectPublicKeyInfo.
    assert_eq!(codes_of(&data(RSA_OID, RSA, &RSA_KEY[48..])), [codes::SECURITY_VALID]);
}

#[test]
fn two_numbers_side_by_side_are_a_signature() {
    let (r, s) = (&SM2[10..74], &SM2[78..142]);
    assert_eq!(codes_of(&data(SM2_OID, &format!("{r}{s}"), SM2_KEY)), [codes::SECURITY_VALID]);
    assert_eq!(codes_of(&data(SM2_OID, &format!("{s}{r}"), SM2_KEY)), [codes::SECURITY_BROKEN]);
    assert_eq!(codes_of(&data(SM2_OID, &"00".repeat(64), SM2_KEY)), [codes::SECURITY_BROKEN]);
    assert_eq!(codes_of(&data(SM2_OID, &"FF".repeat(64), SM2_KEY)), [codes::SECURITY_BROKEN]);
}

#[test]
fn what_others_write_for_it_is_read() {
    let usual = data(SM2_OID, SM2, SM2_KEY);
    for (from, to) in [
        ("PubSD", "PubSd"),
        ("\"Md\"", "\"LabelMataData\""),
        ("{\"Type\":\"Md\"}", "\"Md\""),
        ("\"TC260PG\"", "\" TC260PG\""),
        ("\"Version\":1", "\"Version\":\"1\""),
        ("\"KeyID\":1,", ""),
        ("\"KeyID\":1,", "\"KeyID\":\"a\","),
    ] {
        let other = usual.replace(from, to);
        assert_ne!(other, usual, "{from}");
        assert_eq!(codes_of(&other), [codes::SECURITY_VALID], "{other}");
    }
    let packed = serde_json::Value::from(usual.as_str()).to_string();
    assert_eq!(codes_of(&packed), [codes::SECURITY_VALID]);
    let object = format!(
        "{{\"Label\":\"1\",\"ContentProducer\":\"p\",\"ProduceID\":\"i\",\"ReservedCode1\":{usual},\
         \"ContentPropagator\":\"p\",\"PropagateID\":\"i\",\"ReservedCode2\":\"\"}}"
    );
    let read = |text: &str| {
        let reading = readings(text, Place::Canonical, &Limits::default()).remove(0);
        label::mark(&reading, text, String::new(), Span { start: 0, end: 1 })
    };
    let mark = read(&object);
    assert!(mark.has(codes::SECURITY_VALID) && mark.has(codes::VALUE_TYPE), "{mark:?}");
    // Which of two values was signed cannot be told.
    for other in ["\"Label\":\"3\"}", "\"ProduceID\":\"j\"}"] {
        let mark = read(&format!("{},{other}", &object[..object.len() - 1]));
        assert!(mark.has(codes::SECURITY_UNSUPPORTED) && !mark.has(codes::SECURITY_VALID), "{mark:?}");
    }
}

#[test]
fn what_is_no_security_data_says_nothing() {
    for text in [
        "",
        " ",
        "null",
        "undefined",
        "e862483430d978cbf828b8b24296ef9328d843a0",
        "L-abc=",
        "{}",
        "{\"a\":1}",
        "TC260PG",
        "[",
    ] {
        assert_eq!(codes_of(text), [""; 0], "{text}");
    }
}

#[test]
fn what_is_broken_is_unread_and_what_is_unknown_unsupported() {
    let usual = data(SM2_OID, SM2, SM2_KEY);
    let mut other_key = SM2_KEY.to_owned();
    other_key.replace_range(100..101, if SM2_KEY.as_bytes()[100] == b'0' { "1" } else { "0" });
    for (text, expected) in [
        (usual[..usual.len() - 1].to_owned(), codes::SECURITY_UNREAD),
        (format!("{usual}x"), codes::SECURITY_UNREAD),
        (data(SM2_OID, &SM2[..SM2.len() - 1], SM2_KEY), codes::SECURITY_UNREAD),
        (data(SM2_OID, &SM2[..SM2.len() - 2], SM2_KEY), codes::SECURITY_UNREAD),
        (data(SM2_OID, &format!("{SM2}00"), SM2_KEY), codes::SECURITY_UNREAD),
        (data(SM2_OID, "", SM2_KEY), codes::SECURITY_UNREAD),
        (data(SM2_OID, "中文", SM2_KEY), codes::SECURITY_UNREAD),
        (data(SM2_OID, SM2, &SM2_KEY[..SM2_KEY.len() - 1]), codes::SECURITY_UNREAD),
        (data(SM2_OID, SM2, &SM2_KEY[..SM2_KEY.len() - 2]), codes::SECURITY_UNREAD),
        (data(SM2_OID, SM2, &other_key), codes::SECURITY_UNREAD),
        (data(SM2_OID, SM2, P256_KEY), codes::SECURITY_UNREAD),
        (data(RSA_OID, RSA, SM2_KEY), codes::SECURITY_UNREAD),
        (usual.replace("PubKey", "Certificate"), codes::SECURITY_UNREAD),
        (usual.replace("\"Type\":\"TC260PG\",", ""), codes::SECURITY_UNREAD),
        (usual.replace("[{", &format!("[{}{{", "{},".repeat(15))), codes::SECURITY_UNREAD),
        (format!("{{\"SecurityData\":\"{}\"}}", "A".repeat(document::LENGTH)), codes::SECURITY_UNREAD),
        ("{\"SecurityData\":[]}".to_owned(), codes::SECURITY_UNREAD),
        (format!("{{\"SecurityData\":{}{}}}", "[".repeat(9000), "]".repeat(9000)), codes::SECURITY_UNREAD),
        (data("1.2.3", SM2, SM2_KEY), codes::SECURITY_UNSUPPORTED),
        (
            usual.replace(SM2_KEY, &SM2_KEY[54..118]).replace(
                "[{",
                &format!("[{{\"Type\":\"PubKey\",\"KeyID\":1,\"KeyValue\":\"{}\"}},{{", &SM2_KEY[54..118]),
            ),
            codes::SECURITY_UNSUPPORTED,
        ),
        (data(RSA_OID, &"0A".repeat(513), RSA_KEY), codes::SECURITY_UNSUPPORTED),
        (
            usual.replace("[{", "[{\"Type\":\"PubKey\",\"KeyID\":1},{\"Type\":\"PubKey\",\"KeyID\":1},{"),
            codes::SECURITY_UNSUPPORTED,
        ),
        (usual.replace("\"Version\":1", "\"Version\":2"), codes::SECURITY_UNSUPPORTED),
        (usual.replace("TC260PG", "TC260PG2"), codes::SECURITY_UNSUPPORTED),
        (usual.replace("\"Md\"", "\"Xx\""), codes::SECURITY_UNSUPPORTED),
        (usual.replacen("\"KeyID\":1", "\"KeyID\":2", 1), codes::SECURITY_UNSUPPORTED),
        (usual.replace("\"DS\"", "\"Other\""), codes::SECURITY_UNSUPPORTED),
        ("{\"Type\":\" TC260PG\",\"AlgID\":\"sm3\"}".to_owned(), codes::SECURITY_UNSUPPORTED),
    ] {
        assert_eq!(codes_of(&text), [expected], "{}", &text[..text.len().min(300)]);
    }
    assert_eq!(codes_of(&data(SM2_OID, STEPFUN_1, STEPFUN_KEY)), [codes::SECURITY_BROKEN]);
    assert_eq!(codes_of(&data(SM2_OID, SM2, STEPFUN_KEY)), [codes::SECURITY_BROKEN]);
    assert_eq!(codes_of(&data(RSA_OID, &RSA[2..], RSA_KEY)), [codes::SECURITY_BROKEN]);
}

#[test]
fn only_some_signatures_are_tried_and_that_is_said() {
    let usual = data(SM2_OID, SM2, SM2_KEY);
    let (head, rest) = usual.split_once("[{").unwrap();
    let (one, tail) = rest.split_once("},{").unwrap();
    let many = format!("{head}[{}{{{tail}", format!("{{{one}}},").repeat(6));
    let found = codes_of(&many);
    assert_eq!(found.len(), 4);
    assert_eq!(found.last(), Some(&codes::SECURITY_UNSUPPORTED));
}

#[test]
fn a_binding_is_never_said_to_hold() {
    let bound = |signature: &str| {
        data(SM2_OID, signature, SM2_KEY)
            .replace("\"Md\"", "\"Bnd\"")
            .replace("\"PubSD\"", "\"Bindings\":[ {\"BType\": 0, \"Hash\":\"ab12\" ,\"ID\":7} ],\"PubSD\"")
    };
    for (signature, words) in [(SM2_BINDING, "over the binding itself fits"), (SM2, "was not understood")] {
        assert_eq!(codes_of(&bound(signature)), [codes::SECURITY_UNSUPPORTED]);
        let text = text_of(&bound(signature));
        assert!(text.contains(words) && text.contains("whether it holds is not known"), "{text}");
    }
    let label_only = bound(SM2).replace("\"Bnd\"", "\"Md\"");
    assert_eq!(codes_of(&label_only), [codes::SECURITY_VALID, codes::SECURITY_UNSUPPORTED]);
}

#[test]
fn a_propagators_signature_that_does_not_fit_is_not_called_broken() {
    let mut claim = claim("p", "i", "");
    claim.set(Field::PropagatorSecurity, data(SM2_OID, SM2, SM2_KEY));
    let codes = |label: &str, claim: &Claim| {
        inspect(label, claim).into_iter().map(|(code, ..)| code).collect::<Vec<_>>()
    };
    assert_eq!(codes("1", &claim), [codes::SECURITY_VALID], "the producer's message in both fields");
    assert_eq!(codes("2", &claim), [codes::SECURITY_UNSUPPORTED]);
}

#[test]
fn only_private_keys_that_sign_are_taken() {
    assert!(signing_key(SM2_PEM).is_ok() && signing_key(P256_PEM).is_ok());
    assert!(signing_key(&SM2_PEM.replace('\n', "\r\n")).is_ok());
    assert_eq!(format!("{:?}", signing_key(SM2_PEM).unwrap()), "SigningKey(..)");
    assert_eq!(signing_key("").unwrap_err(), KeyError::NotPem);
    assert_eq!(signing_key("abc").unwrap_err(), KeyError::NotPem);
    assert_eq!(signing_key(P384_PEM).unwrap_err(), KeyError::Algorithm);
    let sec1 = SM2_PEM.replace("PRIVATE KEY", "EC PRIVATE KEY");
    assert_eq!(signing_key(&sec1).unwrap_err(), KeyError::NotPkcs8);
}

#[test]
fn bytes_are_read_in_either_case() {
    assert_eq!(verify::bytes("00fFA1"), Some(vec![0, 255, 161]));
    for bad in ["", "0", "0g", "0x00", "中"] {
        assert_eq!(verify::bytes(bad), None, "{bad}");
    }
}

#[test]
fn a_signature_that_fits_stays_and_any_other_goes() {
    let key = signing_key(SM2_PEM).unwrap();
    let secured = |security: &str| {
        let mut claim = claim("p", "i", security);
        secure(&mut claim, "1", Role::Producer, &key).unwrap();
        claim.field(Field::ProducerSecurity).to_owned()
    };
    let ours = secured("");
    assert_eq!(codes_of(&ours), [codes::SECURITY_VALID]);
    assert!(ours.chars().all(label::is_plain), "Annex E j: {ours}");
    // Signatures of SM2 are random with others; this one need not be made again.
    for kept in [data(SM2_OID, SM2, SM2_KEY), data(SM2_OID, SM2_HASHED, SM2_KEY)] {
        assert_eq!(secured(&kept), kept);
    }
    for gone in [
        data(SM2_OID, STEPFUN_1, SM2_KEY),
        data(P256_OID, P256, P256_KEY),
        "{\"SecurityData\":1}".to_owned(),
        "a value of its own".to_owned(),
    ] {
        assert_eq!(secured(&gone), ours);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    /// What is signed fits, and no longer when a value is changed; signing again changes nothing.
    #[test]
    fn what_is_signed_fits(
        producer in "\\PC{1,12}[\"\\\\]{0,2}", id in "[!-~]{1,12}", label in "[123]", pem in 0..2, role in 0..2,
    ) {
        let key = signing_key(if pem == 0 { SM2_PEM } else { P256_PEM }).unwrap();
        let (role, who) = match role {
            0 => (Role::Producer, Field::Producer),
            _ => (Role::Propagator, Field::Propagator),
        };
        let mut claim = claim(&producer, &id, "");
        claim.set(Field::Propagator, &producer);
        claim.set(Field::PropagationId, &id);
        secure(&mut claim, &label, role, &key).unwrap();
        let once = claim.clone();
        secure(&mut claim, &label, role, &key).unwrap();
        proptest::prop_assert_eq!(&once, &claim);
        let codes = |claim: &Claim| inspect(&label, claim).into_iter().map(|(code, ..)| code).collect::<Vec<_>>();
        proptest::prop_assert_eq!(codes(&claim), [codes::SECURITY_VALID]);
        claim.set(who, format!("{producer}x"));
        proptest::prop_assert_ne!(codes(&claim), [codes::SECURITY_VALID]);
    }

    #[test]
    fn nothing_in_the_field_stops_the_program(at in 0..1000usize, sign in "[ -~]", cut in proptest::bool::ANY) {
        let mut text = data(SM2_OID, SM2, SM2_KEY);
        let at = at % text.len();
        text.replace_range(at..at + 1, &sign);
        if cut {
            text.truncate(at);
        }
        proptest::prop_assert!(codes_of(&text).len() < 3);
    }
}
