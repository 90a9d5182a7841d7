#!/usr/bin/env bash
# Whole runs, against other programs and against floors, in one go: prints ratios, files a second and peak memory.
#
#   benches/whole.sh FOLDER [PROGRAM]
#
# FOLDER holds JPEG and PNG files, some hundred of them. Needs hyperfine, exiftool, exiv2, GNU time, ffmpeg and Pillow,
# and installs them where it can. A figure without its peer in the same run says nothing; neither does one from a machine
# that was busy with something else.
set -euo pipefail
folder=$(realpath "${1:?a folder with JPEG and PNG files}")
program=$(realpath "${2:-$(dirname "$0")/../target/release/indicia}")
for tool in hyperfine exiftool exiv2 ffmpeg; do
    command -v "$tool" >/dev/null || (apt-get update -qq && apt-get install -y -qq hyperfine libimage-exiftool-perl exiv2 time ffmpeg) >/dev/null
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
find "$folder" -type f \( -name '*.jpg' -o -name '*.png' \) -print0 >"$work/list"
count=$(tr -cd '\0' <"$work/list" | wc -c)

# Seconds of one command, the mean of several runs.
seconds() { hyperfine -N -i -w 2 -r "${runs:-10}" --export-json "$work/run.json" "$1" >/dev/null 2>&1 && python3 -c "import json;print(json.load(open('$work/run.json'))['results'][0]['mean'])"; }
peak() { /usr/bin/time -f %M "$@" 2>&1 >/dev/null | tail -n 1; }
say() { python3 -c "print($1)"; }

echo "== scan of $count files on $(nproc) cores, with a verdict each"
# In turns, since a machine's speed drifts by more than what is measured; medians.
read -r ours exiv floor < <(python3 - "$program" "$folder" "$work" <<'P'
import statistics, subprocess, sys, time
program, folder, work = sys.argv[1:]
listed = ["xargs", "-0", "-a", f"{work}/list"]
runs = {"ours": [program, "scan", folder, "--exit-zero", "--quiet", "-o", f"{work}/report"],
        "exiv2": [*listed, "exiv2", "-pa"], "cat": [*listed, "cat"]}
spent = {name: [] for name in runs}
for _ in range(60):
    for name, command in runs.items():
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        spent[name].append(time.perf_counter() - start)
print(*(statistics.median(spent[name]) for name in runs))
P
)
tool=$(runs=3 seconds "exiftool -q -r -json $folder")
say "f'  indicia   {$count/$ours:8.0f} files/s'"
say "f'  exiftool  {$count/$tool:8.0f} files/s   indicia is {$tool/$ours:.1f} times as fast (target 25)'"
say "f'  exiv2     {$count/$exiv:8.0f} files/s   indicia is {$exiv/$ours:.2f} times as fast (target 1)'"
say "f'  cat       {$count/$floor:8.0f} files/s   indicia is {$floor/$ours:.2f} times as fast'"
say "f'  peak memory {$(peak "$program" scan "$folder" --exit-zero --quiet -o "$work/report")/1024:.0f} MB (target 50)'"

echo "== the same scan, printed in each format, against JSON Lines"
# In turns, CPU time, medians: what a format costs beyond the plainest one.
python3 - "$program" "$folder" "$work" <<'P'
import os, resource, statistics, subprocess, sys
program, folder, work = sys.argv[1:]
runs = {name: ["--format", name] for name in ["jsonl", "human", "json", "csv", "sarif", "junit"]}
runs["html without pictures"] = ["--format", "html", "--no-thumbnails"]
spent = {name: [] for name in runs}
def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
def run(words):
    start = cpu()
    subprocess.run([program, "scan", folder, "--exit-zero", "--quiet", *words, "-o", f"{work}/printed"], check=True)
    return cpu() - start, os.path.getsize(f"{work}/printed") / 1e6
for _ in range(15):
    for name, words in runs.items():
        spent[name].append(run(words))
base = statistics.median(time for time, _ in spent["jsonl"])
spent["html with pictures"] = [run(["--format", "html"])]
for name, figures in spent.items():
    time, size = statistics.median(time for time, _ in figures), figures[0][1]
    print(f"  {name:22} {time / base:7.2f} times the CPU time of jsonl, {size:6.2f} MB")
