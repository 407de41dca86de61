/* SPDX-License-Identifier: MIT */
/*
 * Owns the comparison of laptops that ask to join with the council's list of them.
 * Must never call one a match that anything speaks against.
 */
#include "controller/office/join_match.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <holdfast/csv.h>
#include <holdfast/rows.h>
#include <holdfast/str.h>

#include "controller/office/own_file.h"

enum { ASSET_SERIAL, ASSET_DEVICE, ASSET_PERSON, ASSET_LOGIN, ASSET_GROUPS, ASSET_CELLS };
static const char *const HEADS[ASSET_CELLS] = {"serial", "device", "person", "login", "groups"};
static const char *const VERDICTS[HF_JOIN_VERDICTS] = {"match",	    "stranger", "contested",
						       "duplicate", "replaces", "spent"};

const char *hf_join_verdict_text(enum hf_join_verdict verdict)
{
	return VERDICTS[verdict];
}

static enum hf_rc find_columns(const struct hf_csv_row *row, size_t columns[ASSET_CELLS], struct hf_err *err)
{
	for (size_t k = 0; k < ASSET_CELLS; k++) {
		columns[k] = HF_CSV_CELLS_MAX;
		for (size_t i = 0; i < row->n; i++)
			if (strcasecmp(row->cells[i], HEADS[k]) == 0)
				columns[k] = i;
		if (columns[k] == HF_CSV_CELLS_MAX)
			return hf_err_set(err, HF_E_SHAPE,
					  "the first line must name the columns serial, device, person, login and groups: there is "
					  "no %s",
					  HEADS[k]);
	}
	return HF_OK;
}

/* The laptop of this line: that of a line before, if both say the same. */
static enum hf_rc asset_at(struct hf_assets *assets, const char *serial, const char *device, struct hf_asset **ret)
{
	bool twice = false;

	for (size_t i = 0; i < assets->n; i++) {
		struct hf_asset *a = &assets->v[i];
		const bool same_device = strcmp(a->device, device) == 0, same_serial = strcasecmp(a->serial, serial) == 0;

		if (same_device && same_serial) {
			*ret = a;
			return HF_OK;
		}
		if (same_device || (same_serial && serial[0]))
			a->twice = twice = true;
	}
	if (hf_rows_reserve(&assets->v, &assets->room, assets->n + 1, sizeof(*assets->v)) != HF_OK)
		return HF_E_MEMORY;
	assets->v[assets->n] = (struct hf_asset){.serial = serial, .device = device, .twice = twice};
	*ret = &assets->v[assets->n++];
	return HF_OK;
}

static enum hf_rc add_person(struct hf_assets *assets, struct hf_asset *asset, const char *person, const char *login)
{
	const size_t size = strlen(person) + strlen(login) + 2;
	char *both;

	if (asset->people.n == HF_LIST_MAX)
		return HF_E_SIZE;
	if (hf_rows_reserve(&assets->made, &assets->made_room, assets->n_made + 1, sizeof(*assets->made)) != HF_OK)
		return HF_E_MEMORY;
	both = malloc(size);
	if (!both || hf_str_printf(both, size, "%s:%s", person, login) != HF_OK) {
		free(both);
		return HF_E_MEMORY;
	}
	assets->made[assets->n_made++] = both;
	asset->people.v[asset->people.n++] = both;
	return HF_OK;
}

/* Words between blanks, commas or semicolons; each once. */
static enum hf_rc add_groups(struct hf_asset *asset, char *cell, const char **ret_bad)
{
	char *rest = NULL;

	for (char *word = strtok_r(cell, " ,;", &rest); word; word = strtok_r(NULL, " ,;", &rest)) {
		bool there = false;

		*ret_bad = word;
		if (!hf_id_ok(word) || asset->groups.n == HF_LIST_MAX)
			return HF_E_SHAPE;
		for (size_t i = 0; i < asset->groups.n; i++)
			there = there || strcmp(asset->groups.v[i], word) == 0;
		if (!there)
			asset->groups.v[asset->groups.n++] = word;
	}
	return HF_OK;
}

static enum hf_rc take_asset(struct hf_assets *assets, const struct hf_csv_row *row, const size_t columns[ASSET_CELLS],
			     struct hf_err *err)
{
	const char *cell[ASSET_CELLS], *bad = "";
	struct hf_asset *asset = NULL;
	enum hf_rc rc;

