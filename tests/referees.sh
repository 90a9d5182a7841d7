#!/usr/bin/env bash
# Independent readers as referees: exiftool must read the label from every format we write, and ffmpeg must decode the
# same pixels and samples from a file after its metadata was labelled as before.
#
# qpdf, mkvinfo, Python's zipfile and LibreOffice open what is theirs, where they are installed.
#
#   tests/referees.sh [PROGRAM]
#
# Installs exiftool and ffmpeg where it can. What it had to leave out, it says; what it checked, it counts.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/release/indicia}")
[ -x "$program" ] || { echo "no program at $program: cargo build --release" >&2; exit 2; }

for tool in exiftool ffmpeg; do
    command -v "$tool" >/dev/null && continue
    package=$tool
    [ "$tool" = exiftool ] && package=libimage-exiftool-perl
    (apt-get update -qq && apt-get install -y -qq "$package") >/dev/null 2>&1 || true
done

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
id="REFEREE-0001"
# Formats that are only read are left alone; nothing else may be.
label() {
    local tree=$1
    shift
    "$program" label samples -o "$out/$tree" --producer "Referee" --id "$id" --replace-label --quiet --format jsonl \
        --fail-on unmet,unknown "$@" >"$out/$tree.jsonl"
}
label silent --no-explicit
label full --allow-missing-notice

checked=0 failed=0
left_out=()
verdict() { # NAME WHAT OK
    checked=$((checked + 1))
    if [ "$3" != yes ]; then
        failed=$((failed + 1))
        printf 'FAILED  %s: %s\n' "$1" "$2"
    fi
}

# The field's name as exiftool prints it, by format (with -U for chunks it has no name for).
pattern() {
    case $1 in
    *.jpg | *.png | *.webp | *.gif | *.tif | *.avif | *.heic | *.jxl | *.svg) echo 'XMP-TC260.*Aigc' ;;
    *.wav | *.avi) echo 'Unknown_AIGC' ;;
    *.mp3 | *.aac | *.aif | *.aiff | *.aifc) echo 'UserDefinedText.*\(AIGC\)|ID3v2.*Aigc' ;;
    *.mp4 | *.mov | *.m4a) echo '^\[Keys\] .*AIGC' ;;
    *.mkv | *.mka | *.webm) echo '^\[Matroska\] .*Aigc' ;;
    *.flv) echo '^\[Flash\] .*AIGC' ;;
    *.flac | *.ogg | *.opus) echo '^\[Vorbis\] .*Aigc' ;;
    *.pdf) echo '^\[PDF\] .*AIGC' ;;
    *.docx | *.xlsx | *.pptx) echo '^\[XML\] .*AIGC' ;;
    *.odt | *.ods | *.odp) echo 'User-defined|UserDefined' ;;
    esac
}

if command -v exiftool >/dev/null; then
    for tree in silent full; do
        while IFS= read -r file; do
            expected=$(pattern "$file")
            [ -n "$expected" ] || continue
            case $file in
            # It has no name for the chunk and shows its size only; -b prints what is in it.
            *.wav | *.avi) found=$(exiftool -a -U -b -RIFF:Unknown_AIGC "$file" 2>/dev/null | grep -c "$id" || true) ;;
            *) found=$(exiftool -a -G1 -s -u -U "$file" 2>&1 | grep -E "$expected" | grep -c "$id" || true) ;;
            esac
            verdict "${file#"$out/"}" "exiftool finds $found labels, not 1" "$([ "$found" = 1 ] && echo yes)"
            # The guide has XMP in TIFF as type UNDEFINED, which exiftool notes.
            broken=$(exiftool -a -validate -warning -error "$file" 2>/dev/null | grep -v 'Non-standard format (undef)' | grep -cE '^(Error|Warning) .*(format|CRC|corrupt|truncat|bad)' || true)
            verdict "${file#"$out/"}" "exiftool complains of the structure" "$([ "$broken" = 0 ] && echo yes)"
        done < <(find "$out/$tree" -type f | sort)
    done
else
    left_out+=("exiftool")
fi

if command -v ffmpeg >/dev/null; then
    content() { ffmpeg -nostdin -v error -i "$1" -map 0 -f md5 - 2>&1 || true; }
    while IFS= read -r file; do
        case $file in
        *.jpg | *.png | *.webp | *.gif | *.tif | *.wav | *.mp3 | *.aac | *.aif* | *.flac | *.ogg | *.opus | *.m4a) ;;
        *.mp4 | *.mov | *.mkv | *.mka | *.webm | *.avi | *.flv) ;;
        *) continue ;;
        esac
        case $file in *animated.webp) left_out+=("ffmpeg on $file (it does not decode animated WebP)") && continue ;; esac
        before=$(content "samples/$file") after=$(content "$out/silent/$file")
        verdict "$file" "ffmpeg decodes other content: $before, $after" "$([ "$before" = "$after" ] && echo yes)"
        errors=$({ ffmpeg -nostdin -v error -i "$out/full/$file" -f null - 2>&1 || echo failed; } | grep -vc 'deprecated' || true)
        verdict "$file" "ffmpeg complains of the file with its notice" "$([ "$errors" = 0 ] && echo yes)"
    done < <(cd "$out/silent" && find . -type f | sed 's|^\./||' | sort)
else
    left_out+=("ffmpeg")
fi

if command -v qpdf >/dev/null; then
    while IFS= read -r file; do
        verdict "${file#"$out/"}" "qpdf complains" "$(qpdf --check "$file" >/dev/null 2>&1 && echo yes)"
    done < <(find "$out" -name '*.pdf' | sort)
else
    left_out+=("qpdf")
fi

if command -v mkvinfo >/dev/null; then
    while IFS= read -r file; do
        verdict "${file#"$out/"}" "mkvinfo does not show the label" "$(mkvinfo "$file" 2>&1 | grep -q "Name: AIGC" && echo yes)"
    done < <(find "$out" -name '*.mkv' -o -name '*.mka' -o -name '*.webm' | sort)
else
    left_out+=("mkvinfo")
fi

if command -v python3 >/dev/null; then
    while IFS= read -r file; do
        whole=$(python3 -c 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip())' "$file" 2>&1 || true)
        verdict "${file#"$out/"}" "the archive is broken: $whole" "$([ "$whole" = None ] && echo yes)"
    done < <(find "$out" -name '*.docx' -o -name '*.xlsx' -o -name '*.pptx' -o -name '*.od?' -o -name '*.epub' | sort)
else
    left_out+=("python3")
fi

if command -v soffice >/dev/null && command -v pdftotext >/dev/null; then
    while IFS= read -r file; do
        soffice -env:UserInstallation="file://$out/office" --headless --convert-to pdf --outdir "$out/pdf" "$file" >/dev/null 2>&1 || true
        name=$(basename "${file%.*}")
        shown=$(pdftotext "$out/pdf/$name.pdf" - 2>/dev/null | grep -c '人工智能生成' || true)
        verdict "${file#"$out/"}" "LibreOffice shows no notice" "$([ "$shown" -ge 1 ] && echo yes)"
    done < <(find "$out/full" -name '*.docx' -o -name '*.odt' | sort)
else
    left_out+=("LibreOffice")
fi

for what in "${left_out[@]+"${left_out[@]}"}"; do echo "left out: $what"; done
echo "$((checked - failed)) passed, $failed failed"
[ "$failed" = 0 ] && { [ "$checked" -ge 300 ] || [ ${#left_out[@]} -ge 2 ]; }
