#!/usr/bin/env bash
# Independent readers as referees: exiftool must read the label from every format we write, and ffmpeg must decode the
# same pixels and samples from a file after its metadata was labelled as before.
#
# qpdf, mkvinfo, Python's zipfile and LibreOffice open what is theirs, where they are installed; xmllint reads every XML
# we wrote, epubcheck finds no more errors in a labelled book than before, and pdfsig still holds a signature for valid.
#
#   tests/referees.sh [PROGRAM]
#
# Installs what it can, but not LibreOffice. What it had to leave out, it says; what it checked, it counts.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/release/indicia}")
[ -x "$program" ] || { echo "no program at $program: cargo build --release" >&2; exit 2; }

have() { command -v "$1" >/dev/null; }
missing=()
while read -r tool package; do
    have "$tool" || missing+=("$package")
done <<'TOOLS'
exiftool libimage-exiftool-perl
ffmpeg ffmpeg
xmllint libxml2-utils
epubcheck epubcheck
pdfsig poppler-utils
certutil libnss3-tools
openssl openssl
convert imagemagick
TOOLS
if [ ${#missing[@]} -gt 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null 2>&1 || true
    # One by one: what is not to be had must not keep the others away.
    for package in "${missing[@]}"; do apt-get install -y -qq "$package" >/dev/null 2>&1 || true; done
fi

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# Keys that are made on first use are made here.
export XDG_CONFIG_HOME=$out/config
id="REFEREE-0001"
# Formats that are only read are left alone; nothing else may be.
label() {
    local tree=$1
    shift
    "$program" label samples -o "$out/$tree" --producer "Referee" --id "$id" --replace-label --quiet --format jsonl \
        --fail-on unmet,unknown "$@" >"$out/$tree.jsonl"
}
label silent --no-explicit --recipient Referee --log "$out/log"
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

if have exiftool; then
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

if have ffmpeg; then
    content() { ffmpeg -nostdin -v error -i "$1" -map 0 -f md5 - 2>&1 || true; }
    while IFS= read -r file; do
        case $file in
        *.jpg | *.png | *.webp | *.gif | *.tif | *.avif | *.wav | *.mp3 | *.aac | *.aif* | *.flac | *.ogg | *.opus | *.m4a) ;;
        *.mp4 | *.mov | *.mkv | *.mka | *.webm | *.avi | *.flv) ;;
        *) continue ;;
        esac
        case $file in *animated.webp) left_out+=("ffmpeg on $file (it does not decode animated WebP)") && continue ;; esac
        before=$(content "samples/$file") after=$(content "$out/silent/$file")
        verdict "$file" "ffmpeg decodes other content: $before, $after" "$([ "$before" = "$after" ] && echo yes)"
        errors=$({ ffmpeg -nostdin -v error -i "$out/full/$file" -f null - 2>&1 || echo failed; } | grep -vc 'deprecated' || true)
        verdict "$file" "ffmpeg complains of the file with its notice" "$([ "$errors" = 0 ] && echo yes)"
        case $file in
        *.wav | *.mp3 | *.aac | *.aif* | *.flac | *.m4a | *.opus)
            have python3 || continue
            for place in samples "$out/full"; do ffmpeg -nostdin -v error -y -i "$place/$file" -f f32le "$out/${place##*/}.sound" || true; done
            kept=$(python3 -c 'import sys; one, two = (open(name, "rb").read() for name in sys.argv[1:]); print(len(one) > 0 and two.find(one) % 4 == 0)' \
                "$out/samples.sound" "$out/full.sound" || true)
            verdict "$file" "ffmpeg decodes other sound beside the notice" "$([ "$kept" = True ] && echo yes)"
            ;;
        esac
    done < <(cd "$out/silent" && find . -type f | sed 's|^\./||' | sort)
else
    left_out+=("ffmpeg")
fi

if have qpdf; then
    while IFS= read -r file; do
        verdict "${file#"$out/"}" "qpdf complains" "$(qpdf --check "$file" >/dev/null 2>&1 && echo yes)"
    done < <(find "$out" -name '*.pdf' | sort)
else
    left_out+=("qpdf")
fi

if have mkvinfo; then
    while IFS= read -r file; do
        verdict "${file#"$out/"}" "mkvinfo does not show the label" "$(mkvinfo "$file" 2>&1 | grep -q "Name: AIGC" && echo yes)"
    done < <(find "$out" -name '*.mkv' -o -name '*.mka' -o -name '*.webm' | sort)
else
    left_out+=("mkvinfo")
fi

