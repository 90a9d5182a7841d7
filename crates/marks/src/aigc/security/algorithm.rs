//! The signature algorithms that are known in security data.

/// How a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// SM2 with SM3 (GB/T 32918.2), user id `1234567812345678`.
    Sm2,
    /// ECDSA on P-256 with SHA-256.
    EcdsaP256,
    /// RSA PKCS#1 v1.5 with SHA-256.
    Rsa,
}

impl Algorithm {
    /// Every algorithm.
    const ALL: [Self; 3] = [Self::Sm2, Self::EcdsaP256, Self::Rsa];

    /// Its object identifier, as `AlgID` has it.
    pub(super) fn oid(self) -> &'static str {
        match self {
            Self::Sm2 => "1.2.156.10197.1.501",
            Self::EcdsaP256 => "1.2.840.10045.4.3.2",
            Self::Rsa => "1.2.840.113549.1.1.11",
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sm2 => "SM2 with SM3",
            Self::EcdsaP256 => "ECDSA P-256 with SHA-256",
            Self::Rsa => "RSA with SHA-256",
        }
    }

    /// The algorithm of an object identifier.
    pub(super) fn of_oid(oid: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.oid() == oid.trim())
    }
}
