#!/usr/bin/env bash
# What usual programs leave of the marks when they save a labelled file anew: prints the table of docs/survival.md, and fails
# if a line is not as it stands there.
#
#   tests/survival.sh [PROGRAM]
#
# Needs ffmpeg, Python with Pillow, LibreOffice and exiftool; what is missing is left out, and said.
set -uo pipefail
differs=no
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/release/indicia}")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# The table is of a program without networks, whatever its user has.
export XDG_DATA_HOME=$out/data

have() { command -v "$1" >/dev/null; }

# LABELLED SAVED STEP
row() {
    local after
    if [ ! -s "$2" ]; then
        after="could not be saved"
    else
        after=$("$program" diff --json "$1" "$2" | python3 -c '
import json, sys
words = {"kept": "kept", "lost": "lost", "changed": "changed", "could_not_look": "cannot be told", "gained": "new"}
rows = json.load(sys.stdin).get("marks", [])
said = [row["scheme"] + " " + words[row["change"]] for row in rows if row["change"] in words and row["scheme"] != "traces"]
print(", ".join(said) or "none before and after")')
    fi
    local line
    line=$(printf '| %s | %s | %s |' "$(basename "$1" | sed 's/.*\.//')" "$3" "$after")
    echo "$line"
    grep -qxF -- "$line" docs/survival.md || differs=yes
}

printf '| format | step | marks |\n|---|---|---|\n'
for sample in samples/*/*-labelled.*; do
    ending=${sample##*.} name=$(basename "$sample")
    case $ending in
    mp4 | mov | m4a | mkv | webm | avi | flv | mp3 | wav | flac | ogg | opus | aac | aiff | aif)
        have ffmpeg || continue
        ffmpeg -nostdin -v error -y -i "$sample" -map 0 -c copy "$out/$name" 2>/dev/null
        row "$sample" "$out/$name" '`ffmpeg -c copy`'
        case $ending in mp4 | mov | m4a)
            ffmpeg -nostdin -v error -y -i "$sample" -map 0 -c copy -movflags use_metadata_tags "$out/tags-$name" 2>/dev/null
            row "$sample" "$out/tags-$name" '`ffmpeg -c copy -movflags use_metadata_tags`'
            ;;
        esac
        ;;
    jpg | png | webp | gif | tif | tiff)
        python3 -c 'import PIL' 2>/dev/null || continue
        python3 -c 'import sys; from PIL import Image; Image.open(sys.argv[1]).save(sys.argv[2])' "$sample" "$out/$name" 2>/dev/null
        row "$sample" "$out/$name" 'Pillow `save`'
        ;;
    docx | xlsx | pptx | odt | ods | odp)
        have soffice || continue
        office() { soffice -env:UserInstallation="file://$out/office" --headless --convert-to "$ending" --outdir "$out" "$1" >/dev/null 2>&1; }
        office "$sample"
        bare=${name/-labelled/}
        # Its parts are installed one by one: whether this one is there shows by the sample without a label.
        [ -s "$out/$name" ] || office "${sample/-labelled/}"
        if [ -s "$out/$name" ] || [ -s "$out/$bare" ]; then
            row "$sample" "$out/$name" 'LibreOffice, saved anew'
        else
            echo "left out: LibreOffice for $ending"
        fi
        ;;
    esac
done
python3 -c 'import PIL' 2>/dev/null || echo "left out: Pillow"
for tool in ffmpeg soffice; do have "$tool" || echo "left out: $tool"; done
[ "$differs" = no ] || { echo "a line is not as docs/survival.md has it"; exit 1; }
