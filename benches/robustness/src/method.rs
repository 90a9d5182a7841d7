//! A way to watermark pictures, as the bench sees it: ours and those of others alike.

use std::time::Duration;

use crate::picture::Rgb;

/// A way to watermark pictures with 64 bits.
pub trait Method {
    /// What reports call it.
    fn name(&self) -> &str;

    /// The picture with the payload in it.
    ///
    /// # Errors
    /// In words, if the picture cannot hold it: it is refused.
    fn embed(&mut self, picture: &Rgb, payload: u64) -> Result<Rgb, String>;

    /// What can be read from a picture.
    ///
    /// # Errors
    /// In words, if the method itself fails.
    fn detect(&mut self, picture: &Rgb) -> Result<Reading, String>;

    /// Processor time used so far, wherever it runs.
    fn cpu(&self) -> Duration;
}

/// What was read from a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The payload; none if the method says that there is no mark.
    pub payload: Option<u64>,
    /// The statistic of the best attempt, where the method has one.
    pub statistic: Option<f64>,
    /// A bound on the chance of a false alarm, as a common logarithm, where the method has one.
    pub log10_false_alarm: Option<f64>,
    /// How it was come by.
    pub route: String,
}

/// Runs something and tells how much processor time the method used for it.
pub fn timed<T>(method: &mut dyn Method, run: impl FnOnce(&mut dyn Method) -> T) -> (T, Duration) {
    let before = method.cpu();
    let done = run(method);
    (done, method.cpu().saturating_sub(before))
}
