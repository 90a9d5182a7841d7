//! Certificates with every fault that the profile of C2PA knows (C2PA 2.2, clause 14.5.1), through the program: none signs
//! anything, and what others signed with one gets the status that the specification has for it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod forging;
mod program;
mod signing;

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;

use forging::{Authority, authority, content, elements, es256, new_key, signed_anew, signer, wrapped};
use indicia_credentials::{Deed, DevelopmentChain, SigningKey, Software, Statement, sign};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose as Use, IsCa,
    KeyPair, KeyUsagePurpose as Usage, date_time_ymd,
};
use serde_json::Value;
use signing::Signing;

/// A chain that something is wrong with, what signs with it, and what is said of it.
struct Row {
    name: &'static str,
    /// DER, the signer's first.
    chain: Vec<Vec<u8>>,
    key: KeyPair,
    /// The words in which signing is refused; none if it is not.
    refused: &'static str,
    /// What a file is that was signed so, for someone who trusts the root.
    state: &'static str,
    /// The failure codes, and words beside the first of them.
    codes: &'static [&'static str],
    told: &'static str,
    /// The algorithm that the signature names (COSE, as CBOR).
    algorithm: &'static [u8],
    signs: Signs,
}

/// What the signature is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signs {
    /// One of the key.
    Truly,
    /// One of another key.
    Falsely,
    /// Bytes that are none: no library at hand signs with such a key.
    Not,
}

const ES256: &[u8] = &[0x26];
const PS256: &[u8] = &[0x38, 0x24];
const ES512: &[u8] = &[0x38, 0x23];
const RS256: &[u8] = &[0x39, 0x01, 0x00];
const ES256K: &[u8] = &[0x38, 0x2E];

const TRUSTED: &str = "holds, signer trusted";
const UNTRUSTED: &str = "holds, signer not trusted here";
const BROKEN: &str = "does not hold";

const INVALID: &[&str] = &["signingCredential.invalid"];
const INVALID_UNTRUSTED: &[&str] = &["signingCredential.invalid", "signingCredential.untrusted"];

/// The profile's own faults.
struct Faults {
    root: Authority,
    rows: Vec<Row>,
}

impl Faults {
    fn row(&mut self, name: &'static str, chain: Vec<Vec<u8>>, key: KeyPair) -> &mut Row {
        self.rows.push(Row {
            name,
            chain,
            key,
            refused: "",
            state: TRUSTED,
            codes: &[],
            told: "",
            algorithm: ES256,
            signs: Signs::Truly,
        });
        self.rows.last_mut().unwrap()
    }

    /// A certificate of the root that is as it should be but for this, and how both sides call it.
    fn with(
        &mut self,
        name: &'static str,
        told: &'static str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> &mut Row {
        let (mut params, key) = (signer(), new_key());
        change(&mut params);
        let der = self.root.issue(&params, &key);
        self.row(name, vec![der], key).is_invalid(told)
    }

    /// The same with a body changed as bytes.
    fn patched(
        &mut self,
        name: &'static str,
        told: &'static str,
        change: impl FnOnce(&mut Vec<Vec<u8>>),
    ) -> &mut Row {
        let key = new_key();
        let der = self.root.issue(&signer(), &key);
        let der = self.root.reissue(&der, change);
        self.row(name, vec![der], key).is_invalid(told)
    }
}

impl Row {
    /// Refused by both sides, in these words.
    fn is_invalid(&mut self, told: &'static str) -> &mut Self {
        self.refused = told;
        self.told = told;
        self.says(BROKEN, INVALID)
    }

    /// What verifying says.
    fn says(&mut self, state: &'static str, codes: &'static [&'static str]) -> &mut Self {
        self.state = state;
        self.codes = codes;
        self
    }
}

/// An extension that says nothing under this number.
fn extension(number: &[u64], critical: bool) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(number, vec![5, 0]);
    extension.set_criticality(critical);
    extension
}

