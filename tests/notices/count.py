"""Holds what a run read against what is in the pictures: count.py TRUTH.tsv RECORDS.jsonl.

Prints every figure beside its aim. Fails on any false alarm, and below what has been reached (HELD, HEIGHTS_HELD): that is what a
change must not lose, and no more than that.
"""

import csv
import json
import sys
from collections import defaultdict
from pathlib import Path

# Of GB 45438-2025 clause 5.2, and of the aims of this reader.
SIZE, RECALL, HEIGHT = 0.05, 0.98, 0.10
# A little below what was measured.
HELD, HEIGHTS_HELD = 0.98, 0.88

with open(sys.argv[1], encoding="utf-8") as file:
    truth = {row["name"]: row for row in csv.DictReader(file, delimiter="\t")}
found = {}
for line in Path(sys.argv[2]).read_text(encoding="utf-8").splitlines():
    record = json.loads(line)
    if "path" not in record:
        continue
    look = next(look for look in record["looks"] if look["scheme"] == "visible")
    if look["answer"] == "could_not_look":
        sys.exit(f"{record['path']}: {look}")
    sure = [mark for mark in look.get("marks", []) if not any(flaw["gravity"] == "doubt" for flaw in mark["flaws"])]
    found[Path(record["path"]).name] = sure
if set(found) != set(truth):
    sys.exit(f"{len(found)} records for {len(truth)} pictures")

counts, wrong, heights, alarms = defaultdict(lambda: [0, 0]), [], [], []
for name, row in truth.items():
    marks = found[name]
    if row["labelled"] == "0":
        if marks:
            alarms.append((name, row["words"], marks[0]["raw"]))
        continue
    key = (float(row["size"]), row["contrast"])
    counts[key][1] += 1
    counts[key][0] += bool(marks)
    if float(row["size"]) >= SIZE and not marks:
        wrong.append((name, row["words"], row["contrast"], row["font"], row["size"]))
    if marks and float(row["size"]) >= SIZE and row["contrast"] != "faint":
        height = marks[0]["notice"]["form"]["drawn"]["glyph_height"]
        heights.append((height / int(row["height"]) - 1, name, height, row["height"]))

contrasts = sorted({contrast for _, contrast in counts})
print("size    " + "".join(f"{contrast:>14}" for contrast in contrasts))
for size in sorted({size for size, _ in counts}):
    cells = [counts[size, contrast] for contrast in contrasts]
    print(f"{size:6.1%}  " + "".join(f"{read:>8} of {all:<3}" for read, all in cells))
large = [cell for (size, _), cell in counts.items() if size >= SIZE]
recall = sum(read for read, _ in large) / sum(all for _, all in large)
off = [one for one in heights if abs(one[0]) > HEIGHT]
print(f"recall from {SIZE:.0%} of the shorter side on: {recall:.3f} (aim {RECALL}) of {sum(all for _, all in large)}")
print(f"height within {HEIGHT:.0%} of the truth: {len(heights) - len(off)} of {len(heights)} (aim: all)")
print(f"false alarms: {len(alarms)} of {sum(row['labelled'] == '0' for row in truth.values())} (aim: none)")
for line in wrong[:40]:
    print("not read:", *line)
for line in off[:40]:
    print("height:", *line)
for line in alarms:
    print("false alarm:", *line)
if recall < HELD or alarms or len(heights) - len(off) < HEIGHTS_HELD * len(heights):
    sys.exit(f"not reached: recall {HELD}, {HEIGHTS_HELD:.0%} of the heights, no false alarm")