if have python3; then
    while IFS= read -r file; do
        whole=$(python3 -c 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip())' "$file" 2>&1 || true)
        verdict "${file#"$out/"}" "the archive is broken: $whole" "$([ "$whole" = None ] && echo yes)"
    done < <(find "$out" -name '*.docx' -o -name '*.xlsx' -o -name '*.pptx' -o -name '*.od?' -o -name '*.epub' | sort)
else
    left_out+=("python3")
fi

if have soffice && have pdftotext; then
    while IFS= read -r file; do
        soffice -env:UserInstallation="file://$out/office" --headless --convert-to pdf --outdir "$out/pdf" "$file" >/dev/null 2>&1 || true
        name=$(basename "${file%.*}")
        shown=$(pdftotext "$out/pdf/$name.pdf" - 2>/dev/null | grep -c '人工智能生成' || true)
        verdict "${file#"$out/"}" "LibreOffice shows no notice" "$([ "$shown" -ge 1 ] && echo yes)"
    done < <(find "$out/full" -name '*.docx' -o -name '*.odt' | sort)
else
    left_out+=("LibreOffice")
fi

# Names of the archives that are made of XML parts.
documents() { find "$@" -name '*.docx' -o -name '*.xlsx' -o -name '*.pptx' -o -name '*.od?' -o -name '*.epub' | sort; }
# A complaint is a message, since a prefix without namespace leaves the exit code at 0.
well_formed() { # NAME FILE...
    local name=$1 said
    shift
    said=$(xmllint --noout --nonet "$@" 2>&1 || echo "exit code $?")
    verdict "$name" "xmllint: ${said%%$'\n'*}" "$([ -z "$said" ] && echo yes)"
}

