#!/usr/bin/env python3
"""Makes the bare web pages, drawings and RTF documents of samples/ anew: web.py SAMPLES

SAMPLES is the folder of the samples, read from and written to. Needs LibreOffice (soffice). docs/samples.md lists every file with
origin and licence.
"""
import os
import subprocess
import sys
import tempfile

SAMPLES = sys.argv[1]
WORK = tempfile.mkdtemp()
ENGLISH = ["The river rises in the hills above the town.", "In spring it floods the lower fields.",
           "Boats cannot pass the weir.", "The mill has stood still since the war.", "Children swim below it."]
CHINESE = ["这条河发源于小镇上方的山丘。", "春天,它会淹没低处的田地。", "船只无法通过堰坝。", "磨坊自战后就停了。", "孩子们在下游游泳。"]


def write(name, data):
    full = os.path.join(SAMPLES, name)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as out:
        out.write(data)


def convert(source, kind):
    """What LibreOffice makes of a file."""
    profile = "-env:UserInstallation=file://" + os.path.join(WORK, "profile")
    out = os.path.join(WORK, "out")
    subprocess.run(["soffice", profile, "--headless", "--convert-to", kind, "--outdir", out, source], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stem = os.path.splitext(os.path.basename(source))[0]
    with open(os.path.join(out, stem + "." + kind.split(":")[0]), "rb") as made:
        return made.read()


def page(title, lines, head):
    body = "\n".join("    <p>%s</p>" % line for line in lines)
    return ('<!DOCTYPE html>\n<html lang="%s">\n  <head>\n%s    <title>%s</title>\n'
            '    <style>body > p { margin: 1em }</style>\n  </head>\n  <body>\n    <!-- Five sentences. -->\n'
            '    <h1>%s</h1>\n%s\n    <script>var shown = "<p>" + 5 + "</p>"</script>\n  </body>\n</html>\n'
            % ("zh" if "zh" in head else "en", head.replace("zh", ""), title, title, body))


# Web pages: HTML 5, an old one in a Chinese encoding with hardly any tags, and what an office program writes.
meta = ('    <meta charset="utf-8">\n    <meta name="description" content="Five sentences &amp; a title">\n'
        '    <meta property="og:title" content="The river">\n'
        '    <script type="application/ld+json">{"@context": "https://schema.org", "@type": "Article"}</script>\n')
write("html/river.html", page("The river", ENGLISH, meta).encode())
old = ("<HTML>\r\n<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=gb2312'>\r\n<TITLE>河流</TITLE>\r\n"
       + "".join("<P>%s\r\n" % line for line in CHINESE))
write("html/river-gb18030.htm", old.encode("gb18030"))
text = os.path.join(WORK, "river.html")
with open(text, "w", encoding="utf-8") as out:
    out.write(page("The river", ENGLISH, "    <meta charset=\"utf-8\">\n"))
write("html/river-office.html", convert(text, "html"))

# Drawings: bare; described as Inkscape does it, its namespaces on the root element; in UTF-16 with a prefix.
HILLS = '<path d="M0 60 Q25 20 50 50 T100 40 V80 H0 Z" fill="#5a7"/>'
SUN = '<circle cx="75" cy="20" r="9" fill="#fc5"/>'
write("svg/hills.svg", ('<svg xmlns="http://www.w3.org/2000/svg" width="100" height="80">%s%s</svg>' % (SUN, HILLS)).encode())
write("svg/hills-described.svg", ('''<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- Drawn by hand -->
<svg
   xmlns:dc="http://purl.org/dc/elements/1.1/"
   xmlns:cc="http://creativecommons.org/ns#"
   xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
   xmlns="http://www.w3.org/2000/svg"
   width="100" height="80" viewBox="0 0 100 80">
  <title>Hills</title>
  <desc>Hills &amp; a sun</desc>
  <metadata>
    <rdf:RDF>
      <cc:Work rdf:about="">
        <dc:format>image/svg+xml</dc:format>
        <dc:title>Hills</dc:title>
      </cc:Work>
    </rdf:RDF>
  </metadata>
  %s
  %s
</svg>
''' % (SUN, HILLS)).encode())
prefixed = (SUN + HILLS).replace("<path", "<s:path").replace("<circle", "<s:circle")
write("svg/hills-utf16.svg", ('\ufeff<?xml version="1.0" encoding="UTF-16"?>\n<s:svg xmlns:s="http://www.w3.org/2000/svg" '
      'width="100" height="80"><s:title>山丘</s:title>%s</s:svg>\n' % prefixed).encode("utf-16-le"))

# RTF: what an office program writes, and two by hand: with user properties, in a Chinese code page.
write("rtf/river-office.rtf", convert(os.path.join(SAMPLES, "docx", "river-chinese.docx"), "rtf"))
write("rtf/river.rtf", (r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times New Roman;}}" "\r\n"
      r"{\info{\title The river}{\author N. N.}{\doccomm Five sentences}}"
      r"{\*\userprops {\propname Pages}\proptype3{\staticval 1}}" "\r\n"
      + "".join(line + "\\par\r\n" for line in ENGLISH) + "}").encode())
coded = "".join("".join("\\'%02x" % byte for byte in line.encode("gbk")) + "\\par\r\n" for line in CHINESE)
write("rtf/river-chinese.rtf", (r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fcharset134 SimSun;}}" "\r\n"
      r"{\info{\title \u27827?\u27969?}{\author \'c4\'b3}}" "\r\n" + coded + "}").encode())
