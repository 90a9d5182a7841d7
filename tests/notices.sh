#!/usr/bin/env bash
# Makes pictures with and without labels, has them read, and counts what was read, missed and wrongly taken for a label.
#
#   tests/notices.sh [PROGRAM] [--all]
#
# What it needs is fetched once and kept below target/notices: the networks and Pillow from the Python index, fonts and
# photographs from Debian. Without --all a part of the pictures is made.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/release/indicia}")
labelled=120 other=60
[ "${2:-}" != --all ] || labelled=360 other=200
kept=$PWD/target/notices
export XDG_DATA_HOME=$kept/data
mkdir -p "$kept" "$XDG_DATA_HOME"

if [ ! -x "$kept/venv/bin/pip" ]; then
    python3 -m venv "$kept/venv" || { apt-get install -y -qq python3-venv >/dev/null && python3 -m venv "$kept/venv"; }
fi
"$kept/venv/bin/pip" install -q --disable-pip-version-check pillow==11.3.0
networks=$kept/rapidocr_onnxruntime-1.4.4-py3-none-any.whl
[ -f "$networks" ] ||
    "$kept/venv/bin/pip" download -q --disable-pip-version-check --no-deps --ignore-requires-python --dest "$kept" rapidocr-onnxruntime==1.4.4
for package in fonts-noto-cjk fonts-wqy-microhei fonts-wqy-zenhei fonts-arphic-ukai lomiri-wallpapers-16.04; do
    [ -d "$kept/debian/usr/share/doc/$package" ] && continue
    fetch() { (cd "$kept" && apt-get download -qq "$package" 2>/dev/null); }
    fetch || { apt-get update -qq && fetch; }
    dpkg-deb -x "$kept/$package"_*.deb "$kept/debian"
    rm "$kept/$package"_*.deb
done

"$program" models add "$networks"
python3 tests/notices/drawn.py "$program" "$kept/drawn"
rm -rf "$kept/set" "$kept/set.tsv"
"$kept/venv/bin/python" tests/notices/make.py "$kept/debian/usr/share" "$kept/set" $labelled $other
"$program" scan "$kept/set" --isolated --look visible --for none --format jsonl --exit-zero >"$kept/records.jsonl"
"$kept/venv/bin/python" tests/notices/count.py "$kept/set.tsv" "$kept/records.jsonl"
