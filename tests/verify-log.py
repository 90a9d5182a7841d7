#!/usr/bin/env python3
"""Verifies a log, proofs and receipts without Indicia: docs/log.md and the C2SP formats are all it knows.

verify-log.py LOG [PROOF|RECEIPT...]   prints what it checked, and fails loudly. Needs `cryptography`.
"""

import base64
import hashlib
import json
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def vkey(text: str) -> tuple[str, bytes, Ed25519PublicKey]:
    name, key_id, key = text.strip().split("+", 2)
    raw = base64.b64decode(key, validate=True)
    assert raw[0] == 1 and len(raw) == 33, "the key is not for Ed25519"
    computed = sha(name.encode(), b"\n", raw)[:4]
    assert computed.hex() == key_id, "the key's id is not that of name and key"
    return name, computed, Ed25519PublicKey.from_public_bytes(raw[1:])


def opened(note: str, key) -> str:
    name, key_id, public = key
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        dash, signer, coded = line.split(" ")
        raw = base64.b64decode(coded, validate=True)
        if dash == "\u2014" and signer == name and raw[:4] == key_id:
            public.verify(raw[4:], text.encode())
            return text
    raise AssertionError("the key has not signed it")


def root(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, as it is defined."""
    if not leaves:
        return sha()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha(b"\x01", root(leaves[:split]), root(leaves[split:]))


def included(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """RFC 9162, 2.1.3.2."""
    assert index < size
    fn, sn, r = index, size - 1, leaf
    for p in path:
        assert sn != 0
        if fn & 1 or fn == sn:
            r = sha(b"\x01", p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha(b"\x01", r, p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return r


def canonical(line: bytes) -> dict:
    value = json.loads(line)
    again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert again == line, "it is not canonical JSON"
    return value


def main() -> None:
    log, *others = map(pathlib.Path, sys.argv[1:])
    key = vkey((log / "key").read_text())
    origin, size, head, *_ = opened((log / "checkpoint").read_text(), key).splitlines()
    assert origin == key[0]
    entries = (log / "entries.jsonl").read_bytes().split(b"\n")[: int(size)]
    records = (log / "records.jsonl").read_bytes().split(b"\n")[: int(size)]
    assert len(entries) == len(records) == int(size), "lines are missing"
    assert base64.b64encode(root([sha(b"\x00", line) for line in entries])).decode() == head, "another root"
    held = 0
    for entry, record in zip(map(canonical, entries), records):
        assert entry["schema"] == "indicia-log/1"
        if "commitment" in entry and not record.startswith(b'{"erased":'):
            assert sha(record).hex() == entry["commitment"], "another record"
            assert not {"prompt", "prompt_writer"} & canonical(record)["record"].get("claim", {}).keys()
            held += 1
    print(f"log: {size} entries, {held} records")
    for path in others:
        text = path.read_text()
        if text.startswith("indicia detection receipt v1\n"):
            # A detector signs under a name of its own: its key is on the line that `verify --receipt` prints.
            receipt_key = vkey(path.with_suffix(".key").read_text())
            receipt = canonical(opened(text, receipt_key).splitlines()[1].encode())
            assert {"sha256", "detector", "detector_id", "time", "verdict"} <= receipt.keys()
            print(f"receipt: {receipt['verdict']}")
            continue
        heading, checkpoint = text.split("\n\n", 1)
        first, extra, index, *path_lines = heading.splitlines()
        assert first == "c2sp.org/tlog-proof@v1"
        entry, _, record = base64.b64decode(extra.removeprefix("extra ")).partition(b"\n")
        _, proved_size, proved_head, *_ = opened(checkpoint, key).splitlines()
        index = int(index.removeprefix("index "))
        found = included(index, int(proved_size), sha(b"\x00", entry), [base64.b64decode(p) for p in path_lines])
        assert base64.b64encode(found).decode() == proved_head, "the proof leads to another root"
        assert not record or sha(record).hex() == json.loads(entry)["commitment"]
        print(f"proof: entry {index} of {proved_size}")


main()