if have xmllint; then
    while IFS= read -r file; do
        well_formed "${file#"$out/"}" "$file"
    done < <(find "$out/silent" "$out/full" -name '*.svg' | sort)
    while IFS= read -r file; do
        have python3 || continue
        rm -rf "$out/parts"
        python3 -m zipfile -e "$file" "$out/parts" 2>/dev/null || true
        mapfile -t parts < <(find "$out/parts" -regextype posix-extended -type f \
            -regex '.*\.(xml|rels|rdf|opf|ncx|xhtml|svg)' 2>/dev/null | sort)
        if [ ${#parts[@]} = 0 ]; then verdict "${file#"$out/"}" "there are no XML parts in it" no; fi
        [ ${#parts[@]} = 0 ] || well_formed "${file#"$out/"}" "${parts[@]}"
    done < <(documents "$out/silent" "$out/full")
    while IFS= read -r file; do
        have exiftool || continue
        # An SVG is a whole document, read above.
        case $file in *.svg) continue ;; esac
        exiftool -b -XMP "$file" >"$out/packet.xmp" 2>/dev/null || true
        if [ -s "$out/packet.xmp" ]; then
            well_formed "${file#"$out/"}, XMP" "$out/packet.xmp"
        elif [[ $(pattern "$file") == XMP-TC260* ]]; then
            verdict "${file#"$out/"}" "exiftool hands out no XMP packet" no
        fi
    done < <(find "$out/silent" "$out/full" -type f | sort)
else
    left_out+=("xmllint")
fi

# Debian's program is the archive itself, which runs only where the kernel knows such files.
book_errors() {
    local jar
    jar=$(readlink -f "$(command -v epubcheck)")
    case $jar in
    *.jar) java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -jar "$jar" "$1" 2>&1 || true ;;
    *) epubcheck "$1" 2>&1 || true ;;
    esac | awk '/^Messages:/ { print $2 + $5 }'
}
if have epubcheck && [ -n "$(book_errors samples/epub/river.epub)" ]; then
    while IFS= read -r file; do
        name=$(basename "$file")
        before=$(book_errors "samples/epub/$name")
        for tree in silent full; do
            after=$(book_errors "$out/$tree/epub/$name")
            worse="epubcheck finds ${after:-unknown} errors, $before before"
            verdict "$tree/epub/$name" "$worse" "$([ "${after:-1000000}" -le "$before" ] && echo yes)"
        done
    done < <(find "$out/silent" -name '*.epub' | sort)
else
    left_out+=("epubcheck")
fi

# A key for this run only, in a store without password.
signer() {
    mkdir "$out/keys" &&
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Referee -addext keyUsage=digitalSignature \
            -keyout "$out/key.pem" -out "$out/certificate.pem" &&
        openssl pkcs12 -export -inkey "$out/key.pem" -in "$out/certificate.pem" -name referee -passout pass:x \
            -out "$out/key.p12" &&
        certutil -N -d "sql:$out/keys" --empty-password &&
        pk12util -i "$out/key.p12" -d "sql:$out/keys" -W x
}
signatures() { pdfsig -nssdir "sql:$out/keys" "$1" 2>/dev/null | grep -c 'Signature is Valid' || true; }
if have pdfsig && have certutil && have openssl && have exiftool && signer >/dev/null 2>&1; then
    mkdir "$out/signed"
    for file in samples/pdf/*.pdf; do
        name=$(basename "$file")
        # What carries a label is signed with it, and labelled anew.
        signed=$out/signed/$name labelled=$out/signed/labelled-$name
        pdfsig -nssdir "sql:$out/keys" -add-signature -nick referee "$file" "$signed" >/dev/null 2>&1 || true
        if [ "$(signatures "$signed")" != 1 ]; then
            left_out+=("a signature on $name (this pdfsig makes none)")
            continue
        fi
        "$program" label "$signed" -o "$labelled" --producer "Referee" --id "$id" --replace-label --no-explicit --recipient Referee --log "$out/log" \
            --quiet >/dev/null 2>&1 || true
        valid=$(signatures "$labelled")
        verdict "signed $name" "pdfsig finds $valid valid signatures after labelling, not 1" "$([ "$valid" = 1 ] && echo yes)"
        found=$(exiftool -a -G1 -s -u "$labelled" 2>&1 | grep -E "$(pattern "$name")" | grep -c "$id" || true)
        verdict "signed $name" "exiftool finds $found labels, not 1" "$([ "$found" = 1 ] && echo yes)"
        # Where a page has its notice, it stays, and there is nothing to refuse.
        case $name in *-labelled.pdf) continue ;; esac
        code=0 sum=$(sha256sum <"$signed")
        "$program" label --in-place "$signed" --producer "Referee" --id "$id" --replace-label --quiet \
            >/dev/null 2>&1 || code=$?
        verdict "signed $name" "a notice on its pages ends with exit code $code, not 4" "$([ "$code" = 4 ] && echo yes)"
        verdict "signed $name" "it was changed" "$([ "$sum" = "$(sha256sum <"$signed")" ] && echo yes)"
    done
else
    left_out+=("a signed PDF")
fi

# A watermark, after ImageMagick has cropped the picture, turned it by 3 degrees and saved it as JPEG 60.
if have convert; then
    number=20261127001
    convert samples/jpeg/dandelion-420.jpg -resize 200% "$out/photo.jpg"
    "$program" label "$out/photo.jpg" -o "$out/watermarked.jpg" --for cn --producer "Referee" --id "$number" --watermark \
        --quiet >/dev/null || true
    convert "$out/watermarked.jpg" -gravity center -crop 80%x80%+20+10 +repage -background black -rotate 3 -strip -quality 60 \
        "$out/attacked.jpg" || true
    said=$("$program" verify --deep "$out/attacked.jpg" --for none --exit-zero 2>&1 || true)
    for part in "id $number" "fewer than 1 in 10^" "found by searching" "turned by"; do
        verdict "watermark" "after a crop, a turn and JPEG 60 verify --deep does not say \"$part\"" \
            "$(grep -qF -- "$part" <<<"$said" && echo yes)"
    done
else
    left_out+=("a watermark after ImageMagick (no convert)")
fi

# A watermark in sound, after ffmpeg has coded it as Opus at 32 kbit/s and MP3, and cut ten seconds out; one known by its id where
# codec and cut together leave too little. FLAC with one is what its own program takes for whole.
if have ffmpeg; then
    number=20261127001
    ffmpeg -nostdin -v error -y -f lavfi -i "anoisesrc=d=30:c=pink:r=44100:a=0.3:seed=7" -f lavfi \
        -i "aevalsrc=0.15*sin(2*PI*220*t)*(1+sin(2*PI*3*t))+0.1*sin(2*PI*331*t):d=30:s=44100" -filter_complex amix=inputs=2 \
        -c:a pcm_s16le "$out/noise.wav"
    "$program" label "$out/noise.wav" -o "$out/sounding.wav" --for cn --producer "Referee" --id "$number" --watermark --quiet \
        >/dev/null || true
    for end in opus mp3; do
        ffmpeg -nostdin -v error -y -ss 9 -t 10 -i "$out/sounding.wav" -map_metadata -1 -b:a 32k "$out/cut.$end"
        said=$("$program" verify "$out/cut.$end" --watermark-id "$number" --for none --exit-zero 2>&1 || true)
        for part in "id $number" "fewer than 1 in 10^"; do
            verdict "watermark" "after $end at 32 kbit/s and a cut to 10 seconds verify does not say \"$part\"" \
                "$(grep -qF -- "$part" <<<"$said" && echo yes)"
        done
    done
    ffmpeg -nostdin -v error -y -i "$out/sounding.wav" -map_metadata -1 -b:a 64k "$out/whole.opus"
    said=$("$program" verify "$out/whole.opus" --for none --exit-zero 2>&1 || true)
    verdict "watermark" "after Opus at 64 kbit/s verify does not read the id" \
        "$(grep -qF -- "id $number" <<<"$said" && echo yes)"
    ffmpeg -nostdin -v error -y -i "$out/noise.wav" "$out/noise.flac"
    "$program" label "$out/noise.flac" -o "$out/sounding.flac" --for cn --producer "Referee" --id "$number" --watermark --quiet \
        >/dev/null || true
    # Coded sound is coded anew for a mark: ffmpeg plays as much of it as before, without complaint, and the id is in what it plays.
    for coding in "mp3 -b:a 96k" "mp3 -q:a 5" "aac -b:a 96k" "m4a -b:a 96k" "opus -b:a 64k" "ogg -q:a 3"; do
        read -ra coding <<<"$coding"
        plain=$out/coded.${coding[0]} marked=$out/coded-marked.${coding[0]}
        ffmpeg -nostdin -v error -y -i "$out/noise.wav" "${coding[@]:1}" "$plain"
        "$program" label "$plain" -o "$marked" --overwrite --for none --with watermark --producer "Referee" --id "$number" --quiet \
            >/dev/null || true
        errors=$({ ffmpeg -nostdin -v error -y -i "$marked" "$out/played.wav" 2>&1 || echo failed; } | wc -l)
        verdict "watermark" "ffmpeg complains of a marked ${coding[*]}" "$([ "$errors" = 0 ] && echo yes)"
        played() { ffmpeg -nostdin -v error -i "$1" -f f32le - 2>/dev/null | wc -c; }
        before=$(played "$plain") after=$(played "$marked")
        verdict "watermark" "ffmpeg plays $after bytes of a marked ${coding[*]}, not $before" "$([ "$before" = "$after" ] && echo yes)"
        said=$("$program" verify "$out/played.wav" --for none --exit-zero 2>&1 || true)
        verdict "watermark" "what ffmpeg plays of a marked ${coding[*]} has no id" "$(grep -qF -- "id $number" <<<"$said" && echo yes)"
    done
    if have flac; then
        verdict "watermark" "flac -t finds a fault in a marked FLAC file" \
            "$(flac -s -t "$out/sounding.flac" 2>&1 && echo yes)"
    else
        left_out+=("marked FLAC (no flac)")
    fi
else
    left_out+=("a watermark in sound (no ffmpeg)")
fi

# The log of the files labelled without a notice, a proof of its last entry and a receipt, by a verifier of their own.
if python3 -c 'import cryptography' 2>/dev/null || pip install --quiet cryptography >/dev/null 2>&1; then
    entries=$(wc -l <"$out/log/entries.jsonl")
    last=$((entries - 1))
    "$program" log prove "$last" --log "$out/log" -o "$out/last.tlog-proof" --quiet
    receipt=$out/sample.receipt
    "$program" verify samples/png/astronaut-rgb.png --receipt "$receipt" --exit-zero 2>&1 >/dev/null |
        sed -n 's/^receipts are signed by //p' >"${receipt%.receipt}.key"
    said=$(python3 tests/verify-log.py "$out/log" "$out/last.tlog-proof" "$receipt" 2>&1 || true)
    for part in "log: $entries entries" "proof: entry $last of $entries" "receipt: "; do
        verdict "log" "verify-log.py does not say '$part': ${said##*$'\n'}" "$(grep -qF "$part" <<<"$said" && echo yes)"
    done
    # And by the packages that the Go project's checksum database is verified with.
    if have go && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ]; then
        said=$(GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$out/go" go run tests/verify-log.go "$out/log" "$out/last.tlog-proof" 2>&1 || true)
        for part in "log: $entries entries" "proof: entry $last of $entries"; do
            verdict "log" "Go's sumdb does not say '$part': ${said##*$'\n'}" "$(grep -qF "$part" <<<"$said" && echo yes)"
        done
    else
        left_out+=("the log (no Go, or not its golang.org/x/mod)")
    fi
else
    left_out+=("the log (no cryptography for Python)")
fi

for what in "${left_out[@]+"${left_out[@]}"}"; do echo "left out: $what"; done
echo "$((checked - failed)) passed, $failed failed"
[ "$failed" = 0 ] && { [ "$checked" -ge 800 ] || [ ${#left_out[@]} -ge 2 ]; }
