"""Makes sound with and without the rhythm: make.py FOLDER TRUTH.tsv [SEED [WITH WITHOUT]].

Speech comes from the synthesiser in ffmpeg (flite), music from the one below, both anew for every seed. The same seed makes the
same files. Nothing but Python and ffmpeg is needed.
"""

import array
import csv
import math
import random
import subprocess
import sys
from pathlib import Path

RATE = 16_000
SECONDS = 9
# Decibels of the tones against the whole sound they stand in, both as root mean squares.
LEVELS = [6, 0, -6, -12, -18]
CODERS = [("wav", []), ("mp3", ["-b:a", "64k"]), ("m4a", ["-b:a", "64k"]), ("opus", ["-b:a", "32k"]), ("ogg", []), ("flac", [])]
RATES = [16_000, 22_050, 44_100, 48_000]
TEXTS = """The harbour lies quiet in the morning, and the boats come home with the tide.
Please hold the line. All our operators are busy, your call is important to us.
He counted the change twice, put the letter back, and said that nothing had been decided.
Artificial intelligence is often in the news, said the speaker, and this recording is about the weather.
Turn left after three hundred metres. Then keep to the right lane and follow the signs to the station.
The committee met on Tuesday, heard both sides, and will give its answer at the end of next week.
Nine, four, seven, two, two, zero. I repeat: nine, four, seven, two, two, zero.
Once there was a miller who had three sons, a mill, a donkey and a cat, and not much else.""".splitlines()
VOICES = ["kal", "slt", "rms", "awb", "kal16"]
MORSE = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..").split()))
WORDS = "CQ CQ DE|SAID|PAID IN FULL|RAIN AND AIR|LONDON|SOS SOS|AIR|LA LA|ETA|RST|EAR|ANNI|AS I SAW|A TEST|LIE|AID".split("|")


def speech(chance):
    """Speech of one voice, at least SECONDS long."""
    text = " ".join(chance.sample(TEXTS, 5)).replace("'", "").replace(",", "\\,").replace(":", "\\:")
    graph = f"flite=text='{text}':voice={chance.choice(VOICES)}"
    made = subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", graph, "-t", str(SECONDS), "-ar", str(RATE), "-ac", "1", "-f", "s16le", "-"],
        capture_output=True, check=True)
    values = array.array("h", made.stdout)
    return [value / 32768 for value in values] + [0.0] * (SECONDS * RATE - len(values))


def cycle(parts):
    """One period of a tone with these harmonics."""
    return [sum(part * math.sin(2 * math.pi * at * (number + 1) / 2048) for number, part in enumerate(parts)) for at in range(2048)]


SINE = cycle([1])


def note(values, start, seconds, hz, peak, table=None, fall=0.0, rise=0.005):
    """Adds one note: `fall` is the part of its level that is left after a second, or 0 for one that stays."""
    table, first, count = table or SINE, int(start * RATE), int(seconds * RATE)
    edge = max(1, int(rise * RATE))
    step, keep, level, phase = hz * 2048 / RATE, fall ** (1 / RATE) if fall else 1.0, peak, 0.0
    for at in range(min(count, len(values) - first)):
        ramp = min(at + 1, count - at, edge) / edge
        values[first + at] += level * ramp * table[int(phase) & 2047]
        phase += step
        level *= keep


