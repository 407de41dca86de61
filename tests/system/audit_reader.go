// SPDX-License-Identifier: MIT
// Opens a checkpoint and a proof of one record with libraries that know nothing of Holdfast: golang.org/x/mod/sumdb.
// Arguments: the verifier key, the file of the proof, the hash of the record in hex.
package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func refuse(why string, err error) {
	fmt.Println("refused:", why, err)
	os.Exit(1)
}

func hashOf(text string) tlog.Hash {
	var hash tlog.Hash
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != len(hash) {
		refuse("no hash: "+text, err)
	}
	copy(hash[:], raw)
	return hash
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	if err != nil {
		refuse("key", err)
	}
	text, err := os.ReadFile(os.Args[2])
	if err != nil {
		refuse("file", err)
	}
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		refuse("form", nil)
	}
	index, err := strconv.ParseInt(lines[1][len("index "):], 10, 64)
	if err != nil {
		refuse("index", err)
	}
	opened, err := note.Open([]byte(checkpoint), note.VerifierList(verifier))
	if err != nil {
		refuse("note", err)
	}
	parts := strings.Split(opened.Text, "\n")
	if len(parts) != 4 || parts[0] != verifier.Name() {
		refuse("checkpoint", nil)
	}
	size, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		refuse("size", err)
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		proof = append(proof, hashOf(line))
	}
	record, err := hex.DecodeString(os.Args[3])
	if err != nil {
		refuse("record", err)
	}
	if err := tlog.CheckRecord(proof, size, hashOf(parts[2]), index, tlog.RecordHash(record)); err != nil {
		refuse("proof", err)
	}
	fmt.Println("record", index+1, "of", size, "is proved")
}
