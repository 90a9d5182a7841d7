use std::sync::Arc;

use crate::seal::{self, Seal, Sealing};
use crate::{EmbedError, tier};
use indicia_core::{
    Channel, Context, Evidence, Field, FormatError, Mark, MediaKind, Order, Problem, Role, Seen, SoundNotice,
    Source, WatermarkKey,
};
use indicia_credentials::{SigningKey, can_sign};
use indicia_marks::c2pa::{Standing, standing};
use indicia_marks::{MarkError, Scheme, Write, survey};
use indicia_media::{Asset, Carrier, Content, Draft, Format, Rendered};
use indicia_rules::{Date, Plan, Profile, Regime, Situation, Waiver, plan};

/// What is to be done to a file.
#[derive(Clone, Debug)]
pub struct Job<'r> {
    /// What the marks are to say.
    pub order: Order,
    /// The rules they have to meet.
    pub regimes: Vec<&'r Regime>,
    /// The day whose law counts.
    pub at: Date,
    /// What no file tells, and rules turn on.
    pub profile: &'r Profile,
    /// Whether drafts and rules that are not yet in force are to be met too.
    pub drafts: bool,
    /// Whether nothing is written, so that no key is needed.
    pub rehearsal: bool,
    /// Marks to write besides those the rules ask for.
    pub with: Vec<&'static Scheme>,
    /// Marks not to write, whatever the rules ask.
    pub without: Vec<&'static Scheme>,
    /// Marks that the content of the file at hand does not hold, each with the reason: see [`Job::relieved`].
    pub cannot: Vec<(&'static Scheme, String)>,
    /// Marks that are left out knowingly, and why.
    pub waived: Option<Waiver>,
    /// For a platform: whether the uploader declared the content as generated.
    pub declared: bool,
    /// The key that signs C2PA manifests, if any are to be signed.
    pub key: Option<Arc<SigningKey>>,
    /// How they are signed.
    pub sealing: Sealing,
}

/// A labelled file, ready to be written.
#[derive(Debug)]
pub struct Prepared<'a> {
    /// The file as it will read.
    pub rendered: Rendered<'a>,
    /// Each mark with the form in which it has to be found again; `None` if it was there already.
    pub written: Vec<(&'static Scheme, Option<Mark>)>,
    /// Whether nothing had to change.
    pub unchanged: bool,
    /// The key that watermarks were written under, if not the open one.
    pub(crate) watermark_key: Option<WatermarkKey>,
    /// The manifest that is made when the rest is finished.
    pub(crate) seal: Option<Seal<'a>>,
}

impl<'r> Job<'r> {
    /// A job with nothing out of the ordinary.
    pub fn new(order: Order, regimes: Vec<&'r Regime>, at: Date) -> Self {
        let (with, without) = (Vec::new(), Vec::new());
        Self {
            order,
            regimes,
            at,
            profile: Profile::unknown(),
            drafts: false,
            rehearsal: false,
            with,
            without,
            cannot: Vec::new(),
            waived: None,
            declared: false,
            key: None,
            sealing: Sealing::default(),
        }
    }

