//! What all manifests of a store together say of the content.

use super::state;
use crate::iptc::{AiUse, Term};
use indicia_core::{AI_DISCLOSURE_PARTS, Claim, Field, Origin, Status};
use indicia_credentials::{AIGC_ASSERTION, Action, Credentials, DISCLOSURE_ASSERTION, Manifest, Part};
use serde_json::Value;

/// The assertion in which C2PA 2.4 (18.28) tells of the model.
const AI_DISCLOSURE: &str = "c2pa.ai-disclosure";

/// The claim of a manifest store.
///
/// The action that says AI often stands ingredients below the active manifest, which only says that it opened them: the
/// whole chain counts. Of a component, AI makes the whole an altered work; an input alone makes it nothing. Where the
/// store does not hold, what it says of AI is a ground for suspicion and what it says of a camera is nothing.
pub(super) fn claim(credentials: &Credentials) -> Claim {
    let found = strongest(credentials);
    let holds = state::holds(credentials);
    let mut claim = Claim::default();
    if let Some((making, action)) = found {
        (claim.status, claim.origin) = match (making, holds) {
            (AiUse::Generated, true) => (Some(Status::Generated), Some(Origin::Generated)),
            (AiUse::Altered, true) => (Some(Status::Generated), Some(Origin::Altered)),
            (AiUse::Generated | AiUse::Altered, false) => (Some(Status::Suspected), None),
            (AiUse::None, true) => (Some(Status::NotGenerated), None),
            // Such words are told and assert nothing.
            (AiUse::Possible | AiUse::Unsaid | AiUse::None, _) => (None, None),
        };
        let set = |claim: &mut Claim, field, value: &Option<String>| {
            claim.set(field, value.clone().unwrap_or_default());
        };
        set(&mut claim, Field::SourceType, &action.source_type);
        set(&mut claim, Field::System, &action.agent);
        set(&mut claim, Field::SystemVersion, &action.agent_version);
        set(&mut claim, Field::CreatedAt, &action.when);
    }
    disclosed(credentials, &mut claim);
    if let Some(active) = credentials.manifests.first() {
        claim.set(Field::Signer, state::signer(active));
    }
    claim
}

/// Adds what the manifest nearest to the active one discloses of who provided the content, under which identifier: in
/// the assertion of ours for that, or else in the AIGC label that it repeats.
fn disclosed(credentials: &Credentials, claim: &mut Claim) {
    let whole = credentials.manifests.iter().filter(|manifest| manifest.part == Part::Whole);
    let assertions = || whole.clone().flat_map(|manifest| &manifest.assertions);
    let named = |label: &str| assertions().find(|(found, _)| found == label).map(|(_, data)| data);
    let fill = |claim: &mut Claim, field, data: Option<&Value>, key: &str| {
        let value = data.and_then(|data| data.get(key)).and_then(Value::as_str).unwrap_or_default();
        if claim.field(field).is_empty() {
            claim.set(field, value);
        }
    };
    let ours = named(DISCLOSURE_ASSERTION);
    // Who only labelled a file that has a manifest says so there, and what its makers said may be nothing.
    let said = ours.and_then(|data| data.get("createdOrAltered")).and_then(Value::as_str);
    let origin = match said {
        Some("created") => Some(Origin::Generated),
        Some("altered") => Some(Origin::Altered),
        _ => None,
    };
    if let (Some(origin), None) = (origin, claim.status) {
        let holds = state::holds(credentials);
        claim.status = Some(if holds { Status::Generated } else { Status::Suspected });
        claim.origin = holds.then_some(origin);
    }
    fill(claim, Field::Producer, ours, "provider");
    fill(claim, Field::ContentId, ours, "contentId");
    fill(claim, Field::System, ours, "system");
    fill(claim, Field::SystemVersion, ours, "systemVersion");
    fill(claim, Field::CreatedAt, ours, "when");
    if let Some(disclosure) = named(AI_DISCLOSURE) {
        let told = |part: &&str| disclosure.get(*part).is_some_and(|value| !value.is_null());
        let parts = AI_DISCLOSURE_PARTS.iter().filter(|part| told(part)).copied().collect::<Vec<_>>();
        claim
            .set(Field::AiDisclosure, if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") });
    }
    let label = named(AIGC_ASSERTION);
    fill(claim, Field::Producer, label, "ContentProducer");
    fill(claim, Field::ContentId, label, "ProduceID");
}

/// The action that says most of AI; without one, the one that says where the content comes from otherwise.
fn strongest(credentials: &Credentials) -> Option<(AiUse, &Action)> {
    let told = credentials.manifests.iter().flat_map(|manifest| {
        manifest.actions.iter().filter_map(move |action| Some((of_action(manifest, action)?, action)))
    });
    let rank = |making: AiUse| match making {
        AiUse::Generated => 4,
        AiUse::Altered => 3,
        AiUse::Possible => 2,
        AiUse::None => 1,
        AiUse::Unsaid => 0,
    };
    // Of equals, the first: nearest to the active manifest.
    told.fold(None, |best: Option<(AiUse, &Action)>, one| match best {
        Some((making, _)) if rank(making) >= rank(one.0) => best,
        _ => Some(one),
    })
}

/// What an action says of the content as a whole.
fn of_action(manifest: &Manifest, action: &Action) -> Option<AiUse> {
    let making = Term::meant_by(action.source_type.as_deref()?)?.ai;
    let by_model = matches!(making, AiUse::Generated | AiUse::Altered);
    match manifest.part {
        Part::Input => None,
        Part::Component if by_model => Some(AiUse::Altered),
        // A photograph in a collage does not make the collage one.
        Part::Component => Some(AiUse::Unsaid),
        // An edit with a model's help leaves the rest as it was.
        Part::Whole if by_model && matches!(action.name.as_str(), "c2pa.edited" | "c2pa.placed") => {
            Some(AiUse::Altered)
        }
        Part::Whole => Some(making),
    }
}
