#!/usr/bin/env bash
# Independent readers as referees: exiftool must read the label from every format we write, and ffmpeg must decode the
# same pixels and samples from a file after its metadata was labelled as before.
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
"$program" label samples -o "$out/silent" --producer "Referee" --id "$id" --replace-label --no-explicit --quiet --format jsonl >"$out/silent.jsonl"
"$program" label samples -o "$out/full" --producer "Referee" --id "$id" --replace-label --quiet --format jsonl >"$out/full.jsonl"

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
    *.jpg | *.png | *.webp) echo 'XMP-TC260.*Aigc' ;;
    *.wav) echo 'Unknown_AIGC' ;;
    *.mp3) echo 'UserDefinedText.*\(AIGC\)|ID3v2.*Aigc' ;;
    esac
}

if command -v exiftool >/dev/null; then
    for tree in silent full; do
        while IFS= read -r file; do
            expected=$(pattern "$file")
            [ -n "$expected" ] || continue
            case $file in
            # It has no name for the chunk and shows its size only; -b prints what is in it.
            *.wav) found=$(exiftool -a -U -b -RIFF:Unknown_AIGC "$file" 2>/dev/null | grep -c "$id" || true) ;;
            *) found=$(exiftool -a -G1 -s -u -U "$file" 2>&1 | grep -E "$expected" | grep -c "$id" || true) ;;
            esac
            verdict "${file#"$out/"}" "exiftool finds $found labels, not 1" "$([ "$found" = 1 ] && echo yes)"
            broken=$(exiftool -a -validate -warning -error "$file" 2>/dev/null | grep -cE '^(Error|Warning) .*(format|CRC|corrupt|truncat|bad)' || true)
            verdict "${file#"$out/"}" "exiftool complains of the structure" "$([ "$broken" = 0 ] && echo yes)"
        done < <(find "$out/$tree" -type f | sort)
    done
else
    left_out+=("exiftool")
fi

if command -v ffmpeg >/dev/null; then
    content() { ffmpeg -nostdin -v error -i "$1" -map 0 -f md5 - 2>&1 || true; }
    while IFS= read -r file; do
        case $file in *.jpg | *.png | *.webp | *.wav | *.mp3) ;; *) continue ;; esac
        case $file in *animated.webp) left_out+=("ffmpeg on $file (it does not decode animated WebP)") && continue ;; esac
        before=$(content "samples/$file") after=$(content "$out/silent/$file")
        verdict "$file" "ffmpeg decodes other content: $before, $after" "$([ "$before" = "$after" ] && echo yes)"
        errors=$({ ffmpeg -nostdin -v error -i "$out/full/$file" -f null - 2>&1 || echo failed; } | grep -vc 'deprecated' || true)
        verdict "$file" "ffmpeg complains of the file with its notice" "$([ "$errors" = 0 ] && echo yes)"
    done < <(cd "$out/silent" && find . -type f | sed 's|^\./||' | sort)
else
    left_out+=("ffmpeg")
fi

for what in "${left_out[@]+"${left_out[@]}"}"; do echo "left out: $what"; done
echo "$((checked - failed)) passed, $failed failed"
[ "$failed" = 0 ] && { [ "$checked" -ge 60 ] || [ ${#left_out[@]} -ge 2 ]; }
