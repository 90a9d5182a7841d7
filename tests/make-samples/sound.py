#!/usr/bin/env python3
"""Makes the bare sound samples in FLAC, Ogg, Opus, AIFF and AAC anew: sound.py SAMPLES

SAMPLES is the samples folder: it is read from (wav/) and written to. Needs ffmpeg, flac, metaflac, oggenc, opusenc
and sox. docs/samples.md lists every file with origin and licence.
"""
import os
import subprocess
import sys

SAMPLES = sys.argv[1]
FF = ["ffmpeg", "-y", "-loglevel", "error", "-fflags", "+bitexact"]
EXACT = ["-bitexact", "-map_metadata", "-1"]


def path(*parts):
    full = os.path.join(SAMPLES, *parts)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


CHORDS, SPEECH = path("wav", "chords-16-stereo.wav"), path("wav", "speech-24-mono.wav")
SMALL = path("wav", "speech-8-mono.wav")

# FLAC: by its own encoder with comments, seek table and padding; by ffmpeg without padding; blocks of any length.
run("flac", "-f", "-8", "--serial-number=1", "-T", "TITLE=Chords", "-T", "artist=Nobody", "--padding=600",
    "-S", "4x", "-b", "1152", "--until=0:00.35", "-o", path("flac", "chords-16-stereo.flac"), CHORDS)
run(*FF, "-i", SPEECH, "-t", "0.5", *EXACT, "-c:a", "flac", "-sample_fmt", "s32", path("flac", "speech-24-mono.flac"))
run("metaflac", "--remove", "--block-type=PADDING,VORBIS_COMMENT", "--dont-use-padding",
    path("flac", "speech-24-mono.flac"))
run("flac", "-f", "-5", "--no-padding", "--no-seektable", "-o", path("flac", "speech-8-mono.flac"), SMALL)

# Ogg: Vorbis by two encoders, with comments and with none but the encoder's name.
run("oggenc", "-Q", "--serial", "1", "-q", "0", "-t", "Chords", "-c", "note=three chords",
    "-o", path("ogg", "chords-vorbis.ogg"), CHORDS)
run(*FF, "-i", SMALL, "-ar", "16000", *EXACT, "-c:a", "libvorbis", "-q:a", "0", path("ogg", "speech-vorbis.ogg"))

# Opus: by its own encoder, whose comments leave room, and by ffmpeg, whose leave none.
run("opusenc", "--quiet", "--serial", "1", "--bitrate", "24", "--title", "Chords", CHORDS,
    path("opus", "chords.opus"))
run(*FF, "-i", SMALL, *EXACT, "-c:a", "libopus", "-b:a", "12k", path("opus", "speech.opus"))

# AIFF: big-endian, little-endian in AIFF-C, floating point.
run("sox", "-D", CHORDS, "-b", "16", path("aiff", "chords-16-stereo.aiff"), "trim", "0", "0.15")
run(*FF, "-i", SPEECH, "-t", "0.4", *EXACT, "-ar", "8000", "-c:a", "pcm_s16le", "-f", "aiff",
    path("aiff", "speech-sowt.aifc"))
run(*FF, "-i", SMALL, "-t", "0.5", *EXACT, "-c:a", "pcm_f32be", "-f", "aiff", path("aiff", "speech-float.aifc"))
run(*FF, "-i", SPEECH, "-t", "0.4", "-bitexact", "-map_metadata", "-1", "-metadata", "title=Speech", "-c:a", "pcm_s24be",
    "-write_id3v2", "1", path("aiff", "speech-24-tagged.aiff"))

# AAC in ADTS: bare, and with an ID3 tag.
run(*FF, "-i", CHORDS, *EXACT, "-c:a", "aac", "-b:a", "64k", "-f", "adts", path("aac", "chords-stereo.aac"))
run(*FF, "-i", SMALL, "-bitexact", "-map_metadata", "-1", "-metadata", "title=Speech", "-c:a", "aac", "-b:a", "24k", "-f", "adts",
    "-write_id3v2", "1", path("aac", "speech-tagged.aac"))