/// A SubjectPublicKeyInfo of an elliptic curve (RFC 5480), as DER; the point is on none.
fn curve(named: &[u8], size: usize) -> Vec<u8> {
    let kind = [0x06, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
    let point = wrapped(0x03, &[&[0, 4][..], &vec![7; size * 2]].concat());
    wrapped(0x30, &[wrapped(0x30, &[&kind[..], named].concat()), point].concat())
}

/// RSASSA-PSS as AlgorithmIdentifier, with these parameters.
fn pss(parameters: &[u8]) -> Vec<u8> {
    let name = [0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A];
    wrapped(0x30, &[&name[..], parameters].concat())
}

fn faults() -> Faults {
    let mut all = Faults { root: Authority::root("Root"), rows: Vec::new() };
    let f = &mut all;
    f.with("nothing", "", |_| {}).says(TRUSTED, &[]);
    f.patched("version 2", "version 3", |body| body[0] = vec![0xA0, 3, 2, 1, 1]);
    f.patched("version 1", "version 3", |body| {
        body.remove(0);
        body.pop();
    })
    .says(BROKEN, INVALID_UNTRUSTED);
    f.with("an authority", "certification authority's", |leaf| {
        leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)
    });
    let key = new_key();
    let own = signer().self_signed(&key).unwrap().der().to_vec();
    // Validators take it for one that no one vouches for.
    f.row("self-signed", vec![own], key)
        .is_invalid("self-signed")
        .says(UNTRUSTED, &["signingCredential.untrusted"]);
    let key = new_key();
    let mut own = signer();
    own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = own.self_signed(&key).unwrap().der().to_vec();
    f.row("a self-signed authority", vec![own], key)
        .is_invalid("certification authority's")
        .says(BROKEN, INVALID_UNTRUSTED);
    f.with("no authority key identifier", "no authority key identifier", |leaf| {
        leaf.use_authority_key_identifier_extension = false;
    });
    f.with("no key usage", "does not allow digitalSignature", |leaf| leaf.key_usages.clear());
    f.with("key agreement", "does not allow digitalSignature", |leaf| {
        leaf.key_usages = vec![Usage::KeyAgreement]
    });
    f.with("non-repudiation only", "does not allow digitalSignature", |leaf| {
        leaf.key_usages = vec![Usage::ContentCommitment];
    });
    f.with("signs certificates only", "does not allow digitalSignature", |leaf| {
        leaf.key_usages = vec![Usage::KeyCertSign];
    });
    f.with("signs certificates too", "allows keyCertSign", |leaf| leaf.key_usages.push(Usage::KeyCertSign));
    f.with("no extended key usage", "no extended key usage", |leaf| leaf.extended_key_usages.clear())
        .says(BROKEN, INVALID_UNTRUSTED);
    f.with("any extended key usage", "anyExtendedKeyUsage", |leaf| leaf.extended_key_usages = vec![Use::Any])
        .says(BROKEN, INVALID_UNTRUSTED);
    f.with("any beside a good one", "anyExtendedKeyUsage", |leaf| leaf.extended_key_usages.push(Use::Any));
    f.with("a server's", "1.3.6.1.5.5.7.3.1", |leaf| leaf.extended_key_usages = vec![Use::ServerAuth])
        .says(BROKEN, INVALID_UNTRUSTED);
    f.with("an unheard-of use", "1.2.3.4", |leaf| {
        leaf.extended_key_usages = vec![Use::Other(vec![1, 2, 3, 4])]
    })
    .says(BROKEN, INVALID_UNTRUSTED);
    f.with("time stamps too", "must stand alone", |leaf| leaf.extended_key_usages.push(Use::TimeStamping));
    f.with("answers on revocation too", "must stand alone", |leaf| {
        leaf.extended_key_usages.push(Use::OcspSigning)
    });
    f.with("time stamps and answers", "is one for content", |leaf| {
        leaf.extended_key_usages = vec![Use::TimeStamping, Use::OcspSigning];
    });
    // Validators have one list of uses for all three purposes; a signer should still have none of the other two.
    f.with("time stamps only", "is one for content", |leaf| {
        leaf.extended_key_usages = vec![Use::TimeStamping]
    })
    .says(TRUSTED, &[])
    .told = "";
    let twice = || CustomExtension::from_oid_content(&[2, 5, 29, 37], wrapped(0x30, &[6, 3, 0x2A, 3, 4]));
    f.with("two extended key usages", "extended key usage cannot be read", |leaf| {
        leaf.custom_extensions = vec![twice(), twice()];
    })
    .says(BROKEN, INVALID_UNTRUSTED);
    for (name, told, number) in [
        ("a malformed extended key usage", "extended key usage cannot be read", 37),
        ("malformed basic constraints", "basic constraints cannot be read", 19),
        ("a malformed key usage", "key usage cannot be read", 15),
        ("a malformed authority key identifier", "authority key identifier cannot be read", 35),
    ] {
        f.with(name, told, |leaf| {
            match number {
                37 => leaf.extended_key_usages.clear(),
                15 => leaf.key_usages.clear(),
                35 => leaf.use_authority_key_identifier_extension = false,
                _ => {}
            }
            leaf.custom_extensions = vec![extension(&[2, 5, 29, number], false)];
        })
        .says(BROKEN, if number == 37 { INVALID_UNTRUSTED } else { INVALID });
    }
    f.with("an unknown critical extension", "1.2.3.4 is critical", |leaf| {
        leaf.custom_extensions = vec![extension(&[1, 2, 3, 4], true)];
    });
    f.with("an unknown extension", "", |leaf| leaf.custom_extensions = vec![extension(&[1, 2, 3, 4], false)])
        .says(TRUSTED, &[]);
    f.with("run out", "expired at 2020", |leaf| {
        leaf.not_before = date_time_ymd(2019, 1, 1);
        leaf.not_after = date_time_ymd(2020, 1, 1);
    })
    .says(BROKEN, &["signingCredential.expired"])
    .told = "not valid at this time";
    f.with("not valid yet", "not valid before 2090", |leaf| leaf.not_before = date_time_ymd(2090, 1, 1))
        .says(BROKEN, &["signingCredential.expired"])
        .told = "not valid at this time";
    f.with("no organization", "no organization", |leaf| {
        leaf.distinguished_name.remove(DnType::OrganizationName).then_some(()).unwrap()
    })
    .says(BROKEN, &["claimSignature.mismatch"]);
    f.patched("an issuer's unique identifier", "unique identifier", |body| {
        body.insert(7, vec![0x81, 2, 0, 1])
    });
    f.patched("a subject's unique identifier", "unique identifier", |body| {
        body.insert(7, vec![0x82, 2, 0, 1])
    });
    keys(f);
    issuers(f);
    chains(f);
    signatures(f);
    all
}

