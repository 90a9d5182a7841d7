//! What C2PA asks of the certificate that signs (C2PA 2.2, clause 14.5.1), and where one falls short.

use x509_cert::Certificate;
use x509_cert::certificate::{TbsCertificate, Version};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage};
use x509_cert::time::Time;

use crate::algorithm::disallowed;
use crate::issuing::{Link, PSS, pss_hash};

/// One way in which a certificate is not fit to sign manifests.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is of X.509 version 1 or 2.
    #[error("it is not an X.509 version 3 certificate")]
    OldVersion,
    /// It is a certification authority's.
    #[error("it is a certification authority's; put the signer's own certificate first")]
    Authority,
    /// It was issued by itself.
    #[error("it is self-signed; have it issued by an authority, if only one of your own")]
    SelfSigned,
    /// It has an issuer or subject unique identifier.
    #[error("it has an issuer or subject unique identifier, which is not allowed")]
    UniqueIdentifier,
    /// It was signed with an algorithm that is not allowed.
    #[error("its issuer signed it with an algorithm that is not allowed ({0})")]
    IssuerAlgorithm(String),
    /// It has no authority key identifier.
    #[error("it has no authority key identifier extension")]
    NoAuthorityKeyIdentifier,
    /// It may not be used for digital signatures.
    #[error("its key usage does not allow digitalSignature")]
    NoDigitalSignature,
    /// It may sign certificates.
    #[error("its key usage allows keyCertSign, which a signer of content must not")]
    SignsCertificates,
    /// It has no extended key usage.
    #[error("it has no extended key usage; emailProtection or documentSigning will do")]
    NoExtendedKeyUsage,
    /// It is for any use.
    #[error("its extended key usage is anyExtendedKeyUsage, which is not allowed")]
    AnyExtendedKeyUsage,
    /// None of its extended key usages is for content.
    #[error(
        "none of its extended key usages ({0}) is one for content: emailProtection, documentSigning, or C2PA's own"
    )]
    OtherExtendedKeyUsage(String),
    /// It is for time stamps or for answers on revocation.
    #[error("its extended key usage is also timeStamping or OCSPSigning, which must stand alone")]
    MixedExtendedKeyUsage,
    /// Its subject has no organization. The specification does not ask for it, but validators in wide use take the
    /// signature for broken without it.
    #[error(
        "its subject names no organization (O), and validators in wide use then call the signature broken"
    )]
    NoOrganization,
    /// It is not valid yet.
    #[error("it is not valid before {0}")]
    NotYetValid(String),
    /// It is no longer valid.
    #[error("it expired at {0}")]
    Expired(String),
    /// It has a critical extension that validators do not know.
    #[error("its extension {0} is critical, and validators do not know it")]
    UnknownCritical(String),
    /// An extension cannot be read.
    #[error("its extension {0} cannot be read")]
    MalformedExtension(&'static str),
    /// Its key is of a kind or size that is not allowed.
    #[error("it is for {0}, which is not allowed")]
    Key(String),
    /// A certificate of the chain, counted from 1, was not issued by the one after it.
    #[error(
        "certificate {0} of the chain was not issued by the one after it: put them in order, the signer's first"
    )]
    Order(usize),
    /// A certificate of the chain, counted from 1, issued the one before it and is no authority's.
    #[error("certificate {0} of the chain is no certification authority's, and can vouch for no one")]
    NoAuthority(usize),
}

/// Extended key usages that are for content.
const FOR_CONTENT: [&str; 4] = [
    // emailProtection, documentSigning, Microsoft's for C2PA, C2PA's own.
    "1.3.6.1.5.5.7.3.4",
    "1.3.6.1.5.5.7.3.36",
    "1.3.6.1.4.1.311.76.59.1.9",
    "1.3.6.1.4.1.62558.2.1",
];

/// Extended key usages that must stand alone: timeStamping and OCSPSigning.
const ALONE: [&str; 2] = ["1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"];

const ANY: &str = "2.5.29.37.0";

/// Algorithms a certificate may be signed with.
const ISSUER_ALGORITHMS: [&str; 7] = [
    // ECDSA with SHA-256, 384, 512; RSA with SHA-256, 384, 512; Ed25519.
    "1.2.840.10045.4.3.2",
    "1.2.840.10045.4.3.3",
    "1.2.840.10045.4.3.4",
    "1.2.840.113549.1.1.11",
    "1.2.840.113549.1.1.12",
    "1.2.840.113549.1.1.13",
    "1.3.101.112",
];

