//! Keys in memory, signing commands, and the development chain.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use indicia_credentials::{
    Algorithm, CommandError, DevelopmentChain, Fault, KeyError, SigningCommand, SigningKey,
    certificate_faults,
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

/// 2026-11-24.
const NOW: u64 = 1_795_478_400;

const DAY: u64 = 24 * 60 * 60;

const RSA_KEY: &str = include_str!("keys/rsa-2048.key");
const SMALL_RSA: &str = include_str!("keys/rsa-1024.crt");

fn chain() -> DevelopmentChain {
    DevelopmentChain::new("Example", NOW).unwrap()
}

/// A chain for a key pair, and its leaf's certificate alone.
fn certified(pair: &KeyPair) -> String {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "Authority");
    let issuer = Issuer::new(authority, KeyPair::generate().unwrap());
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::OrganizationName, "Example");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    params.use_authority_key_identifier_extension = true;
    params.signed_by(pair, &issuer).unwrap().pem()
}

fn refusal(chain: &str, key: &str) -> KeyError {
    SigningKey::from_pem(chain, key, NOW).unwrap_err()
}

#[test]
fn the_development_chain_is_fit_to_sign_for_a_year() {
    let made = chain();
    let faults = |at| certificate_faults(&made.chain, at).unwrap();
    assert_eq!(faults(NOW), []);
    assert_eq!(faults(NOW + 365 * DAY), []);
    assert!(matches!(faults(NOW + 365 * DAY + 1).as_slice(), [Fault::Expired(_)]));
    assert!(matches!(faults(NOW - DAY - 1).as_slice(), [Fault::NotYetValid(_)]));
    assert!(made.chain.ends_with(&made.authority), "the authority is last in the chain");
    assert_eq!(made.chain.matches("BEGIN CERTIFICATE").count(), 2);
    let of_authority = certificate_faults(&made.authority, NOW).unwrap();
    assert!(of_authority.contains(&Fault::Authority) && of_authority.contains(&Fault::SelfSigned));
    assert!(DevelopmentChain::new("Example", u64::MAX).is_ok());
    // No basic constraints (2.5.29.19) in the leaf: its only value would be the default, which DER leaves out.
    let leaf = pem::parse(&made.chain).unwrap();
    assert!(!leaf.contents().windows(3).any(|bytes| bytes == [0x55, 0x1D, 0x13]));
}

#[test]
fn every_algorithm_signs_what_ring_verifies() {
    let pairs = [
        (Algorithm::Es256, KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap()),
        (Algorithm::Es384, KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap()),
        (Algorithm::Ed25519, KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap()),
        (Algorithm::Ps256, KeyPair::from_pem(RSA_KEY).unwrap()),
    ];
    for (algorithm, pair) in pairs {
        let key = SigningKey::from_pem(&certified(&pair), &pair.serialize_pem(), NOW).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        let signed = key.sign(b"data").unwrap();
        let with: &'static dyn VerificationAlgorithm = match algorithm {
            Algorithm::Es256 => &signature::ECDSA_P256_SHA256_FIXED,
            Algorithm::Es384 => &signature::ECDSA_P384_SHA384_FIXED,
            Algorithm::Ed25519 => &signature::ED25519,
            Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        };
        let public = UnparsedPublicKey::new(with, pair.public_key_raw());
        public.verify(b"data", &signed).unwrap();
        public.verify(b"date", &signed).unwrap_err();
        let other = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem();
        assert_eq!(refusal(&certified(&pair), &other), KeyError::ForeignPrivateKey(algorithm));
    }
}

/// The key inside a PKCS#8 key of this length, which openssl writes as `EC PRIVATE KEY` (RFC 5915).
fn sec1(pkcs8: &KeyPair) -> String {
    let info = pkcs8.serialize_der();
    // SEQUENCE, version, algorithm (21 bytes), then OCTET STRING with a short length.
    let at = info.windows(2).position(|pair| pair == [0x04, 0x6D]).unwrap() + 2;
    pem::encode(&pem::Pem::new("EC PRIVATE KEY", &info[at..]))
}

