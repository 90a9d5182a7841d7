// Verifies a log and a proof with the packages that the Go project verifies its own checksum database with
// (golang.org/x/mod/sumdb/note and tlog).
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run tests/verify-log.go LOG PROOF
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func hash(text string) (hash tlog.Hash) {
	if copy(hash[:], must(base64.StdEncoding.DecodeString(text))) != tlog.HashSize {
		log.Fatalf("%q is no hash", text)
	}
	return hash
}

// head is what a signed checkpoint says: how many entries, and their root.
func head(checkpoint []byte, key note.Verifier) (int64, tlog.Hash) {
	opened := must(note.Open(checkpoint, note.VerifierList(key)))
	lines := strings.Split(opened.Text, "\n")
	return must(strconv.ParseInt(lines[1], 10, 64)), hash(lines[2])
}

func main() {
	folder := os.Args[1]
	read := func(name string) []byte { return must(os.ReadFile(filepath.Join(folder, name))) }
	key := must(note.NewVerifier(strings.TrimSpace(string(read("key")))))
	size, root := head(read("checkpoint"), key)

	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for at, index := range indexes {
			hashes[at] = stored[index]
		}
		return hashes, nil
	})
	entries := bytes.Split(bytes.TrimSuffix(read("entries.jsonl"), []byte("\n")), []byte("\n"))
	for number, entry := range entries {
		stored = append(stored, must(tlog.StoredHashes(int64(number), entry, reader))...)
	}
	if int64(len(entries)) != size || must(tlog.TreeHash(size, reader)) != root {
		log.Fatalf("the %d entries are not the %d that were signed", len(entries), size)
	}
	fmt.Printf("log: %d entries under the signed root\n", size)

	// c2sp.org/tlog-proof: its name, extra data, the index, the path, an empty line, the checkpoint.
	proof, checkpoint, _ := bytes.Cut(must(os.ReadFile(os.Args[2])), []byte("\n\n"))
	size, root = head(checkpoint, key)
	var path tlog.RecordProof
	index := int64(-1)
	for _, line := range strings.Split(string(proof), "\n") {
		if strings.HasPrefix(line, "index ") {
			index = must(strconv.ParseInt(line[len("index "):], 10, 64))
		} else if index >= 0 {
			path = append(path, hash(line))
		}
	}
	if err := tlog.CheckRecord(path, size, root, index, tlog.RecordHash(entries[index])); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("proof: entry %d of %d\n", index, size)
}