def music(chance):
    """A melody over chords with a beat, all of it drawn by lot."""
    values = [0.0] * (SECONDS * RATE)
    beat, root = chance.uniform(0.3, 0.7), chance.uniform(110, 220)
    scale = chance.choice([[0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10], [0, 2, 4, 7, 9]])
    pitch = lambda step: root * 2 ** ((scale[step % len(scale)] + 12 * (step // len(scale))) / 12)
    timbre = lambda: cycle([1 / (number + 1) ** chance.uniform(0.8, 2.5) * chance.random() for number in range(8)])
    lead, pad = timbre(), timbre()
    lead_fall, pad_fall = chance.choice([0, 0.02, 0.2]), chance.choice([0, 0.1])
    time = 0.0
    while time < SECONDS:
        length = beat * chance.choice([0.5, 0.5, 1, 1, 2])
        if chance.random() < 0.85:
            note(values, time, length * chance.uniform(0.5, 1), pitch(chance.randrange(5, 16)), 0.2, lead, lead_fall, 0.01)
        time += length
    for bar in range(int(SECONDS / (2 * beat)) + 1):
        chord = chance.randrange(6)
        for step in (0, 2, 4):
            note(values, 2 * beat * bar, 2 * beat, pitch(chord + step), 0.1, pad, pad_fall, 0.02)
    if chance.random() < 0.7:
        for hit in range(int(SECONDS / beat)):
            first, level = int(hit * beat * RATE), chance.choice([0.3, 0.15])
            for at in range(min(1_200, len(values) - first)):
                values[first + at] += level * math.exp(-at / 200) * chance.uniform(-1, 1)
    return values


def tones(values, start, lengths, gaps, hz, peak, ramp=0.005):
    for at, length in enumerate(lengths):
        note(values, start, length, hz, peak, rise=ramp)
        start += length + (gaps[at] if at < len(gaps) else 0)
    return start


def code(values, start, words, unit, hz, peak):
    for letter in words:
        for sign in MORSE.get(letter, ""):
            length = unit if sign == "." else 3 * unit
            note(values, start, length, hz, peak)
            start += length + unit
        start += 2 * unit if letter != " " else 2 * unit + 2 * unit
    return start


def power(values):
    return sum(value * value for value in values) / max(1, len(values))


def beeps(values, chance, kind):
    """Signals that are not the rhythm."""
    hz, unit = chance.uniform(400, 2500), chance.uniform(0.06, 0.2)
    if kind == "alarm":
        for at in range(int(SECONDS / (2 * unit))):
            note(values, 2 * unit * at, unit, hz, 0.3)
    elif kind == "ringing":
        on, off = chance.choice([(1, 2), (0.4, 0.2), (0.5, 0.5), (0.25, 0.25)])
        for at in range(int(SECONDS / (on + off))):
            for tone in (440, 480):
                note(values, (on + off) * at, on, tone, 0.2)
    elif kind == "dialling":
        for at in range(12):
            for tone in (chance.choice([697, 770, 852, 941]), chance.choice([1209, 1336, 1477])):
                note(values, 0.3 + 0.2 * at, 0.1, tone, 0.2)
    elif kind == "birds":
        time = 0.2
        while time < SECONDS - 1:
            low, high, count = chance.uniform(1_500, 3_000), chance.uniform(1_500, 3_500), int(chance.uniform(0.06, 0.3) * RATE)
            phase, first = 0.0, int(time * RATE)
            for at in range(count):
                phase += 2 * math.pi * (low + (high - low) * at / count) / RATE
                values[first + at] += 0.3 * math.sin(phase) * min(1, at / 200, (count - at) / 200)
            time += count / RATE + chance.uniform(0.03, 0.4)
    elif kind == "melody":
        pitches, time = [hz * 2 ** (step / 12) for step in chance.sample(range(12), 3)], 0.3
        while time < SECONDS - 1:
            length = unit * chance.choice([1, 1, 1, 2, 3])
            note(values, time, length, chance.choice(pitches), 0.3)
            time += length + unit * chance.choice([0.5, 1, 1])
    elif kind == "figures":
        while True:
            lengths = [chance.choice([1, 1, 3]) for _ in range(chance.choice([3, 4, 5]))]
            if lengths != [1, 3, 1, 1]:
                break
        tones(values, 2.5, [unit * length for length in lengths], [unit] * 4, hz, 0.3)
    elif kind == "uneven":
        lengths = [unit * length * chance.uniform(0.6, 1.6) for length in (1, 3, 1, 1)]
        lengths[2] = lengths[0] * 1.5
        tones(values, 2.5, lengths, [unit] * 3, hz, 0.3)


def save(values, path, coder, rate):
    top = max(1e-9, max(abs(value) for value in values))
    gain = 32_000 * min(1.0, 0.95 / top)
    pcm = array.array("h", [int(gain * value) for value in values])
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-", "-ar",
                    str(48_000 if path.suffix == ".opus" else rate), *coder, str(path)], input=pcm.tobytes(), check=True)


def main():
    folder, truth = Path(sys.argv[1]), sys.argv[2]
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    count, others = (int(sys.argv[4]), int(sys.argv[5])) if len(sys.argv) > 5 else (100, 100)
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    beds = {"speech": [speech(chance) for _ in range(10)], "music": [music(chance) for _ in range(16)]}
    rows = []
    for number in range(count):
        bed, level = ["speech", "music"][number % 2], LEVELS[number // 2 % len(LEVELS)]
        values = list(chance.choice(beds[bed]))
        unit, ratio, hz = chance.uniform(0.05, 0.25), chance.choice([1.8, 2, 3, 3, 3, 4]), math.exp(chance.uniform(math.log(310), math.log(2_900)))
        gap = unit * chance.choice([1, 1, 0.8])
        letters = chance.choice([unit, 3 * unit, 3 * unit, 2.2 * unit])
        lengths, gaps = [unit, ratio * unit, unit, unit], [gap, letters, gap]
        whole = sum(lengths) + sum(gaps)
        position = chance.choice(["start", "middle", "middle", "end"])
        start = {"start": 0.3, "end": SECONDS - 0.3 - whole}.get(position, chance.uniform(2.3, SECONDS - 2.5 - whole))
        tones(values, start, lengths, gaps, hz, math.sqrt(2 * power(values)) * 10 ** (level / 20), chance.choice([0.002, 0.005, 0.01]))
        coder, rate = chance.choice(CODERS), chance.choice(RATES)
        path = folder / f"with-{number:03}.{coder[0]}"
        save(values, path, coder[1], rate)
        rows.append([path.name, 1, bed, level, position, f"{start:.3f}", f"{1000 * unit:.1f}", f"{1000 * ratio * unit:.1f}", f"{hz:.1f}",
                     int(ratio >= 2.5 and letters >= 1.8 * gap), f"{1000 * gap:.1f}", f"{1000 * letters:.1f}"])
    kinds = ["music", "speech", "both", "code", "code", "alarm", "ringing", "dialling", "birds", "melody", "figures", "uneven"]
    for number in range(others):
        kind = kinds[number % len(kinds)]
        if kind in ("music", "speech"):
            values, what = list(chance.choice(beds[kind])), kind
        elif kind == "both":
            values, what = [sum(pair) for pair in zip(*(chance.choice(beds[bed]) for bed in beds))], kind
        else:
            over = chance.choice(["", "", "speech", "music"])
            values, what = list(chance.choice(beds[over])) if over else [0.0] * (SECONDS * RATE), f"{kind} {over}".strip()
            values = [0.5 * value for value in values]
            if kind == "code":
                words = chance.choice(WORDS)
                code(values, 1.5, words, chance.uniform(0.055, 0.13), chance.uniform(400, 2500), 0.3)
                what += f" {words}"
            else:
                beeps(values, chance, kind)
        coder, rate = chance.choice(CODERS), chance.choice(RATES)
        path = folder / f"without-{number:03}.{coder[0]}"
        save(values, path, coder[1], rate)
        rows.append([path.name, 0, what, 0, "", "", "", "", "", 0, "", ""])
    with open(truth, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t")
        table.writerow(["name", "rhythm", "bed", "level", "position", "start", "short", "long", "hz", "letters", "gap", "letter_gap"])
        table.writerows(rows)


main()
