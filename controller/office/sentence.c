/* SPDX-License-Identifier: MIT */
/*
 * Owns the pieces that every sentence is made of: its beginning, lists, names, how many devices and accounts.
 * Must never let a sentence of an exercise go without the word, or a text of somebody else pass for ours.
 */
#include <stdarg.h>
#include <string.h>

#include <holdfast/text.h>

#include "controller/office/sentence.h"

void hf_words_begin(const struct hf_words *words)
{
	if (words->exercise)
		fputs(hf_text("EXERCISE: "), words->out);
}

void hf_words_line(const struct hf_words *words, const char *fmt, ...)
{
	va_list ap;

	hf_words_begin(words);
	va_start(ap, fmt);
	vfprintf(words->out, hf_text(fmt), ap);
	va_end(ap);
	fputc('\n', words->out);
}

void hf_words_text(const struct hf_words *words, const char *label, const char *text)
{
	hf_words_begin(words);
	fputs(label, words->out);
	for (; *text; text++) {
		fputc(*text, words->out);
		if (*text != '\n')
			continue;
		hf_words_begin(words);
		fputs("    ", words->out);
	}
	fputc('\n', words->out);
}

void hf_words_heading(const struct hf_words *words, enum hf_tone tone, const char *fmt, ...)
{
	const struct hf_mark *mark = words->marks ? &words->marks[tone] : NULL;
	va_list ap;

	fputs(mark ? mark->on : "", words->out);
	va_start(ap, fmt);
	vfprintf(words->out, hf_text(fmt), ap);
	va_end(ap);
	fputs(mark ? mark->off : "", words->out);
	fputc('\n', words->out);
}

const char *hf_words_short(const struct hf_digest *digest, char text[HF_SHORT_ID + 1])
{
	char hex[HF_DIGEST_HEX_SIZE];

	memcpy(text, hf_digest_hex(digest, hex), HF_SHORT_ID);
	text[HF_SHORT_ID] = '\0';
	return text;
}

void hf_words_item(FILE *out, size_t i, size_t n, const char *item)
{
	fprintf(out, "%s%s", i == 0 ? "" : i + 1 == n ? hf_text(" and ") : ", ", item);
}

void hf_words_list(FILE *out, const json_t *strings)
{
	size_t n = json_array_size(strings);

	if (n == 0)
		fputs(hf_text("nobody"), out);
	for (size_t i = 0; i < n; i++) {
		const char *item = json_string_value(json_array_get(strings, i));

		hf_words_item(out, i, n, item ? item : "?");
	}
}

void hf_words_strs(FILE *out, const struct hf_strs *strs)
{
	if (strs->n == 0)
		fputs(hf_text("nobody"), out);
	for (size_t i = 0; i < strs->n; i++)
		hf_words_item(out, i, strs->n, strs->v[i]);
}

const char *hf_words_who(const struct hf_words *words, const char *id, char text[HF_PERSON_TEXT_SIZE])
{
	return hf_trust_person_text(words->view ? words->view->known.trust : NULL, id, text);
}

void hf_words_people(const struct hf_words *words, const json_t *ids)
{
	size_t n = json_array_size(ids);
	char who[HF_PERSON_TEXT_SIZE];

	if (n == 0)
		fputs(hf_text("nobody"), words->out);
	for (size_t i = 0; i < n; i++) {
		const char *id = json_string_value(json_array_get(ids, i));

		hf_words_item(words->out, i, n, hf_words_who(words, id ? id : "?", who));
	}
}

void hf_words_persons(const struct hf_words *words, const struct hf_strs *ids)
{
	char who[HF_PERSON_TEXT_SIZE];

	if (ids->n == 0)
		fputs(hf_text("nobody"), words->out);
	for (size_t i = 0; i < ids->n; i++)
		hf_words_item(words->out, i, ids->n, hf_words_who(words, ids->v[i], who));
}

void hf_words_roles(FILE *out, const struct hf_strs *roles)
{
	fputs(hf_text_n("the role ", "the roles ", roles->n), out);
	for (size_t i = 0; i < roles->n; i++)
		fprintf(out, "%s%s", i == 0 ? "" : i + 1 == roles->n ? hf_text(" or ") : ", ", roles->v[i]);
}

void hf_words_each_role(FILE *out, const struct hf_strs *roles)
{
	for (size_t i = 0; i < roles->n; i++)
		fprintf(out, "%s%s", i == 0 ? "" : i + 1 == roles->n ? hf_text(" and ") : ", ", roles->v[i]);
}

bool hf_words_is_all(const struct hf_strs *strs)
{
	return strs->n == 1 && strcmp(strs->v[0], "*") == 0;
}

void hf_words_devices(const struct hf_words *words, const struct hf_strs *groups)
{
	struct hf_scope all, some;
	bool asked = hf_view_scope(words->view, NULL, &all, NULL) == HF_OK;

	if (hf_words_is_all(groups) && asked) {
		fprintf(words->out, hf_text_n("the %zu device", "all %zu devices", all.devices), all.devices);
	} else if (hf_words_is_all(groups)) {
		fputs(hf_text("all devices"), words->out);
	} else if (asked && hf_view_scope(words->view, groups, &some, NULL) == HF_OK) {
		fprintf(words->out, hf_text_n("%zu of %zu device", "%zu of %zu devices", all.devices), some.devices, all.devices);
		fputs(hf_text_n(" (group ", " (groups ", groups->n), words->out);
	} else {
		fprintf(words->out, hf_text("the devices of some groups ("));
	}
	if (!hf_words_is_all(groups)) {
		hf_words_strs(words->out, groups);
		fputc(')', words->out);
	}
}

void hf_words_accounts(const struct hf_words *words, const struct hf_strs *accounts)
{
	const struct hf_register *reg = words->view->known.reg;

	if (hf_words_is_all(accounts) && reg)
		fprintf(words->out, hf_text_n("the %zu account", "all %zu accounts", reg->n_accounts), reg->n_accounts);
	else if (hf_words_is_all(accounts))
		fputs(hf_text("all accounts"), words->out);
	else if (reg)
		fprintf(words->out, hf_text_n("%zu of %zu account (", "%zu of %zu accounts (", reg->n_accounts), accounts->n,
			reg->n_accounts);
	else
		fprintf(words->out, hf_text_n("%zu account (", "%zu accounts (", accounts->n), accounts->n);
	if (!hf_words_is_all(accounts)) {
		hf_words_strs(words->out, accounts);
		fputc(')', words->out);
	}
}

const char *hf_words_name(enum hf_kind kind, enum hf_mode mode)
{
	if (kind == HF_KIND_EMERGENCY)
		return mode == HF_MODE_LIVE ? hf_text("LIVE EMERGENCY LOCKDOWN")
					    : hf_text("EXERCISE OF AN EMERGENCY LOCKDOWN");
	return mode == HF_MODE_LIVE ? hf_text("LIVE PRE-ELECTION PERIOD (PURDAH)")
				    : hf_text("EXERCISE OF A PRE-ELECTION PERIOD (PURDAH)");
}
