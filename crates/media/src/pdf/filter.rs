//! Undoing the filters of streams (ISO 32000-2, 7.4): Flate, with or without a predictor, and those that spell
//! bytes as text.

use std::io::Read;

use super::lexer::is_space;
use super::object::{Dictionary, Object};
use flate2::read::ZlibDecoder;
use indicia_core::{Limits, Problem};

/// The bytes of a stream whose dictionary speaks directly, without references.
///
/// # Errors
/// If a filter is none of these, the data are broken, or they grow over [`Limits::inflated`].
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
            Object::Name(name) if name == b"ASCII85Decode" || name == b"A85" => bytes = base_85(&bytes)?,
            Object::Name(name) if name == b"ASCIIHexDecode" || name == b"AHx" => bytes = base_16(&bytes)?,
            Object::Name(name) if name == b"Crypt" => {}
            _ => return Err(Problem::Unsupported("a filter other than Flate, ASCII85 and ASCIIHex")),
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

/// Undoes ASCII85 (7.4.3): five digits of base 85 for four bytes.
fn base_85(data: &[u8]) -> Result<Vec<u8>, Problem> {
    const BROKEN: Problem = Problem::Malformed("a stream is not as ASCII85 has it");
    let (mut out, mut digits, mut value) = (Vec::new(), 0_usize, 0_u64);
    for byte in data.iter().filter(|byte| !is_space(**byte)) {
        match byte {
            b'~' => break,
            b'z' if digits == 0 => out.extend([0; 4]),
            b'!'..=b'u' => {
                value = value * 85 + u64::from(byte - b'!');
                digits += 1;
            }
            _ => return Err(BROKEN),
        }
        if digits == 5 {
            out.extend(u32::try_from(value).map_err(|_| BROKEN)?.to_be_bytes());
            (digits, value) = (0, 0);
        }
    }
    if digits == 1 {
        return Err(BROKEN);
    }
    if digits > 1 {
        // What is left out stands for the highest digit.
        let whole = (digits..5).fold(value, |value, _| value * 85 + 84);
        let whole = u32::try_from(whole).map_err(|_| BROKEN)?.to_be_bytes();
        out.extend(whole.iter().take(digits - 1));
    }
    Ok(out)
}

/// Undoes ASCIIHex (7.4.2); a last digit that is left out is 0.
fn base_16(data: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut digits: Vec<u8> = Vec::new();
    for byte in data.iter().take_while(|byte| **byte != b'>').filter(|byte| !is_space(**byte)) {
        let digit = char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        digits.push(digit.ok_or(Problem::Malformed("a stream is not as ASCIIHex has it"))?);
    }
    let byte = |two: &[u8]| two.first().map_or(0, |high| high << 4) | two.get(1).copied().unwrap_or(0);
    Ok(digits.chunks(2).map(byte).collect())
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
