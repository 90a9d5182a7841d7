#!/usr/bin/env python3
"""Makes the bare files of samples/avif, samples/heif and samples/jxl anew: boxes-pictures.py SAMPLES

SAMPLES is the samples folder: the pictures are taken from its jpeg and png folders.
Needs Pillow with AVIF, heif-enc (libheif), cjxl (libjxl) and exiftool. docs/samples.md lists every file.
"""
import os
import subprocess
import sys
import tempfile

from PIL import Image

SAMPLES = sys.argv[1]
WORK = tempfile.mkdtemp()


def art(*parts):
    return os.path.join(SAMPLES, *parts)


def path(*parts):
    full = art(*parts)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    if os.path.exists(full):
        os.remove(full)
    return full


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def scaled(source, size):
    target = os.path.join(WORK, os.path.basename(source) + ".png")
    picture = Image.open(source).convert("RGB").resize(size, Image.LANCZOS)
    # Its colour profile would be carried along; what is left is sRGB as well.
    picture.info.pop("icc_profile", None)
    picture.save(target)
    return target


dandelion = scaled(art("jpeg", "dandelion-420.jpg"), (320, 180))
astronaut = scaled(art("png", "astronaut-rgb.png"), (160, 160))
gradient = scaled(art("png", "gradient-palette.png"), (200, 150))
exif = Image.Exif()
exif[0x010F] = "Sample camera"

# AVIF: with nothing, with Exif, an image sequence with a track.
run("heif-enc", "-A", "-q", "50", dandelion, "-o", path("avif", "dandelion.avif"))
Image.open(astronaut).save(path("avif", "astronaut-exif.avif"), quality=50, exif=exif)
turned = [Image.open(gradient).rotate(30 * turn) for turn in range(4)]
turned[0].save(path("avif", "gradient-sequence.avif"), save_all=True, append_images=turned[1:], duration=120, quality=50)

# HEIC: with nothing but a thumbnail, with an XMP packet of its own, with compressed XMP.
run("heif-enc", "-q", "50", "-t", "64", dandelion, "-o", path("heif", "dandelion.heic"))
run("heif-enc", "-q", "40", astronaut, "-o", path("heif", "astronaut-xmp.heic"))
run("exiftool", "-overwrite_original", "-XMP-dc:title=Portrait", "-IFD0:Make=Sample camera", art("heif", "astronaut-xmp.heic"))
run("heif-enc", "-q", "50", "--enable-metadata-compression", art("jpeg", "dandelion-420.jpg"),
    "-o", path("heif", "dandelion-compressed-xmp.heic"))

# JPEG XL: a codestream alone, boxes with XMP, a JPEG that can be had back.
run("cjxl", "-q", "80", dandelion, path("jxl", "dandelion-codestream.jxl"))
run("cjxl", "-q", "80", "--container=1", astronaut, path("jxl", "astronaut-xmp.jxl"))
run("exiftool", "-overwrite_original", "-XMP-dc:title=Portrait", "-IFD0:Make=Sample camera", art("jxl", "astronaut-xmp.jxl"))
run("cjxl", art("jpeg", "astronaut-turned.jpg"), path("jxl", "astronaut-from-jpeg.jxl"))
