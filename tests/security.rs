//! Signed labels on the command line (TC260-PG-202511A).

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod program;

use std::fs;

use program::{Folder, Run};
use serde_json::Value;

/// Made for these tests by `openssl genpkey`.
const SM2: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgT40B2AcX81w+WeTI\n\
vZbEEWQS6O+U6AdZ1YQKfYLlleKhRANCAAQXh9XY5oyCiMk4bjQT1jH9sCtFdMQr\n\
oUbllMdj8nU098LhT63lEP+GhfHO/ku+to9jbstKdkDnVPhNr+NXMBBA\n\
-----END PRIVATE KEY-----\n";
const P256: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJAe9F5N4YEzZw/ji\n\
IQVKyMJXyq6NGFsIHjCuVP+7qDOhRANCAAQ97zvBRGRhlebxczMKXCYCdq7NyT4B\n\
WGWPpeVz8G4mr8ZhZDY+KrNK4IoyX+HejNQrqOTYD/N4EMUiQnTTS/11\n\
-----END PRIVATE KEY-----\n";
/// On a curve that is not taken.
const P384: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDA9deomvTJ5amtAAth1\n\
tQVhhiIdueuh9/0oq8GPujkkxyrT5YQ21Qy2X9WQGg2B3CWhZANiAATwM5HjRAv7\n\
JEhqqLBcIY2VpjhF0ecwjFODFb0LhZMI8mtN7Ra1DZBeSdGwT+I6w5K/TYVd4gZI\n\
58w72+BRrcucN8CEVDWnWfuj91/assw72MpPqCo7w1G8o+37aPWZq3E=\n\
-----END PRIVATE KEY-----\n";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("sm2.pem", SM2);
    folder.write("p256.pem", P256);
    folder.sample("md/river.md", "a.md");
    folder.sample("jpeg/dandelion-420.jpg", "a.jpg");
    folder
}

fn sign(folder: &Folder, from: &str, to: &str, key: &str) -> Run {
    let args = ["label", from, "-o", to, "--producer", "Example", "--id", "N-1", "--security-key", key];
    folder.run(&args)
}

fn json(folder: &Folder, name: &str) -> Value {
    serde_json::from_str(folder.run(&["verify", name, "--format", "jsonl"]).out.lines().next().unwrap())
        .unwrap()
}

/// Codes of the flaws of security data.
fn codes(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let code =
                members.get("code").and_then(Value::as_str).filter(|code| code.starts_with("security-"));
            found.extend(code.map(str::to_owned));
            members.values().for_each(|inner| codes(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| codes(inner, found)),
        _ => {}
    }
}

fn security(folder: &Folder, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    codes(&json(folder, name), &mut found);
    found
}

#[test]
fn a_signed_label_is_valid_and_its_signer_not_identified() {
    let folder = folder();
    for (key, words) in [("sm2.pem", "SM2 with SM3"), ("p256.pem", "ECDSA P-256")] {
        for kind in ["md", "jpg"] {
            let name = format!("{key}.{kind}");
            let run = sign(&folder, &format!("a.{kind}"), &name, key);
            assert_eq!(run.code, Some(0), "{run:?}");
            let verified = folder.run(&["verify", &name]);
            assert!(
                verified.out.contains(words) && verified.out.contains("who signed cannot be told"),
                "{}",
                verified.out
            );
            assert!(
                verified.out.contains("cn.gb.meta.security: the signature fits the label"),
                "{}",
                verified.out
            );
            assert_eq!(security(&folder, &name), ["security-valid", "security-unpinned"]);
            // Once more changes nothing. A notice in a picture is not read back, and would be drawn again.
            let args = ["label", &name, "-o", "again", "--producer", "Example", "--security-key", key];
            let again = folder.run(&[&args[..], &["--without", "visible,written", "--exit-zero"]].concat());
            assert_eq!(again.code, Some(0), "{again:?}");
            assert_eq!(fs::read(folder.at("again")).unwrap(), fs::read(folder.at(&name)).unwrap());
            fs::remove_file(folder.at("again")).unwrap();
        }
    }
}

/// The public keys of [`SM2`] and [`P256`], by `openssl pkey -pubout`.
const SM2_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEF4fV2OaMgojJOG40E9Yx/bArRXTE\n\
K6FG5ZTHY/J1NPfC4U+t5RD/hoXxzv5LvraPY27LSnZA51T4Ta/jVzAQQA==\n\
-----END PUBLIC KEY-----\n";
const P256_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEPe87wURkYZXm8XMzClwmAnauzck+\n\
AVhlj6Xlc/BuJq/GYWQ2PiqzSuCKMl/h3ozUK6jk2A/zeBDFIkJ000v9dQ==\n\
-----END PUBLIC KEY-----\n";

