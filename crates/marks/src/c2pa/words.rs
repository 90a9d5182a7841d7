//! Status codes of the specification in plain words.

/// Each code, or the start of several, with what it means (C2PA 2.2, clause 15.2; CAWG identity 1.1, clause 9).
const WORDS: &[(&str, &str)] = &[
    ("assertion.dataHash.mismatch", "the content was changed after it was signed"),
    ("assertion.bmffHash.mismatch", "the content was changed after it was signed"),
    ("assertion.boxesHash.mismatch", "the content was changed after it was signed"),
    ("assertion.collectionHash.mismatch", "a file of the package was changed after it was signed"),
    ("assertion.hashedURI.mismatch", "a statement of the manifest was changed after it was signed"),
    ("assertion.missing", "a statement that was signed is no longer in the manifest"),
    ("assertion.undeclared", "the manifest has a statement that was not signed"),
    ("assertion.inaccessible", "a statement is kept elsewhere and cannot be read"),
    ("assertion.notRedacted", "a statement that should have been taken out is still there"),
    ("assertion.selfRedacted", "the manifest takes out a statement of its own"),
    ("assertion.action.redacted", "an action was taken out of the manifest, which is not allowed"),
    ("assertion.action.ingredientMismatch", "an action names an ingredient that is not there"),
    ("assertion.action", "an action is not told as the specification asks"),
    ("assertion.cloud-data", "a statement kept in the network is not formed as the specification asks"),
    ("assertion.multipleHardBindings", "it is bound to its content more than once"),
    ("assertion.json.invalid", "a statement is no JSON"),
    ("assertion.cbor.invalid", "a statement is no CBOR"),
    ("assertion.dataHash", "the binding to the content is not formed as the specification asks"),
    ("assertion.bmffHash", "the binding to the content is not formed as the specification asks"),
    ("assertion.", "a statement is not formed as the specification asks"),
    ("claim.missing", "the manifest has no claim"),
    ("claim.multiple", "the manifest has more than one claim"),
    ("claim.hardBindings.missing", "nothing binds the manifest to this content: it may be of another"),
    ("claim.", "the claim is not formed as the specification asks"),
    ("claimSignature.missing", "the manifest is not signed"),
    (
        "claimSignature.mismatch",
        "the signature does not fit the manifest (older validators also say so of a certificate without an organization)",
    ),
    ("claimSignature.outsideValidity", "it was signed when the certificate was not valid"),
    ("claimSignature.", "the signature is not formed as the specification asks"),
    ("signingCredential.untrusted", "no trust list given here names the signer: anyone can sign so"),
    ("signingCredential.invalid", "the signer's certificate may not sign manifests"),
    (
        "signingCredential.expired",
        "the signer's certificate is not valid at this time, and no time stamp shows that it signed while it was",
    ),
    ("signingCredential.ocsp.revoked", "the signer's certificate was revoked"),
    ("signingCredential.ocsp", "whether the signer's certificate was revoked cannot be told"),
    ("timeStamp.mismatch", "the time stamp is of something else"),
    ("timeStamp.untrusted", "no trust list given here names who made the time stamp"),
    ("timeStamp.outsideValidity", "the time stamp was made when its certificate was not valid"),
    ("timeStamp.", "the time stamp is not formed as the specification asks"),
    ("algorithm.unsupported", "it is signed in a way that is not supported"),
    ("algorithm.", "it is signed in a way that is no longer safe"),
    ("ingredient.", "what it says of an ingredient does not fit that ingredient's manifest"),
    ("manifest.missing", "a manifest that is referred to is not there"),
    ("manifest.multipleParents", "it names more than one parent"),
    ("manifest.inaccessible", "its manifest is kept elsewhere and cannot be read"),
    ("manifest.", "the manifest is not formed as the specification asks"),
    ("hashedURI.", "a reference in the manifest does not lead where it should"),
    ("cawg.", "an identity told beside the signer's cannot be verified here"),
    ("general.error", "the validator could not follow it"),
];

/// How those words begin that hold only where no one has looked at the certificate.
pub(super) const OLDER: &str = " (older validators";

/// A code in plain words.
pub(super) fn of_code(code: &str) -> &'static str {
    let found =
        WORDS.iter().filter(|(start, _)| code.starts_with(start)).max_by_key(|(start, _)| start.len());
    found.map_or("the validator found a fault that this version has no words for", |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::{WORDS, of_code};

    #[test]
    fn the_longest_fitting_code_counts() {
        assert!(of_code("assertion.dataHash.mismatch").contains("changed"));
        assert!(of_code("assertion.dataHash.malformed").contains("binding"));
        assert!(of_code("something.else").contains("no words"));
        for (at, (code, _)) in WORDS.iter().enumerate() {
            assert!(WORDS.iter().skip(at + 1).all(|(other, _)| other != code), "{code} stands twice");
        }
    }
}
