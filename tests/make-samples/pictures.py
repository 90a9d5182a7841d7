#!/usr/bin/env python3
"""Makes the bare GIF, TIFF, Photoshop and BMP files of samples/ anew: pictures.py SAMPLES

SAMPLES is the folder with the samples, whose JPEG and PNG pictures it reads. Needs Pillow, ImageMagick and exiftool.
"""
import os
import subprocess
import sys

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
