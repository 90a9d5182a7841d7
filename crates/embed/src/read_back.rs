//! A written file, read again: every mark has to be there as it was meant.

use crate::{EmbedError, Prepared};
use indicia_core::{Basis, Channel, Context, Evidence, Gravity, Look, Mark, Nearest, Seen, Strength};
use indicia_marks::{SCHEMES, Scheme, Write, text_length};
use indicia_media::Asset;

impl Prepared<'_> {
    /// Reads a written file back: every mark must be there as it was meant, and only once.
    ///
    /// Marks that cannot be read from the file alone are measured on it, knowing what was written; they stand in
    /// the evidence with [`Basis::Written`].
    ///
    /// # Errors
    /// If one mark is not there as it was meant.
    pub fn read_back(&self, asset: &Asset<'_>, cx: &Context) -> Result<Evidence, EmbedError> {
        if let Some(damage) = &asset.layout.damage {
            return Err(EmbedError::Format(damage.clone()));
        }
        let cx = &self.with_key(cx);
        let mut evidence = self.survey(asset, cx);
        for (scheme, mark) in &self.written {
            let Some(look) = evidence.looks.iter_mut().find(|look| look.scheme == scheme.name) else {
                continue;
            };
            let Some(mark) = mark else { continue };
            check(scheme, mark, look, asset, cx)
                .map_err(|why| EmbedError::NotReadBack { scheme: scheme.name, why })?;
        }
        Ok(evidence)
    }

    /// The context with the key that watermarks were written under.
    fn with_key(&self, cx: &Context) -> Context {
        let mut cx = cx.clone();
        cx.watermarks.keys.extend(self.watermark_key.clone());
        cx
    }

    /// Looks for every mark but the notices this run did not write: looking for those means decoding all of the
    /// content, which a run over metadata alone neither read nor changed.
    fn survey(&self, asset: &Asset<'_>, cx: &Context) -> Evidence {
        let look = |scheme: &&'static Scheme| {
            let written = self.written.iter().any(|(written, _)| written.name == scheme.name);
            if written || !(scheme.channel == Channel::Explicit || scheme.decodes) {
                return scheme.look(asset, cx);
            }
            let seen = Seen::Blind("this run neither wrote nor looked for it".into());
            Look { scheme: scheme.name, channel: scheme.channel, basis: Basis::Read, seen, nearest: None }
        };
        let looks = SCHEMES.iter().filter(|scheme| scheme.suits(asset.kind())).map(look).collect();
        Evidence { looks, length: text_length(asset, cx) }
    }

    /// The marks as they were meant, for a run that writes nothing.
    pub fn intended(&self) -> Vec<Look> {
        let look = |(scheme, mark): &(&'static Scheme, Option<Mark>)| Look {
            scheme: scheme.name,
            channel: scheme.channel,
            basis: Basis::Written,
            seen: Seen::Present(mark.clone().into_iter().collect()),
            nearest: None,
        };
        self.written.iter().map(look).collect()
    }
}