    /// The marks to write on this kind of media, each with the rules it serves.
    pub fn plan(&self, kind: MediaKind) -> Plan<'r> {
        self.plan_where(kind, &|_| Ok(()))
    }

    /// The job as it is to be tried again where this went wrong: without a watermark that nobody asked for by name, only its
    /// rules, and that the content turned out not to hold. A picture may be too small for one, sound too short. The rules that
    /// ask for it then stay open, and the reason is told.
    pub fn relieved(&self, error: &EmbedError) -> Option<Self> {
        let (name, why) = match error {
            EmbedError::Mark { scheme, error: MarkError::Refused(why) } => (scheme, why),
            EmbedError::NotReadBack { scheme, why } => (scheme, why),
            _ => return None,
        };
        let scheme = Scheme::named(name).filter(|scheme| scheme.channel == Channel::Watermark)?;
        let named = |one: &Scheme| one.name == scheme.name;
        if self.with.iter().any(|one| named(one)) || self.cannot.iter().any(|(one, _)| named(one)) {
            return None;
        }
        let mut job = self.clone();
        job.cannot.push((scheme, why.clone()));
        Some(job)
    }

    /// The marks to write on a file of this format: those that it can hold.
    pub fn plan_for(&self, format: &Format) -> Plan<'r> {
        self.plan_where(format.kind, &|scheme| holds(scheme, format))
    }

    fn plan_where(&self, kind: MediaKind, can: &dyn Fn(&Scheme) -> Result<(), String>) -> Plan<'r> {
        let situation = Situation {
            kind,
            role: self.order.role,
            profile: self.profile,
            at: self.at,
            stamped: self.sealing.stamped,
        };
        let left_out = |scheme: &Scheme| {
            let waiver = self.waived.filter(|waiver| waiver.channel == scheme.channel);
            let beside = self.sealing.beside && scheme.channel == Channel::Manifest;
            let cannot = self.cannot.iter().find(|(one, _)| one.name == scheme.name);
            if let Some((_, why)) = cannot {
                return Err(why.clone());
            }
            if let Some(waiver) = waiver {
                return Err(waiver.why.to_owned());
            }
            match self.without.iter().any(|one| one.name == scheme.name) {
                true => Err(format!("--without {} leaves it out", scheme.name)),
                false if beside => Ok(()),
                false => can(scheme),
            }
        };
        let mut plan = plan(&self.regimes, &situation, self.drafts, &left_out);
        for scheme in self.with.iter().filter(|scheme| scheme.suits(kind)) {
            if !plan.marks.iter().any(|(planned, _)| planned.name == scheme.name) {
                plan.marks.push((scheme, Vec::new()));
            }
        }
        if self.order.style.sound == SoundNotice::Voice {
            for (scheme, _) in plan.marks.iter_mut().filter(|(scheme, _)| scheme.name == "rhythm") {
                *scheme = Scheme::named("spoken").unwrap_or(scheme);
            }
        }
        let waived = |scheme: &Scheme| self.waived.is_some_and(|waiver| waiver.channel == scheme.channel);
        let left_out = || self.without.iter().chain(self.cannot.iter().map(|(scheme, _)| scheme));
        let without = |scheme: &Scheme| left_out().any(|left_out| left_out.name == scheme.name);
        plan.marks.retain(|(scheme, _)| !waived(scheme) && !without(scheme));
        // What people perceive first, so that later marks stand on the final content; then metadata, and
        // the manifest over all of it.
        plan.marks.sort_by_key(|(scheme, _)| (rank(scheme.channel), scheme.name));
        plan
    }
}

/// Whether a mark can be put on a file of this format; if not, why.
fn holds(scheme: &Scheme, format: &Format) -> Result<(), String> {
    let home = |carrier| format.home(carrier).is_some();
    match scheme.channel {
        Channel::Explicit => format.no_notice.map_or(Ok(()), |why| Err(why.to_owned())),
        Channel::Manifest if !can_sign(format.mime) && !seal::WORDS.contains(&format.mime) => Err(format!(
            "no C2PA manifest can be put into {}; --with c2pa puts one into a file beside it",
            format.title
        )),
        Channel::Watermark => match format.content {
            Content::Picture { .. } | Content::Sound { .. } | Content::Text { no_change: None, .. } => Ok(()),
            Content::Text { no_change: Some(why), .. } => Err(why.to_owned()),
            Content::Closed { .. } | Content::Pages { .. } | Content::Video { .. } => Err(format!(
                "the content of {} is not decoded by this program, so that no watermark can be put into it",
                format.title
            )),
        },
        Channel::Metadata if format.homes.is_empty() || (scheme.name == "iptc" && !home(Carrier::Xmp)) => {
            Err(format!("{} has no place for the {}", format.title, scheme.title))
        }
        _ => Ok(()),
    }
}

fn rank(channel: Channel) -> u8 {
    match channel {
        Channel::Explicit => 0,
        Channel::Watermark => 1,
        Channel::Metadata => 2,
        Channel::Manifest | Channel::Trace => 3,
    }
}

