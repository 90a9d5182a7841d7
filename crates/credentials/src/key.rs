//! Keys that sign: a private key in memory, or an external command that holds it.

use std::fmt;
use std::sync::Arc;

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    RSA_PSS_SHA256, RsaKeyPair,
};

use crate::algorithm::{Algorithm, element};
use crate::command::{CommandError, SigningCommand};
use crate::issuing::Link;
use crate::profile::{Fault, faults};
use crate::time_stamp::TimeStamper;

/// A certificate chain together with what signs in the name of its leaf.
///
/// One in hand is fit to sign: the certificate met the profile of C2PA at the moment it was made for, and the private
/// key, if it is in memory, belongs to the certificate. `Debug` tells the algorithm and nothing of the private key.
pub struct SigningKey {
    /// DER, leaf first.
    chain: Vec<Vec<u8>>,
    algorithm: Algorithm,
    /// The bits of the leaf's SubjectPublicKeyInfo.
    public_key: Vec<u8>,
    sign_with: SignWith,
    time_stamper: Option<Arc<dyn TimeStamper>>,
}

/// What signs.
enum SignWith {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
    Command(SigningCommand),
}

/// Why a key cannot sign. No variant holds anything of a private key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text holds no certificate.
    #[error(
        "there is no certificate: give PEM text with -----BEGIN CERTIFICATE-----, the signer's own first"
    )]
    NoCertificate,
    /// A certificate, counted from 1, or the text around it, cannot be read.
    #[error("certificate {number} cannot be read: {why}")]
    MalformedCertificate {
        /// Which one, from 1.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The certificate is for a key that this program does not sign with.
    #[error("the certificate is for {0}; use P-256, P-384, Ed25519, or RSA of 2048 to 8192 bits")]
    UnsupportedKey(String),
    /// No such algorithm.
    #[error("there is no algorithm {0:?} here; there are es256, es384, ps256 and ed25519")]
    UnknownAlgorithm(String),
    /// The algorithm named for a command is not the one of the certificate.
    #[error("the command is said to sign with {named}, but the certificate is for {certificate}")]
    OtherAlgorithm {
        /// The one that was named.
        named: Algorithm,
        /// The one the certificate's key takes.
        certificate: Algorithm,
    },
    /// The text holds no private key.
    #[error("there is no private key: give PEM text with -----BEGIN PRIVATE KEY-----")]
    NoPrivateKey,
    /// The private key is encrypted.
    #[error(
        "the private key is encrypted, and no password is asked for here; decrypt it (openssl pkcs8 -in KEY -out \
         PLAIN), or let a command sign that keeps the key"
    )]
    EncryptedPrivateKey,
    /// The private key cannot be read, or is of a form that is not taken.
    #[error(
        "the private key cannot be read as {0}; PKCS#8 is understood (openssl pkcs8 -topk8 -nocrypt -in KEY -out \
         PLAIN)"
    )]
    MalformedPrivateKey(Algorithm),
    /// The private key belongs to another certificate.
    #[error(
        "the private key does not belong to the first certificate, which is for {0}: give the pair that does"
    )]
    ForeignPrivateKey(Algorithm),
    /// The certificate may not sign manifests.
    #[error("the certificate cannot sign manifests: {}", told(.0))]
    Profile(Vec<Fault>),
    /// The signing command did not sign.
    #[error("the signing command {0}")]
    Command(#[from] CommandError),
    /// No time stamp could be had.
    #[error("no time stamp: {0}")]
    TimeStamp(String),
    /// The cryptographic library failed, as for want of random numbers.
    #[error("the signature could not be computed")]
    Failed,
}

