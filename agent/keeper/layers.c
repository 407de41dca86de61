/* SPDX-License-Identifier: MIT */
/*
 * Owns the layers of this device and what was last seen of each.
 * Must never decide anything, nor release because something failed.
 */
#include "agent/keeper/layers.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/log.h>
#include <holdfast/names.h>

#include "agent/machine/rights.h"

struct row {
	const struct hf_layer_ops *ops;
	struct hf_layer *layer; /* NULL: off, or it could not be opened */
	bool on;
	bool unable;		      /* this machine has not what it needs */
	bool work;		      /* what it was told last is something for it to block */
	bool applied;		      /* the last apply was done */
	char lacks[HF_RIGHTS_SIZE];   /* names of rights that the agent should have for it, "" when it has all */
	char trouble[HF_SAW_MAX + 1]; /* why it could not be opened, or not do what it was told */
	struct hf_boot_ms tampered;
};

struct hf_layers {
	struct hf_loop *loop;
	const struct hf_layers_conf *conf;
	struct row rows[HF_LAYERS_MAX];
	struct hf_layer_seen seen[HF_LAYERS_MAX];
	size_t n;
};

static void note_trouble(struct row *row, const char *doing, const struct hf_err *err)
{
	bool same = strncmp(row->trouble, err->text, HF_SAW_MAX) == 0;

	if (!same)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "layer"), "layer=%s cannot %s: %s",
			     row->ops->name, doing, err->text);
	/* Only the beginning of a long text is for the report. */
	memset(row->trouble, 0, sizeof(row->trouble));
	memcpy(row->trouble, err->text, strnlen(err->text, HF_SAW_MAX));
}

static bool lacks_rights(const struct hf_layers *layers, struct row *row)
{
	const struct hf_enforce_conf *conf = &layers->conf->enforce;
	uint64_t lent = conf->lent ? conf->lent(conf->hands) : 0;

	return hf_rights_lack(row->ops->rights & ~lent, row->lacks);
}

static bool open_row(struct hf_layers *layers, struct row *row)
{
	const struct hf_layer_home home = {
		.loop = layers->loop, .conf = &layers->conf->enforce, .calls = &layers->conf->calls};
	struct hf_err err = {""};

	if (row->layer)
		return true;
	row->unable = row->ops->check(&layers->conf->enforce, &err) != HF_OK;
	if (!row->unable && hf_layer_open(row->ops, &home, &row->layer, &err) == HF_OK)
		return true;
	note_trouble(row, "be opened", &err);
	return false;
}

/* Switched off while it held something: it lets go of that first, whatever is in force. */
static void part_with(struct hf_layers *layers, struct row *row)
{
	const struct hf_plan nothing = {NULL, 0};
	struct hf_err err = {""};

	if (open_row(layers, row) && row->ops->apply(row->layer, &nothing, &err) != HF_OK)
		note_trouble(row, "let go", &err);
}

enum hf_rc hf_layers_new(struct hf_loop *loop, const struct hf_layers_conf *conf, struct hf_layers **ret_layers,
			 struct hf_err *err)
{
	struct hf_layers *layers = calloc(1, sizeof(*layers));

	if (!layers)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the layers");
	layers->loop = loop;
	layers->conf = conf;
	layers->n = conf->n;
	for (size_t i = 0; i < conf->n; i++) {
		layers->rows[i] = (struct row){.ops = conf->ops[i], .on = conf->on[i], .applied = true};
		layers->seen[i].name = conf->ops[i]->name;
		layers->seen[i].has_work = conf->ops[i]->has_work;
		layers->seen[i].saw.state = conf->on[i] ? HF_LAYER_IDLE : HF_LAYER_OFF;
		if (conf->on[i] && lacks_rights(layers, &layers->rows[i]))
			hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "right"),
				     "layer=%s lacks %s: what it blocks is not counted as held", conf->ops[i]->name,
				     layers->rows[i].lacks);
		if (conf->on[i])
			open_row(layers, &layers->rows[i]);
		else if (conf->left_over)
			part_with(layers, &layers->rows[i]);
	}
	*ret_layers = layers;
	return HF_OK;
}

static bool apply_row(struct hf_layers *layers, struct row *row, const struct hf_plan *plan)
{
	struct hf_err err = {""};

	if (!row->on)
		return true;
	row->work = false;
	for (size_t i = 0; i < plan->n_blocks; i++)
		row->work = row->work || row->ops->has_work(&plan->blocks[i]);
	if (!open_row(layers, row) && row->unable && !row->work)
		return row->applied = true;
	row->applied = row->layer && row->ops->apply(row->layer, plan, &err) == HF_OK;
	if (row->applied)
		row->trouble[0] = '\0';
	else if (row->layer)
		note_trouble(row, "do what it was told", &err);
	return row->applied;
}

bool hf_layers_apply(struct hf_layers *layers, const struct hf_plan *plan, bool lets_go)
{
	bool all = true;

	for (size_t i = 0; i < layers->n; i++) {
		if (!apply_row(layers, &layers->rows[lets_go ? layers->n - 1 - i : i], plan))
			all = false;
	}
	return all;
}

