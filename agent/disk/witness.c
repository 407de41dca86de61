/* SPDX-License-Identifier: MIT */
/*
 * Owns the signed states that prove what this device saw of each controller's journal, in one file.
 * Must never hold anything back because they cannot be kept: no block hangs on them.
 */
#include "agent/disk/witness.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>

#define PATH_SIZE 600
#define FILE_MODE 0600
#define PAGE_MAX (2 * HF_MESSAGE_MAX) /* bytes of an envelope inside a text: its quotes are escaped */
#define WITNESS_MAX (HF_CONTROLLERS_MAX * HF_WITNESS_COUNT * (PAGE_MAX + 512))

static const char *const words[HF_WITNESS_COUNT] = {"held", "newest", "was", "now"};

static void drop_page(struct hf_witness_page *page)
{
	free(page->text);
	memset(page, 0, sizeof(*page));
}

static void drop_row(struct hf_witness_row *row)
{
	for (size_t i = 0; i < HF_WITNESS_COUNT; i++)
		drop_page(&row->page[i]);
	memset(row, 0, sizeof(*row));
}

void hf_witness_done(struct hf_witness *witness)
{
	for (size_t i = 0; i < witness->n; i++)
		drop_row(&witness->v[i]);
	memset(witness, 0, sizeof(*witness));
}

const struct hf_witness_row *hf_witness_of(const struct hf_witness *witness, const char *key)
{
	for (size_t i = 0; i < witness->n; i++)
		if (strcmp(witness->v[i].key, key) == 0)
			return &witness->v[i];
	return NULL;
}

static bool same_log(const struct hf_log_head *a, const struct hf_log_head *b)
{
	return a->size == b->size && hf_digest_cmp(&a->root, &b->root) == 0;
}

static enum hf_rc keep_page(struct hf_witness_page *page, const struct hf_log_head *head, const char *text, size_t len)
{
	char *copy = strndup(text, len);

	drop_page(page);
	if (!copy)
		return HF_E_MEMORY;
	*page = (struct hf_witness_page){*head, copy, len};
	return HF_OK;
}

static bool is_named(const struct hf_known *known, const char *key)
{
	char id[HF_KEYID_SIZE];

	for (size_t i = 0; i < known->trust->n_controllers; i++)
		if (strcmp(hf_pub_keyid(&known->trust->controllers[i].pub, id), key) == 0)
			return true;
	return false;
}

/* There is always room: a trust has at most HF_CONTROLLERS_MAX controllers. */
static struct hf_witness_row *row_for(struct hf_witness *witness, const struct hf_known *known, const char *key)
{
	struct hf_witness_row *row = (struct hf_witness_row *)(uintptr_t)hf_witness_of(witness, key);

	for (size_t i = 0; !row && i < witness->n; i++) {
		if (is_named(known, witness->v[i].key))
			continue;
		drop_row(&witness->v[i]);
		row = &witness->v[i];
	}
	if (!row && witness->n < HF_CONTROLLERS_MAX)
		row = &witness->v[witness->n++];
	if (row && hf_str_copy(row->key, sizeof(row->key), key) == HF_OK)
		return row;
	return NULL;
}

/* What was heard before it is one of the two that are kept, and is the older side from now on. */
static enum hf_rc keep_was(struct hf_witness_row *row, const struct hf_log_seen *log)
{
	const struct hf_log_head was = {log->was_seq, log->was_size, log->was_root};

	for (size_t i = HF_WITNESS_HELD; i <= HF_WITNESS_NEWEST; i++) {
		const struct hf_witness_page *page = &row->page[i];

		if (page->text && same_log(&page->head, &was))
			return keep_page(&row->page[HF_WITNESS_WAS], &page->head, page->text, page->len);
	}
	drop_page(&row->page[HF_WITNESS_WAS]);
	return HF_OK;
}

/* What one message may have changed: so much, and of one key. */
struct news {
	bool fork, held, newest;
};

static struct news news_of(const struct hf_witness_row *row, const struct hf_log_seen *log)
{
	const struct hf_log_head held = {log->seq, log->size, log->root};
	static const struct hf_witness_row none;