fn told(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl SigningKey {
    /// Takes a certificate chain (leaf first) and a private key, both in PEM.
    ///
    /// The key is taken as PKCS#8 (`PRIVATE KEY`), as SEC1 (`EC PRIVATE KEY`), or as PKCS#1 (`RSA PRIVATE KEY`).
    /// `at` is the moment the certificate must be good for, in seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// What is wrong, and what would help.
    pub fn from_pem(chain: &str, private_key: &str, at: u64) -> Result<Self, KeyError> {
        Self::made(chain, at, |algorithm, public_key| private(private_key, algorithm, public_key))
    }

    /// Takes a certificate chain in PEM (leaf first), and a command that signs with its leaf's key.
    ///
    /// `algorithm` is what the command is said to sign with; it must be the one of the certificate. `at` is the moment
    /// the certificate must be good for, in seconds since 1970-01-01T00:00:00Z. The command is not run yet.
    ///
    /// # Errors
    /// What is wrong, and what would help.
    pub fn from_command(
        chain: &str,
        algorithm: Algorithm,
        command: SigningCommand,
        at: u64,
    ) -> Result<Self, KeyError> {
        Self::made(chain, at, |certificate, _| match algorithm == certificate {
            true => Ok(SignWith::Command(command)),
            false => Err(KeyError::OtherAlgorithm { named: algorithm, certificate }),
        })
    }

    /// Takes a chain that is fit to sign, and what `sign_with` finds for its leaf's algorithm and public key.
    fn made(
        chain: &str,
        at: u64,
        sign_with: impl FnOnce(Algorithm, &[u8]) -> Result<SignWith, KeyError>,
    ) -> Result<Self, KeyError> {
        let links = links(chain)?;
        let leaf = links.first().ok_or(KeyError::NoCertificate)?.certificate.tbs_certificate();
        let algorithm = Algorithm::of(leaf.subject_public_key_info())?;
        let found = faults(&links, at);
        if !found.is_empty() {
            return Err(KeyError::Profile(found));
        }
        let public_key = leaf.subject_public_key_info().subject_public_key.raw_bytes().to_vec();
        let sign_with = sign_with(algorithm, &public_key)?;
        let chain = links.into_iter().map(|link| link.der).collect();
        Ok(Self { chain, algorithm, public_key, sign_with, time_stamper: None })
    }

    /// The algorithm it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Signs `data`: the raw signature, r and s one after the other for ECDSA.
    ///
    /// # Errors
    /// If the command fails, or answers what is no signature of `data` by this key.
    pub fn sign(&self, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        match &self.sign_with {
            SignWith::Ecdsa(pair) => {
                pair.sign(&random, data).map(|signed| signed.as_ref().to_vec()).map_err(|_| KeyError::Failed)
            }
            SignWith::Ed25519(pair) => Ok(pair.sign(data).as_ref().to_vec()),
            SignWith::Rsa(pair) => {
                let mut signed = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &random, data, &mut signed).map_err(|_| KeyError::Failed)?;
                Ok(signed)
            }
            SignWith::Command(command) => {
                let signed = command.run(self.algorithm, data)?;
                // Whatever the command is, nothing gets into a file that its own readers would refuse.
                if !self.algorithm.holds(&self.public_key, data, &signed) {
                    return Err(CommandError::refused(self.algorithm, &signed).into());
                }
                Ok(signed)
            }
        }
    }

    /// The same key, whose signatures get time stamps from there.
    #[must_use]
    pub fn with_time_stamps(self, time_stamper: Arc<dyn TimeStamper>) -> Self {
        Self { time_stamper: Some(time_stamper), ..self }
    }

    pub(crate) fn time_stamper(&self) -> Option<&dyn TimeStamper> {
        self.time_stamper.as_deref()
    }

    /// Whether each signature costs more than a few milliseconds, or money.
    pub(crate) fn is_costly(&self) -> bool {
        matches!(self.sign_with, SignWith::Command(_))
    }

    /// The certificates, DER, leaf first.
    pub(crate) fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign_with = match &self.sign_with {
            SignWith::Command(_) => "command",
            _ => "private key in memory",
        };
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("sign_with", &sign_with)
            .field("certificates", &self.chain.len())
            .finish()
    }
}

/// Everything a certificate chain (PEM, leaf first) is at fault with for signing manifests at a moment.
///
/// `at` is in seconds since 1970-01-01T00:00:00Z. None means that it may sign.
///
/// # Errors
/// If there is no certificate, or one cannot be read, or it is for a key of a kind that is not supported.
pub fn certificate_faults(chain: &str, at: u64) -> Result<Vec<Fault>, KeyError> {
    let links = links(chain)?;
    let leaf = links.first().ok_or(KeyError::NoCertificate)?;
    Algorithm::of(leaf.certificate.tbs_certificate().subject_public_key_info())?;
    Ok(faults(&links, at))
}

/// What the key of a certificate chain (PEM, leaf first) signs with.
///
/// # Errors
/// As [`certificate_faults`].
pub fn algorithm_of(chain: &str) -> Result<Algorithm, KeyError> {
    let links = links(chain)?;
    let leaf = links.first().ok_or(KeyError::NoCertificate)?;
    Algorithm::of(leaf.certificate.tbs_certificate().subject_public_key_info())
}

