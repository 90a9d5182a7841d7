#!/usr/bin/env bash
# Makes sound with the rhythm and with spoken notices under speech and music at several levels, and sound with neither, has it heard,
# and counts what was heard, missed and wrongly taken for a notice. Needs Python and ffmpeg.
#
#   tests/sounds.sh [PROGRAM] [SEED]
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/release/indicia}")
kept=$PWD/target/sounds
rm -rf "$kept/set" "$kept/set.tsv"
mkdir -p "$kept"
python3 tests/sounds/make.py "$kept/set" "$kept/set.tsv" "${2:-1}"
"$program" scan "$kept/set" --isolated --look rhythm,spoken --for none --format jsonl --exit-zero >"$kept/records.jsonl"
python3 tests/sounds/count.py "$kept/set.tsv" "$kept/records.jsonl"