/// Works out how a file reads with all the marks a job asks for. Writes nothing.
///
/// # Errors
/// If the file cannot be read to its end, is signed, or one mark cannot be written.
pub fn prepare<'a>(asset: &'a Asset<'a>, job: &'a Job<'_>, cx: &Context) -> Result<Prepared<'a>, EmbedError> {
    if let Some(damage) = &asset.layout.damage {
        return Err(EmbedError::Format(damage.clone()));
    }
    let plan = job.plan_for(asset.format);
    let seals = plan.schemes().into_iter().find(|scheme| matches!(scheme.write, Write::Seal));
    let standing = standing(asset);
    if let (Some(standing), None) = (&standing, seals) {
        seal::refuse_to_break(standing)?;
    }
    if !plan.unserved.is_empty() {
        return Err(EmbedError::Unserved(plan.unserved.iter().map(|rule| rule.id.clone()).collect()));
    }
    let order = complete(asset, job, cx)?;
    let perceived = plan.schemes().into_iter().find(|scheme| scheme.channel == Channel::Explicit);
    if let (Some(scheme), Some(why)) = (perceived, asset.format.no_notice) {
        return Err(EmbedError::NoNotice { scheme: scheme.name, why: why.to_owned() });
    }
    // Before anything is drawn: what cannot be signed costs no more than saying so.
    let signed = standing.as_ref().is_some_and(|standing| !matches!(standing, Standing::Bent(_, true)));
    let signs = seals.filter(|_| !(job.rehearsal && job.key.is_none()));
    let seal = signs.map(|scheme| {
        let no_key = || MarkError::Order("no key to sign with: see `indicia key`".into());
        let key = job.key.as_deref().ok_or_else(no_key);
        let seal = key.and_then(|key| Seal::new(asset, standing, &order.claim, key, &job.sealing, cx));
        seal.map(|seal| (scheme, seal)).map_err(|error| EmbedError::Mark { scheme: scheme.name, error })
    });
    let mut seal = seal.transpose()?;
    let mut draft = Draft::new(asset);
    let mut written = Vec::new();
    for scheme in plan.schemes() {
        if let Write::Draft { change, .. } = scheme.write {
            let mark = change(&order, &mut draft, cx).map_err(|error| match (scheme.channel, error) {
                (Channel::Explicit, MarkError::Format(err)) => unnoticed(scheme, err),
                (_, error) => EmbedError::Mark { scheme: scheme.name, error },
            });
            written.push((scheme, mark?));
        }
    }
    if let Some((_, seal)) = &mut seal {
        let marks = written.iter().filter_map(|(_, mark): &(_, Option<Mark>)| mark.as_ref());
        seal.bind(marks.filter_map(|mark| mark.binding.as_ref()));
    }
    if let Some(scheme) = seals {
        written.push((scheme, Some(seal::mark(&order.claim, signed, cx))));
    }
    let unchanged = draft.is_unchanged() && seal.is_none();
    let watermark_key = order.watermark_key.clone();
    let seal = seal.map(|(_, seal)| seal);
    let rendered = draft.try_render().map_err(|err| match perceived {
        Some(scheme) if draft.holds_all_but_content() => unnoticed(scheme, err),
        _ => err.into(),
    })?;
    Ok(Prepared { rendered, written, unchanged, watermark_key, seal })
}

/// Why a file takes no notice of this sort, where that is the reason: what a format holds, not every file of it does.
fn unnoticed(scheme: &Scheme, err: FormatError) -> EmbedError {
    match err.problem {
        Problem::Unsupported(_) => EmbedError::NoNotice { scheme: scheme.name, why: err.to_string() },
        _ => err.into(),
    }
}

/// Fills in what the order leaves open and the file decides.
fn complete(asset: &Asset<'_>, job: &Job<'_>, cx: &Context) -> Result<Order, EmbedError> {
    let mut order = job.order.clone();
    let random = || uuid::Uuid::new_v4().to_string();
    match order.role {
        Role::Producer => {
            let same_producer =
                |mark: &Mark| mark.claim.field(Field::Producer) == order.claim.field(Field::Producer);
            let labelled = || Scheme::named("aigc").map(|scheme| scheme.look(asset, cx).seen);
            // A file labelled before keeps its number, so that labelling twice changes nothing.
            let keeps = matches!(labelled(), Some(Seen::Present(marks)) if marks.iter().any(same_producer));
            if order.claim.field(Field::ContentId).is_empty() && !keeps && !order.carried {
                order.claim.set(Field::ContentId, random());
            }
        }
        Role::Propagator => {
            if order.claim.status.is_none() {
                order.claim.status = tier(&survey(asset, cx), job.declared);
            }
            if order.claim.status.is_none() {
                return Err(EmbedError::NoReason(
                    "no metadata label, no declaration and no trace of generation: the Measures' article 6 gives no \
                     reason to label it; --declared says that the uploader declared it"
                        .into(),
                ));
            }
            if order.claim.field(Field::PropagationId).is_empty() {
                order.claim.set(Field::PropagationId, random());
            }
        }
    }
    Ok(order)
}

/// The file that a source becomes, held in memory: for callers that have bytes and want bytes.
impl Prepared<'_> {
    /// All bytes, read back and verified.
    ///
    /// # Errors
    /// As [`Prepared::read_back`].
    pub fn to_bytes(&self, name: Option<&str>, cx: &Context) -> Result<(Vec<u8>, Evidence), EmbedError> {
        let mut bytes = self.rendered.to_bytes()?;
        if let Some(seal) = &self.seal {
            bytes = seal.put_on_bytes(&Asset::open(&bytes, name, &cx.limits)?, cx)?;
        }
        let source: &dyn Source = &bytes;
        let evidence = self.read_back(&Asset::open(source, name, &cx.limits)?, cx)?;
        Ok((bytes, evidence))
    }
}

#[cfg(test)]
mod tests {
    use super::{Job, prepare};
    use crate::EmbedError;
    use indicia_core::{Channel, Claim, Context, Field, Limits, MediaKind, Order, Role, SoundNotice, Status};
    use indicia_marks::Scheme;
    use indicia_media::Asset;
    use indicia_rules::{Date, Pack, Waiver, regimes_of, select};