/// Keys of sorts and sizes that are not for content.
fn keys(f: &mut Faults) {
    let rsa = pem::parse(include_str!("../crates/credentials/tests/keys/rsa-1024.crt")).unwrap();
    let rsa = elements(content(&elements(content(rsa.contents()))[0]))[6].clone();
    let p521 = curve(&[6, 5, 0x2B, 0x81, 0x04, 0, 35], 66);
    let both: &[&str] = &["claimSignature.mismatch", "signingCredential.invalid"];
    for (name, refused, key, algorithm, told) in [
        (
            "RSA of 1024 bits",
            "an RSA key of 1024 bits",
            rsa,
            PS256,
            "an RSA key of 1024 bits, which is not allowed",
        ),
        (
            "secp256k1",
            "key on 1.3.132.0.10",
            curve(&[6, 5, 0x2B, 0x81, 0x04, 0, 10], 32),
            ES256,
            "key on 1.3.132.0.10, which is not allowed",
        ),
        (
            "P-224",
            "key on 1.3.132.0.33",
            curve(&[6, 5, 0x2B, 0x81, 0x04, 0, 33], 28),
            ES256,
            "key on 1.3.132.0.33, which is not allowed",
        ),
        (
            "no curve",
            "without a named curve",
            curve(&[], 32),
            ES256,
            "without a named curve, which is not allowed; found by this program",
        ),
    ] {
        let row = f.patched(name, refused, |body| body[6] = key).says(BROKEN, both);
        (row.algorithm, row.signs, row.told) = (algorithm, Signs::Not, told);
    }
    // P-521 is allowed; this program does not sign with it.
    let row = f.patched("P-521", "key on 1.3.132.0.35", |body| body[6] = p521);
    (row.algorithm, row.signs, row.told) = (ES512, Signs::Not, "");
    row.says(BROKEN, &["claimSignature.mismatch"]);
}

