//! Reading and validating a manifest store, offline.

use std::collections::BTreeSet;
use std::io::{Read, Seek};
use std::sync::{Arc, Mutex, PoisonError};

use c2pa::{Context, Error, Reader, ValidationState};
use indicia_core::Trust;
use serde_json::{Value, json};

use crate::credentials::{
    Action, Credentials, Ingredient, Kind, Manifest, Part, Signer, State, Status, Unread,
};
use crate::vouching::look;

/// The validator that reports name, as pinned in the manifest of this workspace.
pub const VALIDATOR: &str = "c2pa-rs 0.90.22";

/// Most manifests told of one store.
const MOST_MANIFESTS: usize = 64;

/// Reads and validates the manifest store of a file, without any use of the network.
///
/// `mime` is the file's media type. CAWG identity assertions are left undecoded: offline they cannot be resolved, and
/// their failure would count against the manifest.
///
/// # Errors
/// Why it was not read. A store that was read and does not hold is no error.
pub fn read(stream: impl Read + Seek + Send, mime: &str, trust: &Trust) -> Result<Credentials, Unread> {
    let reader = Reader::from_shared_context(&context(trust)?);
    Ok(credentials(&reader.with_stream(mime, stream).map_err(|err| unread(&err))?, trust))
}

/// Validates a manifest store that stands beside its content: in a sidecar file, or in a place of ours.
///
/// # Errors
/// As [`read`].
pub fn read_beside(
    store: &[u8],
    stream: impl Read + Seek + Send,
    mime: &str,
    trust: &Trust,
) -> Result<Credentials, Unread> {
    let reader =
        Reader::from_shared_context(&context(trust)?).with_manifest_data_and_stream(store, mime, stream);
    Ok(credentials(&reader.map_err(|err| unread(&err))?, trust))
}

/// What to read with; the last one again if it trusts the same.
fn context(trust: &Trust) -> Result<Arc<Context>, Unread> {
    static LAST: Mutex<Option<(Trust, Arc<Context>)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, context)) = last.as_ref().filter(|(known, _)| known == trust) {
        return Ok(Arc::clone(context));
    }
    let made = Context::new().with_settings(settings(trust)).map_err(|err| unread(&err))?;
    let (_, context) = last.insert((trust.clone(), Arc::new(made)));
    Ok(Arc::clone(context))
}

/// Settings of the crate: nothing is fetched, limits are told, and whom to trust.
pub(crate) fn settings(trust: &Trust) -> Value {
    let given = |pem: &String| (!pem.is_empty()).then(|| pem.clone());
    json!({
        "core": {
            "allowed_network_hosts": [],
            "decode_identity_assertions": false,
            "backing_store_memory_threshold_in_mb": 16,
            "max_decompressed_manifest_size_in_mb": 32,
        },
        "verify": { "remote_manifest_fetch": false, "ocsp_fetch": false, "verify_after_sign": false },
        "trust": {
            "trust_anchors": given(&trust.anchors),
            "user_anchors": given(&trust.user_anchors),
            "allowed_list": given(&trust.allowed),
            "trust_config": given(&trust.usages),
        },
    })
}

fn unread(err: &Error) -> Unread {
    match err {
        Error::JumbfNotFound => Unread::None,
        Error::RemoteManifestUrl(url) => Unread::Remote(url.clone()),
        Error::UnsupportedType => Unread::Unsupported(err.to_string()),
        // The library has one error for a certificate that is none, one for no certificate, and one, called after time stamps,
        // for a signature that is none. The specification has a code for each.
        Error::CoseInvalidCert => {
            Unread::Malformed("the signer's certificate cannot be read (signingCredential.invalid)".into())
        }
        Error::CoseX5ChainMissing | Error::CoseNoCerts => Unread::Malformed(
            "the signature has no certificate of its signer (signingCredential.invalid)".into(),
        ),
        Error::CoseTimeStampGeneration => {
            Unread::Malformed("the signature is not formed as COSE asks (claimSignature.mismatch)".into())
        }
        other => Unread::Malformed(other.to_string()),
    }
}

fn credentials(reader: &Reader, trust: &Trust) -> Credentials {
    let state = match reader.validation_state() {
        ValidationState::Invalid => State::Invalid,
        ValidationState::Valid => State::Valid,
        ValidationState::Trusted => State::Trusted,
    };
    let store = serde_json::to_value(reader).unwrap_or_default();
    let mut credentials = Credentials {
        validator: VALIDATOR.to_owned(),
        state,
        manifests: chain(&store),
        statuses: statuses(at(&store, "/validation_results")),
        vouched_by: Vec::new(),
    };
    let signature = reader.active_manifest().and_then(|active| active.signature_info());
    if let Some(signature) = signature {
        look(&mut credentials, signature.cert_chain(), trust);
    }
    credentials
}

