/* SPDX-License-Identifier: MIT */
/*
 * Owns the first step of enrolment: this device's keys and what is told of them.
 * Must never write a private key anywhere but into its own file, nor replace one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>
#include <holdfast/key.h>
#include <holdfast/text.h>

#include "agent/disk/bundle.h"
#include "agent/enrol/enrol.h"
#include "agent/enrol/enrol_token.h"
#include "agent/enrol/tls.h"
#include "agent/machine/logins.h"
#include "agent/machine/serials.h"

struct secret {
	char *text;
	size_t len;
};

static void secret_done(struct secret *secret)
{
	if (secret->text)
		explicit_bzero(secret->text, secret->len);
	free(secret->text);
}

#define auto_secret __attribute__((cleanup(secret_done)))

/* Reads the key that is there, else makes one and keeps it. */
static enum hf_rc keep_key(const char *path, enum hf_rc (*make)(char **, size_t *, struct hf_err *),
			   struct secret *ret_key, struct hf_err *err)
{
	enum hf_rc rc = hf_fs_read(path, HF_PEM_MAX, &ret_key->text, &ret_key->len, err);

	if (rc != HF_E_ABSENT)
		return rc;
	rc = make(&ret_key->text, &ret_key->len, err);
	return rc == HF_OK ? hf_fs_replace(path, ret_key->text, ret_key->len, 0600, err) : rc;
}

static enum hf_rc make_device_key(char **ret_pem, size_t *ret_len, struct hf_err *err)
{
	hf_auto_key struct hf_key *key = NULL;
	enum hf_rc rc = hf_key_new(&key, err);

	return rc == HF_OK ? hf_key_to_pem(key, NULL, ret_pem, ret_len, err) : rc;
}

static enum hf_rc device_public(const char *folder, struct hf_pub *ret_pub, struct hf_err *err)
{
	auto_secret struct secret pem = {NULL, 0};
	hf_auto_key struct hf_key *key = NULL;
	char path[HF_PATH_SIZE];
	enum hf_rc rc = hf_place(folder, "device.key", path, err);

	if (rc == HF_OK)
		rc = keep_key(path, make_device_key, &pem, err);
	if (rc == HF_OK)
		rc = hf_key_from_pem(pem.text, pem.len, NULL, &key, err);
	if (rc == HF_OK)
		*ret_pub = hf_key_pub(key);
	return rc;
}

static void give_to_user(const char *path, const char *user)
{
	uid_t uid;

	if (geteuid() != 0)
		return;
	if (!hf_login_uid(user, &uid))
		fprintf(stderr,
			hf_text("There is no user '%s' yet, so %s belongs to root; give it to the link's user.\n"),
			user, path);
	else if (chown(path, uid, (gid_t)-1) != 0)
		fprintf(stderr, hf_text("%s cannot be given to user '%s': do it by hand.\n"), path, user);
}

static enum hf_rc link_request(const char *folder, const char *device, const char *user, char **ret_csr,
			       struct hf_err *err)
{
	auto_secret struct secret pem = {NULL, 0};
	char path[HF_PATH_SIZE];
	enum hf_rc rc = hf_place(folder, "link.key", path, err);

	if (rc == HF_OK)
		rc = keep_key(path, hf_tls_key_new, &pem, err);
	if (rc != HF_OK)
		return rc;
	give_to_user(path, user);
	return hf_tls_request(pem.text, device, ret_csr, err);
}

static enum hf_rc put_out(json_t *request, const char *out, mode_t mode, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_json_bytes(request, &text, &len);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory for the request");
	if (out)
		return hf_fs_replace(out, text, len, mode, err);
	if (puts(text) < 0 || fflush(stdout) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "the request cannot be written to standard output");
	return HF_OK;
}

enum hf_rc hf_request(const struct hf_places *places, const char *device, const char *user, const char *out,
		      struct hf_err *err)
{
	hf_auto_free char *csr = NULL;
	hf_auto_json json_t *request = NULL;
	struct hf_pub pub;
	enum hf_rc rc;

	if (!hf_id_ok(device))
		return hf_err_set(err, HF_E_USAGE, "'%s' is no device id: use a-z, 0-9 and -, at most %d", device,
				  HF_ID_MAX);
	rc = hf_fs_mkdirs(places->etc, 0755, err);
	if (rc == HF_OK)
		rc = device_public(places->etc, &pub, err);
	if (rc == HF_OK)
		rc = link_request(places->etc, device, user, &csr, err);
	if (rc != HF_OK)
		return rc;
	request = json_pack("{s:s, s:o, s:s}", "device", device, "public", hf_json_from_bytes(pub.b, sizeof(pub.b)),
			    "csr", csr);
	if (!request)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the request");
	return put_out(request, out, 0644, err);
}

