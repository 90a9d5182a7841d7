#!/usr/bin/env bash
# What others say of the reports: SARIF and JSON against their schemas (jsonschema), JUnit against the schema of the Jenkins
# xunit plugin (xmllint), the HTML page in headless Chromium with an accessibility check (axe). Installs what is not there.
#
#   tests/reports.sh [PROGRAM [FOLDER FOR SCREENSHOTS]]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:-$here/../target/release/indicia}")
shots=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DEBIAN_FRONTEND=noninteractive

missing=()
command -v xmllint >/dev/null || missing+=(libxml2-utils)
command -v chromium >/dev/null || missing+=(chromium)
command -v npm >/dev/null || missing+=(nodejs npm)
[ ${#missing[@]} = 0 ] || (apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null)
python3 -m venv "$work/venv" 2>/dev/null || (apt-get install -y -qq python3-venv >/dev/null && python3 -m venv "$work/venv")
"$work/venv/bin/pip" install -q --disable-pip-version-check jsonschema==4.26.0
(cd "$work" && npm install --silent --no-audit --no-fund puppeteer-core@24.43.1 axe-core@4.14.1)

# A file of every sort: labelled and not, damaged, of no known format, unreadable, and with names that are markup.
media=$work/media
mkdir -p "$media"
cp -r "$here/../samples/png" "$here/../samples/md" "$here/../samples/jpeg" "$here/../samples/wav" "$media"
png=$(find "$media/png" -name '*.png' | sort | head -n 1)
head -c 700 "$png" >"$media/cut.png"
echo none >"$media/unknown.bin"
ln -s nowhere "$media/gone.jpg"
cp "$png" "$media/=1+1 <img src=x onerror=alert(1)>\"'&.png"
cp "$png" "$media/$(printf 'line\nbreak \xe2\x80\xaegnp.\x01png')"
printf -- '---\nAIGC: "{\\"Label\\":\\"9</script><script>alert(1)</script>]]>\\"}"\n---\n\nwords\n' >"$media/label.md"

for command in scan verify; do
    for format in json jsonl csv sarif junit html; do
        "$program" --isolated "$command" "$media" --for cn --at 2026-11-23 --exit-zero --format $format -o "$work/$command.$format"
    done
    echo "== $command: JSON and SARIF"
    "$work/venv/bin/python" - "$here" "$work/$command" <<'Y'
import csv, json, sys
from jsonschema import Draft7Validator, Draft202012Validator
here, stem = sys.argv[1:]
load = lambda path: json.load(open(path, encoding="utf-8"))
def hold(validator, schema, documents, least):
    count = 0
    for document in documents:
        errors = [f"{list(error.absolute_path)}: {error.message[:300]}" for error in validator(schema).iter_errors(document)]
        assert not errors, errors[:5]
        count += 1
    assert count >= least, count
    return count
ours = load(f"{here}/../docs/report.schema.json")
Draft202012Validator.check_schema(ours)
report, log = load(f"{stem}.json"), load(f"{stem}.sarif")
hold(Draft202012Validator, ours, [report], 1)
lines = [json.loads(line) for line in open(f"{stem}.jsonl", encoding="utf-8")]
count = hold(Draft202012Validator, {**ours, "type": "object", "required": [], "properties": {}, "$ref": "#/$defs/line"}, lines, 10)
sarif = load(f"{here}/schemas/sarif-schema-2.1.0.json")
hold(Draft7Validator, sarif, [log], 1)
results = log["runs"][0]["results"]
assert len(results) > 10
broken = json.loads(json.dumps(log))
broken["runs"][0]["results"][0]["level"] = "fatal"
assert list(Draft7Validator(sarif).iter_errors(broken)), "the schema is really held against it"
rows = list(csv.DictReader(open(f"{stem}.csv", encoding="utf-8", newline=""), strict=True))
assert len({row["path"] for row in rows}) == len(report["files"]), "a row for each file at least"
assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@" and cell]
print(f"  {count} lines, {len(results)} results, {len(rows)} rows")
Y
    echo "== $command: JUnit"
    xmllint --noout --nonet --schema "$here/schemas/junit-10.xsd" "$work/$command.junit" 2>&1 | sed 's/^/  /'
    xmllint --noout --nonet --schema "$here/schemas/junit-10.xsd" "$work/$command.junit" 2>/dev/null
done

echo "== HTML in Chromium"
cp "$here/pages.mjs" "$work"
node "$work/pages.mjs" "$work/scan.html" "$work/scan.json" ${shots:+"$(realpath "$shots")"}
echo "all reports hold"
