#!/usr/bin/env python3
"""What usual ways of text leave of the watermark in it: prints the table of docs/watermark-text.md, and fails if a line is not as
it stands there.

    tests/text_survival.py [PROGRAM]

Needs cmark, Chromium and pdftotext for their lines; what is missing is left out, and said.
"""
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import zipfile

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
program = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "target/release/indicia"))
folder = tempfile.mkdtemp()


def path(name):
    return os.path.join(folder, name)


def prose(paragraphs):
    """Paragraphs of 120 words that no one wrote, with the punctuation and the accents of plain prose."""
    words = "the river runs slowly under an old café bridge and nobody counts it until Zoë's “first” boat arrives".split()
    text = []
    for number in range(paragraphs):
        line = [words[(at * 7 + at // 5 + number) % len(words)] for at in range(120)]
        text.append(" ".join(word + ("," if at % 17 == 9 else "") for at, word in enumerate(line)).capitalize() + ".")
    return "\n\n".join(text) + "\n"


def write(name, text):
    with open(path(name), "w", encoding="utf-8", newline="") as file:
        file.write(text)


def verify(name):
    done = subprocess.run(
        [program, "verify", path(name), "--for", "none", "--exit-zero", "--format", "json"], capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    looks = found["files"][0]["looks"] if "files" in found else found["looks"]
    look = next(look for look in looks if look["scheme"] == "watermark")
    marks = [mark["watermark"] for mark in look.get("marks", []) if mark.get("watermark")]
    if not marks:
        return "lost"
    if any("?" not in mark["payload"] for mark in marks):
        return "read whole"
    known = max(sum(4 for digit in mark["payload"] if digit != "?") for mark in marks)
    return f"{known} of 64 bits"


def in_html(text):
    body = "".join(f"<p>{html.escape(paragraph)}</p>\n" for paragraph in text.strip().split("\n\n"))
    return f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>page</title></head><body>\n{body}</body></html>\n'


def docx(name, text):
    types = """<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
    rels = """<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"""
    body = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{html.escape(line)}</w:t></w:r></w:p>' for line in text.strip().split("\n\n")
    )
    document = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>'
    with zipfile.ZipFile(path(name), "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", types)
        file.writestr("_rels/.rels", rels)
        file.writestr("word/document.xml", document)


def chromium(*arguments):
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={path('browser')}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def browser_text(text):
    script = "<script>addEventListener('load', () => { const words = document.body.innerText; document.body.textContent = words })</script>"
    write("page.html", in_html(text).replace("</body>", script + "</body>"))
    dom = chromium("--dump-dom", "file://" + path("page.html")).stdout
    return html.unescape(re.search(r"<body>(.*)</body>", dom, re.S).group(1))


def pdf_text(text):
    write("page.html", in_html(text))
    chromium(f"--print-to-pdf={path('page.pdf')}", "file://" + path("page.html"))
    return subprocess.run(["pdftotext", path("page.pdf"), "-"], capture_output=True, text=True).stdout


def rendered(text):
    done = subprocess.run(["cmark", "--to", "html"], input=text, capture_output=True, text=True)
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>page</title></head><body>{done.stdout}</body></html>'


def without(keep):
    return lambda text: "".join(character for character in text if keep(character))


def ignorable(character):
    code = ord(character)
    return unicodedata.category(character) == "Cf" or code in range(0xFE00, 0xFE10) or code in range(0xE0000, 0xE1000) or code in (0x34F, 0x3164)


def have(*tools):
    return all(shutil.which(tool) for tool in tools)


middle = lambda text: text.strip().split("\n\n")[6]
WAYS = [
    ("as it was written", "txt", lambda text: text, ()),
    ("into a web page, and read there", "html", in_html, ()),
    ("into a web page, and copied from a browser (Chromium `innerText`)", "txt", browser_text, ("chromium",)),
    ("into DOCX, and read there", "docx", None, ()),
    ("into JSON with all but ASCII escaped, and back", "txt", lambda text: json.loads(json.dumps(text)), ()),
    ("Markdown, rendered by cmark", "html", rendered, ("cmark",)),
    ("NFC", "txt", lambda text: unicodedata.normalize("NFC", text), ()),
    ("NFKC", "txt", lambda text: unicodedata.normalize("NFKC", text), ()),
    ("NFD", "txt", lambda text: unicodedata.normalize("NFD", text), ()),
    ("all white space folded to single spaces", "txt", lambda text: " ".join(text.split()), ()),
    ("lower case", "txt", str.lower, ()),
    ("format characters (Cf) removed", "txt", without(lambda c: unicodedata.category(c) != "Cf"), ()),
    ("one paragraph of 120 words quoted", "md", lambda text: "> " + middle(text) + "\n", ()),
    ("half of a paragraph quoted, 60 words", "md", lambda text: "> " + " ".join(middle(text).split()[:60]) + "\n", ()),
    ("every tenth word replaced", "txt", lambda text: " ".join("other" if at % 10 == 4 else word for at, word in enumerate(text.split(" "))), ()),
    ("printed to PDF by Chromium, and copied (pdftotext)", "txt", pdf_text, ("chromium", "pdftotext")),
    ("all default-ignorable characters removed", "txt", without(lambda c: not ignorable(c)), ()),
    ("saved as Latin-1, what does not fit left out", "txt", lambda text: text.encode("latin-1", "ignore").decode("latin-1"), ()),
    ("typed anew, ASCII only", "txt", lambda text: text.encode("ascii", "ignore").decode("ascii"), ()),
]

plain = prose(12)
write("plain.txt", plain)
made = subprocess.run(
    [program, "label", path("plain.txt"), "-o", path("marked.txt"), "--for", "none", "--producer", "Example", "--id", "20261127001",
     "--watermark", "--quiet"], capture_output=True, text=True)
if not os.path.exists(path("marked.txt")):
    sys.exit(made.stdout + made.stderr)
with open(path("marked.txt"), encoding="utf-8", newline="") as file:
    marked = file.read()
growth = 100 * (len(marked.encode()) / len(plain.encode()) - 1)
lines = ["| way | what is left |", "|---|---|"]
for number, (way, ending, change, tools) in enumerate(WAYS):
    if not have(*tools):
        print(f"left out: {way} ({', '.join(tools)})", file=sys.stderr)
        continue
    name = f"{number}.{ending}"
    if ending == "docx":
        docx(name, marked)
    else:
        write(name, change(marked))
    lines.append(f"| {way} | {verify(name)} |")
lines.append(f"| growth in bytes, 12 paragraphs of 120 words | {growth:.1f} % |")
print("\n".join(lines))
with open(os.path.join(root, "docs/watermark-text.md"), encoding="utf-8") as file:
    page = file.read()
shutil.rmtree(folder)
wrong = [line for line in lines if line not in page]
if wrong:
    sys.exit("not as docs/watermark-text.md has it:\n" + "\n".join(wrong))