	if (!row)
		row = &none;
	return (struct news){.fork = log->fork_seq > 0 && row->page[HF_WITNESS_NOW].head.seq != log->fork_seq,
			     .held = !same_log(&row->page[HF_WITNESS_HELD].head, &held),
			     .newest = !same_log(&row->page[HF_WITNESS_NEWEST].head, &log->newest)};
}

/* What is new, and in this state: the rest came with another, in a life before this one. */
static struct news borne_by(struct news news, const struct hf_log_seen *log, const struct hf_log_head *said)
{
	const struct hf_log_head held = {log->seq, log->size, log->root};

	return (struct news){.fork = news.fork && said->seq == log->fork_seq,
			     .held = news.held && same_log(said, &held),
			     .newest = news.newest && same_log(said, &log->newest)};
}

static enum hf_rc keep_news(struct hf_witness_row *row, const struct hf_log_seen *log, struct news news,
			    const struct hf_envelope *envelope, const struct hf_log_head *said)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_envelope_encode(envelope, &text, &len, NULL);

	if (rc == HF_OK && news.fork)
		rc = keep_was(row, log);
	if (rc == HF_OK && news.fork)
		rc = keep_page(&row->page[HF_WITNESS_NOW], said, text, len);
	if (rc == HF_OK && news.held)
		rc = keep_page(&row->page[HF_WITNESS_HELD], said, text, len);
	if (rc == HF_OK && news.newest)
		rc = keep_page(&row->page[HF_WITNESS_NEWEST], said, text, len);
	return rc;
}

static bool is_any(struct news news)
{
	return news.fork || news.held || news.newest;
}

/* HF_E_TYPE: it is no state of this key. */
static enum hf_rc read_state(const struct hf_message *message, const struct hf_pub *pub, struct hf_envelope **ret,
			     struct hf_log_head *ret_said)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_state struct hf_state *state = NULL;
	enum hf_rc rc = hf_envelope_decode(message->buf, message->len, &envelope, NULL);

	if (rc == HF_OK)
		rc = hf_state_decode(envelope, &state, NULL);
	if (rc == HF_OK && !hf_envelope_signed_by(envelope, pub, NULL))
		rc = HF_E_TYPE;
	if (rc != HF_OK)
		return rc;
	*ret_said = (struct hf_log_head){state->seq, state->log_size, state->log_root};
	*ret = hf_steal_ptr(&envelope);
	return HF_OK;
}

static enum hf_rc hear_of(struct hf_witness *witness, const struct hf_known *known, size_t i,
			  const struct hf_message *message, bool *ret_fork)
{
	const struct hf_controller_seen *seen = &known->controllers[i];
	const struct hf_controller_key *of = hf_trust_controller(known->trust, seen->id);
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_witness_row *row;
	struct hf_log_head said;
	struct news news;
	char key[HF_KEYID_SIZE];
	enum hf_rc rc;

	if (!of || seen->log.seq == 0 || *hf_pub_keyid(&of->pub, key) == '\0')
		return HF_OK;
	news = news_of(hf_witness_of(witness, key), &seen->log);
	if (!is_any(news))
		return HF_OK;
	rc = read_state(message, &of->pub, &envelope, &said);
	if (rc != HF_OK)
		return rc == HF_E_MEMORY ? rc : HF_OK;
	news = borne_by(news, &seen->log, &said);
	row = is_any(news) ? row_for(witness, known, key) : NULL;
	if (!row)
		return HF_OK;
	rc = keep_news(row, &seen->log, news, envelope, &said);
	witness->dirty = true;
	*ret_fork = *ret_fork || news.fork;
	return rc;
}

enum hf_rc hf_witness_hear(struct hf_witness *witness, const struct hf_known *known, const struct hf_message *message,
			   bool *ret_fork)
{
	enum hf_rc rc = HF_OK;

	*ret_fork = false;
	for (size_t i = 0; rc == HF_OK && i < known->n_controllers; i++)
		rc = hear_of(witness, known, i, message, ret_fork);
	return rc;
}

