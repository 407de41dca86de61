/* SPDX-License-Identifier: MIT */
/*
 * Owns the book of a council's door: tokens, who waits, who was approved.
 * Must never let anybody in, nor let one address take all the room.
 */
#include "controller/join/join_book.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include <holdfast/digest.h>
#include <holdfast/rows.h>

static void batch_done(struct hf_join_batch *batch)
{
	hf_strs_done(&batch->groups);
	json_decref(batch->doc);
}

static void row_done(struct hf_join_row *row)
{
	json_decref(row->ask);
	free(row->certificate);
}

static void drop_row(struct hf_join_book *book, size_t i)
{
	row_done(&book->rows[i]);
	memmove(&book->rows[i], &book->rows[i + 1], (--book->n_rows - i) * sizeof(*book->rows));
}

static struct hf_join_batch *batch_named(const struct hf_join_book *book, const char *name)
{
	for (size_t i = 0; i < book->n_batches; i++)
		if (strcmp(book->batches[i].batch, name) == 0)
			return &book->batches[i];
	return NULL;
}

static struct hf_join_batch *batch_of(const struct hf_join_book *book, const struct hf_join_ask *ask)
{
	struct hf_digest digest;

	if (hf_digest_of(ask->secret, sizeof(ask->secret), &digest) != HF_OK)
		return NULL;
	for (size_t i = 0; i < book->n_batches; i++)
		if (CRYPTO_memcmp(&book->batches[i].secret, &digest, sizeof(digest)) == 0)
			return &book->batches[i];
	return NULL;
}

static bool counts(const struct hf_join_batch *batch, struct hf_wall now)
{
	return batch && now.s < batch->until.s && batch->used < batch->uses;
}

static struct hf_join_row *row_of(const struct hf_join_book *book, const struct hf_digest *id)
{
	for (size_t i = 0; i < book->n_rows; i++)
		if (hf_digest_cmp(&book->rows[i].id, id) == 0)
			return &book->rows[i];
	return NULL;
}

static void forget_gone(struct hf_join_book *book, struct hf_wall now)
{
	for (size_t i = book->n_rows; i-- > 0;)
		if (!book->rows[i].device[0] && now.s - book->rows[i].last.s > HF_JOIN_GONE_S)
			drop_row(book, i);
}

/* Half of what the others leave: whoever comes next has room, however many came from one place. */
static bool has_share(const struct hf_join_book *book, const char *source)
{
	size_t mine = 0, waiting = 0;

	for (size_t i = 0; i < book->n_rows; i++) {
		const struct hf_join_row *row = &book->rows[i];

		waiting += !row->device[0];
		mine += !row->device[0] && strcmp(row->source, source) == 0;
	}
	return mine < (HF_JOIN_WAITING_MAX - (waiting - mine)) / 2;
}

static json_t *without_secret(const struct hf_join_ask *ask)
{
	json_t *copy = json_copy(ask->doc);

	if (copy)
		(void)json_object_del(copy, "token");
	return copy;
}

/* The texts lie in row->ask. */
static enum hf_rc read_ask(struct hf_join_row *row, struct hf_err *err)
{
	json_t *machine = NULL;
	const struct hf_json_member members[] = {
		{.name = "public", .kind = HF_JSON_BYTES32, .ret = row->pub.b},
		{.name = "csr", .kind = HF_JSON_TEXT, .ret = &row->csr, .max = HF_JOIN_CSR_MAX},
		{.name = "serial", .kind = HF_JSON_LINE0, .ret = &row->serial, .max = HF_JOIN_LINE_MAX},
		{.name = "name", .kind = HF_JSON_LINE0, .ret = &row->name, .max = HF_JOIN_LINE_MAX},
		{.name = "machine", .kind = HF_JSON_OBJECT, .ret = &machine, .optional = true},
	};
	enum hf_rc rc = row->ask ? hf_json_take(row->ask, members, HF_LEN(members), err)
			       : hf_err_set(err, HF_E_MEMORY, "no memory for the book");

	if (rc == HF_OK && machine)
		rc = hf_machine_take(machine, &row->machine, err);
	if (rc == HF_OK && hf_join_id(&row->pub, row->csr, &row->id) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "no memory for the book");
	return rc;
}

