#!/usr/bin/env python3
"""Makes the bare files of samples/ anew: make-samples.py PICTURES OUT

PICTURES holds dandelion.png (CC0-1.0), astronaut.png (public domain, NASA) and gradient.png (CC0).
Needs Pillow, numpy, ffmpeg, sox and espeak-ng. docs/samples.md lists every file with origin and licence.
"""
import os
import struct
import subprocess
import sys

import numpy as np
from PIL import Image, ImageDraw

PICTURES, OUT = sys.argv[1], sys.argv[2]
FF = ["ffmpeg", "-y", "-loglevel", "error", "-fflags", "+bitexact"]
EXACT = ["-bitexact", "-map_metadata", "-1"]


def path(*parts):
    full = os.path.join(OUT, *parts)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def picture(name, size):
    return Image.open(os.path.join(PICTURES, name)).convert("RGB").resize(size, Image.LANCZOS)


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010F] = "Sample camera"
    return block


dandelion = picture("dandelion.png", (480, 270))
astronaut = picture("astronaut.png", (320, 320))
gradient = picture("gradient.png", (400, 300))
document = Image.new("RGB", (300, 390), "white")
for line in range(22):
    words = "The river rises in the hills above the town, and in spring it floods the lower fields."
    ImageDraw.Draw(document).text((16, 14 + 17 * line), words[line * 3 % 40:][:44], fill="black")

# JPEG: baseline 4:2:0, progressive 4:4:4, gray, turned by Exif, and with an XMP packet of its own.
XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/jpeg"><dc:title><rdf:Alt>'
    '<rdf:li xml:lang="x-default">Seeds of a dandelion</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF>'
    '</x:xmpmeta>' + " " * 512 + '<?xpacket end="w"?>'
).encode()
dandelion.save(path("jpeg", "dandelion-420.jpg"), quality=85, subsampling="4:2:0", xmp=XMP)
dandelion.save(path("jpeg", "dandelion-progressive-444.jpg"), quality=90, subsampling="4:4:4", progressive=True)
astronaut.convert("L").save(path("jpeg", "astronaut-gray.jpg"), quality=80)
astronaut.rotate(90, expand=True).save(path("jpeg", "astronaut-turned.jpg"), quality=80, exif=exif(6))

# PNG: colour, palette, gray with alpha, 16 bits, interlaced by nobody here, and an animation.
astronaut.resize((200, 200)).save(path("png", "astronaut-rgb.png"), optimize=True)
gradient.quantize(64).save(path("png", "gradient-palette.png"), optimize=True)
alpha = document.convert("LA")
alpha.putalpha(Image.linear_gradient("L").resize(document.size))
alpha.save(path("png", "document-gray-alpha.png"), optimize=True)
y, x = np.mgrid[0:180, 0:240].astype(np.float64)
deep = ((np.sin(x / 37) + np.cos(y / 23) + 2) / 4 * 65535).astype(np.uint16)
Image.fromarray(deep).save(path("png", "waves-gray-16.png"), optimize=True)
frames = [gradient.resize((200, 150)).rotate(30 * turn) for turn in range(4)]
frames[0].save(path("png", "gradient-animated.png"), save_all=True, append_images=frames[1:], duration=120, loop=0)

# WebP: lossy, lossless with alpha, animated.
dandelion.save(path("webp", "dandelion-lossy.webp"), quality=80)
logo = gradient.resize((200, 150)).convert("RGBA")
logo.putalpha(Image.radial_gradient("L").resize((200, 150)))
logo.save(path("webp", "gradient-lossless-alpha.webp"), lossless=True)
frames[0].save(path("webp", "gradient-animated.webp"), save_all=True, append_images=frames[1:], duration=120, loop=0, quality=70)

# Sound: two seconds of chords (sox) and of speech (espeak-ng).
chords, speech = path("..", "chords.tmp.wav"), path("..", "speech.tmp.wav")
subprocess.run(["sox", "-R", "-n", "-r", "44100", "-c", "2", "-b", "16", chords, "synth", "2.5", "pluck", "C3", "pluck", "E3",
                "pluck", "G3", "fade", "0", "2.5", "0.4", "gain", "-6", "remix", "1,2", "2,3"], check=True)
subprocess.run(["espeak-ng", "-v", "en-gb", "-s", "150", "-w", speech, "The weather report for Tuesday: rain, then sun."], check=True)


def sound(source, target, *options):
    subprocess.run(FF + ["-i", source] + EXACT + list(options) + [target], check=True)


sound(speech, path("wav", "speech-8-mono.wav"), "-ar", "8000", "-c:a", "pcm_u8")
sound(chords, path("wav", "chords-16-stereo.wav"), "-ar", "22050", "-c:a", "pcm_s16le")
sound(speech, path("wav", "speech-24-mono.wav"), "-ar", "16000", "-c:a", "pcm_s24le")
sound(speech, path("wav", "speech-float.wav"), "-ar", "16000", "-c:a", "pcm_f32le")
sound(chords, path("wav", "chords-rf64.wav"), "-ar", "16000", "-ac", "1", "-c:a", "pcm_s16le", "-rf64", "always")
sound(chords, path("mp3", "chords-v23.mp3"), "-c:a", "libmp3lame", "-b:a", "96k", "-id3v2_version", "3", "-metadata", "title=Chords")
sound(speech, path("mp3", "speech-v24-vbr.mp3"), "-ar", "22050", "-c:a", "libmp3lame", "-q:a", "6", "-id3v2_version", "4",
      "-metadata", "title=天气", "-write_id3v1", "1")
sound(speech, path("mp3", "speech-untagged.mp3"), "-ar", "44100", "-c:a", "libmp3lame", "-b:a", "64k", "-write_xing", "0", "-id3v2_version", "0")
os.remove(chords)
os.remove(speech)

# Text.
ENGLISH = "The river rises in the hills above the town.\nIn spring it floods the lower fields.\n"
CHINESE = "这条河发源于小镇上方的山丘。\n春天,它会淹没低处的田地。\n"


def text(name, content, encoding, newline="\n"):
    with open(path(*name), "wb") as file:
        file.write(content.replace("\n", newline).encode(encoding))


text(("txt", "river.txt"), ENGLISH, "utf-8")
text(("txt", "river-bom-crlf.txt"), CHINESE, "utf-8-sig", "\r\n")
text(("txt", "river-utf16.txt"), CHINESE, "utf-16")
text(("txt", "river-gb18030.txt"), CHINESE * 3, "gb18030")
text(("md", "river.md"), "# The river\n\n" + ENGLISH, "utf-8")
text(("md", "river-front-matter.md"), "---\ntitle: 河流\ntags: [water, hills]\n---\n\n# 河流\n\n" + CHINESE, "utf-8")