fn check(
    scheme: &Scheme,
    mark: &Mark,
    look: &mut Look,
    asset: &Asset<'_>,
    cx: &Context,
) -> Result<(), String> {
    if let Write::Draft { confirm: Some(confirm), .. } = scheme.write {
        let measured = confirm(mark, asset, cx).map_err(|err| err.to_string())?;
        // What was read from the file itself needs no one who knows what was written. Words that people read need not
        // be in a script and a font that the reader of words knows: they were measured on the pixels.
        let read = matches!(&look.seen, Seen::Present(marks) if marks.iter().any(|mark| !mark.is_doubtful()));
        if scheme.channel == Channel::Explicit && !read {
            look.basis = Basis::Written;
            look.seen = Seen::Present(vec![measured]);
            return Ok(());
        }
    }
    let found = match &look.seen {
        Seen::Present(found) => found,
        Seen::Absent => {
            let measured = |nearest: &Nearest| {
                let Strength { statistic, threshold, .. } = nearest.strength;
                format!("it cannot be read again: z {statistic:.1} where {threshold:.1} is needed")
            };
            return Err(look.nearest.as_ref().map_or_else(|| "it is not there".into(), measured));
        }
        Seen::Blind(why) => return Err(why.clone()),
    };
    let sure: Vec<_> = found.iter().filter(|found| !found.is_doubtful()).collect();
    let as_meant = sure.iter().find(|found| match scheme.channel {
        Channel::Explicit => true,
        // Of a file that came with a manifest, the old one may say more than the new one.
        Channel::Manifest => mark.claim.status.is_none() || found.claim.status == mark.claim.status,
        Channel::Watermark => payload(found) == payload(mark),
        _ => found.claim == mark.claim,
    });
    let Some(as_meant) = as_meant else {
        // What does not hold says less than it was meant to, and why is of more use.
        let faults = sure.iter().flat_map(|found| &found.flaws);
        if let Some(flaw) =
            faults.into_iter().find(|flaw| flaw.gravity >= Gravity::Fault && !mark.has(flaw.code))
        {
            return Err(flaw.text.clone());
        }
        return Err(format!(
            "it reads {:?} where {:?} was meant",
            sure.first().map(|found| &found.claim),
            mark.claim
        ));
    };
    if scheme.channel == Channel::Metadata && sure.len() > 1 {
        return Err(format!("{} marks are there where one was meant", sure.len()));
    }
    match as_meant.flaws.iter().find(|flaw| flaw.gravity >= Gravity::Fault && !mark.has(flaw.code)) {
        Some(flaw) => Err(flaw.text.clone()),
        None => Ok(()),
    }
}

/// What a watermark holds.
fn payload(mark: &Mark) -> Option<&str> {
    mark.signal.as_ref().map(|signal| signal.payload.as_str())
}

#[cfg(test)]
mod tests {
    use super::check;
    use indicia_core::{Basis, Claim, Context, Flaw, Gravity, Limits, Look, Mark, Seen, Status};
    use indicia_marks::Scheme;
    use indicia_media::Asset;

    fn mark(status: Status, flaw: Option<(&'static str, Gravity)>) -> Mark {
        let flaws = flaw.map(|(code, gravity)| Flaw { code, gravity, text: code.into(), at: 0 });
        let claim = Claim { status: Some(status), ..Claim::default() };
        Mark { claim, flaws: flaws.into_iter().collect(), ..Mark::default() }
    }

    #[test]
    fn a_mark_is_read_back_as_it_was_meant_and_only_once() {
        let bytes = b"# Title\n".to_vec();
        let asset = Asset::open(&bytes, Some("a.md"), &Limits::default()).unwrap();
        let (is, may) = (|| mark(Status::Generated, None), || mark(Status::Possible, None));
        let flawed = |gravity| mark(Status::Generated, Some(("flaw", gravity)));
        let reads = |scheme: &str, meant: Mark, seen: Seen| {
            let scheme = Scheme::named(scheme).unwrap();
            let (channel, basis) = (scheme.channel, Basis::Read);
            let mut look = Look { scheme: scheme.name, channel, basis, seen, nearest: None };
            check(scheme, &meant, &mut look, &asset, &Context::default())
        };
        let there = |marks: Vec<Mark>| Seen::Present(marks);
        assert_eq!(reads("aigc", is(), there(vec![is()])), Ok(()));
        assert_eq!(reads("aigc", is(), there(vec![is(), flawed(Gravity::Doubt)])), Ok(()), "an example");
        assert_eq!(reads("aigc", is(), there(vec![flawed(Gravity::Deviation)])), Ok(()));
        assert_eq!(
            reads("aigc", flawed(Gravity::Fault), there(vec![flawed(Gravity::Fault)])),
            Ok(()),
            "known"
        );
        assert_eq!(reads("written", is(), there(vec![may(), may()])), Ok(()), "before and after a text");
        for (seen, why) in [
            (there(vec![is(), is()]), "2 marks are there where one was meant"),
            (there(vec![is(), may()]), "2 marks are there where one was meant"),
            (there(vec![may()]), "it reads Some("),
            (there(vec![flawed(Gravity::Doubt)]), "it reads None"),
            (there(vec![flawed(Gravity::Fault)]), "flaw"),
            (Seen::Absent, "it is not there"),
            (Seen::Blind("too dark".into()), "too dark"),
        ] {
            let said = reads("aigc", is(), seen.clone()).unwrap_err();
            assert!(said.starts_with(why), "{seen:?}: {said}");
        }
    }
}
