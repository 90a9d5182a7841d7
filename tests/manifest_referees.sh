#!/usr/bin/env bash
# Other validators as referees of the manifests that we sign: c2pa-python (the reference library, another version of it)
# must find every one valid, c2patxt those in texts, and exiftool must read their boxes.
#
#   tests/manifest_referees.sh [PROGRAM]
#
# Installs them from PyPI into a folder of its own, and exiftool where it can. What it had to leave out, it says; what it
# checked, it counts.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/release/indicia}")
[ -x "$program" ] || { echo "no program at $program: cargo build --release" >&2; exit 2; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
python=${REFEREE_PYTHON:-$out/venv/bin/python}
if [ ! -x "$python" ]; then
    python3 -m venv "$out/venv" && "$out/venv/bin/pip" install -q c2pa-python==0.38.1 c2patxt==0.2.0 || true
fi
command -v exiftool >/dev/null || apt-get install -y -qq libimage-exiftool-perl >/dev/null 2>&1 || true
export XDG_CONFIG_HOME=$out/config HOME=$out
"$program" key new --organization Referee --quiet >/dev/null
"$program" label samples -o "$out/signed" --producer Referee --replace-label --with c2pa --allow-missing-notice --quiet \
    --exit-zero --format jsonl >"$out/report.jsonl"
"$python" - "$out" <<'P'
import json, pathlib, subprocess, sys
out = pathlib.Path(sys.argv[1])
passed, failed, left_out = 0, [], set()
try:
    import c2pa
except ImportError:
    c2pa = None
    left_out.add("c2pa-python")
try:
    import c2patxt
except ImportError:
    c2patxt = None
    left_out.add("c2patxt")
exiftool = subprocess.run(["which", "exiftool"], capture_output=True).returncode == 0
if not exiftool:
    left_out.add("exiftool")

def told(name, who, fine, why):
    global passed
    if fine:
        passed += 1
    else:
        failed.append(f"FAILED  {name}: {who}: {why}")

def failures(store):
    results = store.get("validation_results", {}).get("activeManifest", {})
    return [status["code"] for status in results.get("failure", [])]

for line in open(out / "report.jsonl"):
    record = json.loads(line)
    if record.get("type") != "file" or not record.get("output"):
        continue
    path = pathlib.Path(record["output"])
    name, sidecar, ending = path.name, path.with_suffix(".c2pa"), path.suffix.lower()
    if ending in (".txt", ".md"):
        if c2patxt:
            try:
                result = c2patxt.verify(path.read_bytes().decode())
                codes = [status.code.value for status in result.failure if status.code.value != "signingCredential.untrusted"]
                told(name, "c2patxt", result.state.value in ("valid", "trusted") and not codes, f"{result.state.value} {codes}")
            except Exception as error:
                told(name, "c2patxt", False, repr(error)[:300])
        continue
    if sidecar.exists():
        continue  # What stands beside is bound by its hash alone, and read by our own tests.
    if c2pa:
        try:
            with open(path, "rb") as stream:
                mime = {".heif": "image/heif", ".heic": "image/heic", ".m4a": "audio/mp4", ".jxl": "image/jxl"}.get(ending, ending[1:])
                store = json.loads(c2pa.Reader(mime, stream).json())
            codes = [code for code in failures(store) if code != "signingCredential.untrusted"]
            told(name, "c2pa-python", store.get("validation_state") in ("Valid", "Trusted") and not codes, f"{store.get('validation_state')} {codes}")
        except Exception as error:
            told(name, "c2pa-python", False, repr(error)[:300])
    # Of other containers only newer versions than Debian's read the boxes.
    if exiftool and ending in (".jpg", ".png", ".tif"):
        boxes = subprocess.run(["exiftool", "-G1", "-JUMBF:all", str(path)], capture_output=True, text=True).stdout
        there = "c2pa" in boxes.lower()
        if ending == ".tif" and not there:
            # Debian's version finds the tag of the manifest, and does not look into it.
            tag = subprocess.run(["exiftool", "-U", "-b", "-Exif_0xcd41", str(path)], capture_output=True).stdout
            there = b"jumdc2pa" in tag
        told(name, "exiftool", there, "reads no C2PA boxes")
for line in failed:
    print(line)
for what in sorted(left_out):
    print(f"left out: {what}")
print(f"{passed} passed, {len(failed)} failed")
sys.exit(bool(failed) or passed < 60 and not left_out)
P
