//! Time stamps (RFC 3161): asked for through whoever can reach an authority, and checked before they are used.

use std::fmt::Debug;

use c2pa::crypto::cose::CertificateTrustPolicy;
use c2pa::crypto::time_stamp::verify_time_stamp;
use c2pa::status_tracker::StatusTracker;

/// A way to a time-stamping authority. This crate has no network of its own.
pub trait TimeStamper: Debug + Send + Sync {
    /// Sends a request (RFC 3161 `TimeStampReq`, DER) and gives back the answer (`TimeStampResp`, DER).
    ///
    /// # Errors
    /// Why there is none, in words.
    fn stamp(&self, request: &[u8]) -> Result<Vec<u8>, String>;
}

/// A time stamp of `message`, asked for with `request` and checked: the answer is one, it is of this message, and its
/// signature holds. Whether its authority is trusted is for those to say who read the manifest.
///
/// # Errors
/// In words.
pub(crate) fn stamped(stamper: &dyn TimeStamper, request: &[u8], message: &[u8]) -> Result<Vec<u8>, String> {
    let answer = stamper.stamp(request)?;
    let policy = CertificateTrustPolicy::passthrough();
    verify_time_stamp(&answer, message, &policy, &mut StatusTracker::default(), false)
        .map_err(|err| format!("its answer is no time stamp of what was sent: {err}"))?;
    Ok(answer)
}
