//! Certificates of a chain, and which issued which.

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Error};
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::algorithm::element;

/// A certificate of a chain: its bytes, and what they say.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// Its bytes (DER). What is signed are these: written anew from what they say, they may differ.
    pub(crate) der: Vec<u8>,
    pub(crate) certificate: Certificate,
}

impl Link {
    /// Reads one.
    ///
    /// # Errors
    /// If it is none.
    pub(crate) fn new(der: Vec<u8>) -> Result<Self, Error> {
        let certificate = Certificate::from_der(&der)?;
        Ok(Self { der, certificate })
    }

    /// Whether this one issued another: by name and by signature. `None` if the names fit and the signature is of a kind that is
    /// not verified here.
    pub(crate) fn issued(&self, other: &Self) -> Option<bool> {
        if other.certificate.tbs_certificate().issuer() != self.certificate.tbs_certificate().subject() {
            return Some(false);
        }
        let (outer, _) = element(&other.der, 0x30)?;
        let (_, after) = element(outer, 0x30)?;
        let signed = outer.get(..outer.len() - after.len())?;
        let key = self.certificate.tbs_certificate().subject_public_key_info();
        let algorithm =
            algorithm(other.certificate.signature_algorithm(), key.algorithm.parameters.as_ref())?;
        let key = UnparsedPublicKey::new(algorithm, key.subject_public_key.raw_bytes());
        Some(key.verify(signed, other.certificate.signature().raw_bytes()).is_ok())
    }
}

/// How a signature of a certificate is verified, by its algorithm and the curve of the issuer's key.
fn algorithm(
    named: &AlgorithmIdentifierOwned,
    curve: Option<&x509_cert::der::Any>,
) -> Option<&'static dyn VerificationAlgorithm> {
    let curve =
        curve.and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok()).map(|curve| curve.to_string());
    let named_hash = named.oid.to_string();
    Some(match (named_hash.as_str(), curve.as_deref()) {
        ("1.2.840.10045.4.3.2", Some(P256)) => &signature::ECDSA_P256_SHA256_ASN1,
        ("1.2.840.10045.4.3.2", Some(P384)) => &signature::ECDSA_P384_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", Some(P256)) => &signature::ECDSA_P256_SHA384_ASN1,
        ("1.2.840.10045.4.3.3", Some(P384)) => &signature::ECDSA_P384_SHA384_ASN1,
        ("1.2.840.113549.1.1.11", _) => &signature::RSA_PKCS1_2048_8192_SHA256,
        ("1.2.840.113549.1.1.12", _) => &signature::RSA_PKCS1_2048_8192_SHA384,
        ("1.2.840.113549.1.1.13", _) => &signature::RSA_PKCS1_2048_8192_SHA512,
        (PSS, _) => match pss_hash(named)? {
            256 => &signature::RSA_PSS_2048_8192_SHA256,
            384 => &signature::RSA_PSS_2048_8192_SHA384,
            _ => &signature::RSA_PSS_2048_8192_SHA512,
        },
        ("1.3.101.112", _) => &signature::ED25519,
        _ => return None,
    })
}

const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";

/// RSASSA-PSS, whose parameters name the hash.
pub(crate) const PSS: &str = "1.2.840.113549.1.1.10";

/// The bits of the SHA-2 hash that RSASSA-PSS is used with (RFC 4055, clause 3.1): the same for the message and for the mask.
pub(crate) fn pss_hash(algorithm: &AlgorithmIdentifierOwned) -> Option<u16> {
    let parameters = algorithm.parameters.as_ref()?.value();
    let (hash, rest) = element(parameters, 0xA0)?;
    let hash = hash_of(hash)?;
    let (mask, _) = element(rest, 0xA1)?;
    let (mask, _) = element(mask, 0x30)?;
    let (_function, mask) = element(mask, 0x06)?;
    (hash_of(mask)? == hash).then_some(hash)
}

/// The bits of the SHA-2 hash that an AlgorithmIdentifier names.
fn hash_of(identifier: &[u8]) -> Option<u16> {
    let (identifier, _) = element(identifier, 0x30)?;
    let (name, _) = element(identifier, 0x06)?;
    // 2.16.840.1.101.3.4.2 and the number of the hash.
    match name {
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, number] => match number {
            1 => Some(256),
            2 => Some(384),
            3 => Some(512),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
        PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SignatureAlgorithm,
    };

    use super::*;

    fn pair(algorithm: &'static SignatureAlgorithm) -> (Link, Link) {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let mut authority = CertificateParams::default();
        authority.distinguished_name.push(DnType::CommonName, "Authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = authority.self_signed(&key).unwrap().der().to_vec();
        let issuer = Issuer::new(authority, key);
        let leaf = CertificateParams::default().signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
        (Link::new(root).unwrap(), Link::new(leaf.der().to_vec()).unwrap())
    }

    #[test]
    fn who_issued_a_certificate_is_told_by_name_and_signature() {
        for algorithm in [&PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P384_SHA384, &PKCS_ED25519] {
            let (root, leaf) = pair(algorithm);
            assert_eq!((root.issued(&leaf), root.issued(&root)), (Some(true), Some(true)));
            assert_eq!((leaf.issued(&root), leaf.issued(&leaf)), (Some(false), Some(false)));
            // The same name over another key.
            assert_eq!(pair(algorithm).0.issued(&leaf), Some(false));
        }
    }

    #[test]
    fn the_hash_of_rsassa_pss_is_read_from_its_parameters() {
        let hash = |number: u8| vec![0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, number];
        let with = |first: Vec<u8>, second: Vec<u8>| {
            let mask = [&[0x30, 24, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 8][..], &second].concat();
            let body = [&[0xA0, 13][..], &first, &[0xA1, 26], &mask].concat();
            let parameters = [&[0x30, u8::try_from(body.len()).unwrap()][..], &body].concat();
            let parameters = x509_cert::der::Any::from_der(&parameters).unwrap();
            AlgorithmIdentifierOwned { oid: ObjectIdentifier::new_unwrap(PSS), parameters: Some(parameters) }
        };
        for (number, bits) in [(1, Some(256)), (2, Some(384)), (3, Some(512)), (4, None)] {
            assert_eq!(pss_hash(&with(hash(number), hash(number))), bits);
        }
        assert_eq!(pss_hash(&with(hash(1), hash(2))), None, "the mask has another");
        let without = AlgorithmIdentifierOwned { oid: ObjectIdentifier::new_unwrap(PSS), parameters: None };
        assert_eq!(pss_hash(&without), None);
    }
}