#[test]
fn a_sec1_key_signs_also_behind_its_parameters() {
    let pair = KeyPair::generate().unwrap();
    let parameters =
        pem::encode(&pem::Pem::new("EC PARAMETERS", [6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7]));
    let key = SigningKey::from_pem(&certified(&pair), &(parameters + &sec1(&pair)), NOW).unwrap();
    assert_eq!(key.sign(b"data").unwrap().len(), 64);
}

#[test]
fn what_is_wrong_with_a_key_or_certificate_is_said() {
    let made = chain();
    let key = made.private_key.as_str();
    assert_eq!(refusal("", key), KeyError::NoCertificate);
    assert_eq!(refusal("no certificate at all", key), KeyError::NoCertificate);
    assert_eq!(refusal(key, key), KeyError::NoCertificate);
    let garbage = pem::encode(&pem::Pem::new("CERTIFICATE", [1, 2, 3]));
    assert!(matches!(refusal(&garbage, key), KeyError::MalformedCertificate { number: 1, .. }));
    assert!(matches!(
        refusal(&(made.chain.clone() + &garbage), key),
        KeyError::MalformedCertificate { number: 3, .. }
    ));
    let cut = &made.chain[..100];
    assert!(matches!(refusal(cut, key), KeyError::NoCertificate | KeyError::MalformedCertificate { .. }));
    assert_eq!(refusal(&made.chain, ""), KeyError::NoPrivateKey);
    assert_eq!(refusal(&made.chain, &made.authority), KeyError::NoPrivateKey);
    let encrypted = pem::encode(&pem::Pem::new("ENCRYPTED PRIVATE KEY", [1, 2, 3]));
    assert_eq!(refusal(&made.chain, &encrypted), KeyError::EncryptedPrivateKey);
    let old = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAQID\n\
               -----END EC PRIVATE KEY-----\n";
    assert_eq!(refusal(&made.chain, old), KeyError::EncryptedPrivateKey);
    let garbage = pem::encode(&pem::Pem::new("PRIVATE KEY", [0x30, 1, 3]));
    assert_eq!(refusal(&made.chain, &garbage), KeyError::MalformedPrivateKey(Algorithm::Es256));
    assert_eq!(refusal(&made.chain, RSA_KEY), KeyError::ForeignPrivateKey(Algorithm::Es256));
    assert_eq!(refusal(&made.chain, &chain().private_key), KeyError::ForeignPrivateKey(Algorithm::Es256));
    assert_eq!(refusal(SMALL_RSA, RSA_KEY), KeyError::UnsupportedKey("an RSA key of 1024 bits".into()));
    assert!(matches!(refusal(&made.authority, key), KeyError::Profile(_)));
    let late = SigningKey::from_pem(&made.chain, key, NOW + 400 * DAY).unwrap_err();
    assert!(late.to_string().contains("expired at 20"), "{late}");
}

#[test]
fn nothing_of_a_private_key_gets_into_debug_or_errors() {
    let made = chain();
    let secret: Vec<&str> = made.private_key.lines().filter(|line| !line.starts_with("---")).collect();
    let silent = |told: String| {
        for line in &secret {
            assert!(!told.contains(&line[..16]), "{told}");
        }
    };
    let key = SigningKey::from_pem(&made.chain, &made.private_key, NOW).unwrap();
    silent(format!("{key:?} {made:?}"));
    assert!(format!("{key:?}").contains("Es256"));
    // Texts that are broken in the middle of the key.
    let mut broken = vec![made.private_key.replace("-----END PRIVATE KEY-----", "-----END-----")];
    for (from, to) in [("M", "%"), ("BEGIN PRIVATE", "BEGIN RSA PRIVATE"), ("\n", "\n:")] {
        broken.push(made.private_key.replace(from, to));
    }
    for text in broken {
        let err = refusal(&made.chain, &text);
        silent(format!("{err:?} {err}"));
    }
}

