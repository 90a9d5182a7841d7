//! The keys that watermarks are written and looked for with: where they come from, and what a run asks of them.

use indicia::{WatermarkKey, WatermarkSearch};

use crate::args::{StyleArgs, WatermarkArgs};
use crate::config::Config;
use crate::walk::reason;

/// What names a key in the environment, before the name of the variable.
const VARIABLE: &str = "env:";

/// Fewest bytes of a key.
const LEAST: usize = 16;
/// Most that is read of a file: a key is no picture given by mistake.
const MOST: usize = 4096;

/// Under which keys `verify` and `scan` look, and how far.
pub(crate) fn search(args: &WatermarkArgs, config: &mut Config) -> Result<WatermarkSearch, String> {
    let deep =
        config.pick("deep", args.deep.then_some(true), |file| file.deep.map(Ok), None, bool::to_string)?;
    let given = (!args.watermark_key.is_empty()).then(|| args.watermark_key.clone());
    let in_file = |file: &crate::config::File| file.watermark_key.clone().map(|one| Ok(vec![one]));
    let names = config.pick("watermark-key", given, in_file, None, |names| format!("{names:?}"))?;
    let keys = names.unwrap_or_default().iter().map(|name| read(name)).collect::<Result<_, _>>()?;
    Ok(WatermarkSearch { keys, ids: args.watermark_id.clone(), deep: deep.unwrap_or(false) })
}

/// Whether `label` writes a watermark, where that is said, and under which key.
pub(crate) fn of_label(
    args: &StyleArgs,
    config: &mut Config,
) -> Result<(Option<bool>, Option<WatermarkKey>), String> {
    // A key in the configuration says under which one, a key on the command line that a mark is meant.
    let flag = (args.watermark || args.watermark_key.is_some()).then_some(true);
    let wanted = config.pick("watermark", flag, |file| file.watermark.map(Ok), None, bool::to_string)?;
    let given = args.watermark_key.clone();
    let in_file = |file: &crate::config::File| file.watermark_key.clone().map(Ok);
    let name = config.pick("watermark-key", given, in_file, None, |name| format!("{name:?}"))?;
    let key = name.map(|name| read(&name)).transpose()?;
    Ok((wanted, key))
}

/// A key from where it is named. Line breaks at its end are not part of it: editors and shells add them unasked.
fn read(name: &str) -> Result<WatermarkKey, String> {
    let secret = match name.strip_prefix(VARIABLE) {
        None => std::fs::read(name).map_err(|err| format!("{name}: {}", reason(&err)))?,
        Some(variable) => {
            #[expect(clippy::disallowed_methods, reason = "the user names the variable")]
            let value = std::env::var(variable);
            let unset = |_| format!("the environment variable {variable} is not set, or is no Unicode");
            value.map_err(unset)?.into_bytes()
        }
    };
    let end = secret.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
    let key = secret.get(..end).unwrap_or_default();
    match key.len() {
        len if len < LEAST => Err(format!(
            "{name}: a watermark key has {LEAST} bytes or more, and this one has {len}; `openssl rand -hex 32` makes one"
        )),
        len if len > MOST => Err(format!("{name}: {len} bytes are no watermark key: {MOST} at most")),
        _ => Ok(WatermarkKey::from_bytes(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_key_is_what_stands_before_the_line_break_and_is_long_enough() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let write = |name: &str, bytes: &[u8]| std::fs::write(path(name), bytes).expect("a file");
        write("one", b"0123456789abcdef");
        write("two", b"0123456789abcdef\r\n");
        write("short", b"0123456789\n\n\n\n\n\n\n\n");
        write("empty", b"");
        write("long", &[7; 5000]);
        assert_eq!(read(&path("one")), read(&path("two")));
        assert_eq!(read(&path("one")).expect("a key").bytes(), b"0123456789abcdef");
        for (name, why) in [("short", "this one has 10"), ("empty", "this one has 0"), ("long", "at most")] {
            let said = read(&path(name)).expect_err(name);
            assert!(said.contains(why), "{said}");
        }
        assert!(read(&path("missing")).is_err());
        assert!(read("env:INDICIA_NO_SUCH_VARIABLE").expect_err("unset").contains("not set"));
    }
}
