#!/usr/bin/env bash
# C2PA manifests: verifying and signing, against c2patool built from the same version of the same library. Prints ratios.
#
#   benches/manifests.sh [PROGRAM] [C2PATOOL]
#
# `cargo install c2patool --version 0.27.22 --locked` has that version (OPENSSL_NO_VENDOR=1 builds it in half the time where
# libssl-dev is installed). `scan` is what asks the same question as c2patool does; `verify` decodes the picture besides and
# looks for a watermark, and is printed beside it. Without c2patool the example `one_file` of
# crates/credentials stands in, built as this program is: it does what c2patool does with one file. Needs ffmpeg, GNU
# time and python3. Medians of runs in turns, since a machine's speed drifts by more than what is measured.
set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
program=$(realpath "${1:-$root/target/release/indicia}")
peer=${2:-$(command -v c2patool || true)}
if [ -z "$peer" ]; then
    peer=$(dirname "$program")/examples/one_file
    echo "c2patool is not installed: $peer stands in for it"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# As installed: a file that was copied starts faster than the one that a linker wrote, page by page.
cp "$program" "$work/indicia"
cp "$(realpath "$peer")" "$work/peer"
program=$work/indicia
peer=$work/peer
export XDG_CONFIG_HOME=$work/config HOME=$work
"$program" key new --quiet >/dev/null
mkdir "$work/in"
for number in $(seq 100); do cp "$root/samples/jpeg/dandelion-420.jpg" "$work/in/$number.jpg"; done
"$program" label "$work/in" -o "$work/signed" --producer Example --with c2pa --quiet >/dev/null
python3 - "$program" "$peer" "$work" <<'P'
import statistics, subprocess, sys, time
program, peer, work = sys.argv[1:]
files = [f"{work}/signed/{number}.jpg" for number in range(1, 101)]
def ours(command):
    return [program, command, "--for", "none", "--exit-zero", "--quiet", "--format", "jsonl"]
runs = {
    "one, ours": [[*ours("scan"), files[0]]], "one, verify": [[*ours("verify"), files[0]]], "one, peer": [[peer, files[0]]],
    "100, ours": [[*ours("scan"), f"{work}/signed"]], "100, verify": [[*ours("verify"), f"{work}/signed"]],
    "100, peer": [[peer, file] for file in files],
}
spent = {name: [] for name in runs}
def turns(names, count):
    for turn in range(count):
        # Each comes after each: the first after a pause or after a long run is the slowest.
        for name in names if turn % 2 else reversed(names):
            start = time.perf_counter()
            for command in runs[name]:
                subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            spent[name].append(time.perf_counter() - start)
turns(["one, ours", "one, verify", "one, peer"], 100)
turns(["100, ours", "100, peer"], 7)
turns(["100, verify"], 3)
middle = {name: statistics.median(times) for name, times in spent.items()}
one, hundred = middle["one, peer"] / middle["one, ours"], middle["100, peer"] / middle["100, ours"]
print(f"one signed JPEG   indicia {middle['one, ours'] * 1000:6.1f} ms, peer {middle['one, peer'] * 1000:6.1f} ms: {one:.2f} times as fast (target 1)")
print(f"100 signed JPEGs  indicia {middle['100, ours'] * 1000:6.0f} ms, peer {middle['100, peer'] * 1000:6.0f} ms: {hundred:.1f} times as fast (target 10)")
print(f"with the watermark looked for (verify): one {middle['one, verify'] * 1000:.1f} ms, 100 {middle['100, verify'] * 1000:.0f} ms")
P
echo "== 200 MB of MP4"
ffmpeg -v error -y -f lavfi -i "testsrc2=s=1280x720:r=25,noise=alls=60:allf=t" -f lavfi -i anoisesrc -t 40 -c:v mpeg4 -b:v 42M -minrate 42M -c:a aac -b:a 192k "$work/large.mp4"
size=$(stat -c %s "$work/large.mp4")
peak() { /usr/bin/time -f '%M %e' "$@" 2>&1 >/dev/null | tail -n 1; }
read -r sign_peak sign_time < <(peak "$program" label "$work/large.mp4" -o "$work/large-signed.mp4" --producer Example --with c2pa --for none --allow-missing-notice --exit-zero --quiet)
read -r verify_peak verify_time < <(peak "$program" verify "$work/large-signed.mp4" --for none --exit-zero --quiet)
# GNU time tells the largest single process, which is the one that reads the manifest where there are two.
python3 -c "
print(f'$((size >> 20)) MB: signed in $sign_time s with {$sign_peak / 1024:.0f} MB, verified in $verify_time s with {$verify_peak / 1024:.0f} MB (target 256 MB)')"