/* A report carries one line of text that every reader accepts; plain ASCII is such a line. */
static void clean_line(char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

/* It does what it can, and says what it saw; but it could not see all. */
static void doubt_row(const struct row *row, struct hf_saw *saw)
{
	char own[HF_SAW_MAX + 1];
	struct hf_err text = {""};

	if (!row->lacks[0])
		return;
	memcpy(own, saw->text, sizeof(own));
	if (saw->state == HF_LAYER_VERIFIED || saw->state == HF_LAYER_ARMED)
		saw->state = HF_LAYER_FAILED;
	(void)hf_err_set(&text, HF_E_SYSTEM, "the agent lacks %s, so this is not seen to hold%s%.100s", row->lacks,
			 own[0] ? ": " : "", own);
	memset(saw->text, 0, sizeof(saw->text));
	memcpy(saw->text, text.text, strnlen(text.text, HF_SAW_MAX));
}

static void probe_row(struct hf_layers *layers, struct row *row, struct hf_saw *saw)
{
	memset(saw, 0, sizeof(*saw));
	/* Who lends them may have been slow to start. */
	if (row->lacks[0])
		(void)lacks_rights(layers, row);
	if (row->layer)
		row->ops->probe(row->layer, saw);
	if (!row->on) {
		if (row->layer && saw->state == HF_LAYER_IDLE)
			hf_layer_close(row->ops, &row->layer);
		saw->state = HF_LAYER_OFF;
		return;
	}
	if (row->layer && row->applied) {
		doubt_row(row, saw);
		return;
	}
	/* Where a layer cannot work it blocks nothing, so nothing of it is in the way of an all-clear. */
	saw->state = row->unable && !row->work ? HF_LAYER_IDLE : HF_LAYER_FAILED;
	memcpy(saw->text, row->trouble, sizeof(saw->text));
}

void hf_layers_probe(struct hf_layers *layers, struct hf_boot_ms boot, int64_t hold_ms)
{
	for (size_t i = 0; i < layers->n; i++) {
		struct row *row = &layers->rows[i];
		struct hf_saw *saw = &layers->seen[i].saw;

		probe_row(layers, row, saw);
		clean_line(saw->text);
		if (saw->tampered) {
			hf_log(HF_LOG_WARNING, HF_EV_ENFORCE, "layer=%s had stopped holding and was put right: %s",
			       row->ops->name, saw->text);
			row->tampered = boot;
		} else if (row->tampered.ms != 0 && boot.ms - row->tampered.ms < hold_ms) {
			saw->tampered = true;
		}
	}
}

const struct hf_layer_seen *hf_layers_seen(const struct hf_layers *layers, size_t *ret_n)
{
	*ret_n = layers->n;
	return layers->seen;
}

bool hf_layers_unsettled(const struct hf_layers *layers)
{
	for (size_t i = 0; i < layers->n; i++) {
		enum hf_layer_state state = layers->seen[i].saw.state;

		if (state == HF_LAYER_ARMED || state == HF_LAYER_FAILED)
			return true;
	}
	return false;
}

bool hf_layers_holding(const struct hf_layers *layers)
{
	for (size_t i = 0; i < layers->n; i++) {
		enum hf_layer_state state = layers->seen[i].saw.state;

		if (state == HF_LAYER_ARMED || state == HF_LAYER_VERIFIED)
			return true;
	}
	return false;
}

void hf_layers_ready(struct hf_layers *layers, const struct hf_plan *all)
{
	for (size_t i = 0; i < layers->n; i++) {
		if (layers->rows[i].layer && layers->rows[i].ops->ready)
			layers->rows[i].ops->ready(layers->rows[i].layer, all);
	}
}

void hf_layers_learn(struct hf_layers *layers, const json_t *answer)
{
	for (size_t i = 0; i < layers->n; i++) {
		if (layers->rows[i].layer && layers->rows[i].ops->learn)
			layers->rows[i].ops->learn(layers->rows[i].layer, answer);
	}
}

void hf_layers_names(struct hf_layers *layers, json_t *names)
{
	for (size_t i = 0; i < layers->n; i++) {
		if (layers->rows[i].layer && layers->rows[i].ops->names)
			layers->rows[i].ops->names(layers->rows[i].layer, names);
	}
}

bool hf_layers_learns(const struct hf_layers *layers)
{
	for (size_t i = 0; i < layers->n; i++) {
		if (layers->rows[i].layer && layers->rows[i].ops->learn)
			return true;
	}
	return false;
}

enum hf_rc hf_layers_forget(const struct hf_layers_conf *conf, struct hf_err *err)
{
	struct hf_err why = {""};
	enum hf_rc first = HF_OK;

	for (size_t i = conf->n; i-- > 0;) {
		enum hf_rc rc = conf->ops[i]->forget ? conf->ops[i]->forget(&conf->enforce, &why) : HF_OK;

		if (first == HF_OK && rc != HF_OK)
			first = hf_err_set(err, rc, "%s", why.text);
	}
	return first;
}

void hf_layers_free(struct hf_layers **layers)
{
	if (!*layers)
		return;
	for (size_t i = 0; i < (*layers)->n; i++) {
		struct row *row = &(*layers)->rows[i];

		if (row->layer)
			hf_layer_close(row->ops, &row->layer);
	}
	free(*layers);
	*layers = NULL;
}
