/* SPDX-License-Identifier: MIT */
/*
 * Owns one right document of each kind, for tests to spoil.
 * Must never be used but in tests: everybody knows its keys.
 */
#include "tests/help/sample.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define HEX64 "abababababababababababababababababababababababababababababababab"
#define BODY                                                                                                           \
	"\"level\":\"block\",\"from\":1767225600,\"until\":0,\"accounts\":[\"*\"],\"groups\":[\"*\"],\"exempt\":[],"   \
	"\"reason\":\"Flood\",\"contact\":\"Ring 01543 000000\",\"instructions\":\"\",\"holding\":[{\"account\":"      \
	"\"x:CannockChaseDC\",\"text\":\"We know.\\nMore soon.\",\"poster\":\"comms-2\",\"minutes\":15}]"

/* clang-format off */
static const struct {
	enum hf_doc_type type;
	const char *text;
} SAMPLES[SAMPLE_COUNT] = {
	[SAMPLE_TRUST] = {HF_DOC_TRUST,
		"{\"council\":\"cannock-chase\",\"epoch\":1,\"issued\":1767225600,\"threshold\":2,"
		"\"roots\":[\"@root-1\",\"@root-2\",\"@root-3\"],"
		"\"controllers\":[{\"id\":\"main\",\"public\":\"@controller-main\"}],"
		"\"people\":[{\"id\":\"comms-1\",\"roles\":[\"comms\",\"accounts\"],\"keys\":[\"@comms-1\",\"@comms-1-second\"]},"
		"{\"id\":\"comms-2\",\"roles\":[\"comms\",\"accounts\"],\"keys\":[\"@comms-2\"]},"
		"{\"id\":\"monitoring-1\",\"roles\":[\"monitoring\"],\"keys\":[\"@monitoring-1\"]}],"
		"\"rules\":[{\"kind\":\"emergency\",\"act\":\"raise\",\"roles\":[\"comms\"],\"need\":1},"
		"{\"kind\":\"emergency\",\"act\":\"release\",\"roles\":[\"comms\",\"monitoring\"],\"need\":2},"
		"{\"kind\":\"purdah\",\"act\":\"raise\",\"roles\":[\"elections\"],\"need\":1},"
		"{\"kind\":\"purdah\",\"act\":\"release\",\"roles\":[\"elections\",\"monitoring\"],\"need\":2},"
		"{\"kind\":\"exercise\",\"act\":\"approve\",\"roles\":[\"comms\",\"elections\"],\"need\":1},"
		"{\"kind\":\"register\",\"act\":\"approve\",\"roles\":[\"accounts\"],\"need\":2},"
		"{\"kind\":\"exempt\",\"act\":\"approve\",\"roles\":[\"accounts\"],\"need\":2},"
		"{\"kind\":\"assignment\",\"act\":\"approve\",\"roles\":[\"it\"],\"need\":1}],"
		"\"affirmed\":[\"" HEX64 "\"],\"void_before\":0}"},
	[SAMPLE_REGISTER] = {HF_DOC_REGISTER,
		"{\"council\":\"cannock-chase\",\"version\":1,\"issued\":1767225600,"
		"\"accounts\":[{\"id\":\"x:CannockChaseDC\",\"kind\":\"corporate\",\"holders\":["
		"{\"person\":\"comms-1\",\"until\":0},{\"person\":\"comms-2\",\"until\":1769904000}]},"
		"{\"id\":\"instagram:visitcannockchase\",\"kind\":\"campaign\",\"holders\":[]}],"
		"\"tools\":[{\"id\":\"x-web\",\"name\":\"X in the browser\",\"platforms\":[\"x\"],"
		"\"addresses\":[\"x.com\",\"twitter.com\"],\"programs\":[]},"
		"{\"id\":\"toot\",\"name\":\"toot\",\"platforms\":[\"mastodon\"],\"addresses\":[],"
		"\"programs\":[\"/usr/bin/toot\"]}]}"},
	[SAMPLE_ASSIGNMENT] = {HF_DOC_ASSIGNMENT,
		"{\"council\":\"cannock-chase\",\"device\":\"d1\",\"version\":1,\"issued\":1767225600,"
		"\"public\":\"@device-d1\",\"people\":[{\"person\":\"comms-2\",\"user\":\"sam\"}],"
		"\"groups\":[\"communications\"]}"},
	[SAMPLE_RAISE] = {HF_DOC_ORDER,
		"{\"council\":\"cannock-chase\",\"act\":\"raise\",\"kind\":\"emergency\",\"mode\":\"live\",\"at\":1767225600,"
		BODY "}"},
	[SAMPLE_PURDAH] = {HF_DOC_ORDER,
		"{\"council\":\"cannock-chase\",\"act\":\"raise\",\"kind\":\"purdah\",\"mode\":\"live\",\"at\":1767225600,"
		"\"level\":\"guard\",\"from\":1767312000,\"until\":1769904000,\"accounts\":[\"x:CannockChaseDC\"],"
		"\"groups\":[\"communications\"],\"exempt\":[\"comms-1\"],\"reason\":\"Election\",\"contact\":\"Ring\","
		"\"instructions\":\"Nothing party political.\",\"holding\":[]}"},
	[SAMPLE_AMEND] = {HF_DOC_ORDER,
		"{\"council\":\"cannock-chase\",\"act\":\"amend\",\"kind\":\"emergency\",\"mode\":\"live\",\"at\":1767225600,"
		"\"of\":\"" HEX64 "\",\"rev\":1," BODY "}"},
	[SAMPLE_RELEASE] = {HF_DOC_ORDER,
		"{\"council\":\"cannock-chase\",\"act\":\"release\",\"kind\":\"emergency\",\"mode\":\"live\","
		"\"at\":1767225600,\"of\":[\"" HEX64 "\"],\"reason\":\"Over\",\"message\":\"You may post again.\"}"},
	[SAMPLE_STATE] = {HF_DOC_STATE,
		"{\"council\":\"cannock-chase\",\"controller\":\"main\",\"seq\":5,\"issued\":1767225600,"
		"\"valid_until\":1767225720,\"page\":0,\"pages\":1,\"trust\":{\"epoch\":1,\"digest\":\"" HEX64 "\"},"
		"\"register\":{\"version\":1,\"digest\":\"" HEX64 "\"},"
		"\"orders\":[{\"payload\":\"e30=\",\"payloadType\":\"application/vnd.holdfast.order.v1+json\","
		"\"signatures\":[]}],\"log\":{\"size\":3,\"root\":\"" HEX64 "\"}}"},
	[SAMPLE_REPORT] = {HF_DOC_REPORT,
		"{\"council\":\"cannock-chase\",\"device\":\"d1\",\"counter\":7,\"at\":1767225600,\"unknown\":false,"
		"\"controller\":\"main\",\"state_seq\":5,\"state\":\"" HEX64 "\",\"trust_epoch\":1,\"register_version\":1,"
		"\"layers\":[{\"name\":\"browser\",\"state\":\"verified\",\"saw\":\"x.com was refused\"},"
		"{\"name\":\"programs\",\"state\":\"armed\",\"saw\":\"\"}],"
		"\"lockdowns\":[{\"id\":\"" HEX64 "\",\"kind\":\"emergency\",\"mode\":\"live\",\"rev\":0,"
		"\"standing\":\"enforced-verified\"}],"
		"\"refused\":[{\"reason\":\"too-few\",\"count\":2},{\"reason\":\"rollback\",\"count\":1}]}"},
};
/* clang-format on */

