//! A reader of its own, by which what is written is checked.

pub(super) fn vint(bytes: &[u8], keep: bool) -> (u64, usize) {
    let len = bytes[0].leading_zeros() as usize + 1;
    let number = bytes[..len].iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    (if keep { number } else { number & ((1 << (7 * len)) - 1) }, len)
}

/// Reads a file with a reader of its own: every place in SeekHead and Cues must be that of an element of the kind
/// it names, every Cluster must be told of in order, and checksums must fit. Gives the elements' IDs.
pub(super) fn check(bytes: &[u8]) -> Result<Vec<u64>, String> {
    fn walk(bytes: &[u8], from: usize, to: usize, see: &mut dyn FnMut(u64, usize, usize, usize)) {
        let mut at = from;
        while at < to {
            let (id, id_len) = vint(&bytes[at..], true);
            let (size, size_len) = vint(&bytes[at + id_len..], false);
            let start = at + id_len + size_len;
            let open = size == (1 << (7 * size_len)) - 1;
            let end = if open { to } else { start + size as usize };
            assert!(end <= to, "element {id:X} at {at} of {size} bytes ends at {end} past {to}");
            see(id, at, start, end);
            at = end;
        }
    }
    let mut ids = Vec::new();
    let mut wrong = Vec::new();
    let mut cue_targets = Vec::new();
    let mut segment = (0, 0);
    walk(bytes, 0, bytes.len(), &mut |id, _, start, end| {
        if id == 0x18538067 {
            segment = (start, end);
        }
    });
    let base = segment.0;
    let uint = |start: usize, end: usize| {
        bytes[start..end].iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let mut seek = |from, to| {
        let (mut name, mut place) = (0, 0);
        walk(bytes, from, to, &mut |id, _, start, end| match id {
            0x53AB => name = uint(start, end),
            0x53AC => place = uint(start, end),
            _ => {}
        });
        let there = bytes.get(base + place..).map_or(0, |rest| vint(rest, true).0);
        if there != name as u64 {
            wrong.push(format!("SeekHead has {name:X} at {place}, where {there:X} stands"));
        }
    };
    let mut cue = |from, to| {
        walk(bytes, from, to, &mut |id, _, start, end| {
            if id == 0xB7 {
                walk(bytes, start, end, &mut |id, _, start, end| {
                    if id == 0xF1 {
                        cue_targets.push(base + uint(start, end));
                    }
                });
            }
        });
    };
    let mut clusters = Vec::new();
    walk(bytes, base, segment.1, &mut |id, at, start, end| {
        ids.push(id);
        match id {
            0x1F43B675 => clusters.push(at),
            0x114D9B74 => walk(bytes, start, end, &mut |id, _, start, end| {
                if id == 0x4DBB {
                    seek(start, end);
                }
            }),
            0x1C53BB6B => walk(bytes, start, end, &mut |_, _, start, end| cue(start, end)),
            _ => {}
        }
        if bytes[start..end].starts_with(b"\xBF\x84") {
            let sum = crc32fast::hash(&bytes[start + 6..end]).to_le_bytes();
            assert_eq!(bytes[start + 2..start + 6], sum, "checksum in {id:X}");
        }
    });
    if cue_targets != clusters {
        wrong.push(format!("Cues have {cue_targets:?}, Clusters stand at {clusters:?}"));
    }
    if wrong.is_empty() { Ok(ids) } else { Err(wrong.join("; ")) }
}