    fn china() -> Vec<Pack> {
        select(["cn"]).unwrap()
    }

    fn job(packs: &[Pack]) -> Job<'_> {
        let mut claim = Claim { status: Some(Status::Generated), ..Claim::default() };
        claim.set(Field::Producer, "A");
        let order = Order { claim, ..Order::default() };
        Job::new(order, regimes_of(packs), Date::parse("2026-01-01").unwrap())
    }

    #[test]
    fn marks_are_written_from_the_content_outwards() {
        let packs = china();
        let named = |name: &str| Scheme::named(name).unwrap();
        let plan = |job: &Job<'_>, kind| {
            job.plan(kind).schemes().iter().map(|scheme| scheme.name).collect::<Vec<_>>()
        };
        let (image, audio) = (MediaKind::Image, MediaKind::Audio);
        assert_eq!(plan(&job(&packs), image), ["visible", "aigc"]);
        assert_eq!(plan(&job(&packs), audio), ["rhythm", "aigc"]);
        let with = Job { with: vec![named("iptc"), named("aigc")], ..job(&packs) };
        assert_eq!(plan(&with, image), ["visible", "aigc", "iptc"]);
        assert_eq!(plan(&with, audio), ["rhythm", "aigc"], "iptc is for pictures");
        let without = Job { without: vec![named("aigc")], ..job(&packs) };
        assert_eq!(plan(&without, image), ["visible"]);
        let waived = Job { waived: Some(Waiver::AT_REQUEST), ..job(&packs) };
        assert_eq!(plan(&waived, image), ["aigc"]);
        let mut voice = job(&packs);
        voice.order.style.sound = SoundNotice::Voice;
        assert_eq!(plan(&voice, audio), ["spoken", "aigc"]);
    }

    fn prepared(bytes: &[u8], name: &str, job: &Job<'_>) -> Result<Claim, EmbedError> {
        let bytes = bytes.to_vec();
        let asset = Asset::open(&bytes, Some(name), &Limits::default())?;
        let prepared = prepare(&asset, job, &Context::default())?;
        let (_, evidence) = prepared.to_bytes(Some(name), &Context::default())?;
        Ok(evidence.marks("aigc")[0].claim.clone())
    }

    #[test]
    fn what_is_damaged_or_signed_is_left_alone() {
        let packs = china();
        let cut = b"\x89PNG\r\n\x1a\n\0\0\0\x0DIHDR\0\0\0\x01";
        let refused = prepared(cut, "a.png", &job(&packs)).unwrap_err();
        assert!(matches!(refused, EmbedError::Format(_)), "{refused:?}");
        let signed = b"\x89PNG\r\n\x1a\n\0\0\0\x0DIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0crc \
            \0\0\0\x04caBXjumbcrc \0\0\0\0IDATcrc \0\0\0\0IENDcrc ";
        let refused = prepared(signed, "a.png", &job(&packs)).unwrap_err();
        assert!(matches!(refused, EmbedError::Signed { at: 41, .. }), "{refused:?}");
    }

    #[test]
    fn a_number_is_made_up_only_where_none_is_given() {
        let packs = china();
        let number =
            |job: &Job<'_>| prepared(b"# Title\n", "a.md", job).unwrap().field(Field::ContentId).to_owned();
        let (one, two) = (number(&job(&packs)), number(&job(&packs)));
        assert!(one.len() == 36 && one != two, "{one} {two}");
        let mut numbered = job(&packs);
        numbered.order.claim.set(Field::ContentId, "7");
        assert_eq!(number(&numbered), "7");
    }

    #[test]
    fn a_platform_needs_a_reason() {
        let packs = china();
        let platform = |declared, status| {
            let claim = Claim { status, ..Claim::default() };
            let mut order = Order { role: Role::Propagator, claim, ..Order::default() };
            order.claim.set(Field::Propagator, "B");
            Job { declared, ..Job::new(order, regimes_of(&packs), Date::parse("2026-01-01").unwrap()) }
        };
        let status = |job: &Job<'_>| prepared(b"# Title\n", "a.md", job).map(|claim| claim.status);
        assert!(matches!(status(&platform(false, None)), Err(EmbedError::NoReason(_))));
        assert_eq!(status(&platform(true, None)).unwrap(), Some(Status::Possible));
        let said = status(&platform(true, Some(Status::Suspected))).unwrap();
        assert_eq!(said, Some(Status::Suspected), "what the caller says stands");
    }

    #[test]
    fn notices_come_before_metadata() {
        let ranks: Vec<_> = [Channel::Explicit, Channel::Watermark, Channel::Metadata, Channel::Manifest]
            .map(super::rank)
            .to_vec();
        assert!(ranks.is_sorted_by(|one, two| one < two), "{ranks:?}");
    }
}