/// Extensions that may be critical, since validators know them (RFC 5280, clause 4.2).
const KNOWN_CRITICAL: [&str; 13] = [
    // Subject key identifier, key usage, subject alternative name, basic constraints, name constraints, CRL distribution
    // points, certificate policies, policy mappings, authority key identifier, policy constraints, extended key usage,
    // inhibit anyPolicy, authority information access.
    "2.5.29.14",
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.19",
    "2.5.29.30",
    "2.5.29.31",
    "2.5.29.32",
    "2.5.29.33",
    "2.5.29.35",
    "2.5.29.36",
    "2.5.29.37",
    "2.5.29.54",
    "1.3.6.1.5.5.7.1.1",
];

/// Everything the first certificate of a chain, and the order of the chain, is at fault with at a moment.
pub(crate) fn faults(chain: &[Link], at: u64) -> Vec<Fault> {
    let mut faults = Vec::new();
    let Some(Link { certificate: leaf, .. }) = chain.first() else { return faults };
    form(leaf, &mut faults);
    if leaf.tbs_certificate().issuer() == leaf.tbs_certificate().subject() {
        faults.push(Fault::SelfSigned);
    }
    if !names_organization(leaf) {
        faults.push(Fault::NoOrganization);
    }
    usage(leaf.tbs_certificate(), &[], &[], &mut faults);
    validity(leaf.tbs_certificate(), at, &mut faults);
    order(chain, &mut faults);
    faults
}

/// Everything for which the specification has a verifier refuse the certificate of a signer, whenever it signed.
///
/// `usages` are extended key usages that the verifier was told to take besides those of the specification. One that stands
/// for time stamps or answers on revocation only is taken: the specification gives validators one list for all three. That a
/// certificate is self-signed is a matter of trust: no one else vouches for it.
pub(crate) fn refusals(signer: &Link, usages: &[&str]) -> Vec<Fault> {
    let mut faults = Vec::new();
    form(&signer.certificate, &mut faults);
    if let Some(key) = disallowed(signer.certificate.tbs_certificate().subject_public_key_info()) {
        faults.push(Fault::Key(key));
    }
    usage(signer.certificate.tbs_certificate(), usages, &ALONE, &mut faults);
    faults
}

/// Whether its subject has an organization.
pub(crate) fn names_organization(leaf: &Certificate) -> bool {
    let organization = leaf.tbs_certificate().subject().organization();
    matches!(organization, Ok(Some(name)) if !name.value().trim().is_empty())
}

/// Whether each certificate of a chain was issued by the one after it, and that one may issue any.
fn order(chain: &[Link], faults: &mut Vec<Fault>) {
    for (number, pair) in (1..).zip(chain.windows(2)) {
        let [issued, issuer] = pair else { continue };
        if issuer.issued(issued) == Some(false) {
            faults.push(Fault::Order(number));
        } else if !may_issue(&issuer.certificate, number - 1) {
            faults.push(Fault::NoAuthority(number + 1));
        }
    }
}

/// Whether a certificate may issue others (RFC 5280, clause 6.1.4), with this many authorities between it and the signer's.
/// Before version 3 there was no place to say it.
pub(crate) fn may_issue(issuer: &Certificate, between: usize) -> bool {
    let body = issuer.tbs_certificate();
    let constraints = match body.get_extension::<BasicConstraints>() {
        Ok(Some((_, constraints))) => constraints,
        Ok(None) => return body.version() != Version::V3,
        Err(_) => return false,
    };
    let signs = match body.get_extension::<KeyUsage>() {
        Ok(usage) => usage.is_none_or(|(_, usage)| usage.key_cert_sign()),
        Err(_) => false,
    };
    constraints.ca && signs && constraints.path_len_constraint.is_none_or(|most| between <= usize::from(most))
}