/* Taken over, or freed. */
static enum hf_rc add_row(struct hf_join_book *book, struct hf_join_row *row)
{
	if (hf_rows_reserve(&book->rows, &book->row_room, book->n_rows + 1, sizeof(*book->rows)) != HF_OK) {
		row_done(row);
		return HF_E_MEMORY;
	}
	book->rows[book->n_rows++] = *row;
	return HF_OK;
}

static enum hf_rc add_asking(struct hf_join_book *book, const struct hf_join_guest *guest,
			     const struct hf_join_batch *batch)
{
	struct hf_join_row row = {.ask = without_secret(guest->ask), .first = guest->now, .last = guest->now};
	enum hf_rc rc = read_ask(&row, NULL);

	if (rc == HF_OK)
		rc = hf_str_copy(row.batch, sizeof(row.batch), batch->batch);
	if (rc == HF_OK)
		rc = hf_str_copy(row.source, sizeof(row.source), guest->source);
	if (rc == HF_OK)
		return add_row(book, &row);
	row_done(&row);
	return rc;
}

static bool lets_ask(const struct hf_join_batch *batch, const struct hf_join_guest *guest)
{
	return counts(batch, guest->now) && (!batch->serial[0] || strcasecmp(batch->serial, guest->ask->serial) == 0);
}

/* One of before, whose source may be another by now: a laptop is carried about. */
static enum hf_join_said asks_again(struct hf_join_row *row, const struct hf_join_batch *batch,
				    const struct hf_join_guest *guest)
{
	if (row->device[0])
		return HF_JOIN_APPROVED;
	if (!lets_ask(batch, guest))
		return HF_JOIN_REFUSED;
	/* With another token than before, since that one was over, say: it is one of that batch now. */
	(void)!hf_str_copy(row->batch, sizeof(row->batch), batch->batch);
	row->last = guest->now;
	(void)!hf_str_copy(row->source, sizeof(row->source), guest->source);
	return HF_JOIN_WAITS;
}

static enum hf_rc asks_first(struct hf_join_book *book, const struct hf_join_batch *batch,
			     const struct hf_join_guest *guest, struct hf_join_told *ret)
{
	enum hf_rc rc = HF_OK;

	forget_gone(book, guest->now);
	ret->said = has_share(book, guest->source) ? HF_JOIN_WAITS : HF_JOIN_FULL;
	if (ret->said == HF_JOIN_WAITS)
		rc = add_asking(book, guest, batch);
	ret->row = ret->said == HF_JOIN_WAITS && rc == HF_OK ? &book->rows[book->n_rows - 1] : NULL;
	return rc;
}

enum hf_rc hf_join_book_ask(struct hf_join_book *book, const struct hf_join_guest *guest, struct hf_join_told *ret_told)
{
	const struct hf_join_batch *batch = batch_of(book, guest->ask);
	struct hf_join_told told = {HF_JOIN_REFUSED, NULL};
	struct hf_join_row *row;
	struct hf_digest id;
	enum hf_rc rc = hf_join_id(&guest->ask->pub, guest->ask->csr, &id);

	if (rc != HF_OK)
		return rc;
	row = row_of(book, &id);
	if (row)
		told = (struct hf_join_told){asks_again(row, batch, guest), row};
	else if (lets_ask(batch, guest))
		rc = asks_first(book, batch, guest, &told);
	if (rc != HF_OK)
		return rc;
	book->refused += told.said == HF_JOIN_REFUSED;
	book->full += told.said == HF_JOIN_FULL;
	if (told.said == HF_JOIN_REFUSED)
		told.row = NULL;
	*ret_told = told;
	return HF_OK;
}

static enum hf_rc read_batch(json_t *doc, struct hf_join_batch *ret, struct hf_err *err)
{
	struct hf_join_batch b = {.doc = json_deep_copy(doc), .device = "", .serial = ""};
	const struct hf_json_member members[] = {
		{.name = "batch", .kind = HF_JSON_ID, .ret = &b.batch},
		{.name = "secret", .kind = HF_JSON_DIGEST, .ret = &b.secret},
		{.name = "uses", .kind = HF_JSON_INT, .ret = &b.uses, .max = HF_JOIN_USES_MAX},
		{.name = "used", .kind = HF_JSON_INT, .ret = &b.used, .max = HF_JOIN_USES_MAX},
		{.name = "until", .kind = HF_JSON_WALL, .ret = &b.until},
		{.name = "groups", .kind = HF_JSON_NAMES, .ret = &b.groups, .max = HF_JOIN_GROUPS_MAX},
		{.name = "device", .kind = HF_JSON_ID, .ret = &b.device, .optional = true},
		{.name = "serial", .kind = HF_JSON_LINE, .ret = &b.serial, .max = HF_JOIN_LINE_MAX, .optional = true},
	};
	enum hf_rc rc = b.doc ? hf_json_take(b.doc, members, HF_LEN(members), err)
			      : hf_err_set(err, HF_E_MEMORY, "no memory for the book");