struct hf_key *sample_key(const char *name)
{
	uint8_t seed[EVP_MAX_MD_SIZE];
	struct hf_key *key = NULL;
	cr_assert_eq(EVP_Digest(name, strlen(name), seed, NULL, EVP_sha256(), NULL), 1);
	cr_assert_eq(hf_key_from_seed(seed, &key), HF_OK);
	return key;
}

static json_t *named_key(const char *name)
{
	hf_auto_key struct hf_key *key = sample_key(name);
	struct hf_pub pub = hf_key_pub(key);
	return hf_json_from_bytes(pub.b, sizeof(pub.b));
}

/* Puts the public key of a name where "@name" stands, all the way down. Takes the reference, gives one back. */
static json_t *put_keys(json_t *value)
{
	const char *text = json_string_value(value);
	if (text && text[0] == '@') {
		json_t *key = named_key(text + 1);
		json_decref(value);
		return key;
	}
	size_t i;
	const char *name;
	json_t *part;
	json_array_foreach(value, i, part) json_array_set_new(value, i, put_keys(json_incref(part)));
	json_object_foreach(value, name, part) json_object_set_new(value, name, put_keys(json_incref(part)));
	return value;
}

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
	cr_assert_not_null(value, "%s: %s", error.text, text);
	return put_keys(value);
}

