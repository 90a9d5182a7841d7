use std::collections::BTreeMap;

/// What is asserted of a piece of content, whoever asserts it and however it is spelled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// Whether it was generated; `None` if the mark does not say or could not be understood.
    pub status: Option<Status>,
    /// Generated from nothing, or altered from something; `None` if the mark does not say.
    pub origin: Option<Origin>,
    /// Who, with what, under which number. Empty values are left out.
    pub fields: BTreeMap<Field, String>,
}

/// How sure a claim is that the content was generated (GB 45438-2025 Annex E c).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It is generated or synthesised (属于, `1`).
    Generated,
    /// It may be (可能, `2`).
    Possible,
    /// It is suspected to be (疑似, `3`).
    Suspected,
    /// The mark states another origin, such as a camera. Never concluded from absence.
    NotGenerated,
}

impl Status {
    /// The word for it on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Generated => "is",
            Self::Possible => "may",
            Self::Suspected => "suspected",
            Self::NotGenerated => "other-origin",
        }
    }
}

/// Whether generated content was made whole or by altering existing content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Made by a model.
    Generated,
    /// Existing content edited with a model.
    Altered,
}

impl Origin {
    /// The word for it on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Altered => "altered",
        }
    }
}

/// What an AI disclosure is made of (C2PA 2.4, 18.28). Not read in the specification itself, but in what others say of it.
pub const AI_DISCLOSURE_PARTS: [&str; 4] = ["modelType", "modelName", "modelIdentifier", "contentProfile"];

/// A named part of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Name or code of the service that generated the content (Annex E d).
    Producer,
    /// The producer's unique number for the content (Annex E e).
    ContentId,
    /// The producer's security data (Annex E f).
    ProducerSecurity,
    /// Name or code of the service that spread the content (Annex E g).
    Propagator,
    /// The propagator's unique number for the content (Annex E h).
    PropagationId,
    /// The propagator's security data (Annex E i).
    PropagatorSecurity,
    /// Name of the generating system (IPTC `AISystemUsed`).
    System,
    /// Version of the generating system (IPTC `AISystemVersionUsed`).
    SystemVersion,
    /// The prompt (IPTC `AIPromptInformation`).
    Prompt,
    /// Who wrote the prompt (IPTC `AIPromptWriterName`).
    PromptWriter,
    /// The digital source type as written (IPTC `DigitalSourceType`).
    SourceType,
    /// Who signed the manifest, as the certificate names them (C2PA).
    Signer,
    /// When the content was created or altered, as RFC 3339 writes it (C2PA action `when`).
    CreatedAt,
    /// What a manifest discloses of the model, by the names of the parts (`c2pa.ai-disclosure`, C2PA 2.4, 18.28).
    AiDisclosure,
}

impl Field {
    /// Every field, in the order reports print them.
    pub const ALL: &'static [Self] = &[
        Self::Producer,
        Self::ContentId,
        Self::ProducerSecurity,
        Self::Propagator,
        Self::PropagationId,
        Self::PropagatorSecurity,
        Self::System,
        Self::SystemVersion,
        Self::Prompt,
        Self::PromptWriter,
        Self::SourceType,
        Self::Signer,
        Self::CreatedAt,
        Self::AiDisclosure,
    ];

    /// The name rule packs and machine-readable reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Producer => "producer",
            Self::ContentId => "content_id",
            Self::ProducerSecurity => "producer_security",
            Self::Propagator => "propagator",
            Self::PropagationId => "propagation_id",
            Self::PropagatorSecurity => "propagator_security",
            Self::System => "system",
            Self::SystemVersion => "system_version",
            Self::Prompt => "prompt",
            Self::PromptWriter => "prompt_writer",
            Self::SourceType => "source_type",
            Self::Signer => "signer",
            Self::CreatedAt => "created_at",
            Self::AiDisclosure => "ai_disclosure",
        }
    }

    /// The field of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }
}

impl Claim {
    /// The value of a field, or the empty text.
    pub fn field(&self, field: Field) -> &str {
        self.fields.get(&field).map_or("", String::as_str)
    }

    /// Sets a field; an empty value takes it out.
    pub fn set(&mut self, field: Field, value: impl Into<String>) {
        let value = value.into();
        if value.is_empty() {
            self.fields.remove(&field);
        } else {
            self.fields.insert(field, value);
        }
    }
}