	if (rc == HF_OK)
		*ret = b;
	else
		batch_done(&b);
	return rc;
}

enum hf_rc hf_join_book_batch(struct hf_join_book *book, json_t *doc, struct hf_err *err)
{
	struct hf_join_batch batch;
	enum hf_rc rc = read_batch(doc, &batch, err);

	if (rc != HF_OK)
		return rc;
	if (batch_named(book, batch.batch))
		rc = hf_err_set(err, HF_E_FORK, "there is a token of the batch %s already: end it first, or name this one otherwise",
				batch.batch);
	else if (book->n_batches >= HF_JOIN_TOKENS_MAX)
		rc = hf_err_set(err, HF_E_SIZE, "there are %d tokens already: end those that are over", HF_JOIN_TOKENS_MAX);
	else if (hf_rows_reserve(&book->batches, &book->batch_room, book->n_batches + 1, sizeof(*book->batches)) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "no memory for the book");
	if (rc == HF_OK)
		book->batches[book->n_batches++] = batch;
	else
		batch_done(&batch);
	return rc;
}

enum hf_rc hf_join_book_end(struct hf_join_book *book, const char *batch, struct hf_err *err)
{
	struct hf_join_batch *found = batch_named(book, batch);
	size_t i;

	if (!found)
		return hf_err_set(err, HF_E_ABSENT, "there is no token of the batch %s", batch);
	for (i = book->n_rows; i-- > 0;)
		if (!book->rows[i].device[0] && strcmp(book->rows[i].batch, batch) == 0)
			drop_row(book, i);
	i = (size_t)(found - book->batches);
	batch_done(found);
	memmove(found, found + 1, (--book->n_batches - i) * sizeof(*found));
	return HF_OK;
}

/* The oldest answers leave: they were fetched long ago. */
static void make_room(struct hf_join_book *book)
{
	size_t answered = 0;

	for (size_t i = 0; i < book->n_rows; i++)
		answered += book->rows[i].device[0] != '\0';
	for (size_t i = 0; answered > HF_JOIN_ANSWERED_MAX && i < book->n_rows;) {
		if (book->rows[i].device[0]) {
			drop_row(book, i);
			answered--;
		} else {
			i++;
		}
	}
}

struct answer {
	struct hf_digest id;
	const char *device, *certificate;
};

static enum hf_rc take_answer(json_t *doc, struct answer *ret, struct hf_err *err)
{
	const struct hf_json_member members[] = {
		{.name = "id", .kind = HF_JSON_DIGEST, .ret = &ret->id},
		{.name = "device", .kind = HF_JSON_ID, .ret = &ret->device},
		{.name = "certificate", .kind = HF_JSON_TEXT, .ret = &ret->certificate, .max = HF_JOIN_PEM_MAX},
	};

	return hf_json_take(doc, members, HF_LEN(members), err);
}

enum hf_rc hf_join_book_answer(struct hf_join_book *book, json_t *doc, struct hf_wall now, struct hf_err *err)
{
	struct answer answer;
	struct hf_join_batch *batch;
	struct hf_join_row *row;
	enum hf_rc rc = take_answer(doc, &answer, err);

