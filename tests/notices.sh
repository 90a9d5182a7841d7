#!/usr/bin/env bash
# Makes pictures with and without labels, has them read, and counts what was read, missed and wrongly taken for a label.
#
#   tests/notices.sh [PROGRAM] [--all]
#
# Needs the networks (`indicia models` tells how), Python with Pillow, and the fonts that tests/notices/make.py names.
# Without --all every fourth picture is made.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/release/indicia}")
labelled=120 other=60
[ "${2:-}" != --all ] || labelled=360 other=200
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$program" models >/dev/null || { "$program" models; exit 1; }
python3 tests/notices/make.py "$out/set" $labelled $other
"$program" scan "$out/set" --isolated --look visible --for none --format jsonl --exit-zero >"$out/records.jsonl" 2>/dev/null
python3 tests/notices/count.py "$out/set/truth.tsv" "$out/records.jsonl"