/// Version, names, and how it was issued.
fn form(leaf: &Certificate, faults: &mut Vec<Fault>) {
    let body = leaf.tbs_certificate();
    if body.version() != Version::V3 {
        faults.push(Fault::OldVersion);
    }
    match body.get_extension::<BasicConstraints>() {
        Ok(Some((_, constraints))) if constraints.ca => faults.push(Fault::Authority),
        Ok(_) => {}
        Err(_) => faults.push(Fault::MalformedExtension("basic constraints")),
    }
    if body.issuer_unique_id().is_some() || body.subject_unique_id().is_some() {
        faults.push(Fault::UniqueIdentifier);
    }
    let algorithm = leaf.signature_algorithm().oid;
    if is_one_of(algorithm, &[PSS]) {
        if pss_hash(leaf.signature_algorithm()).is_none() {
            faults.push(Fault::IssuerAlgorithm("RSASSA-PSS without SHA-256, 384 or 512".into()));
        }
    } else if !is_one_of(algorithm, &ISSUER_ALGORITHMS) {
        faults.push(Fault::IssuerAlgorithm(algorithm.to_string()));
    }
    match body.get_extension::<AuthorityKeyIdentifier>() {
        Ok(Some(_)) => {}
        Ok(None) => faults.push(Fault::NoAuthorityKeyIdentifier),
        Err(_) => faults.push(Fault::MalformedExtension("authority key identifier")),
    }
    for extension in body.extensions().into_iter().flatten() {
        if extension.critical && !is_one_of(extension.extn_id, &KNOWN_CRITICAL) {
            faults.push(Fault::UnknownCritical(extension.extn_id.to_string()));
        }
    }
}

/// What it may be used for. `besides` are extended key usages that are taken too, `single` those that are if they stand alone.
fn usage(leaf: &TbsCertificate, besides: &[&str], single: &[&str], faults: &mut Vec<Fault>) {
    match leaf.get_extension::<KeyUsage>() {
        Ok(found) => {
            if !found.as_ref().is_some_and(|(_, usage)| usage.digital_signature()) {
                faults.push(Fault::NoDigitalSignature);
            }
            if found.is_some_and(|(_, usage)| usage.key_cert_sign()) {
                faults.push(Fault::SignsCertificates);
            }
        }
        Err(_) => faults.push(Fault::MalformedExtension("key usage")),
    }
    let uses = match leaf.get_extension::<ExtendedKeyUsage>() {
        Ok(Some((_, ExtendedKeyUsage(uses)))) => uses,
        Ok(None) => return faults.push(Fault::NoExtendedKeyUsage),
        Err(_) => return faults.push(Fault::MalformedExtension("extended key usage")),
    };
    if matches!(uses.as_slice(), [only] if is_one_of(*only, single)) {
        return;
    }
    let is_taken = |found| is_one_of(found, &FOR_CONTENT) || is_one_of(found, besides);
    if uses.iter().any(|&found| is_one_of(found, &[ANY])) {
        faults.push(Fault::AnyExtendedKeyUsage);
    } else if !uses.iter().any(|&found| is_taken(found)) {
        let named = uses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        faults.push(Fault::OtherExtendedKeyUsage(named));
    } else if uses.iter().any(|&found| is_one_of(found, &ALONE)) {
        faults.push(Fault::MixedExtendedKeyUsage);
    }
}

fn validity(leaf: &TbsCertificate, at: u64, faults: &mut Vec<Fault>) {
    let seconds = |time: Time| time.to_unix_duration().as_secs();
    let validity = leaf.validity();
    if at < seconds(validity.not_before) {
        faults.push(Fault::NotYetValid(validity.not_before.to_string()));
    }
    if at > seconds(validity.not_after) {
        faults.push(Fault::Expired(validity.not_after.to_string()));
    }
}

