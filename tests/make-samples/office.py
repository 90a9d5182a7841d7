#!/usr/bin/env python3
"""Makes the bare documents of samples/ anew: office.py SAMPLES

SAMPLES is the folder of the samples, read from and written to. Needs python-docx, openpyxl, python-pptx and LibreOffice
(soffice). docs/samples.md lists every file with origin and licence.
"""
import datetime
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

import docx
import openpyxl
import pptx
from pptx.util import Inches

SAMPLES = sys.argv[1]
WORK = tempfile.mkdtemp()
ENGLISH = ["The river rises in the hills above the town.", "In spring it floods the lower fields.",
           "Boats cannot pass the weir.", "The mill has stood still since the war.", "Children swim below it."]
CHINESE = ["这条河发源于小镇上方的山丘。", "春天,它会淹没低处的田地。", "船只无法通过堰坝。", "磨坊自战后就停了。", "孩子们在下游游泳。"]
DAY = datetime.datetime(2026, 1, 1)


def path(*parts):
    full = os.path.join(SAMPLES, *parts)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def convert(source, kind, target):
    """Has LibreOffice save a file as another kind."""
    profile = "-env:UserInstallation=file://" + os.path.join(WORK, "profile")
    out = os.path.join(WORK, "out")
    subprocess.run(["soffice", profile, "--headless", "--convert-to", kind, "--outdir", out, source], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stem = os.path.splitext(os.path.basename(source))[0]
    shutil.move(os.path.join(out, stem + "." + kind), path(*target))


def without_thumbnail(source, target):
    """Leaves out the picture of the first page that the libraries put in, so that the file is small."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name.endswith("thumbnail.jpeg"):
                continue
            body = old.read(name)
            if name == "_rels/.rels":
                body = re.sub(rb"<Relationship [^>]*thumbnail[^>]*/>", b"", body)
            new.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)


def plain(core, title):
    core.author, core.title, core.created, core.modified, core.last_modified_by = "", title, DAY, DAY, ""


# Word: as python-docx and LibreOffice write it, with a heading and a table.
for name, lines in (("river", ENGLISH), ("river-chinese", CHINESE)):
    document = docx.Document()
    plain(document.core_properties, lines[0])
    document.add_heading(lines[0], 1)
    for line in lines[1:]:
        document.add_paragraph(line)
    if name == "river":
        cells = document.add_table(1, 2).rows[0].cells
        cells[0].text, cells[1].text = "Length", "31 km"
    document.save(os.path.join(WORK, name + ".docx"))
without_thumbnail(os.path.join(WORK, "river.docx"), path("docx", "river.docx"))
convert(os.path.join(WORK, "river-chinese.docx"), "docx", ("docx", "river-chinese.docx"))
convert(os.path.join(WORK, "river-chinese.docx"), "odt", ("odt", "river-chinese.odt"))
convert(path("docx", "river.docx"), "odt", ("odt", "river.odt"))
convert(path("odt", "river-chinese.odt"), "dotx", ("docx", "river-template.dotx"))
convert(path("odt", "river.odt"), "ott", ("odt", "river-template.ott"))
convert(path("odt", "river.odt"), "epub", ("epub", "river-resaved.epub"))

# Excel.
book = openpyxl.Workbook()
sheet = book.active
for row in (("Month", "Level"), ("January", 120), ("February", 140), ("March", 210)):
    sheet.append(row)
plain_title = book.properties
plain_title.title, plain_title.creator, plain_title.created, plain_title.modified = "Levels of the river", "", DAY, DAY
book.save(path("xlsx", "levels.xlsx"))
convert(path("xlsx", "levels.xlsx"), "ods", ("ods", "levels.ods"))
convert(path("ods", "levels.ods"), "xlsx", ("xlsx", "levels-resaved.xlsx"))
book.properties.keywords = "water, hills"
book.create_sheet("Notes").append(["河流"])
book.save(os.path.join(WORK, "two.xlsx"))
convert(os.path.join(WORK, "two.xlsx"), "ods", ("ods", "two-sheets.ods"))
convert(path("ods", "two-sheets.ods"), "ots", ("ods", "two-sheets-template.ots"))
book.template = True
book.save(path("xlsx", "two-sheets-template.xltx"))

# PowerPoint.
deck = pptx.Presentation()
plain(deck.core_properties, "The river")
slide = deck.slides.add_slide(deck.slide_layouts[5])
slide.shapes.title.text = "The river"
slide.shapes.add_textbox(Inches(1), Inches(2), Inches(6), Inches(1)).text_frame.text = ENGLISH[0]
full = os.path.join(WORK, "full.pptx")
deck.save(full)
without_thumbnail(full, path("pptx", "river.pptx"))
convert(path("pptx", "river.pptx"), "odp", ("odp", "river.odp"))
convert(path("odp", "river.odp"), "pptx", ("pptx", "river-resaved.pptx"))
slide.shapes.title.text = "河流"
deck.save(full)
convert(full, "odp", ("odp", "river-chinese.odp"))
convert(path("odp", "river-chinese.odp"), "otp", ("odp", "river-template.otp"))
convert(path("odp", "river-chinese.odp"), "potx", ("pptx", "river-template.potx"))

# EPUB: 3 with two pages, 2 with a folder of its own and an NCX.
CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles><rootfile full-path="%s" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""


def page(title, lines, doctype):
    body = "".join("    <p>%s</p>\n" % line for line in lines)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n%s\n<html xmlns="http://www.w3.org/1999/xhtml">\n  <head><title>%s</title>'
            '</head>\n  <body>\n    <h1>%s</h1>\n%s  </body>\n</html>\n' % (doctype, title, title, body))


def epub(name, files):
    with zipfile.ZipFile(path("epub", name), "w") as book:
        book.writestr(zipfile.ZipInfo("mimetype", (2026, 1, 1, 0, 0, 0)), "application/epub+zip", zipfile.ZIP_STORED)
        for part, body in files:
            book.writestr(zipfile.ZipInfo(part, (2026, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)


FIVE, ELEVEN = "<!DOCTYPE html>", ('<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" '
                                  '"http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">')
OPF3 = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:identifier id="id">urn:uuid:00000000-0000-4000-8000-000000000001</dc:identifier>
    <dc:title>The river</dc:title>
    <dc:language>en</dc:language>
    <meta property="dcterms:modified">2026-01-01T00:00:00Z</meta>
  </metadata>
  <manifest>
    <item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
    <item id="one" href="text/one.xhtml" media-type="application/xhtml+xml"/>
    <item id="two" href="text/two%20too.xhtml" media-type="application/xhtml+xml"/>
  </manifest>
  <spine><itemref idref="one"/><itemref idref="two"/></spine>
</package>
"""
NAV = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
  <head><title>Contents</title></head>
  <body><nav epub:type="toc"><ol><li><a href="text/one.xhtml">One</a></li><li><a href="text/two%20too.xhtml">Two</a></li></ol></nav></body>
</html>
"""
epub("river.epub", [
    ("META-INF/container.xml", CONTAINER % "OPS/package.opf"), ("OPS/package.opf", OPF3), ("OPS/nav.xhtml", NAV),
    ("OPS/text/one.xhtml", page("One", ENGLISH[:3], FIVE)), ("OPS/text/two too.xhtml", page("Two", ENGLISH[3:], FIVE))])
OPF2 = """<?xml version="1.0" encoding="UTF-8"?>
<opf:package xmlns:opf="http://www.idpf.org/2007/opf" version="2.0" unique-identifier="id">
  <opf:metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:title>河流</dc:title>
    <dc:language>zh</dc:language>
    <dc:identifier id="id">urn:uuid:00000000-0000-4000-8000-000000000002</dc:identifier>
    <opf:meta name="editor" content="nobody"/>
  </opf:metadata>
  <opf:manifest>
    <opf:item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
    <opf:item id="one" href="one.xhtml" media-type="application/xhtml+xml"/>
  </opf:manifest>
  <opf:spine toc="ncx"><opf:itemref idref="one"/></opf:spine>
</opf:package>
"""
NCX = """<?xml version="1.0" encoding="UTF-8"?>
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1">
  <head><meta name="dtb:uid" content="urn:uuid:00000000-0000-4000-8000-000000000002"/></head>
  <docTitle><text>河流</text></docTitle>
  <navMap><navPoint id="n1" playOrder="1"><navLabel><text>一</text></navLabel><content src="one.xhtml"/></navPoint></navMap>
</ncx>
"""
epub("river-chinese.epub", [
    ("META-INF/container.xml", CONTAINER % "book.opf"), ("book.opf", OPF2), ("toc.ncx", NCX),
    ("one.xhtml", page("一", CHINESE, ELEVEN))])
shutil.rmtree(WORK)