/// Issuers that signed the certificate in a way that is not allowed.
fn issuers(f: &mut Faults) {
    let sha1 = |number: u8| wrapped(0x30, &[0x06, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, number]);
    f.patched("an issuer with SHA-1", "algorithm that is not allowed (1.2.840.10045.4.1)", |body| {
        body[2] = sha1(1)
    })
    .says(BROKEN, INVALID_UNTRUSTED);
    let rsa_sha1 = [0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x05, 5, 0];
    f.patched("an issuer with RSA and SHA-1", "not allowed (1.2.840.113549.1.1.5)", |body| {
        body[2] = wrapped(0x30, &rsa_sha1);
    })
    .says(BROKEN, INVALID_UNTRUSTED);
    let sha1_mask = [
        &[0xA0, 11, 0x30, 9, 6, 5, 0x2B, 14, 3, 2, 26, 5, 0, 0xA1, 24, 0x30, 22, 6, 9][..],
        &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 8, 0x30, 9, 6, 5, 0x2B, 14, 3, 2, 26, 5, 0],
    ]
    .concat();
    for (name, parameters) in [
        ("an issuer with PSS and nothing named", vec![]),
        ("an issuer with PSS and rubbish", vec![0x30, 3, 2, 1, 7]),
        ("an issuer with PSS and SHA-1", wrapped(0x30, &sha1_mask)),
    ] {
        f.patched(name, "RSASSA-PSS without", |body| body[2] = pss(&parameters))
            .says(BROKEN, INVALID_UNTRUSTED);
    }
}

/// Chains that are out of order, or lead through someone who may vouch for no one.
fn chains(f: &mut Faults) {
    let between = |f: &Faults, params: CertificateParams| {
        let key = new_key();
        Authority::of(f.root.issue(&params, &key), params, key)
    };
    let leaf = |of: &Authority| {
        let key = new_key();
        (of.issue(&signer(), &key), key)
    };
    let inter = between(f, authority("Between"));
    let (der, key) = leaf(&inter);
    let root = f.root.der.clone();
    f.row("an authority in between", vec![der.clone(), inter.der.clone()], key);
    let (der, key) = leaf(&inter);
    f.row("and the root", vec![der, inter.der.clone(), root.clone()], key);
    let order = "was not issued by the one after it";
    let untrusted: &[&str] = &["signingCredential.untrusted"];
    let (der, key) = leaf(&inter);
    f.row("the root before the one in between", vec![der, root.clone(), inter.der.clone()], key)
        .is_invalid(order)
        .says(UNTRUSTED, untrusted)
        .told = "";
    let (der, key) = leaf(&f.root);
    let other = Authority::root("Root").der;
    f.row("a stranger of the root's name", vec![der, other], key)
        .is_invalid(order)
        .says(UNTRUSTED, untrusted)
        .told = "";
    let (der, key) = leaf(&f.root);
    f.row("the root first", vec![root, der], key).is_invalid("certification authority's").says(
        BROKEN,
        &["claimSignature.mismatch", "signingCredential.invalid", "signingCredential.untrusted"],
    );
    let may_not = "is no certification authority's";
    let someone = between(f, signer());
    let (der, key) = leaf(&someone);
    f.row("issued by a signer", vec![der, someone.der.clone()], key)
        .is_invalid(may_not)
        .says(UNTRUSTED, untrusted);
    let mut only_signs = authority("Only signs");
    only_signs.key_usages = vec![Usage::DigitalSignature];
    let only_signs = between(f, only_signs);
    let (der, key) = leaf(&only_signs);
    f.row("an authority that may not issue", vec![der, only_signs.der.clone()], key)
        .is_invalid(may_not)
        .says(UNTRUSTED, untrusted);
    let mut last = authority("Last");
    last.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let last = between(f, last);
    let (params, below) = (authority("Below"), new_key());
    let below = Authority::of(last.issue(&params, &below), params, below);
    let (der, key) = leaf(&below);
    f.row("one authority too many", vec![der, below.der, last.der], key)
        .is_invalid(may_not)
        .says(UNTRUSTED, untrusted);
}

/// Certificates that are none, and signatures that are none.
fn signatures(f: &mut Faults) {
    let good = |f: &Faults| {
        let key = new_key();
        (f.root.issue(&signer(), &key), key)
    };
    let (mut der, _) = good(f);
    der.truncate(der.len() / 2);
    for (name, chain, refused, told) in [
        ("a certificate cut off", vec![der], "certificate 1 cannot be read", "certificate cannot be read"),
        (
            "no certificate but bytes",
            vec![b"rubbish".to_vec()],
            "certificate 1 cannot be read",
            "certificate cannot be read",
        ),
        ("an empty certificate", vec![vec![]], "certificate 1 cannot be read", "certificate cannot be read"),
        ("no chain at all", vec![], "there is no certificate", "no certificate of its signer"),
    ] {
        f.row(name, chain, new_key()).is_invalid(refused).told = told;
    }
    // These are no faults of the certificate: signing goes on, with what the certificate is for.
    for (name, algorithm) in [("RS256", RS256), ("ES256K", ES256K)] {
        let (der, key) = good(f);
        f.row(name, vec![der], key)
            .says(BROKEN, &["algorithm.unsupported", "claimSignature.mismatch"])
            .algorithm = algorithm;
    }
    let (der, key) = good(f);
    let row =
        f.row("an algorithm that no one knows", vec![der], key).says(BROKEN, &["claimSignature.mismatch"]);
    (row.algorithm, row.told) = (&[0x39, 0x7F, 0xFF], "not formed as COSE asks");
    let (der, key) = good(f);
    f.row("an algorithm of another key", vec![der], key)
        .says(BROKEN, &["claimSignature.mismatch"])
        .algorithm = PS256;
    for (name, signs) in
        [("a signature of another key", Signs::Falsely), ("no signature but bytes", Signs::Not)]
    {
        let (der, key) = good(f);
        f.row(name, vec![der], key).says(BROKEN, &["claimSignature.mismatch"]).signs = signs;
    }
}