	if (rc != HF_OK)
		return rc;
	row = row_of(book, &answer.id);
	if (!row || row->device[0])
		return hf_err_set(err, HF_E_ABSENT, "nobody waits with this request any more");
	batch = batch_named(book, row->batch);
	if (!counts(batch, now))
		return hf_err_set(err, HF_E_VOID, "the token of the batch %s is over, or has no use left", row->batch);
	row->certificate = strdup(answer.certificate);
	if (!row->certificate || hf_str_copy(row->device, sizeof(row->device), answer.device) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the answer");
	row->last = now;
	batch->used++;
	make_room(book);
	return HF_OK;
}

static enum hf_rc read_place(json_t *doc, struct hf_join_place *ret, struct hf_err *err)
{
	struct hf_join_place p = {.doc = json_deep_copy(doc)};
	const struct hf_json_member members[] = {
		{.name = "host", .kind = HF_JSON_LINE, .ret = &p.host, .max = 253},
		{.name = "port", .kind = HF_JSON_INT, .ret = &p.port, .max = 65535},
		{.name = "ca", .kind = HF_JSON_TEXT, .ret = &p.ca, .max = HF_JOIN_PEM_MAX},
	};
	enum hf_rc rc = p.doc ? hf_json_take(p.doc, members, HF_LEN(members), err)
			      : hf_err_set(err, HF_E_MEMORY, "no memory for the book");

	if (rc == HF_OK)
		*ret = p;
	else
		json_decref(p.doc);
	return rc;
}

enum hf_rc hf_join_book_place(struct hf_join_book *book, json_t *doc, struct hf_err *err)
{
	struct hf_join_place place;
	enum hf_rc rc = read_place(doc, &place, err);