P

echo "== scan of a mix of all formats: the samples of this repository, ten times over"
samples=$(realpath "$(dirname "$0")/../samples")
for copy in 0 1 2 3 4 5 6 7 8 9; do cp -r "$samples" "$work/mix-$copy" && mkdir -p "$work/mix" && mv "$work/mix-$copy" "$work/mix/"; done
mixed=$(find "$work/mix" -type f | wc -l)
mix=$(seconds "$program scan $work/mix --exit-zero --quiet -o $work/report")
say "f'  {$mixed/$mix:8.0f} files/s, {$mixed/$mix/($count/$ours):.2f} of the rate of JPEG and PNG (target 0.5)'"
for format in "$work/mix/mix-0"/*/; do
    name=$(basename "$format")
    only=$(find "$work/mix" -path "*/$name/*" -type f | wc -l)
    each=$(runs=3 seconds "$program scan $(find "$work/mix" -type d -name "$name" | tr '\n' ' ') --exit-zero --quiet -o $work/report")
    say "f'  {\"$name\":6} {$only/$each:8.0f} files/s'"
done

echo "== start to finish of one small file"
# Small: of some ten kilobytes. `verify` decodes it, and looks for notices and watermarks in it; `scan` does not.
samples=$(realpath "$(dirname "$0")/../samples")
for small in txt/river.txt png/astronaut-rgb.png jpeg/dandelion-420.jpg wav/speech-8-mono.wav mp3/speech-untagged.mp3; do
    looked=$(runs=50 seconds "$program scan $samples/$small --exit-zero")
    verified=$(runs=50 seconds "$program verify $samples/$small --exit-zero")
    labelled=$(runs=50 seconds "$program label $samples/$small -o $work/labelled --overwrite --exit-zero")
    say "f'  {\"$small\":24} scan {$looked*1000:4.1f} ms, verify {$verified*1000:4.1f} ms, label {$labelled*1000:4.1f} ms (target 10)'"
done

echo "== metadata label of a 256 MB WAV, against copying it"
python3 - "$work/large.wav" <<'P'
import os, struct, sys
size = 256 << 20
with open(sys.argv[1], "wb") as f:
    f.write(b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 2, 44100, 176400, 4, 16) + b"data" + struct.pack("<I", size))
    for _ in range(size >> 20):
        f.write(os.urandom(1 << 20))
P
copy=$(runs=5 seconds "dd if=$work/large.wav of=$work/copy.wav bs=1M conv=fsync status=none")
label=$(runs=5 seconds "$program label $work/large.wav -o $work/labelled.wav --overwrite --without visible,rhythm,spoken,written --quiet --producer Bench --exit-zero")
say "f'  copy {$copy*1000:.0f} ms, label {$label*1000:.0f} ms: {$copy/$label:.2f} of the speed of copying (target 0.5)'"
say "f'  peak memory {$(peak "$program" label "$work/large.wav" -o "$work/labelled.wav" --overwrite --without visible,rhythm,spoken,written --quiet --producer Bench --exit-zero)/1024:.0f} MB (target 64)'"

echo "== metadata labels of small files, against copying them"
# A label that is lost when the power fails was not written, so the copy flushes each file to the disk as well.
cat >"$work/copy.py" <<'P'
import os, shutil, sys
for name in open(sys.argv[1], "rb").read().split(b"\0")[:-1]:
    to = os.fsencode(sys.argv[2]) + b"/" + name.replace(b"/", b"_")
    with open(name, "rb") as source, open(to + b".tmp", "wb") as out:
        shutil.copyfileobj(source, out)
        out.flush()
        os.fsync(out.fileno())
    os.rename(to + b".tmp", to)
P
mkdir "$work/copies"
copy=$(runs=5 seconds "python3 $work/copy.py $work/list $work/copies")
label=$(runs=5 seconds "$program label $folder -o $work/labels --overwrite --without visible,rhythm,spoken,written --quiet --producer Bench --exit-zero")
say "f'  copy {$copy*1000:.0f} ms, label {$label*1000:.0f} ms: {$copy/$label:.2f} of the speed of copying (target 0.5)'"

echo "== visible label, against decoding and encoding the same picture (cargo bench --bench visible prints the ratio)"
