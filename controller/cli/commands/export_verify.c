/* SPDX-License-Identifier: MIT */
/*
 * Owns the words of VERIFY.txt.
 * Must never name a command that a third party would need a program of ours for.
 */
#include "controller/cli/commands/export_verify.h"

#include <holdfast/text.h>

/* Each block is run by a test in the folder of an export, as it stands here. */
static const char SIGNATURE[] =
	"  head -n 3 checkpoint > note\n"
	"  tail -n 1 checkpoint | cut -d' ' -f3 | base64 -d | tail -c +5 > note.sig\n"
	"  (printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'; cut -d+ -f3- key | base64 -d | tail -c +2) > key.der\n"
	"  openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in note -sigfile note.sig\n";
static const char HASH[] =
	"  jq -j 'select(.seq == '$N') | \"\\(.seq) \\(.at) \\(.kind) \\(.digest) \\(.prev)\\n\\(.body)\"' records.jsonl | openssl dgst -sha256 -r\n"
	"  jq -r 'select(.seq == '$N') | .hash' records.jsonl\n";
static const char PROOF[] =
	"  sha() { openssl dgst -sha256 -binary | xxd -p -c 64; }\n"
	"  SIZE=$(sed -n 2p checkpoint); AT=$((N - 1)); LAST=$((SIZE - 1))\n"
	"  NODE=$( (printf '\\000'; jq -r 'select(.seq == '$N') | .hash' records.jsonl | xxd -r -p) | sha)\n"
	"  for SIDE in $(jq -r 'select(.seq == '$N') | .proof[]' records.jsonl); do\n"
	"    if [ $((AT & 1)) = 1 ] || [ $AT = $LAST ]; then\n"
	"      NODE=$( (printf '\\001'; echo $SIDE$NODE | xxd -r -p) | sha)\n"
	"      while [ $((AT & 1)) = 0 ] && [ $AT != 0 ]; do AT=$((AT >> 1)); LAST=$((LAST >> 1)); done\n"
	"    else\n"
	"      NODE=$( (printf '\\001'; echo $NODE$SIDE | xxd -r -p) | sha)\n"
	"    fi\n"
	"    AT=$((AT >> 1)); LAST=$((LAST >> 1))\n"
	"  done\n"
	"  echo $NODE | xxd -r -p | base64\n"
	"  sed -n 3p checkpoint\n";
static const char NOTE[] =
	"  (echo c2sp.org/tlog-proof@v1; echo index $((N - 1))\n"
	"   for SIDE in $(jq -r 'select(.seq == '$N') | .proof[]' records.jsonl); do echo $SIDE | xxd -r -p | base64; done\n"
	"   echo; cat checkpoint) > record.tlog-proof\n";
static const char DOCUMENT[] =
	"  jq -r 'select(.seq == '$N') | .body' records.jsonl > envelope\n"
	"  TYPE=$(jq -r .payloadType envelope); jq -r .payload envelope | base64 -d > document\n"
	"  (printf 'DSSEv1 %d %s %d ' ${#TYPE} $TYPE $(wc -c < document); cat document) | openssl dgst -sha256 -r\n"
	"  jq -r 'select(.seq == '$N') | .digest' records.jsonl\n";
static const char WITNESS[] =
	"  jq -c 'select(.device == \"'$DEVICE'\" and .report)' witness.jsonl > witness\n"
	"  jq -r .report witness > envelope; TYPE=$(jq -r .payloadType envelope); jq -r .payload envelope | base64 -d > document\n"
	"  (printf 'DSSEv1 %d %s %d ' ${#TYPE} $TYPE $(wc -c < document); cat document) > signed\n"
	"  jq -r '.signatures[0].sig' envelope | base64 -d > signed.sig\n"
	"  (printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'; jq -r .public witness | base64 -d) > device.der\n"
	"  openssl pkeyutl -verify -pubin -keyform DER -inkey device.der -rawin -in signed -sigfile signed.sig\n"
	"  jq -c .logs document\n";

static void say_counts(FILE *out, const struct hf_export_count *count)
{
	fprintf(out, hf_text("Entries: %zu. Of these without their content: %zu.\n"), count->entries, count->withheld);
	fprintf(out, hf_text("  because of words that a person wrote: %zu\n"), count->with_texts);
	fprintf(out, hf_text("  because of names or logins: %zu\n"), count->with_names);
	fprintf(out, hf_text("  because nobody can say what is in them: %zu\n"), count->unknown);
	fprintf(out, hf_text("Devices that signed a head of this record: %zu. Of these without their report: %zu.\n"),
		count->witnesses, count->silent_witnesses);
}

static void say_entries(FILE *out, const struct hf_export_count *count)
{
	fputs(hf_text("\n2. An entry is what it says (N is its number: `N=7`). Both lines are the same, for an entry with its body.\n\n"), out);
	fputs(HASH, out);
	if (count->whole) {
		fputs(hf_text("\n3. The record is whole: each `prev` is the `hash` before it, and the head in the checkpoint is the tree of RFC 6962 "
			      "over the 32 bytes of each `hash`. `tlog.StoredHashes` and `tlog.TreeHash` of golang.org/x/mod/sumdb compute it.\n"),
		      out);
	} else {
		fputs(hf_text("\n3. An entry stands in the record, with or without its body. Both lines are the same (RFC 6962 section 2.1.1).\n\n"), out);
		fputs(PROOF, out);
		fputs(hf_text("\n   The same as a C2SP tlog-proof, for golang.org/x/mod: note.Open with the key, then "
			      "tlog.CheckRecord(proof, size, root, N - 1, tlog.RecordHash(hash)).\n\n"),
		      out);
		fputs(NOTE, out);
	}
	fputs(hf_text("\n4. A document is the one that was signed: its digest is SHA-256 of what DSSE 1.0.2 has signed. Both lines are the same, for "
		      "entries whose body is an envelope. The keys of the people stand in the entries of the kind trust.\n\n"),
	      out);
	fputs(DOCUMENT, out);
	fputs(hf_text("\n5. A device saw this record (`DEVICE=d1`): its signature verifies, and `logs` has the size and root that the device held.\n\n"),
	      out);
	fputs(WITNESS, out);
}

void hf_export_verify_write(FILE *out, const struct hf_export_count *count, bool lines)
{
	fputs(hf_text("How to check this export without any program of the council's or of Holdfast's.\n\n"), out);
	fputs(hf_text("records.jsonl has one entry of the record a line. An entry without its content has no `body`: its columns, its hash "
		      "and its place in the record stand, so that nobody can say that it was not there.\n\n"),
	      out);
	if (lines)
		say_counts(out, count);
	fputs(hf_text("\nYou need a shell, openssl, jq and xxd. Get the key of the record from somebody who kept it (`key` is what came with this "
		      "export), and compare:\n\n"),
	      out);
	fprintf(out, "  %s\n", count->key);
	fputs(hf_text("\n1. The head of the record is signed by that key: \"Signature Verified Successfully\".\n\n"), out);
	fputs(SIGNATURE, out);
	if (lines)
		say_entries(out, count);
}