/// The active manifest and what it was made of, breadth first.
fn chain(store: &Value) -> Vec<Manifest> {
    let mut manifests = Vec::new();
    let mut seen = BTreeSet::new();
    let active = at(store, "/active_manifest").as_str().map(|label| (label.to_owned(), Part::Whole, 0));
    let mut next = Vec::from_iter(active);
    while let Some((label, part, depth)) = next.pop() {
        let found = at(store, "/manifests").get(&label).unwrap_or(&Value::Null);
        if found.is_null() || !seen.insert(label.clone()) || manifests.len() >= MOST_MANIFESTS {
            continue;
        }
        for ingredient in at(found, "/ingredients").as_array().into_iter().flatten() {
            let Some(label) = at(ingredient, "/active_manifest").as_str() else { continue };
            next.push((label.to_owned(), part.max(role(ingredient)), depth + 1));
        }
        manifests.push(manifest(label, part, depth, found));
    }
    manifests.sort_by_key(|manifest| manifest.depth);
    manifests
}

/// How an ingredient goes into its manifest's content.
fn role(ingredient: &Value) -> Part {
    match at(ingredient, "/relationship").as_str() {
        Some("parentOf") => Part::Whole,
        Some("inputTo") => Part::Input,
        _ => Part::Component,
    }
}

/// What a manifest says of one thing that its content was made of.
fn ingredient(found: &Value) -> Ingredient {
    let text = |pointer: &str| at(found, pointer).as_str().map(str::to_owned);
    // Manifests of the first version have one list of all codes, later ones a list of failures.
    let recorded = [at(found, "/validation_results/activeManifest/failure"), at(found, "/validation_status")];
    let codes = recorded.into_iter().filter_map(Value::as_array).flatten();
    let mut recorded: Vec<String> =
        codes.filter_map(|status| at(status, "/code").as_str()).map(str::to_owned).collect();
    recorded.sort_unstable();
    recorded.dedup();
    recorded.retain(|code| !GOOD.iter().any(|good| code.ends_with(good)));
    Ingredient { title: text("/title"), part: role(found), manifest: text("/active_manifest"), recorded }
}

/// The ends of status codes that say that a check was passed.
const GOOD: &[&str] = &[".validated", ".match", ".trusted", ".insideValidity", ".accessible", ".notRevoked"];

fn manifest(label: String, part: Part, depth: usize, found: &Value) -> Manifest {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut manifest =
        Manifest { label, part, depth, title: text(at(found, "/title")), ..Manifest::default() };
    manifest.ingredients =
        at(found, "/ingredients").as_array().into_iter().flatten().map(ingredient).collect();
    manifest.generator =
        agent(at(found, "/claim_generator_info/0")).or_else(|| text(at(found, "/claim_generator")));
    let signature = at(found, "/signature_info");
    manifest.signer = signature.is_object().then(|| Signer {
        organization: text(at(signature, "/issuer")),
        common_name: text(at(signature, "/common_name")),
        algorithm: text(at(signature, "/alg")).map(|name| name.to_lowercase()),
        serial: text(at(signature, "/cert_serial_number")),
        time: text(at(signature, "/time")),
        revoked: at(signature, "/revocation_status").as_bool().map(|good| !good),
    });
    for assertion in at(found, "/assertions").as_array().into_iter().flatten() {
        let label = at(assertion, "/label").as_str().unwrap_or_default();
        if !label.starts_with("c2pa.actions") {
            manifest.assertions.push((label.to_owned(), at(assertion, "/data").clone()));
            continue;
        }
        for action in at(assertion, "/data/actions").as_array().into_iter().flatten() {
            manifest.actions.push(Action {
                name: text(at(action, "/action")).unwrap_or_default(),
                source_type: text(at(action, "/digitalSourceType")),
                agent: name(at(action, "/softwareAgent")).map(str::to_owned),
                agent_version: text(at(action, "/softwareAgent/version")),
                when: text(at(action, "/when")),
                description: text(at(action, "/description"))
                    .or_else(|| text(at(action, "/parameters/description"))),
            });
        }
    }
    manifest
}

/// A part of a value by its JSON pointer; null if it is not there.
fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// A program's name and version: a text in old manifests, an object in newer ones.
fn agent(value: &Value) -> Option<String> {
    let name = name(value)?;
    let version = at(value, "/version").as_str().unwrap_or_default();
    Some([name, version].join(" ").trim_end().to_owned())
}

/// A program's name, without a version where that is told apart.
fn name(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| at(value, "/name").as_str())
}

fn statuses(results: &Value) -> Vec<Status> {
    let mut statuses = Vec::new();
    let kinds =
        [("failure", Kind::Failure), ("informational", Kind::Informational), ("success", Kind::Success)];
    let mut add = |codes: &Value, of_ingredient: bool| {
        for (name, kind) in kinds {
            for status in codes.get(name).and_then(Value::as_array).into_iter().flatten() {
                let text = |key: &str| status.get(key).and_then(Value::as_str).map(str::to_owned);
                let code = text("code").unwrap_or_default();
                let (url, explanation) = (text("url"), text("explanation"));
                statuses.push(Status { code, kind, of_ingredient, url, explanation });
            }
        }
    };
    add(at(results, "/activeManifest"), false);
    for delta in at(results, "/ingredientDeltas").as_array().into_iter().flatten() {
        add(at(delta, "/validationDeltas"), true);
    }
    statuses
}
