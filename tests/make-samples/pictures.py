#!/usr/bin/env python3
"""Makes the bare GIF, TIFF, Photoshop and BMP files of samples/ anew: pictures.py SAMPLES

SAMPLES is the folder with the samples, whose JPEG and PNG pictures it reads. Needs Pillow, numpy and exiftool.
"""
import os
import struct
import subprocess
import sys

import numpy as np
from PIL import Image, ImageDraw, TiffImagePlugin

SAMPLES = sys.argv[1]


def path(*parts):
    full = os.path.join(SAMPLES, *parts)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def picture(name, size):
    return Image.open(os.path.join(SAMPLES, name)).convert("RGB").resize(size, Image.LANCZOS)


dandelion = picture("jpeg/dandelion-420.jpg", (240, 135))
astronaut = picture("png/astronaut-rgb.png", (120, 120))
gradient = picture("png/gradient-palette.png", (200, 150))
document = Image.open(os.path.join(SAMPLES, "png/document-gray-alpha.png")).convert("L")

# GIF: a full palette and a comment; version 87a without any extension; an animation that clears what was there.
dandelion.quantize(256).save(path("gif", "dandelion-still.gif"), comment=b"Seeds of a dandelion")
document.resize((150, 195)).quantize(8).save(path("gif", "document-87a.gif"))
frames = []
for step in range(6):
    frame = Image.new("RGBA", (160, 120), (0, 0, 0, 0))
    ImageDraw.Draw(frame).ellipse((10 + 18 * step, 20, 60 + 18 * step, 70), fill=(200, 40 * step, 60, 255))
    frames.append(frame)
frames[0].save(
    path("gif", "ball-animated.gif"), save_all=True, append_images=frames[1:], duration=[80, 80, 120, 80, 80, 200],
    loop=0, disposal=2, comment=b"A ball rolls",
)

# TIFF: strips with LZW and a description; high byte first, without compression; BigTIFF with Deflate; two pages.
tags = TiffImagePlugin.ImageFileDirectory_v2()
tags[270] = "Seeds of a dandelion"
dandelion.resize((120, 68)).save(path("tiff", "dandelion-lzw.tif"), compression="tiff_lzw", tiffinfo=tags)
wide = np.asarray(astronaut.convert("L").resize((80, 80))).astype(">u2") * 257
Image.frombytes("I;16B", (80, 80), wide.astype(">u2").tobytes()).save(path("tiff", "astronaut-big-endian.tif"))
gradient.resize((80, 60)).save(path("tiff", "gradient-bigtiff.tif"), compression="tiff_adobe_deflate", big_tiff=True)
pages = [dandelion.convert("L").resize((80, 45)), dandelion.convert("L").resize((80, 45)).transpose(0)]
pages[0].save(path("tiff", "dandelion-pages.tif"), save_all=True, append_images=pages[1:], compression="packbits")

# DNG: a mosaic of one colour a pixel, as a camera has it, with and without a description.
for name, words in (("mosaic.dng", None), ("mosaic-described.dng", "A raw gradient")):
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[0xC612] = bytes([1, 4, 0, 0])
    tags.tagtype[0xC612] = 1
    tags[0xC614] = "Sample camera"
    if words:
        tags[270] = words
    gradient.convert("L").resize((64, 48)).save(path("dng", name), format="TIFF", tiffinfo=tags)



def photoshop(name, version, source):
    """A document without layers: header, no palette, resolution, no layers, the merged picture without coding."""
    width, height = source.size
    resolution = struct.pack(">IHHIHH", 72 << 16, 1, 1, 72 << 16, 1, 1)
    resources = b"8BIM" + struct.pack(">HHI", 0x03ED, 0, len(resolution)) + resolution
    with open(path("psd", name), "wb") as out:
        out.write(struct.pack(">4sH6xHIIHH", b"8BPS", version, 3, height, width, 8, 3) + bytes(4))
        out.write(struct.pack(">I", len(resources)) + resources + bytes(8 if version == 2 else 4) + bytes(2))
        out.write(b"".join(channel.tobytes() for channel in source.split()))


# Photoshop: small and large documents; IPTC texts and XMP in the first.
photoshop("dandelion.psd", 1, dandelion.resize((96, 54)))
photoshop("gradient.psb", 2, gradient.resize((64, 48)))
subprocess.run(
    ["exiftool", "-q", "-overwrite_original", "-IPTC:Caption-Abstract=Seeds of a dandelion", "-XMP:Title=Dandelion",
     path("psd", "dandelion.psd")], check=True)

# BMP: 24 bits, and 32 bits with alpha.
dandelion.resize((100, 56)).save(path("bmp", "dandelion-24.bmp"))
gradient.resize((80, 60)).convert("RGBA").save(path("bmp", "gradient-32.bmp"))