json_t *sample_doc(enum sample which)
{
	return parse(SAMPLES[which].text);
}

enum hf_doc_type sample_type(enum sample which)
{
	return SAMPLES[which].type;
}

static void set(json_t *in, const char *name, json_t *value)
{
	int rc;
	if (json_is_object(in))
		rc = value ? json_object_set_new(in, name, value) : json_object_del(in, name);
	else if (strcmp(name, "+") == 0)
		rc = json_array_append_new(in, value);
	else
		rc = value ? json_array_set_new(in, strtoul(name, NULL, 10), value)
			   : json_array_remove(in, strtoul(name, NULL, 10));
	cr_assert_eq(rc, 0, "there is no %s to change", name);
}

void sample_change(json_t *doc, const char *path, const char *value)
{
	char copy[200];
	cr_assert_lt(strlen(path), sizeof(copy));
	strcpy(copy, path);
	char *rest = NULL, *next, *name = strtok_r(copy, ".", &rest);
	json_t *in = doc;
	while ((next = strtok_r(NULL, ".", &rest))) {
		in = json_is_object(in) ? json_object_get(in, name) : json_array_get(in, strtoul(name, NULL, 10));
		cr_assert_not_null(in, "there is no %s in %s", name, path);
		name = next;
	}
	set(in, name, value ? parse(value) : NULL);
}

struct hf_envelope *sample_envelope(enum sample which, json_t *doc, const char *signers)
{
	hf_auto_free char *text = json_dumps(doc, JSON_COMPACT);
	char names[200];
	struct hf_envelope *envelope = NULL;
	cr_assert_not_null(text);
	cr_assert_lt(strlen(signers), sizeof(names));
	strcpy(names, signers);
	cr_assert_eq(hf_envelope_new(SAMPLES[which].type, text, strlen(text), &envelope, NULL), HF_OK);
	char *rest = NULL;
	for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		hf_auto_key struct hf_key *key = sample_key(name);
		cr_assert_eq(hf_envelope_sign(envelope, key, NULL), HF_OK);
	}
	return envelope;
}

void sample_expect_rows(sample_decode *decode, enum sample which, const struct sample_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		hf_auto_json json_t *doc = sample_doc(which);
		hf_auto_json json_t *again = NULL;
		struct hf_err err = {0};
		sample_change(doc, rows[i].path, rows[i].value);
		hf_auto_envelope struct hf_envelope *envelope = sample_envelope(which, doc, "");
		cr_expect_eq(decode(envelope, &again, &err), rows[i].want, "%s: %s", rows[i].what, err.text);
		cr_expect_eq(err.text[0] != '\0', rows[i].want != HF_OK, "%s: says why", rows[i].what);
		cr_expect(rows[i].want != HF_OK || json_equal(doc, again), "%s: comes out as it went in", rows[i].what);
	}
}

void sample_expect_document(sample_decode *decode, enum sample which, enum sample other)
{
	hf_auto_json json_t *right = sample_doc(which);
	hf_auto_json json_t *again = NULL;
	hf_auto_envelope struct hf_envelope *envelope = sample_envelope(which, right, "");
	struct hf_err err = {0};
	cr_expect_eq(decode(envelope, &again, &err), HF_OK, "%s", err.text);
	cr_expect(json_equal(right, again), "it comes out as it went in");

	const char *name;
	json_t *value;
	json_object_foreach(right, name, value)
	{
		const struct sample_row row = {name, name, NULL, HF_E_SHAPE};
		sample_expect_rows(decode, which, &row, 1);
	}
	const struct sample_row more = {"JSON: a member that is not listed", "more", "1", HF_E_SHAPE};
	sample_expect_rows(decode, which, &more, 1);

	hf_auto_json json_t *stranger = sample_doc(other);
	hf_auto_envelope struct hf_envelope *wrong = sample_envelope(other, stranger, "");
	cr_expect_eq(decode(wrong, &again, &err), HF_E_TYPE, "attack: a document under another's name");
}