/// What a signing command whose program is the shell makes of `b"data"`.
#[cfg(unix)]
fn shell(made: &DevelopmentChain, script: &str, time_limit: Duration) -> Result<Vec<u8>, KeyError> {
    let command =
        SigningCommand { program: "sh".into(), arguments: vec!["-c".into(), script.into()], time_limit };
    SigningKey::from_command(&made.chain, Algorithm::Es256, command, NOW).unwrap().sign(b"data")
}

#[cfg(unix)]
const LONG: Duration = Duration::from_secs(20);

/// A signature of `b"data"` in a file.
fn signed(made: &DevelopmentChain, path: &Path) -> Vec<u8> {
    let key = SigningKey::from_pem(&made.chain, &made.private_key, NOW).unwrap();
    let signature = key.sign(b"data").unwrap();
    fs::write(path, &signature).unwrap();
    signature
}

#[test]
#[cfg(unix)]
fn a_command_gets_the_data_and_the_algorithm_and_its_signature_is_used() {
    let made = chain();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signature");
    let signature = signed(&made, &path);
    let script =
        format!(r#"test "$SIGNING_ALGORITHM" = es256 && test "$(cat)" = data && cat '{}'"#, path.display());
    assert_eq!(shell(&made, &script, LONG), Ok(signature));
}

#[test]
#[cfg(unix)]
fn a_command_that_answers_no_signature_of_this_data_is_refused() {
    let made = chain();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signature");
    let foreign = signed(&chain(), &path);
    assert_eq!(foreign.len(), 64);
    let answers = [
        ("cat >/dev/null; echo rubbish".to_owned(), 8, "length"),
        ("true".to_owned(), 0, "nothing"),
        (format!("cat '{}'", path.display()), 64, "is it the key"),
        (r"printf '0E\002\001\001\002\001\001'".to_owned(), 8, "DER"),
    ];
    for (script, length, said) in answers {
        let err = shell(&made, &script, LONG).unwrap_err();
        assert!(err.to_string().contains(said), "{script}: {err}");
        assert!(
            matches!(err, KeyError::Command(CommandError::NoSignature { length: found, .. }) if found == length),
            "{script}: {err:?}"
        );
    }
}

#[test]
#[cfg(unix)]
fn a_command_that_fails_is_told_of_even_if_it_answered() {
    let made = chain();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signature");
    signed(&made, &path);
    let err = shell(&made, &format!("cat '{}'; exit 1", path.display()), LONG).unwrap_err();
    assert!(matches!(&err, KeyError::Command(CommandError::Failed(status)) if status.contains('1')), "{err}");
}

#[test]
#[cfg(unix)]
fn a_command_that_hangs_is_killed_in_time() {
    let made = chain();
    let limit = Duration::from_millis(300);
    for script in ["exec sleep 60", "sleep 60; true", "exec >&-; exec sleep 60"] {
        let start = Instant::now();
        let err = shell(&made, script, limit).unwrap_err();
        assert_eq!(err, KeyError::Command(CommandError::TimedOut(limit)), "{script}");
        assert!(start.elapsed() < Duration::from_secs(20), "{script}");
    }
}

#[test]
#[cfg(unix)]
fn a_command_that_floods_is_stopped() {
    let err = shell(&chain(), "exec cat /dev/zero", LONG).unwrap_err();
    assert_eq!(err, KeyError::Command(CommandError::TooMuch));
}

#[test]
fn a_command_that_is_not_there_is_told_of() {
    let command = SigningCommand {
        program: "no-such-program-here".into(),
        arguments: Vec::new(),
        time_limit: Duration::MAX,
    };
    let key = SigningKey::from_command(&chain().chain, Algorithm::Es256, command, NOW).unwrap();
    let err = key.sign(b"data").unwrap_err();
    assert!(err.to_string().contains("no-such-program-here"), "{err}");
    assert!(matches!(err, KeyError::Command(CommandError::NotStarted(_))));
}

#[test]
fn a_command_for_another_algorithm_is_refused() {
    let err = SigningKey::from_command(&chain().chain, Algorithm::Ed25519, SigningCommand::default(), NOW);
    assert_eq!(
        err.unwrap_err(),
        KeyError::OtherAlgorithm { named: Algorithm::Ed25519, certificate: Algorithm::Es256 }
    );
}
