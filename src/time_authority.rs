//! Asking a time-stamping authority over HTTP (RFC 3161, 3.4): the only use of the network, and only by a flag.

use std::time::Duration;

use indicia::manifests::TimeStamper;

/// Longest that an authority may take.
const TIME: Duration = Duration::from_secs(30);

/// Largest answer taken, in bytes.
const MOST: u64 = 64 << 10;

/// An authority by its address.
#[derive(Debug)]
pub(crate) struct TimeAuthority {
    url: String,
    agent: ureq::Agent,
}

impl TimeAuthority {
    /// The one at this address.
    pub(crate) fn new(url: &str) -> Result<Self, String> {
        if !url.starts_with("http://") {
            return Err(format!(
                "--c2pa-tsa takes an address that starts with http://, as such authorities have (the stamp itself is \
                 signed), not `{url}`"
            ));
        }
        let agent = ureq::Agent::config_builder().timeout_global(Some(TIME)).max_redirects(0).build().into();
        Ok(Self { url: url.to_owned(), agent })
    }
}

impl TimeStamper for TimeAuthority {
    fn stamp(&self, request: &[u8]) -> Result<Vec<u8>, String> {
        let sent = self.agent.post(&self.url).content_type("application/timestamp-query").send(request);
        let mut answer = sent.map_err(|err| format!("{}: {err}", self.url))?;
        let read = answer.body_mut().with_config().limit(MOST).read_to_vec();
        read.map_err(|err| format!("{}: {err}", self.url))
    }
}