enum hf_rc hf_enrol_token(const char *path, struct hf_join_token *ret, struct hf_err *err)
{
	auto_secret struct secret text = {NULL, 0};
	struct hf_err why = {""};
	enum hf_rc rc = hf_fs_guarded(path, NULL, S_IRWXG | S_IRWXO, err);

	if (rc == HF_OK)
		rc = hf_fs_read(path, HF_JOIN_TOKEN_MAX, &text.text, &text.len, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_join_token_read(text.text, text.len, ret, &why);
	return rc == HF_OK ? rc
			   : hf_err_set(err, rc, "%s is not what `holdfast join-token make` wrote (%s): take that file, whole", path,
					why.text);
}

/* Salted with the council alone: two keys that ask from one machine are told. */
static enum hf_rc fill_ask(struct hf_join_ask *ask, const struct hf_join_token *token, const struct hf_serials *serials,
			   struct hf_err *err)
{
	memcpy(ask->secret, token->secret, sizeof(ask->secret));
	ask->serial = serials->product;
	if (hf_machine_of((const char *const[]){serials->id, serials->board, serials->disk}, token->council, "join",
			  &ask->machine) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory to tell which machine this is");
	return HF_OK;
}

static enum hf_rc put_join(const struct hf_join_token *token, const struct hf_join_ask *ask,
			   const struct hf_join_how *how, struct hf_err *err)
{
	json_t *put_token = hf_join_token_put(token), *put_ask = hf_join_ask_put(ask);
	hf_auto_json json_t *both = json_pack("{s:o, s:o}", "token", put_token, "ask", put_ask);
	enum hf_rc rc = both ? put_out(both, how->out, 0600, err) : hf_err_set(err, HF_E_MEMORY, "no memory for the request");

	if (rc == HF_OK)
		give_to_user(how->out, how->user);
	return rc;
}

/* Below the login prompt of the console, say: IT compares them with what `holdfast device approve` shows. */
static enum hf_rc show_words(const struct hf_join_token *token, const struct hf_join_ask *ask, const char *path,
			     struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	char words[HF_JOIN_WORDS_SIZE];
	struct hf_digest id;
	size_t len = 0;
	FILE *out;
	enum hf_rc rc = hf_join_id(&ask->pub, ask->csr, &id);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory for the request");
	hf_join_words(&id, words);
	printf(hf_text("This device asks to join the council %s. Its words are: %s\n"), token->council, words);
	out = path ? open_memstream(&text, &len) : NULL;
	if (!out)
		return path ? hf_err_set(err, HF_E_MEMORY, "no memory for the words") : HF_OK;
	fprintf(out, hf_text("This device asks to join the council %s. Its words are: %s\n"), token->council, words);
	if (fclose(out) != 0)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the words");
	return hf_fs_replace(path, text, len, 0644, err);
}

enum hf_rc hf_join_request(const struct hf_places *places, const struct hf_join_how *how, struct hf_err *err)
{
	hf_auto_join_token struct hf_join_token token = {0};
	hf_auto_free char *csr = NULL;
	char name[HF_JOIN_LINE_MAX + 1] = "";
	struct hf_join_ask ask = {.name = name};
	struct hf_serials serials;
	enum hf_rc rc = how->out ? hf_enrol_token(how->token, &token, err)
				 : hf_err_set(err, HF_E_USAGE, "say where it goes: --out FILE; it has the token in it");

	if (rc == HF_OK)
		rc = hf_fs_mkdirs(places->etc, 0755, err);
	if (rc == HF_OK)
		rc = device_public(places->etc, &ask.pub, err);
	if (rc == HF_OK)
		rc = link_request(places->etc, "joins", how->user, &csr, err);
	if (rc != HF_OK)
		return rc;
	hf_serials_read("", &serials);
	(void)!gethostname(name, sizeof(name) - 1);
	ask.csr = csr;
	rc = fill_ask(&ask, &token, &serials, err);
	if (rc == HF_OK)
		rc = put_join(&token, &ask, how, err);
	if (rc == HF_OK)
		rc = show_words(&token, &ask, how->words, err);
	explicit_bzero(&ask, sizeof(ask));
	return rc;
}
