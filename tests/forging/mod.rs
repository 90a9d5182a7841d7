//! Certificates with faults, and manifests signed with them by a signer that checks nothing.
//!
//! The C2PA library refuses to sign with most of them; so it signs with a good one, and the signature (COSE_Sign1, RFC 9052)
//! is put in place anew over the same claim. Both have the same length, and no hash of the manifest covers the signature.

#![allow(dead_code, reason = "not every test binary needs all of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};

/// An authority of P-256.
pub(crate) struct Authority {
    /// Its certificate (DER).
    pub(crate) der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
    key: Vec<u8>,
}

/// The parameters of a certificate of this name and nothing else.
pub(crate) fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Example");
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// The parameters of a certificate that may sign.
pub(crate) fn signer() -> CertificateParams {
    let mut params = named("Signer");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    params
}

/// The parameters of an authority.
pub(crate) fn authority(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

pub(crate) fn new_key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

impl Authority {
    /// One that vouches for itself.
    pub(crate) fn root(name: &str) -> Self {
        let (params, key) = (authority(name), new_key());
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self::of(der, params, key)
    }

    /// One of this certificate and key.
    pub(crate) fn of(der: Vec<u8>, params: CertificateParams, key: KeyPair) -> Self {
        Self { der, key: key.serialize_der(), issuer: Issuer::new(params, key) }
    }

    /// A certificate that it issues (DER).
    pub(crate) fn issue(&self, params: &CertificateParams, key: &KeyPair) -> Vec<u8> {
        params.signed_by(key, &self.issuer).unwrap().der().to_vec()
    }

    /// A certificate with another body (the parts of `TBSCertificate`, RFC 5280, clause 4.1), signed anew. The algorithm named
    /// outside is that of the body.
    pub(crate) fn reissue(&self, der: &[u8], change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
        let parts = elements(content(der));
        let mut body = elements(content(&parts[0]));
        change(&mut body);
        let algorithm = body.iter().find(|part| part[0] == 0x30).unwrap().clone();
        let body = wrapped(0x30, &body.concat());
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.key, &random).unwrap();
        let signature = key.sign(&random, &body).unwrap();
        let signature = wrapped(0x03, &[&[0], signature.as_ref()].concat());
        wrapped(0x30, &[body, algorithm, signature].concat())
    }
}

/// A DER element.
pub(crate) fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match u8::try_from(length) {
        Ok(short) if short < 0x80 => vec![tag, short],
        Ok(length) => vec![tag, 0x81, length],
        Err(_) => [&[tag, 0x82][..], &u16::try_from(length).unwrap().to_be_bytes()].concat(),
    };
    [head, content.to_vec()].concat()
}

/// The bytes of the head and of the content of the element that `der` begins with.
fn sizes(der: &[u8]) -> (usize, usize) {
    match der[1] {
        0x81 => (3, usize::from(der[2])),
        0x82 => (4, usize::from(u16::from_be_bytes([der[2], der[3]]))),
        short => (2, usize::from(short)),
    }
}

/// What is in the element that `der` begins with.
pub(crate) fn content(der: &[u8]) -> &[u8] {
    let (head, length) = sizes(der);
    &der[head..head + length]
}

/// The elements that stand one after the other.
pub(crate) fn elements(mut der: &[u8]) -> Vec<Vec<u8>> {
    let mut elements = Vec::new();
    while !der.is_empty() {
        let (head, length) = sizes(der);
        elements.push(der[..head + length].to_vec());
        der = &der[head + length..];
    }
    elements
}

/// A signature as ES256 has it, r and s (RFC 9053, clause 2.1).
pub(crate) fn es256(key: &KeyPair, data: &[u8]) -> Vec<u8> {
    let random = SystemRandom::new();
    let key =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.serialize_der(), &random).unwrap();
    key.sign(&random, data).unwrap().as_ref().to_vec()
}

/// The head of a CBOR item (RFC 8949, clause 3).
fn head(major: u8, length: usize) -> Vec<u8> {
    let major = major << 5;
    match length {
        0..24 => vec![major | u8::try_from(length).unwrap()],
        24..256 => vec![major | 24, u8::try_from(length).unwrap()],
        _ => [&[major | 25][..], &u16::try_from(length).unwrap().to_be_bytes()].concat(),
    }
}

fn bytes(content: &[u8]) -> Vec<u8> {
    [head(2, content.len()), content.to_vec()].concat()
}

fn text(content: &str) -> Vec<u8> {
    [head(3, content.len()), content.as_bytes().to_vec()].concat()
}

/// Where the CBOR is in the box of a manifest with this label (ISO/IEC 19566-5).
fn cbor_of(file: &[u8], label: &str) -> std::ops::Range<usize> {
    let label = [label.as_bytes(), &[0]].concat();
    let found = file.windows(label.len()).rposition(|part| part == label).unwrap();
    // The description may go on with a salt before the content begins.
    let at = file[found..].windows(4).position(|part| part == b"cbor").unwrap() + found;
    let length = u32::from_be_bytes(file[at - 4..at].try_into().unwrap());
    at + 4..at - 4 + usize::try_from(length).unwrap()
}

/// Signs the manifest in a file anew: with this chain (DER, the signer's first), this algorithm (COSE), and what signs.
pub(crate) fn signed_anew(
    file: &[u8],
    chain: &[Vec<u8>],
    algorithm: &[u8],
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Vec<u8> {
    let (claim, signature) = (cbor_of(file, "c2pa.claim.v2"), cbor_of(file, "c2pa.signature"));
    let certificates: Vec<_> = chain.iter().flat_map(|der| bytes(der)).collect();
    let chain = match chain {
        [] => vec![],
        [_] => [vec![0x18, 33], certificates].concat(),
        more => [vec![0x18, 33], head(4, more.len()), certificates].concat(),
    };
    let entries = if chain.is_empty() { 1 } else { 2 };
    let protected = [head(5, entries), vec![1], algorithm.to_vec(), chain].concat();
    let data = [head(4, 4), text("Signature1"), bytes(&protected), bytes(&[]), bytes(&file[claim])].concat();
    let begin = [&[0xD2, 0x84][..], &bytes(&protected), &head(5, 1), &text("pad")].concat();
    let end = [vec![0xF6], bytes(&sign(&data))].concat();
    let pad = signature.len() - begin.len() - end.len() - 3;
    assert!(pad > 255, "there is room for the signature");
    let made = [begin, bytes(&vec![0; pad]), end].concat();
    let mut file = file.to_vec();
    file[signature].copy_from_slice(&made);
    file
}
