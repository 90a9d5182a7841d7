#!/usr/bin/env python3
"""Makes the bare Matroska, WebM, AVI and FLV files of samples/ anew: video-streams.py SAMPLES

Takes a picture and a sentence from SAMPLES and writes beside them. Needs ffmpeg and mkvmerge.
"""
import os
import subprocess
import sys
import tempfile

SAMPLES = sys.argv[1]
PICTURE = os.path.join(SAMPLES, "jpeg", "dandelion-420.jpg")
SPEECH = os.path.join(SAMPLES, "wav", "speech-8-mono.wav")
FF = ["ffmpeg", "-y", "-loglevel", "error", "-fflags", "+bitexact"]
EXACT = ["-flags:v", "+bitexact", "-flags:a", "+bitexact", "-fflags", "+bitexact", "-map_metadata", "-1"]
CLIP = ["-loop", "1", "-framerate", "5", "-i", PICTURE, "-i", SPEECH, "-t", "1"]
SMALL = ["-vf", "scale=96:54", "-pix_fmt", "yuv420p", "-threads", "1"]
H264 = ["-c:v", "libx264", "-crf", "32", "-c:a", "aac", "-b:a", "16k"]


def path(folder, name):
    os.makedirs(os.path.join(SAMPLES, folder), exist_ok=True)
    return os.path.join(SAMPLES, folder, name)


def ffmpeg(out, *options, source=CLIP):
    subprocess.run([*FF, *source, *EXACT, *options, out], check=True)


def piped(out, *options, source=CLIP):
    """What is written to a pipe has no sizes that are known only at the end."""
    with open(out, "wb") as file:
        subprocess.run([*FF, *source, *EXACT, *options, "-"], check=True, stdout=file)


ffmpeg(path("mkv", "dandelion-ffmpeg.mkv"), *SMALL, *H264)
with tempfile.TemporaryDirectory() as folder:
    note = os.path.join(folder, "note.txt")
    with open(note, "w", encoding="utf-8") as file:
        file.write("A dandelion, and a sentence.\n")
    subprocess.run(
        ["mkvmerge", "-q", "--deterministic", "1", "-o", path("mkv", "dandelion-mkvmerge.mkv"), "--title", "Dandelion",
         "--attachment-name", "note.txt", "--attachment-description", "What it shows", "--attach-file", note,
         path("mkv", "dandelion-ffmpeg.mkv")], check=True)
piped(path("mkv", "speech-stream.mka"), "-c:a", "libopus", "-b:a", "12k", "-f", "matroska",
      source=["-i", SPEECH, "-t", "1"])

VP8 = [*SMALL, "-c:v", "libvpx", "-b:v", "60k", "-c:a", "libopus", "-b:a", "12k"]
ffmpeg(path("webm", "dandelion-vp8.webm"), *VP8)
piped(path("webm", "dandelion-live.webm"), *VP8, "-f", "webm", "-live", "1")

MPEG4 = [*SMALL, "-c:v", "mpeg4", "-q:v", "12", "-c:a", "libmp3lame", "-ar", "8000", "-b:a", "8k"]
ffmpeg(path("avi", "dandelion-mpeg4.avi"), *MPEG4, "-metadata", "title=Dandelion")
ffmpeg(path("avi", "dandelion-tight.avi"), *MPEG4, "-metadata_header_padding", "0")

ffmpeg(path("flv", "dandelion-h264.flv"), *SMALL, *H264, "-flvflags", "add_keyframe_index")
ffmpeg(path("flv", "dandelion-plain.flv"), *SMALL, "-c:v", "flv", "-q:v", "12", "-c:a", "libmp3lame", "-ar", "11025",
       "-b:a", "16k")
ffmpeg(path("flv", "speech-bare.flv"), "-c:a", "libmp3lame", "-ar", "11025", "-b:a", "16k", "-flvflags", "no_metadata",
       source=["-i", SPEECH, "-t", "1"])
