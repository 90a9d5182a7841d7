#!/usr/bin/env python3
"""Makes the font that notices on pictures are drawn with.

    python3 make-font.py NotoSansCJK-Bold.ttc notice-font.otf

The source is Noto Sans CJK 2.003 or later, as the fonts-noto-cjk package of Debian installs it in
/usr/share/fonts/opentype/noto. Needs fonttools (pip install fonttools).

Kept are the characters of an ordinary notice: Latin letters and signs, Chinese punctuation, fullwidth
forms, the 3,755 Chinese characters of GB 2312 level 1, and the letters of the notices in other languages. Layout tables, hinting and vertical metrics are
left out: a notice is set letter by letter, without hinting. Names and licence stay in the font.
"""

import sys
import tomllib
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

# Characters of the usual notices, kept even if the ranges below should change.
NOTICES = "AI生成合成可能为疑似人工智能本内容由-"

# The table of notices in other languages: every letter of their short forms that this face has.
TABLE = Path(__file__).parent.parent / "notices.toml"

# Bold: at 12 pixels its strokes still cover whole pixels, so small notices keep their contrast.
FACE = "Noto Sans CJK SC Bold"


def characters():
    """Code points to keep."""
    kept = {ord(character) for character in NOTICES}
    kept |= set(range(0x20, 0x7F)) | set(range(0xA0, 0x180))  # ASCII, Latin-1, Latin Extended-A
    kept |= set(range(0x2010, 0x2028)) | {0x20AC, 0x2122, 0x2030, 0x2103, 0x2116}  # dashes, quotes, signs
    kept |= set(range(0x3000, 0x3020)) | {0x30FB}  # CJK punctuation
    kept |= set(range(0xFF01, 0xFF5F)) | set(range(0xFFE0, 0xFFE6))  # fullwidth forms
    for language in tomllib.loads(TABLE.read_text(encoding="utf-8"))["language"]:
        kept |= {ord(letter) for words in language["short"] + language["long"] for letter in words}
    for row in range(0xB0, 0xD8):  # GB 2312 level 1
        for cell in range(0xA1, 0xFF):
            try:
                kept.add(ord(bytes([row, cell]).decode("gb2312")))
            except UnicodeDecodeError:
                pass  # the last row is not full
    return kept


def main(source, target):
    collection = TTCollection(source)
    font = next(font for font in collection.fonts if font["name"].getDebugName(4) == FACE)

    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 4, 5, 6, 7, 8, 9, 11, 13, 14]
    options.drop_tables += ["BASE", "DSIG", "GPOS", "GSUB", "GDEF", "VORG", "vhea", "vmtx"]
    options.recalc_timestamp = False

    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    subset.save_font(font, target, options)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