	for (size_t k = 0; k < ASSET_CELLS; k++)
		cell[k] = row->cells[columns[k]];
	if (!hf_id_ok(cell[ASSET_DEVICE]))
		return hf_err_set(err, HF_E_SHAPE, "line %zu: `%.64s` is no id of a device: use a-z, 0-9 and -", row->line,
				  cell[ASSET_DEVICE]);
	if (!cell[ASSET_PERSON][0] != !cell[ASSET_LOGIN][0] ||
	    (cell[ASSET_PERSON][0] && !hf_id_ok(cell[ASSET_PERSON])))
		return hf_err_set(err, HF_E_SHAPE, "line %zu: person is the id of a person, and login their login name there",
				  row->line);
	if (assets->n == HF_ASSETS_MAX)
		return hf_err_set(err, HF_E_SIZE, "line %zu: there are more than %d laptops", row->line, HF_ASSETS_MAX);
	rc = asset_at(assets, cell[ASSET_SERIAL], cell[ASSET_DEVICE], &asset);
	if (rc == HF_OK && cell[ASSET_PERSON][0])
		rc = add_person(assets, asset, cell[ASSET_PERSON], cell[ASSET_LOGIN]);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "line %zu: there is no room for it", row->line);
	/* The cell lies in the text, which is ours to change. */
	rc = add_groups(asset, assets->text + (cell[ASSET_GROUPS] - assets->text), &bad);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "line %zu: `%.64s` is no id of a group", row->line, bad);
}

enum hf_rc hf_assets_read(char *text, struct hf_assets *ret, struct hf_err *err)
{
	size_t columns[ASSET_CELLS], len = strlen(text);
	struct hf_csv_row row;
	struct hf_csv csv;
	bool more = false;
	enum hf_rc rc;

	ret->text = text;
	csv = hf_csv_begin(text + (hf_own_text(text, &len) - text));
	rc = hf_csv_next(&csv, &row, &more, err);
	if (rc == HF_OK && !more)
		return hf_err_set(err, HF_E_SHAPE, "it is empty");
	if (rc == HF_OK)
		rc = find_columns(&row, columns, err);
	while (rc == HF_OK && more) {
		rc = hf_csv_next(&csv, &row, &more, err);
		if (rc == HF_OK && more)
			rc = take_asset(ret, &row, columns, err);
	}
	return rc;
}

void hf_assets_done(struct hf_assets *assets)
{
	for (size_t i = 0; i < assets->n_made; i++)
		free(assets->made[i]);
	free(assets->made);
	free(assets->v);
	free(assets->text);
	memset(assets, 0, sizeof(*assets));
}

static enum hf_rc read_seen(json_t *row, struct hf_join_seen *ret, struct hf_err *err)
{
	const char *name, *source;
	struct hf_wall first, last;
	struct hf_strs groups = {0};
	const struct hf_json_member members[] = {
		{.name = "id", .kind = HF_JSON_DIGEST, .ret = &ret->id},
		{.name = "words", .kind = HF_JSON_LINE, .ret = &ret->words, .max = HF_JOIN_WORDS_SIZE},
		{.name = "public", .kind = HF_JSON_BYTES32, .ret = ret->pub.b},
		{.name = "csr", .kind = HF_JSON_TEXT, .ret = &ret->csr, .max = HF_JOIN_CSR_MAX},
		{.name = "serial", .kind = HF_JSON_LINE0, .ret = &ret->serial, .max = HF_JOIN_LINE_MAX},
		{.name = "name", .kind = HF_JSON_LINE0, .ret = &name, .max = HF_JOIN_LINE_MAX},
		{.name = "source", .kind = HF_JSON_LINE, .ret = &source, .max = HF_JOIN_LINE_MAX},
		{.name = "batch", .kind = HF_JSON_ID, .ret = &ret->batch},
		{.name = "groups", .kind = HF_JSON_NAMES, .ret = &groups, .max = HF_LIST_MAX},
		{.name = "device", .kind = HF_JSON_LINE0, .ret = &ret->token_device, .max = HF_ID_MAX},
		{.name = "first", .kind = HF_JSON_WALL, .ret = &first},
		{.name = "last", .kind = HF_JSON_WALL, .ret = &last},
		{.name = "contested", .kind = HF_JSON_BOOL, .ret = &ret->contested},
		{.name = "replaces", .kind = HF_JSON_LINE0, .ret = &ret->replaces, .max = HF_ID_MAX},
	};
	char words[HF_JOIN_WORDS_SIZE];
	struct hf_digest id;
	enum hf_rc rc = json_is_object(row) ? hf_json_take(row, members, HF_LEN(members), err)
					    : hf_err_set(err, HF_E_SHAPE, "it is no object");

