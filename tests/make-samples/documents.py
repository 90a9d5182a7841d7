#!/usr/bin/env python3
"""Makes the bare PDF files of samples/ anew: documents.py SAMPLES

Reads SAMPLES/txt/river.txt and writes SAMPLES/pdf. Needs LibreOffice (soffice), qpdf and reportlab.
docs/samples.md lists every file with origin and licence.
"""
import os
import subprocess
import sys
import tempfile

from reportlab.pdfgen import canvas

SAMPLES = sys.argv[1]
OUT = os.path.join(SAMPLES, "pdf")
os.makedirs(OUT, exist_ok=True)


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


# A table of cross-references, an Info dictionary, two pages in a font that every reader has.
plain = os.path.join(OUT, "river-table.pdf")
page = canvas.Canvas(plain, pagesize=(300, 200), invariant=1)
page.setTitle("Notes on the river")
page.setAuthor("Indicia samples")
for number in (1, 2):
    page.drawString(30, 150, f"The river rises in the hills. Page {number}.")
    page.showPage()
page.save()

# Objects and cross-references in streams, with a font of its own.
with tempfile.TemporaryDirectory() as folder:
    run(
        "soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless",
        "--convert-to", "pdf", "--outdir", folder, os.path.join(SAMPLES, "txt", "river.txt"),
    )
    run(
        "qpdf", "--deterministic-id", "--object-streams=generate",
        os.path.join(folder, "river.pdf"), os.path.join(OUT, "river-streams.pdf"),
    )

# Arranged for the web: the newest cross-references stand first.
run("qpdf", "--deterministic-id", "--linearize", plain, os.path.join(OUT, "river-linearized.pdf"))