/// The certificates of a PEM text.
fn links(text: &str) -> Result<Vec<Link>, KeyError> {
    let blocks = pem::parse_many(text).map_err(|err| KeyError::MalformedCertificate {
        number: 1,
        why: format!("the PEM text is broken ({err})"),
    })?;
    let mut links = Vec::new();
    for block in blocks.into_iter().filter(|block| block.tag() == "CERTIFICATE") {
        let number = links.len() + 1;
        let malformed =
            |err: x509_cert::der::Error| KeyError::MalformedCertificate { number, why: err.to_string() };
        links.push(Link::new(block.into_contents()).map_err(malformed)?);
    }
    if links.is_empty() {
        return Err(KeyError::NoCertificate);
    }
    Ok(links)
}

/// The private key of a PEM text, if it belongs to `public_key`.
fn private(text: &str, algorithm: Algorithm, public_key: &[u8]) -> Result<SignWith, KeyError> {
    // What the parser says of broken text may quote the text: it is not passed on.
    let blocks = pem::parse_many(text).map_err(|_| KeyError::MalformedPrivateKey(algorithm))?;
    let block =
        blocks.iter().find(|block| block.tag().ends_with("PRIVATE KEY")).ok_or(KeyError::NoPrivateKey)?;
    if block.tag() == "ENCRYPTED PRIVATE KEY" || block.headers().get("Proc-Type").is_some() {
        return Err(KeyError::EncryptedPrivateKey);
    }
    let malformed = || KeyError::MalformedPrivateKey(algorithm);
    let foreign = |_| KeyError::ForeignPrivateKey(algorithm);
    let (kind, key) = match block.tag() {
        "PRIVATE KEY" => unwrapped(block.contents()).ok_or_else(malformed)?,
        "EC PRIVATE KEY" => (EC, block.contents()),
        "RSA PRIVATE KEY" => (RSA, block.contents()),
        _ => return Err(malformed()),
    };
    let expected = match algorithm {
        Algorithm::Es256 | Algorithm::Es384 => EC,
        Algorithm::Ps256 => RSA,
        Algorithm::Ed25519 => ED25519,
    };
    if kind != expected {
        return Err(KeyError::ForeignPrivateKey(algorithm));
    }
    match algorithm {
        Algorithm::Es256 | Algorithm::Es384 => {
            let (curve, size) = match algorithm {
                Algorithm::Es256 => (&ECDSA_P256_SHA256_FIXED_SIGNING, 32),
                _ => (&ECDSA_P384_SHA384_FIXED_SIGNING, 48),
            };
            let secret = scalar(key, size).ok_or(KeyError::ForeignPrivateKey(algorithm))?;
            let random = SystemRandom::new();
            EcdsaKeyPair::from_private_key_and_public_key(curve, &secret, public_key, &random)
                .map(SignWith::Ecdsa)
                .map_err(foreign)
        }
        Algorithm::Ed25519 => {
            let (seed, _) = element(key, 0x04).ok_or_else(malformed)?;
            Ed25519KeyPair::from_seed_and_public_key(seed, public_key).map(SignWith::Ed25519).map_err(foreign)
        }
        Algorithm::Ps256 => {
            let pair = RsaKeyPair::from_der(key).map_err(|_| malformed())?;
            if pair.public_key().as_ref() != public_key {
                return Err(KeyError::ForeignPrivateKey(algorithm));
            }
            Ok(SignWith::Rsa(pair))
        }
    }
}

/// Object identifiers of key kinds, as DER writes them.
const EC: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const ED25519: &[u8] = &[0x2B, 0x65, 0x70];

/// The kind of key in a PKCS#8 PrivateKeyInfo (RFC 5958), and the key.
fn unwrapped(info: &[u8]) -> Option<(&[u8], &[u8])> {
    let (info, _) = element(info, 0x30)?;
    let (_version, info) = element(info, 0x02)?;
    let (algorithm, info) = element(info, 0x30)?;
    let (kind, _) = element(algorithm, 0x06)?;
    let (key, _) = element(info, 0x04)?;
    Some((kind, key))
}

/// The secret number of an ECPrivateKey (RFC 5915), at the length its curve asks for.
fn scalar(key: &[u8], size: usize) -> Option<Vec<u8>> {
    let (key, _) = element(key, 0x30)?;
    let (_version, key) = element(key, 0x02)?;
    let (number, _) = element(key, 0x04)?;
    // Some programs leave out zeros at the front.
    let mut secret = vec![0; size.checked_sub(number.len())?];
    secret.extend_from_slice(number);
    Some(secret)
}