static enum hf_rc path_in(const char *folder, char path[PATH_SIZE], struct hf_err *err)
{
	enum hf_rc rc = hf_str_printf(path, PATH_SIZE, "%s/%s", folder, HF_WITNESS_FILE);

	return rc == HF_OK ? rc : hf_err_set(err, rc, "the path of the agent's folder is too long");
}

#define PAGE_ROWS(page, text)                                                                                          \
	{                                                                                                              \
		{"seq", HF_JSON_INT, &(page)->head.seq, HF_JSON_INT_MAX, false},                                       \
		{"size", HF_JSON_INT, &(page)->head.size, HF_JSON_INT_MAX, false},                                     \
		{"root", HF_JSON_DIGEST, &(page)->head.root, 0, false},                                                \
		{"state", HF_JSON_TEXT, text, HF_MESSAGE_MAX, false},                                                  \
	}

static json_t *put_page(const struct hf_witness_page *page)
{
	struct hf_witness_page p = *page;
	const struct hf_json_member rows[] = PAGE_ROWS(&p, &p.text);

	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *put_row(const struct hf_witness_row *row)
{
	hf_auto_json json_t *object = json_object();

	for (size_t i = 0; object && i < HF_WITNESS_COUNT; i++)
		if (row->page[i].text && json_object_set_new(object, words[i], put_page(&row->page[i])) != 0)
			return NULL;
	return json_incref(object);
}

static json_t *put_all(const struct hf_witness *witness)
{
	hf_auto_json json_t *object = json_object();

	for (size_t i = 0; object && i < witness->n; i++)
		if (json_object_set_new(object, witness->v[i].key, put_row(&witness->v[i])) != 0)
			return NULL;
	return json_incref(object);
}

enum hf_rc hf_witness_save(struct hf_witness *witness, const char *folder, struct hf_err *err)
{
	hf_auto_json json_t *json = put_all(witness);
	hf_auto_free char *text = NULL;
	char path[PATH_SIZE];
	size_t len = 0;
	enum hf_rc rc = path_in(folder, path, err);

	if (rc == HF_OK && (!json || hf_json_bytes(json, &text, &len) != HF_OK))
		rc = hf_err_set(err, HF_E_MEMORY, "no memory for what was seen of journals");
	if (rc == HF_OK)
		rc = hf_fs_replace(path, text, len, FILE_MODE, err);
	if (rc == HF_OK)
		witness->dirty = false;
	return rc;
}

static void load_page(json_t *json, struct hf_witness_page *ret)
{
	struct hf_witness_page page = {.text = NULL};
	const char *text = NULL;
	const struct hf_json_member rows[] = PAGE_ROWS(&page, &text);

	if (hf_json_take(json, rows, HF_LEN(rows), NULL) == HF_OK)
		(void)keep_page(ret, &page.head, text, strlen(text));
}

static void load_row(const char *key, json_t *json, struct hf_witness *witness)
{
	struct hf_witness_row *row = &witness->v[witness->n];

	if (witness->n == HF_CONTROLLERS_MAX || hf_str_copy(row->key, sizeof(row->key), key) != HF_OK)
		return;
	for (size_t i = 0; i < HF_WITNESS_COUNT; i++) {
		json_t *page = json_object_get(json, words[i]);

		if (page)
			load_page(page, &row->page[i]);
	}
	witness->n++;
}

void hf_witness_load(struct hf_witness *witness, const char *folder)
{
	hf_auto_json json_t *json = NULL;
	hf_auto_free char *text = NULL;
	char path[PATH_SIZE];
	const char *key;
	json_t *row;
	size_t len = 0;

	if (path_in(folder, path, NULL) != HF_OK || hf_fs_read(path, WITNESS_MAX, &text, &len, NULL) != HF_OK ||
	    hf_json_read(text, len, WITNESS_MAX, &json, NULL) != HF_OK)
		return;
	json_object_foreach(json, key, row)
	{
		load_row(key, row, witness);
	}
}
