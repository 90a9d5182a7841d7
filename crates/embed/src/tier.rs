use indicia_core::{Evidence, Mark, Seen, Status};

/// What a platform has to say of content, by the three tiers of the Measures' article 6.
///
/// Metadata that marks it as generated: it is. Else the uploader's own declaration: it may be. Else a notice or
/// another trace: it is suspected. Else `None`: the Measures give no reason to label it, though nothing shows
/// that a person made it.
pub fn tier(evidence: &Evidence, declared: bool) -> Option<Status> {
    let marks = |scheme: &str| evidence.marks(scheme).iter().filter(|mark| !mark.is_doubtful());
    let speaks = |mark: &&Mark| matches!(mark.claim.status, Some(status) if status != Status::NotGenerated);
    if let Some(label) = marks("aigc").find(speaks) {
        return label.claim.status;
    }
    if declared {
        return Some(Status::Possible);
    }
    let any_trace = evidence.looks.iter().any(|look| match &look.seen {
        Seen::Present(marks) => marks.iter().any(|mark| !mark.is_doubtful() && speaks(&mark)),
        _ => false,
    });
    any_trace.then_some(Status::Suspected)
}

#[cfg(test)]
mod tests {
    use super::tier;
    use indicia_core::{Basis, Channel, Claim, Evidence, Flaw, Gravity, Look, Mark, Seen, Status};

    fn evidence(marks: &[(&'static str, Status)]) -> Evidence {
        let look = |(scheme, status): &(&'static str, Status)| {
            let mark = Mark { claim: Claim { status: Some(*status), ..Claim::default() }, ..Mark::default() };
            Look {
                scheme,
                channel: Channel::Metadata,
                basis: Basis::Read,
                seen: Seen::Present(vec![mark]),
                nearest: None,
            }
        };
        Evidence::from(marks.iter().map(look).collect::<Vec<_>>())
    }

    #[test]
    fn metadata_goes_before_declaration_and_declaration_before_traces() {
        let all = evidence(&[("aigc", Status::Generated), ("written", Status::Generated)]);
        let trace = evidence(&[("written", Status::Generated)]);
        let camera = evidence(&[("iptc", Status::NotGenerated)]);
        assert_eq!(tier(&all, true), Some(Status::Generated));
        assert_eq!(tier(&all, false), Some(Status::Generated));
        assert_eq!(tier(&trace, true), Some(Status::Possible));
        assert_eq!(tier(&trace, false), Some(Status::Suspected));
        assert_eq!(tier(&camera, false), None);
        assert_eq!(tier(&Evidence::default(), true), Some(Status::Possible));
        assert_eq!(tier(&Evidence::default(), false), None);
    }

    #[test]
    fn neither_an_example_nor_another_origin_is_a_reason() {
        let mut example = evidence(&[("aigc", Status::Generated), ("written", Status::Generated)]);
        for look in &mut example.looks {
            let Seen::Present(marks) = &mut look.seen else { panic!("{look:?}") };
            marks[0].flaws.push(Flaw {
                code: "example",
                gravity: Gravity::Doubt,
                text: String::new(),
                at: 0,
            });
        }
        assert_eq!(tier(&example, false), None);
        let other = evidence(&[("aigc", Status::NotGenerated)]);
        assert_eq!((tier(&other, false), tier(&other, true)), (None, Some(Status::Possible)));
        let may = evidence(&[("aigc", Status::Possible)]);
        assert_eq!(tier(&may, false), Some(Status::Possible), "the label's own word");
    }
}