	ret->row = row;
	hf_strs_done(&groups);
	/* The words are what an officer compares: they are those of the very keys that are signed, whatever the door says. */
	if (rc == HF_OK && hf_join_id(&ret->pub, ret->csr, &id) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (rc == HF_OK && (hf_digest_cmp(&id, &ret->id) != 0 || strcmp(hf_join_words(&id, words), ret->words) != 0))
		rc = hf_err_set(err, HF_E_SHAPE, "its words are not those of its keys");
	return rc;
}

static const struct hf_asset *asset_of(const struct hf_assets *assets, const struct hf_join_seen *seen)
{
	for (size_t i = 0; i < assets->n; i++) {
		const struct hf_asset *a = &assets->v[i];

		if (seen->token_device[0] ? strcmp(a->device, seen->token_device) == 0
					  : seen->serial[0] && strcasecmp(a->serial, seen->serial) == 0)
			return a;
	}
	return NULL;
}

/* How many approvals the token of a batch has left by now. */
static int64_t uses_left(const json_t *shown, const char *batch)
{
	const json_t *token = hf_json_with(json_object_get(shown, "tokens"), "batch", batch);

	if (!token || json_integer_value(json_object_get(shown, "now")) >= json_integer_value(json_object_get(token, "until")))
		return 0;
	return json_integer_value(json_object_get(token, "uses")) - json_integer_value(json_object_get(token, "used"));
}

static size_t matched_before(const struct hf_join_matched *m, size_t n, const char *batch)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += m->v[i].verdict == HF_JOIN_MATCH && strcmp(m->v[i].batch, batch) == 0;
	return found;
}

/* Whatever the door says of it: another asks to be the same laptop of the list, or has its serial number. */
static bool is_wanted_by_two(const struct hf_join_matched *m, const struct hf_join_seen *seen)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct hf_join_seen *other = &m->v[i];

		if (other != seen && ((seen->asset && other->asset == seen->asset) ||
				      (seen->serial[0] && strcasecmp(other->serial, seen->serial) == 0)))
			return true;
	}
	return false;
}

/* The first that speaks against it; nothing does: a match. */
static enum hf_join_verdict judge_seen(const struct hf_join_matched *m, size_t i, const struct hf_assigned *assigned)
{
	const struct hf_join_seen *seen = &m->v[i];
	const struct hf_assignment *held = seen->asset ? hf_assigned_find(assigned, seen->asset->device) : NULL;

	if (seen->contested || is_wanted_by_two(m, seen))
		return HF_JOIN_CONTESTED;
	if (!seen->asset || (seen->asset->serial[0] && strcasecmp(seen->asset->serial, seen->serial) != 0))
		return HF_JOIN_STRANGER;
	if (seen->asset->twice)
		return HF_JOIN_DUPLICATE;
	if (seen->replaces[0] || (held && memcmp(&held->pub, &seen->pub, sizeof(held->pub)) != 0))
		return HF_JOIN_REPLACES;
	if ((int64_t)matched_before(m, i, seen->batch) >= uses_left(m->shown, seen->batch))
		return HF_JOIN_SPENT;
	return HF_JOIN_MATCH;
}

static size_t count_missing(const struct hf_join_matched *m, const struct hf_assets *assets,
			    const struct hf_assigned *assigned)
{
	size_t missing = 0;

	for (size_t i = 0; i < assets->n; i++) {
		bool asks = assets->v[i].twice || hf_assigned_find(assigned, assets->v[i].device) != NULL;

		for (size_t k = 0; !asks && k < m->n; k++)
			asks = m->v[k].asset == &assets->v[i];
		missing += !asks;
	}
	return missing;
}

enum hf_rc hf_join_match(json_t *shown, const struct hf_assets *assets, const struct hf_assigned *assigned,
			 struct hf_join_matched *ret, struct hf_err *err)
{
	const json_t *requests = json_object_get(shown, "requests");

	ret->shown = shown;
	ret->n = json_array_size(requests);
	ret->v = calloc(ret->n + 1, sizeof(*ret->v));
	if (!ret->v)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	for (size_t i = 0; i < ret->n; i++) {
		struct hf_err why = {""};
		enum hf_rc rc = read_seen(json_array_get(requests, i), &ret->v[i], &why);

		if (rc != HF_OK)
			return hf_err_set(err, rc, "What the door shows cannot be read: request %zu. %s", i + 1, why.text);
		ret->v[i].asset = asset_of(assets, &ret->v[i]);
	}
	for (size_t i = 0; i < ret->n; i++) {
		ret->v[i].verdict = judge_seen(ret, i, assigned);
		ret->counts[ret->v[i].verdict]++;
	}
	ret->missing = count_missing(ret, assets, assigned);
	return HF_OK;
}

void hf_join_matched_done(struct hf_join_matched *matched)
{
	json_decref(matched->shown);
	free(matched->v);
	memset(matched, 0, sizeof(*matched));
}
