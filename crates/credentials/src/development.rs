//! A certificate chain for development: it signs as it should, and no one trusts it.

use std::fmt;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, Error, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, date_time_ymd,
};

/// A certification authority and a signer's certificate issued by it, with its private key, as PEM texts.
///
/// For trying things out: verifiers answer `signingCredential.untrusted` unless they are given `authority` as an
/// anchor. The authority's own private key is thrown away. `Debug` keeps the private key to itself.
#[derive(Clone, PartialEq, Eq)]
pub struct DevelopmentChain {
    /// The authority's certificate, valid for 10 years: what a verifier is to trust.
    pub authority: String,
    /// The signer's certificate, valid for one year, then the authority's.
    pub chain: String,
    /// The signer's private key, P-256, PKCS#8.
    pub private_key: String,
}

const DAY: u64 = 24 * 60 * 60;

impl DevelopmentChain {
    /// Makes one with new keys for an organization of this name.
    ///
    /// It is valid from a day before `at` (seconds since 1970-01-01T00:00:00Z), since clocks differ.
    ///
    /// # Errors
    /// If the name cannot stand in a certificate, or there are no random numbers.
    pub fn new(organization: &str, at: u64) -> Result<Self, DevelopmentError> {
        Self::made(organization, at).map_err(|err| DevelopmentError(err.to_string()))
    }

    fn made(organization: &str, at: u64) -> Result<Self, Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut authority = named(organization, "Development CA", at, 10 * 365);
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority_certificate = authority.self_signed(&key)?.pem();
        let issuer = Issuer::new(authority, key);

        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut signer = named(organization, "Development signer", at, 365);
        // Said explicitly, it would be written as DER does not allow, and strict readers refuse the certificate.
        signer.is_ca = IsCa::NoCa;
        signer.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        signer.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
        signer.use_authority_key_identifier_extension = true;
        let chain = signer.signed_by(&key, &issuer)?.pem() + &authority_certificate;
        Ok(Self { authority: authority_certificate, chain, private_key: key.serialize_pem() })
    }
}

fn named(organization: &str, name: &str, at: u64, days: u64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, organization);
    params.distinguished_name.push(DnType::CommonName, format!("{organization} {name}"));
    // Later than any certificate can say, the sum would end the program.
    let at = at.min(200 * 365 * DAY);
    params.not_before = date_time_ymd(1970, 1, 1) + Duration::from_secs(at.saturating_sub(DAY));
    params.not_after = date_time_ymd(1970, 1, 1) + Duration::from_secs(at + days * DAY);
    params
}

impl fmt::Debug for DevelopmentChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevelopmentChain")
            .field("authority", &self.authority)
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}

/// Why no development chain could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the development certificates could not be made: {0}")]
pub struct DevelopmentError(String);
