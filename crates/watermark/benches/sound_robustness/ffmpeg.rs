//! Codecs by `ffmpeg` and effects by `sox`, each a process of its own.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::signal::Sound;

/// Reads any file that ffmpeg reads.
pub(crate) fn read(path: &Path, rate: Option<u32>) -> Option<Sound> {
    let probe = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-select_streams",
            "a:0",
            "-show_entries",
            "stream=sample_rate,channels",
            "-of",
            "csv=p=0",
        ])
        .arg(path)
        .output()
        .ok()?;
    let facts = String::from_utf8(probe.stdout).ok()?;
    let mut facts = facts.trim().split(',');
    let stored = facts.next()?.parse().ok()?;
    let channels = facts.next()?.parse().ok()?;
    let rate = rate.unwrap_or(stored);
    let out = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-f", "f32le", "-ar", &rate.to_string(), "-"])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let samples =
        out.stdout.chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    Some(Sound { rate, channels, samples: samples.collect() })
}

/// Writes 16-bit WAVE.
pub(crate) fn write(path: &Path, sound: &Sound) -> Option<()> {
    let data: Vec<u8> = sound
        .samples
        .iter()
        .flat_map(|value| ((value * 32768.0).round().clamp(-32768.0, 32767.0) as i16).to_le_bytes())
        .collect();
    let channels = sound.channels as u16;
    let mut wave = Vec::new();
    wave.extend(b"RIFF");
    wave.extend((36 + data.len() as u32).to_le_bytes());
    wave.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    wave.extend(channels.to_le_bytes());
    wave.extend(sound.rate.to_le_bytes());
    wave.extend((sound.rate * u32::from(channels) * 2).to_le_bytes());
    wave.extend((channels * 2).to_le_bytes());
    wave.extend(16_u16.to_le_bytes());
    wave.extend(b"data");
    wave.extend((data.len() as u32).to_le_bytes());
    wave.extend(data);
    fs::write(path, wave).ok()
}

/// Encodes and decodes again.
pub(crate) fn codec(sound: &Sound, extension: &str, arguments: &[&str]) -> Option<Sound> {
    let folder = tempfile::tempdir().ok()?;
    let (from, to) = (folder.path().join("a.wav"), folder.path().join(format!("b.{extension}")));
    write(&from, sound)?;
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-i"])
        .arg(&from)
        .args(arguments)
        .arg(&to)
        .status()
        .ok()?;
    done.success().then(|| read(&to, None))?
}

/// An effect of sox.
pub(crate) fn sox(sound: &Sound, arguments: &[&str]) -> Option<Sound> {
    let folder = tempfile::tempdir().ok()?;
    let (from, to) = (folder.path().join("a.wav"), folder.path().join("b.wav"));
    write(&from, sound)?;
    let done = Command::new("sox")
        .arg("-q")
        .arg(&from)
        .arg(&to)
        .args(arguments)
        .stderr(Stdio::null())
        .status()
        .ok()?;
    done.success().then(|| read(&to, None))?
}
