#!/usr/bin/env python3
"""Makes the bare samples of MP4, QuickTime and MP4 audio: movie.py SAMPLES

SAMPLES is the folder `samples`, from which pictures and sound are taken. Needs ffmpeg.
"""

import pathlib
import subprocess
import sys

samples = pathlib.Path(sys.argv[1])
astronaut = samples / "png/astronaut-rgb.png"
dandelion = samples / "jpeg/dandelion-420.jpg"
chords = samples / "wav/chords-16-stereo.wav"
speech = samples / "wav/speech-24-mono.wav"

# A slow zoom into a still picture: eight frames, a second long.
still = ["-loop", "1", "-framerate", "8", "-t", "1", "-i"]
zoom = "scale=320:180:force_original_aspect_ratio=increase,crop=320:180,zoompan=z='1+on/16':d=1:s=160x90:fps=8"
video = ["-vf", zoom, "-pix_fmt", "yuv420p", "-threads", "1"]
h264 = [*video, "-c:v", "libx264", "-preset", "veryslow", "-crf", "34", "-x264-params", "threads=1"]
mpeg4 = [*video, "-c:v", "mpeg4", "-q:v", "12"]
aac = ["-c:a", "aac", "-ac", "1", "-ar", "22050", "-b:a", "24k", "-t", "1"]
bare = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]


def make(name, inputs, *options):
    out = samples / name
    out.parent.mkdir(exist_ok=True)
    command = ["ffmpeg", "-v", "error", "-y", *inputs, *bare, *map(str, options), str(out)]
    subprocess.run(command, check=True)


# The movie box behind the media, as ffmpeg leaves it.
make("mp4/astronaut-moov-last.mp4", [*still, str(astronaut)], *h264)
# In front of them, with sound and the tags of iTunes.
make("mp4/dandelion-faststart-tags.mp4", [*still, str(dandelion), "-i", str(chords)], *h264, *aac,
     "-shortest", "-metadata", "title=Seeding", "-metadata", "comment=A dandelion", "-movflags", "+faststart")
# In fragments, with an index of segments in front and one of fragments behind.
make("mp4/astronaut-fragmented.mp4", [*still, str(astronaut)], *h264, "-g", "4",
     "-movflags", "+frag_keyframe+empty_moov+default_base_moof+global_sidx")
make("mov/dandelion-mpeg4.mov", [*still, str(dandelion)], *mpeg4, "-metadata", "title=Seeding")
make("mov/astronaut-faststart.mov", [*still, str(astronaut), "-i", str(speech)], *h264, "-c:a", "pcm_s16le",
     "-ac", "1", "-ar", "8000", "-t", "1", "-movflags", "+faststart")
# Old QuickTime: no box that says of which brand the file is.
ancient = samples / "mov/dandelion-no-brand.mov"
make("mov/dandelion-no-brand.mov", [*still, str(dandelion)], *mpeg4, "-movflags", "+faststart")
data = ancient.read_bytes()
# The offsets of the media are those of a file that has the box, so bytes that mean nothing take its place.
ancient.write_bytes(data[:4] + b"free" + data[8:])
make("m4a/chords-aac-tags.m4a", ["-i", str(chords)], "-c:a", "aac", "-b:a", "32k", "-metadata", "title=Chords",
     "-metadata", "artist=Nobody", "-metadata", "comment=Three chords")
make("m4a/speech-alac.m4a", ["-i", str(speech)], "-c:a", "alac", "-ar", "8000", "-sample_fmt", "s16p", "-t", "2")
make("m4a/speech-faststart.m4a", ["-i", str(speech)], "-c:a", "aac", "-ar", "16000", "-b:a", "16k",
     "-movflags", "+faststart")