fn pem_of(tag: &str, ders: &[Vec<u8>]) -> String {
    ders.iter().map(|der| pem::encode(&pem::Pem::new(tag, der.clone()))).collect()
}

#[test]
fn no_certificate_with_a_fault_signs_anything() {
    let signing = Signing::new();
    signing.0.sample("png/gradient-palette.png", "a.png");
    let before = fs::read(signing.0.at("a.png")).unwrap();
    for row in faults().rows {
        signing.0.write("key.pem", row.key.serialize_pem());
        signing.0.write("chain.pem", pem_of("CERTIFICATE", &row.chain));
        for place in [&["-o", "out/b.png"][..], &["--in-place"]] {
            let args = ["label", "a.png", "--producer", "A", "--with", "c2pa"];
            let with = ["--c2pa-key", "key.pem", "--c2pa-chain", "chain.pem"];
            let run = signing.run(&[&args[..], &with, place].concat());
            if row.refused.is_empty() {
                assert_eq!(run.code, Some(0), "{}: {run:?}", row.name);
                fs::remove_dir_all(signing.0.at("out")).unwrap();
                break;
            }
            assert_eq!(run.code, Some(2), "{}: {run:?}", row.name);
            assert!(
                run.err.contains("chain.pem: ") && run.err.contains(row.refused),
                "{}: {run:?}",
                row.name
            );
            assert!(fs::read(signing.0.at("a.png")).unwrap() == before, "{}", row.name);
            let left = fs::read_dir(signing.0.at("out")).map_or(0, Iterator::count);
            assert_eq!(left, 0, "{}: nothing half written", row.name);
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "the library asks the clock whether a certificate is valid")]
fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// A picture with a manifest that holds.
fn signed() -> Vec<u8> {
    let chain = DevelopmentChain::new("Example", now()).unwrap();
    let key = SigningKey::from_pem(&chain.chain, &chain.private_key, now()).unwrap();
    let bytes = fs::read(format!("{}/samples/jpeg/dandelion-420.jpg", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let statement = Statement {
        deed: Deed::Created,
        source_type: Some("http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia".into()),
        generator: Software { name: "Signer".into(), version: None },
        ..Statement::default()
    };
    let mut out = Cursor::new(Vec::new());
    sign(&mut Cursor::new(&bytes), "image/jpeg", &mut out, &statement, &key, None).unwrap();
    out.into_inner()
}

/// What is told of the manifest of each file in a folder: the state, the failure codes, and all words.
fn told(signing: &Signing, more: &[&str]) -> BTreeMap<String, (String, Vec<String>, String)> {
    let run =
        signing.run(&[&["scan", "in", "--for", "none", "--exit-zero", "--format", "jsonl"], more].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    let records = run.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let files = records.filter(|record| record["type"] == "file");
    let told = files.map(|record| {
        let looks = record["looks"].as_array().unwrap();
        let look = looks.iter().find(|look| look["scheme"] == "c2pa").unwrap();
        assert_eq!(look["answer"], "present", "{record}");
        let mark = &look["marks"][0];
        let state = mark["raw"].as_str().unwrap().split(';').next().unwrap().to_owned();
        let texts: Vec<_> = mark["flaws"]
            .as_array()
            .unwrap()
            .iter()
            .map(|flaw| flaw["text"].as_str().unwrap().to_owned())
            .collect();
        let code = |text: &String| Some(text.strip_suffix(')')?.rsplit_once('(')?.1.to_owned());
        let is_code = |code: &String| code.contains('.') && !code.contains([' ', ',', '/']);
        let mut codes: Vec<_> = texts.iter().filter_map(code).filter(is_code).collect();
        codes.sort_unstable();
        let path = record["path"].as_str().unwrap();
        (path.rsplit('/').next().unwrap().to_owned(), (state, codes, texts.join("\n")))
    });
    told.collect()
}

#[test]
fn what_is_signed_with_a_certificate_at_fault_has_the_status_that_the_specification_has_for_it() {
    let signing = Signing::new();
    let Faults { root, rows } = faults();
    signing.0.write("root.pem", pem_of("CERTIFICATE", &[root.der]));
    let file = signed();
    for (number, row) in rows.iter().enumerate() {
        let signed = signed_anew(&file, &row.chain, row.algorithm, |data| match row.signs {
            Signs::Truly => es256(&row.key, data),
            Signs::Falsely => es256(&new_key(), data),
            Signs::Not => vec![0xA5; 128],
        });
        signing.0.write(&format!("in/{number}.jpg"), signed);
    }
    let trusting = told(&signing, &["--trust-anchors", "root.pem"]);
    let without = told(&signing, &[]);
    let mut wrong = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let (state, codes, texts) = &trusting[&format!("{number}.jpg")];
        if (state.as_str(), codes) != (row.state, &row.codes.iter().map(|&code| code.to_owned()).collect()) {
            wrong
                .push(format!("{}: {state} {codes:?}, not {} {:?}\n{texts}", row.name, row.state, row.codes));
        } else if !texts.contains(row.told) {
            wrong.push(format!("{}: {:?} is not told: {texts}", row.name, row.told));
        }
        let (state, mut found, _) = without[&format!("{number}.jpg")].clone();
        let untrusted = "signingCredential.untrusted";
        found.retain(|code| code != untrusted);
        let codes: Vec<_> = codes.iter().filter(|code| *code != untrusted).cloned().collect();
        let wanted = if row.state == TRUSTED { UNTRUSTED } else { row.state };
        if (state.as_str(), &found) != (wanted, &codes) {
            wrong.push(format!("{}, without anchors: {state} {found:?}", row.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_list_that_vouches_for_a_signer_is_named() {
    let signing = Signing::new();
    let (ours, other) = (Authority::root("Root"), Authority::root("Root"));
    let (params, key) = (authority("Between"), new_key());
    let between = Authority::of(ours.issue(&params, &key), params, key);
    let key = new_key();
    let chain = [between.issue(&signer(), &key), between.der.clone()];
    signing.0.write("in/a.jpg", signed_anew(&signed(), &chain, ES256, |data| es256(&key, data)));
    for (name, certificates) in [
        ("ours.pem", std::slice::from_ref(&ours.der)),
        ("other.pem", std::slice::from_ref(&other.der)),
        ("both.pem", &[other.der.clone(), ours.der.clone()]),
        ("signer.pem", &chain[..1]),
    ] {
        signing.0.write(name, pem_of("CERTIFICATE", certificates));
    }
    let anchors =
        |names: &[&'static str]| names.iter().flat_map(|name| ["--trust-anchors", name]).collect::<Vec<_>>();
    for (args, named, not_named) in [
        (anchors(&["ours.pem", "other.pem"]), &["ours.pem"][..], &["other.pem"][..]),
        (anchors(&["other.pem", "both.pem", "ours.pem"]), &["both.pem", "ours.pem"], &["other.pem"]),
        (
            [anchors(&["ours.pem"]), vec!["--trust-signers", "signer.pem"]].concat(),
            &["signer.pem"],
            &["ours.pem"],
        ),
    ] {
        let (state, _, texts) = told(&signing, &args)["a.jpg"].clone();
        assert_eq!(state, TRUSTED, "{args:?}: {texts}");
        let line = texts.lines().find(|line| line.starts_with("its signer is trusted by ")).unwrap();
        let (by, asked) = line.split_once("; asked were ").unwrap();
        assert!(named.iter().all(|name| by.contains(name) && asked.contains(name)), "{args:?}: {line}");
        assert!(not_named.iter().all(|name| !by.contains(name) && asked.contains(name)), "{args:?}: {line}");
    }
    let (state, codes, _) = told(&signing, &anchors(&["other.pem"]))["a.jpg"].clone();
    assert_eq!((state.as_str(), codes), (UNTRUSTED, vec!["signingCredential.untrusted".to_owned()]));
}