#[test]
fn a_signer_is_identified_by_keys_pinned_to_the_name() {
    let folder = folder();
    folder.write("sm2.pub", SM2_PUBLIC);
    folder.write("p256.pub", P256_PUBLIC);
    assert_eq!(sign(&folder, "a.md", "b.md", "sm2.pem").code, Some(0));
    let verify = |trust: &[&str]| folder.run(&[&["verify", "b.md"], trust].concat());
    let met = verify(&["--security-trust", "Example=sm2.pub"]);
    assert_eq!(met.code, Some(0), "{met:?}");
    assert!(met.out.contains("signed by \"Example\": its key is one of those pinned"), "{}", met.out);
    assert!(met.out.contains("with a key pinned for the name in it"), "{}", met.out);
    let other = verify(&["--security-trust", "Example=p256.pub"]);
    assert!(other.out.contains("not signed by \"Example\""), "{}", other.out);
    assert!(other.out.contains("! cn.gb.meta.security: ReservedCode1: not signed by"), "{}", other.out);
    let of_another = verify(&["--security-trust", "Another=p256.pub"]);
    assert!(of_another.out.contains("who signed cannot be told"), "{}", of_another.out);
    // In the settings, more keys than one, with paths from where the file stands.
    folder.write("deep/indicia.toml", "[security-trust]\nExample = ['../p256.pub', '../sm2.pub']\n");
    let settings = verify(&["--config", "deep/indicia.toml"]);
    assert!(settings.out.contains("its key is one of those pinned"), "{}", settings.out);
    let dump = verify(&["--config", "deep/indicia.toml", "--dump-config"]);
    assert!(dump.out.contains("security-trust = { \"Example\" = ["), "{}", dump.out);
    // Not signed at all, though its producer is known to sign.
    let args = ["label", "a.md", "-o", "c.md", "--producer", "Example", "--id", "N-1"];
    assert_eq!(folder.run(&args).code, Some(0));
    let unsigned = folder.run(&["verify", "c.md", "--security-trust", "Example=sm2.pub"]);
    assert!(unsigned.out.contains("no signature in the label shows"), "{}", unsigned.out);
}

#[test]
fn keys_that_cannot_be_pinned_are_refused() {
    let folder = folder();
    for (trust, why) in [
        ("Example=sm2.pem", "sm2.pem: it holds a private key"),
        ("Example=none.pem", "none.pem: "),
        ("Example=a.md", "a.md: it is no PEM file"),
        ("sm2.pub", "it takes the form NAME=FILE"),
        ("=sm2.pub", "it takes the form NAME=FILE"),
    ] {
        let run = folder.run(&["verify", "a.md", "--security-trust", trust]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.err.contains(why), "{}", run.err);
    }
}

#[test]
fn a_changed_label_breaks_its_signature() {
    let folder = folder();
    assert_eq!(sign(&folder, "a.md", "b.md", "sm2.pem").code, Some(0));
    let signed = fs::read_to_string(folder.at("b.md")).unwrap();
    for (from, to) in [
        ("Label: '1'", "Label: '2'"),
        ("ContentProducer: 'Example'", "ContentProducer: 'Exampls'"),
        ("ProduceID: 'N-1'", "ProduceID: 'N-2'"),
    ] {
        let changed = signed.replacen(from, to, 1);
        assert_ne!(changed, signed, "{from}");
        folder.write("c.md", changed);
        let verified = folder.run(&["verify", "c.md"]);
        assert!(verified.out.contains("cn.gb.meta.security"), "{}", verified.out);
        assert!(
            verified.out.contains("does not fit Label, ContentProducer and ProduceID"),
            "{}",
            verified.out
        );
        assert_eq!(security(&folder, "c.md"), ["security-broken"]);
        let report = json(&folder, "c.md");
        let findings = report["findings"].as_array().unwrap();
        let finding = findings.iter().find(|finding| finding["rule"] == "cn.gb.meta.security").unwrap();
        assert_eq!((&finding["outcome"], &finding["severity"]), (&"unmet".into(), &"warn".into()));
    }
}

#[test]
fn a_platform_signs_its_own_part() {
    let folder = folder();
    assert_eq!(sign(&folder, "a.md", "b.md", "sm2.pem").code, Some(0));
    let args =
        ["label", "b.md", "-o", "c.md", "--as", "propagator", "--propagator", "Platform", "--id", "P-1"];
    let run = folder.run(&[&args[..], &["--security-key", "p256.pem"]].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(
        security(&folder, "c.md"),
        ["security-valid", "security-valid", "security-unpinned", "security-unpinned"]
    );
}

#[test]
fn the_key_may_stand_in_the_settings() {
    let folder = folder();
    folder.write("indicia.toml", "producer = 'Example'\nsecurity-key = 'sm2.pem'\n");
    assert_eq!(folder.run(&["label", "a.md", "-o", "b.md"]).code, Some(0));
    assert_eq!(security(&folder, "b.md"), ["security-valid", "security-unpinned"]);
    let dump = folder.run(&["label", "a.md", "-o", "b.md", "--dump-config"]);
    assert!(dump.out.contains("security-key = ") && !dump.out.contains("PRIVATE"), "{}", dump.out);
}

#[test]
fn a_file_that_is_no_key_is_wrong_usage() {
    let folder = folder();
    folder.write("p384.pem", P384);
    folder.write("sec1.pem", SM2.replace("PRIVATE KEY", "EC PRIVATE KEY"));
    for (key, words) in [
        ("a.md", "no PEM file"),
        ("p384.pem", "another algorithm"),
        ("sec1.pem", "PKCS#8"),
        ("missing.pem", "missing.pem"),
    ] {
        let run = sign(&folder, "a.md", "b.md", key);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.err.contains(words), "{}", run.err);
        assert!(!folder.at("b.md").exists());
    }
}
