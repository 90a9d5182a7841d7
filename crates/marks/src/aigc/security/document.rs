//! The JSON document of security data, as the guide has it and as writers have it.

use super::super::json::{Value, parse};
use indicia_core::Limits;

/// Most bytes of a field that are read. A certificate chain in hexadecimal takes about ten thousand.
pub(super) const LENGTH: usize = 64 << 10;
/// Most entries of `PubSD`.
const ENTRIES: usize = 16;

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Nothing, or a value of the writer's own: Annex E f and i leave it free.
    Other,
    /// Meant as security data, but broken.
    Unread(String),
    /// Security data of a form that is not known.
    Unsupported(String),
    /// Security data.
    Whole(Document),
}

/// The public part of security data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Document {
    /// The signatures (entries of type `DS`).
    pub(super) signatures: Vec<Signature>,
    /// The public keys and certificates.
    pub(super) keys: Vec<KeyEntry>,
    /// The entries of `Bindings`.
    pub(super) bindings: Vec<Value>,
}

/// One signature, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    /// The object identifier of its algorithm.
    pub(super) algorithm: String,
    /// What it is over.
    pub(super) about: About,
    /// The hexadecimal digits.
    pub(super) digits: String,
    /// The number of its key; `0` if there is none.
    pub(super) key_id: String,
}

/// What a signature is over (`TBSData`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// The label.
    Label,
    /// An entry of `Bindings`.
    Binding,
    /// Something that is not known.
    Other(String),
}

/// One public key, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyEntry {
    /// The hexadecimal digits.
    pub(super) digits: String,
    /// Its number; `0` if there is none.
    pub(super) key_id: String,
    /// Whether it is an X.509 certificate.
    pub(super) is_certificate: bool,
}

/// Reads what is in a field.
pub(super) fn read(text: &str) -> Reading {
    let text = text.trim();
    let head: String = text.chars().take(4 << 10).collect();
    let is_document = text.starts_with(['{', '"']) && head.contains("TC260PG");
    if !is_document && !head.contains("SecurityData") {
        return Reading::Other;
    }
    if text.len() > LENGTH {
        return Reading::Unread(format!("it has {} bytes, and {LENGTH} are read", text.len()));
    }
    document(text, 3).unwrap_or_else(|reading| reading)
}

/// The document in a text, which may be packed in JSON strings so many times.
fn document(text: &str, levels: usize) -> Result<Reading, Reading> {
    let broken = |why: String| Reading::Unread(why);
    let parsed = parse(text, &Limits::default())
        .map_err(|at| broken(format!("it cannot be read as JSON from its byte {at} on")))?;
    if parsed.end != text.len() {
        return Err(broken(format!("{} bytes follow the JSON object", text.len() - parsed.end)));
    }
    let inner = member(&parsed.value, "SecurityData").unwrap_or(&parsed.value);
    match inner {
        Value::Text(text) if levels > 1 => document(text.trim(), levels - 1),
        Value::Object(_) => of_object(inner),
        _ => Err(broken("it is no JSON object".to_owned())),
    }
}

fn of_object(value: &Value) -> Result<Reading, Reading> {
    let unknown = |what: &str, value: &Value| {
        let shown = super::super::label::shortened(&value.to_json(), 40);
        Reading::Unsupported(format!("its {what} is {shown}"))
    };
    match member(value, "Type") {
        Some(Value::Text(kind)) if kind.trim() == "TC260PG" => {}
        Some(other) => return Err(unknown("Type", other)),
        None => return Err(Reading::Unread("it has no Type".to_owned())),
    }
    if let Some(version) = member(value, "Version").filter(|version| words(Some(version)) != "1") {
        return Err(unknown("Version", version));
    }
    let mut document = Document { bindings: list(member(value, "Bindings")), ..Document::default() };
    let entries = list(member(value, "PubSD"));
    if entries.len() > ENTRIES {
        return Err(Reading::Unread(format!("PubSD has {} entries, and {ENTRIES} are read", entries.len())));
    }
    for entry in &entries {
        document.add(entry);
    }
    Ok(Reading::Whole(document))
}

impl Document {
    /// Adds an entry of `PubSD`. How the guide spells the type of a certificate is not known.
    fn add(&mut self, entry: &Value) {
        let kind = words(member(entry, "Type")).to_ascii_lowercase();
        let key_id = match words(member(entry, "KeyID")) {
            id if id.is_empty() => "0".to_owned(),
            id => id,
        };
        match kind.as_str() {
            "ds" => self.signatures.push(Signature {
                algorithm: words(member(entry, "AlgID")),
                about: about(member(entry, "TBSData")),
                digits: words(member(entry, "Signature")),
                key_id,
            }),
            "pubkey" => {
                let digits = words(member(entry, "KeyValue"));
                self.keys.push(KeyEntry { digits, key_id, is_certificate: false });
            }
            kind if kind.contains("cert") || kind.contains("x509") => {
                let names = ["CertValue", "KeyValue", "Cert", "Certificate", "Value"];
                let digits = names.iter().find_map(|name| member(entry, name));
                self.keys.push(KeyEntry { digits: words(digits), key_id, is_certificate: true });
            }
            _ => {}
        }
    }
}

/// What a signature is over. `LabelMataData` and `Binding` are what MiniMax writes for `Md` and `Bnd`.
fn about(value: Option<&Value>) -> About {
    let kind = match value {
        Some(Value::Text(kind)) => kind.clone(),
        Some(value) => words(member(value, "Type")),
        None => String::new(),
    };
    match kind.trim().to_ascii_lowercase().as_str() {
        "md" | "labelmatadata" | "labelmetadata" => About::Label,
        "bnd" | "binding" | "bindings" => About::Binding,
        "" => About::Other("something that TBSData does not name".to_owned()),
        _ => {
            let kind = super::super::label::shortened(&kind, 40).escape_debug().to_string();
            About::Other(format!("something of the unknown kind \"{kind}\""))
        }
    }
}

/// The member of this name, in whatever case: `PubSd` is seen, too.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let Value::Object(members) = value else { return None };
    members.iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// A text or a number as text, else nothing.
fn words(value: Option<&Value>) -> String {
    match value {
        Some(Value::Text(text) | Value::Number(text)) => text.trim().to_owned(),
        _ => String::new(),
    }
}

/// The values of an array; a value that stands alone where an array belongs.
fn list(value: Option<&Value>) -> Vec<Value> {
    match value {
        Some(Value::List(items)) => items.clone(),
        Some(value @ Value::Object(_)) => vec![value.clone()],
        _ => Vec::new(),
    }
}
