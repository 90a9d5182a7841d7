#!/usr/bin/env python3
"""Has notices that the program itself draws read again, and pictures of the least and the largest size looked at.

drawn.py PROGRAM FOLDER   fails with the first answer that is another one than it should be.
"""

import json
import pathlib
import shutil
import struct
import subprocess
import sys
import zlib

program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
asked = 0


def look(path):
    """What is said of notices drawn in a file."""
    global asked
    asked += 1
    command = [program, "scan", path, "--look", "visible", "--for", "none", "--format", "jsonl", "--exit-zero"]
    records = map(json.loads, subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines())
    [record] = [record for record in records if "path" in record]
    [drawn] = [look for look in record["looks"] if look["scheme"] == "visible"]
    return drawn


def expect(path, drawn, answer):
    assert drawn["answer"] == answer, f"{path} should be {answer}: {drawn}"


for sample in ["samples/jpeg/dandelion-420.jpg", "samples/png/astronaut-rgb.png"]:
    expect(sample, look(sample), "absent")
    for language in ["zh", "en", "zh,en"]:
        path = folder / (language.replace(",", "-") + pathlib.Path(sample).suffix)
        label = [program, "label", sample, "-o", path, "--language", language, "--producer", "Example", "--quiet", "--exit-zero"]
        subprocess.run(label, check=True, capture_output=True)
        drawn = look(path)
        expect(path, drawn, "present")
        form = drawn["marks"][0]["notice"]["form"]["drawn"]
        share = form["glyph_height"] / form["short_side"]
        assert 0.05 <= share < 0.06, f"{path}: letters of {share:.3f} of the short side: {drawn}"


def png(width, height):
    """A picture of which one pixel is there."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes([0, 1, 2, 3]))) + chunk(b"IEND", b"")


for name, size, answer in [("one.png", 1, "absent"), ("large.png", 20_000, "could_not_look")]:
    path = folder / name
    path.write_bytes(png(size, size))
    expect(path, look(path), answer)

print(f"{asked} looks at notices of this program's own and at the least and largest picture: all as they should be")