fn is_one_of(found: ObjectIdentifier, listed: &[&str]) -> bool {
    let found = found.to_string();
    listed.contains(&found.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::element;
    use rcgen::{
        BasicConstraints as Constraints, CertificateParams, CustomExtension, DnType,
        ExtendedKeyUsagePurpose as Eku, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
    };

    /// 2026-01-01 and 2027-01-01.
    const FROM: u64 = 1_767_225_600;
    const UNTIL: u64 = 1_798_761_600;

    fn authority(name: &str) -> (CertificateParams, KeyPair) {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(Constraints::Unconstrained);
        (params, KeyPair::generate().unwrap())
    }

    /// A leaf that is as it should be but for what `change` does to it, as DER.
    fn leaf(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let (authority, key) = authority("Authority");
        let issuer = Issuer::new(authority, key);
        signer(change).signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().der().to_vec()
    }

    fn signer(change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::OrganizationName, "Example");
        params.distinguished_name.push(DnType::CommonName, "Signer");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![Eku::EmailProtection];
        params.use_authority_key_identifier_extension = true;
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2027, 1, 1);
        change(&mut params);
        params
    }

    fn found(der: &[u8]) -> Vec<Fault> {
        faults(&[Link::new(der.to_vec()).unwrap()], FROM)
    }

    fn changed(change: impl FnOnce(&mut CertificateParams)) -> Vec<Fault> {
        found(&leaf(change))
    }

    fn replaced(der: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
        let mut der = der.to_vec();
        let places: Vec<_> = (0..der.len()).filter(|&at| der[at..].starts_with(from)).collect();
        assert!(!places.is_empty());
        for at in places {
            der[at..at + to.len()].copy_from_slice(to);
        }
        der
    }

    #[test]
    fn a_certificate_as_it_should_be_has_no_fault() {
        assert_eq!(changed(|_| {}), []);
        for oid in [
            &[1, 3, 6, 1, 5, 5, 7, 3, 36][..],
            &[1, 3, 6, 1, 4, 1, 311, 76, 59, 1, 9],
            &[1, 3, 6, 1, 4, 1, 62558, 2, 1],
        ] {
            let other = Eku::Other(oid.to_vec());
            assert_eq!(changed(|params| params.extended_key_usages = vec![other]), []);
        }
    }

    #[test]
    fn version_2_is_refused() {
        let der = replaced(&leaf(|_| {}), &[0xA0, 3, 2, 1, 2], &[0xA0, 3, 2, 1, 1]);
        assert_eq!(found(&der), [Fault::OldVersion]);
    }

    #[test]
    fn an_authority_is_refused() {
        let faults = changed(|params| params.is_ca = IsCa::Ca(Constraints::Unconstrained));
        assert_eq!(faults, [Fault::Authority]);
    }

    #[test]
    fn a_certificate_issued_by_itself_is_refused() {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::OrganizationName, "Example");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![Eku::EmailProtection];
        params.use_authority_key_identifier_extension = true;
        let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
        assert_eq!(found(&der), [Fault::SelfSigned]);
    }

    #[test]
    fn a_unique_identifier_is_refused() {
        let der = leaf(|_| {});
        let (certificate, _) = element(&der, 0x30).unwrap();
        let (body, signature) = element(certificate, 0x30).unwrap();
        // The extensions, [3], are the last of the body; the subject's identifier, [2], stands before them.
        let at = (0..body.len())
            .find(|&at| {
                body[at] == 0xA3 && element(&body[at..], 0xA3).is_some_and(|(_, rest)| rest.is_empty())
            })
            .unwrap();
        let body = [&body[..at], &[0x82, 2, 0, 1], &body[at..]].concat();
        let der = wrapped(&[wrapped(&body), signature.to_vec()].concat());
        assert_eq!(found(&der), [Fault::UniqueIdentifier]);
    }

    /// A DER sequence of 256 to 65535 bytes.
    fn wrapped(body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[0x30, 0x82], &length[..], body].concat()
    }

    #[test]
    fn an_issuer_that_signs_with_a_weak_hash_is_refused() {
        // From ecdsa-with-SHA256 to ecdsa-with-SHA1, at both places.
        let sha256 = [0x06, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];
        let sha224 = [0x06, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 1];
        let der = replaced(&leaf(|_| {}), &sha256, &sha224);
        assert_eq!(found(&der), [Fault::IssuerAlgorithm("1.2.840.10045.4.3.1".into())]);
    }

    #[test]
    fn the_authority_key_identifier_must_be_there() {
        let faults = changed(|params| params.use_authority_key_identifier_extension = false);
        assert_eq!(faults, [Fault::NoAuthorityKeyIdentifier]);
    }

    #[test]
    fn key_usage_must_be_for_signatures_and_not_for_certificates() {
        assert_eq!(changed(|params| params.key_usages.clear()), [Fault::NoDigitalSignature]);
        let other = vec![KeyUsagePurpose::KeyAgreement];
        assert_eq!(changed(|params| params.key_usages = other), [Fault::NoDigitalSignature]);
        let both = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign];
        assert_eq!(changed(|params| params.key_usages = both), [Fault::SignsCertificates]);
    }

    #[test]
    fn extended_key_usage_must_be_for_content_and_nothing_that_stands_alone() {
        let with = |uses: &[Eku]| changed(|params| params.extended_key_usages = uses.to_vec());
        assert_eq!(with(&[]), [Fault::NoExtendedKeyUsage]);
        assert_eq!(with(&[Eku::Any, Eku::EmailProtection]), [Fault::AnyExtendedKeyUsage]);
        assert_eq!(with(&[Eku::ServerAuth]), [Fault::OtherExtendedKeyUsage("1.3.6.1.5.5.7.3.1".into())]);
        assert_eq!(with(&[Eku::EmailProtection, Eku::TimeStamping]), [Fault::MixedExtendedKeyUsage]);
        assert_eq!(with(&[Eku::EmailProtection, Eku::OcspSigning]), [Fault::MixedExtendedKeyUsage]);
    }

    #[test]
    fn the_organization_must_be_named() {
        assert_eq!(
            changed(|params| {
                params.distinguished_name.remove(DnType::OrganizationName);
            }),
            [Fault::NoOrganization]
        );
        assert_eq!(
            changed(|params| params.distinguished_name.push(DnType::OrganizationName, " ")),
            [Fault::NoOrganization]
        );
    }

    #[test]
    fn the_moment_must_be_within_its_time() {
        let leaf = [Link::new(leaf(|_| {})).unwrap()];
        assert_eq!(faults(&leaf, FROM), []);
        assert_eq!(faults(&leaf, UNTIL), []);
        assert_eq!(faults(&leaf, FROM - 1), [Fault::NotYetValid("2026-01-01T00:00:00Z".into())]);
        assert_eq!(faults(&leaf, UNTIL + 1), [Fault::Expired("2027-01-01T00:00:00Z".into())]);
    }

    #[test]
    fn unknown_critical_extensions_are_refused_and_others_are_not() {
        let with = |critical| {
            let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
            extension.set_criticality(critical);
            changed(|params| params.custom_extensions = vec![extension])
        };
        assert_eq!(with(false), []);
        assert_eq!(with(true), [Fault::UnknownCritical("1.2.3.4".into())]);
    }

    #[test]
    fn extensions_that_cannot_be_read_are_told_of() {
        let broken = CustomExtension::from_oid_content(&[2, 5, 29, 19], vec![5, 0]);
        assert_eq!(
            changed(|params| params.custom_extensions = vec![broken]),
            [Fault::MalformedExtension("basic constraints")]
        );
    }

    #[test]
    fn a_chain_out_of_order_or_through_someone_who_may_not_issue_is_refused() {
        let link = |der: &rcgen::Certificate| Link::new(der.der().to_vec()).unwrap();
        let chain = |change: &dyn Fn(&mut CertificateParams)| {
            let (mut params, key) = authority("Authority");
            change(&mut params);
            let certificate = params.self_signed(&key).unwrap();
            let issuer = Issuer::new(params, key);
            let leaf = signer(|_| {}).signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
            [link(&leaf), link(&certificate)]
        };
        let good = chain(&|_| {});
        assert_eq!(faults(&good, FROM), []);
        let [leaf, root] = good;
        let (another, key) = authority("Authority");
        let of_the_same_name = link(&another.self_signed(&key).unwrap());
        assert_eq!(faults(&[leaf.clone(), of_the_same_name], FROM), [Fault::Order(1)]);
        assert_eq!(faults(&[leaf.clone(), leaf, root], FROM), [Fault::Order(1)]);
        for change in [
            &(|params: &mut CertificateParams| params.is_ca = IsCa::NoCa) as &dyn Fn(&mut CertificateParams),
            &|params| params.key_usages = vec![KeyUsagePurpose::DigitalSignature],
        ] {
            assert_eq!(faults(&chain(change), FROM), [Fault::NoAuthority(2)]);
        }
        let constrained = chain(&|params| params.is_ca = IsCa::Ca(Constraints::Constrained(0)));
        assert_eq!(faults(&constrained, FROM), []);
        assert!(may_issue(&constrained[1].certificate, 0) && !may_issue(&constrained[1].certificate, 1));
    }

    #[test]
    fn a_verifier_takes_what_it_was_told_to_and_usages_that_stand_alone() {
        let with = |uses: &[Eku], told: &[&str]| {
            let der = leaf(|params| params.extended_key_usages = uses.to_vec());
            refusals(&Link::new(der).unwrap(), told)
        };
        assert_eq!(with(&[Eku::TimeStamping], &[]), []);
        assert_eq!(with(&[Eku::TimeStamping, Eku::EmailProtection], &[]), [Fault::MixedExtendedKeyUsage]);
        assert!(matches!(with(&[Eku::ServerAuth], &[])[..], [Fault::OtherExtendedKeyUsage(_)]));
        assert_eq!(with(&[Eku::ServerAuth], &["1.3.6.1.5.5.7.3.1"]), []);
        // Neither a time nor an organization is a matter of the specification's profile.
        let nameless = leaf(|params| {
            params.distinguished_name.remove(DnType::OrganizationName);
            params.not_after = date_time_ymd(2026, 1, 2);
        });
        assert_eq!(refusals(&Link::new(nameless).unwrap(), &[]), []);
    }
}
