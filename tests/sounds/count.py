"""Holds what a run heard against what is in the sound: count.py TRUTH.tsv RECORDS.jsonl.

Prints every figure. Fails on any false alarm, and if less is heard at a level than has been reached (HELD).
"""

import csv
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

# Of the rhythms at a level in decibels against the sound they stand in, a little less than was measured.
HELD = {6: 0.8, 0: 0.4}
HELD_SPOKEN = {6: 0.9, 0: 0.9, -6: 0.9, -12: 0.8}

with open(sys.argv[1], encoding="utf-8") as file:
    truth = {row["name"]: row for row in csv.DictReader(file, delimiter="\t")}
found, heard = {}, {}
for line in Path(sys.argv[2]).read_text(encoding="utf-8").splitlines():
    record = json.loads(line)
    if "path" not in record:
        continue
    look = next(look for look in record["looks"] if look["scheme"] == "rhythm")
    if look["answer"] == "could_not_look":
        sys.exit(f"{record['path']}: {look}")
    found[Path(record["path"]).name] = look.get("marks", [])
    look = next(look for look in record["looks"] if look["scheme"] == "spoken")
    if look["answer"] == "absent":
        sys.exit(f"{record['path']}: other voices cannot be told to be absent: {look}")
    heard[Path(record["path"]).name] = look.get("marks", [])
if set(found) != set(truth):
    sys.exit(f"{len(found)} records for {len(truth)} files")


def is_sure(mark):
    return not any(flaw["gravity"] == "doubt" for flaw in mark["flaws"])


counts, missed, alarms, doubts = defaultdict(lambda: [0, 0, 0]), [], [], []
starts, positions, units, pitches = [0, 0], [0, 0], [0, 0], [0, 0]
for name, row in truth.items():
    marks = [mark for mark in found[name]]
    sure = [mark for mark in marks if is_sure(mark)]
    if row["rhythm"] == "0":
        (alarms if sure else doubts if marks else []).append((name, row["bed"], [mark["place"] for mark in marks]))
        continue
    cell = counts[int(row["level"]), row["bed"]]
    cell[2] += 1
    cell[1] += bool(marks)
    cell[0] += bool(sure)
    if not sure:
        missed.append((name, row["bed"], row["level"], row["short"], row["long"], row["hz"], "doubtful" if marks else "not heard"))
    for mark in marks[:1]:
        form = mark["notice"]["form"]["rhythm"]
        at = [float(time) for time in re.findall(r"at ([\d.]+) s", mark["place"])]
        close = lambda one, two, part: abs(one - float(two)) <= part * float(two)
        for tally, right in [
            (starts, any(abs(time - float(row["start"])) < 0.08 for time in at)),
            (positions, row["position"] in mark["notice"]["positions"]),
            (units, close(form["short_ms"], row["short"], 0.1) and close(form["long_ms"], row["long"], 0.1)),
            (pitches, close(form["tone_hz"], row["hz"], 0.03)),
        ]:
            tally[0] += right
            tally[1] += 1

beds = sorted({bed for _, bed in counts})
print("Heard for certain, and also as doubtful, by level of the tones against the sound they stand in:")
print("level   " + "".join(f"{bed:>20}" for bed in beds))
worse = []
for level in sorted({level for level, _ in counts}, reverse=True):
    cells = [counts[level, bed] for bed in beds]
    print(f"{level:+3} dB  " + "".join(f"{sure:>10} {both:>3} of {all:<2}" for sure, both, all in cells))
    # What is told as a doubt is heard too: without the gap between letters nothing tells it from four notes.
    recall = sum(cell[1] for cell in cells) / sum(cell[2] for cell in cells)
    if recall < HELD.get(level, 0):
        worse.append(f"{level:+} dB: {recall:.2f} where {HELD[level]:.2f} has been reached")
for name, (right, all) in [("start within 80 ms", starts), ("position", positions), ("lengths within 10 %", units), ("pitch within 3 %", pitches)]:
    print(f"{name}: {right} of {all}")
print(f"false alarms: {len(alarms)} of {sum(row['rhythm'] == '0' for row in truth.values())} (aim: none); doubtful: {len(doubts)}")

tallies, wrong = defaultdict(lambda: [0, 0]), []
for name, row in truth.items():
    said = [(mark["raw"], float(re.search(r"at ([\d.]+) s", mark["place"])[1])) for mark in heard[name]]
    right = [one for one in said if one[0] == row["spoken"] and abs(one[1] - float(row["start"])) < 0.1]
    if row["spoken"]:
        cell = tallies[int(row["level"]), row["bed"]]
        cell[0] += bool(right)
        cell[1] += 1
    wrong += [(name, row["bed"], row["spoken"], said)] if len(right) < len(said) else []
print("Spoken notices recognised, by level of the voice against the sound it stands in:")
print("level   " + "".join(f"{bed:>14}" for bed in beds))
for level in sorted({level for level, _ in tallies}, reverse=True):
    cells = [tallies[level, bed] for bed in beds]
    print(f"{level:+3} dB  " + "".join(f"{right:>8} of {all:<3}" for right, all in cells))
    recall = sum(cell[0] for cell in cells) / max(1, sum(cell[1] for cell in cells))
    if recall < HELD_SPOKEN.get(level, 0):
        worse.append(f"spoken at {level:+} dB: {recall:.2f} where {HELD_SPOKEN[level]:.2f} has been reached")
print(f"wrong or in a wrong place: {len(wrong)} of {len(truth)} files (aim: none)")
for line in missed[:60] + alarms + doubts + wrong:
    print(*line)
if alarms or wrong or worse:
    sys.exit("; ".join([f"{len(alarms) + len(wrong)} false alarms"] * bool(alarms or wrong) + worse))