	if (rc != HF_OK)
		return rc;
	json_decref(book->place.doc);
	book->place = place;
	return HF_OK;
}

static bool same_asked(const struct hf_join_row *a, const struct hf_join_row *b)
{
	return (a->serial[0] && strcasecmp(a->serial, b->serial) == 0) ||
	       hf_machine_compare(&a->machine, &b->machine) == HF_MACHINE_SAME;
}

/* Two keys ask for one serial number, or for one machine. Of one that was approved it is said which device that is. */
static bool is_contested(const struct hf_join_book *book, const struct hf_join_row *row, const char **ret_replaces)
{
	bool contested = false;

	*ret_replaces = "";
	for (size_t i = 0; i < book->n_rows; i++) {
		const struct hf_join_row *other = &book->rows[i];

		if (other == row || !same_asked(row, other))
			continue;
		if (other->device[0])
			*ret_replaces = other->device;
		else
			contested = true;
	}
	return contested;
}

static json_t *row_json(const struct hf_join_book *book, const struct hf_join_row *row)
{
	const struct hf_join_batch *batch = batch_named(book, row->batch);
	const struct hf_strs none = {0};
	const char *replaces;
	const bool contested = is_contested(book, row, &replaces);
	char words[HF_JOIN_WORDS_SIZE];

	return json_pack("{s:o, s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:I, s:I, s:b, s:s}", "id",
			 hf_json_from_digest(&row->id), "words", hf_join_words(&row->id, words), "public",
			 hf_json_from_bytes(row->pub.b, sizeof(row->pub.b)), "csr", row->csr, "serial", row->serial, "name",
			 row->name, "source", row->source, "batch", row->batch, "groups",
			 hf_json_from_strs(batch ? &batch->groups : &none), "device", batch ? batch->device : "", "first",
			 (json_int_t)row->first.s, "last", (json_int_t)row->last.s, "contested", contested, "replaces",
			 replaces);
}

static json_t *batch_json(const struct hf_join_batch *batch)
{
	json_t *copy = json_deep_copy(batch->doc);

	if (copy && json_object_set_new(copy, "used", json_integer(batch->used)) != 0) {
		json_decref(copy);
		return NULL;
	}
	return copy;
}

static json_t *batches_json(const struct hf_join_book *book, bool with_secret)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < book->n_batches; i++) {
		json_t *one = batch_json(&book->batches[i]);

		if (one && !with_secret)
			(void)json_object_del(one, "secret");
		if (json_array_append_new(list, one) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *hf_join_book_show(const struct hf_join_book *book, struct hf_wall now)
{
	json_t *rows = json_array();
	size_t answered = 0;

	for (size_t i = 0; rows && i < book->n_rows; i++) {
		const struct hf_join_row *row = &book->rows[i];

		answered += row->device[0] != '\0';
		if (row->device[0] || now.s - row->last.s > HF_JOIN_GONE_S)
			continue;
		if (json_array_append_new(rows, row_json(book, row)) != 0) {
			json_decref(rows);
			return NULL;
		}
	}
	return json_pack("{s:o, s:o, s:I, s:I, s:I, s:I}", "requests", rows, "tokens", batches_json(book, false), "answered",
			 (json_int_t)answered, "refused", (json_int_t)book->refused, "full", (json_int_t)book->full, "now",
			 (json_int_t)now.s);
}

static json_t *answered_json(const struct hf_join_row *row)
{
	return json_pack("{s:O, s:s, s:s, s:s, s:I, s:I}", "ask", row->ask, "batch", row->batch, "device", row->device,
			 "certificate", row->certificate, "first", (json_int_t)row->first.s, "last", (json_int_t)row->last.s);
}

json_t *hf_join_book_save(const struct hf_join_book *book)
{
	json_t *rows = json_array();

	for (size_t i = 0; rows && i < book->n_rows; i++) {
		if (book->rows[i].device[0] && json_array_append_new(rows, answered_json(&book->rows[i])) != 0) {
			json_decref(rows);
			return NULL;
		}
	}
	return json_pack("{s:o, s:o, s:O*}", "tokens", batches_json(book, true), "answered", rows, "place", book->place.doc);
}

static enum hf_rc load_row(struct hf_join_book *book, json_t *doc, struct hf_err *err)
{
	struct hf_join_row row = {0};
	const char *batch, *device, *certificate;
	json_t *ask = NULL;
	const struct hf_json_member members[] = {
		{.name = "ask", .kind = HF_JSON_OBJECT, .ret = &ask},
		{.name = "batch", .kind = HF_JSON_ID, .ret = &batch},
		{.name = "device", .kind = HF_JSON_ID, .ret = &device},
		{.name = "certificate", .kind = HF_JSON_TEXT, .ret = &certificate, .max = HF_JOIN_PEM_MAX},
		{.name = "first", .kind = HF_JSON_WALL, .ret = &row.first},
		{.name = "last", .kind = HF_JSON_WALL, .ret = &row.last},
	};
	enum hf_rc rc = hf_json_take(doc, members, HF_LEN(members), err);

	if (rc != HF_OK)
		return rc;
	row.ask = json_deep_copy(ask);
	rc = read_ask(&row, err);
	row.certificate = rc == HF_OK ? strdup(certificate) : NULL;
	if (rc == HF_OK && (!row.certificate || hf_str_copy(row.batch, sizeof(row.batch), batch) != HF_OK ||
			    hf_str_copy(row.device, sizeof(row.device), device) != HF_OK))
		rc = hf_err_set(err, HF_E_MEMORY, "no memory for the book");
	if (rc != HF_OK) {
		row_done(&row);
		return rc;
	}
	return add_row(book, &row) == HF_OK ? HF_OK : hf_err_set(err, HF_E_MEMORY, "no memory for the book");
}

enum hf_rc hf_join_book_load(struct hf_join_book *book, json_t *doc, struct hf_err *err)
{
	json_t *tokens, *answered, *place = NULL, *one;
	const struct hf_json_member members[] = {
		{.name = "tokens", .kind = HF_JSON_ARRAY, .ret = &tokens, .max = HF_JOIN_TOKENS_MAX},
		{.name = "answered", .kind = HF_JSON_ARRAY, .ret = &answered, .max = HF_JOIN_ANSWERED_MAX},
		{.name = "place", .kind = HF_JSON_OBJECT, .ret = &place, .optional = true},
	};
	size_t i;
	enum hf_rc rc = hf_json_take(doc, members, HF_LEN(members), err);

	if (rc == HF_OK && place)
		rc = hf_join_book_place(book, place, err);
	for (i = 0; rc == HF_OK && i < json_array_size(tokens); i++)
		rc = hf_join_book_batch(book, json_array_get(tokens, i), err);
	for (i = 0; rc == HF_OK && i < json_array_size(answered); i++) {
		one = json_array_get(answered, i);
		rc = load_row(book, one, err);
	}
	return rc;
}

void hf_join_book_done(struct hf_join_book *book)
{
	for (size_t i = 0; i < book->n_batches; i++)
		batch_done(&book->batches[i]);
	for (size_t i = 0; i < book->n_rows; i++)
		row_done(&book->rows[i]);
	free(book->batches);
	free(book->rows);
	json_decref(book->place.doc);
	memset(book, 0, sizeof(*book));
}
