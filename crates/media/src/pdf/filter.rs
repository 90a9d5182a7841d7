//! Undoing the filters of streams (ISO 32000-2, 7.4): Flate, with or without a predictor.

use std::io::Read;

use super::object::{Dictionary, Object};
use flate2::read::ZlibDecoder;
use indicia_core::{Limits, Problem};

/// The bytes of a stream whose dictionary speaks directly, without references.
///
/// # Errors
/// If a filter is not Flate, the data are broken, or they grow over [`Limits::inflated`].
pub(crate) fn decode(dictionary: &Dictionary, data: &[u8], limits: &Limits) -> Result<Vec<u8>, Problem> {
    let named = |long: &[u8], short: &[u8]| {
        let found = dictionary.find(long).or_else(|| dictionary.find(short));
        found.map(Object::items).unwrap_or_default()
    };
    let filters = named(b"Filter", b"F");
    let parameters = named(b"DecodeParms", b"DP");
    let mut bytes = data.to_vec();
    if filters.len() > 4 {
        return Err(Problem::OverLimit { what: "filters on one stream", limit: 4 });
    }
    for (at, filter) in filters.iter().enumerate() {
        match filter {
            Object::Name(name) if name == b"FlateDecode" || name == b"Fl" => {
                bytes = inflate(&bytes, limits)?;
                if let Some(parameters) = parameters.get(at).and_then(Object::dictionary) {
                    bytes = unpredicted(parameters, bytes)?;
                }
            }
            Object::Name(name) if name == b"Crypt" => {}
            _ => return Err(Problem::Unsupported("a filter other than Flate")),
        }
    }
    Ok(bytes)
}

/// Undoes Flate.
///
/// # Errors
/// If the data are broken or grow over [`Limits::inflated`].
pub(crate) fn inflate(data: &[u8], limits: &Limits) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let read = ZlibDecoder::new(data).take(limits.inflated.saturating_add(1)).read_to_end(&mut bytes);
    if bytes.len() as u64 > limits.inflated {
        return Err(Problem::OverLimit { what: "bytes in one stream", limit: limits.inflated });
    }
    read.map_err(|_| Problem::Malformed("a stream is not as Flate has it"))?;
    Ok(bytes)
}

/// Undoes a predictor (7.4.4.4): PNG's five, for samples of eight bits or less.
fn unpredicted(parameters: &Dictionary, bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
    let count = |key: &[u8], usual: u64| parameters.count(key).unwrap_or(usual);
    match count(b"Predictor", 1) {
        1 => return Ok(bytes),
        10..=15 => {}
        _ => return Err(Problem::Unsupported("this predictor")),
    }
    let (colours, bits, columns) = (count(b"Colors", 1), count(b"BitsPerComponent", 8), count(b"Columns", 1));
    let row = colours.checked_mul(bits).and_then(|sample| sample.checked_mul(columns));
    let row =
        row.and_then(|row| usize::try_from(row.div_ceil(8)).ok()).filter(|row| *row > 0 && *row < 1 << 20);
    let row = row.ok_or(Problem::Malformed("the rows of a predictor have no sensible length"))?;
    let sample = usize::try_from(colours.saturating_mul(bits).div_ceil(8)).unwrap_or(1).clamp(1, row);
    let mut out: Vec<u8> = Vec::new();
    let mut above = vec![0; row];
    for coded in bytes.chunks(row + 1) {
        let Some((kind, values)) = coded.split_first() else { break };
        let mut line: Vec<u8> = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let left = at.checked_sub(sample).and_then(|at| line.get(at)).copied().unwrap_or(0);
            let up = above.get(at).copied().unwrap_or(0);
            let corner = at.checked_sub(sample).and_then(|at| above.get(at)).copied().unwrap_or(0);
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => up,
                3 => left.midpoint(up),
                4 => paeth(left, up, corner),
                _ => return Err(Problem::Malformed("a row has a predictor that does not exist")),
            };
            line.push(value.wrapping_add(guess));
        }
        out.extend(&line);
        line.resize(row, 0);
        above = line;
    }
    Ok(out)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let guess = a + b - c;
    let (to_a, to_b, to_c) = ((guess - a).abs(), (guess - b).abs(), (guess - c).abs());
    if to_a <= to_b && to_a <= to_c {
        left
    } else if to_b <= to_c {
        up
    } else {
        corner
    }
}
