/* SPDX-License-Identifier: MIT */
/*
 * Owns what is known about addresses, on disk too.
 * Must never learn the address that a network gives for every name, nor keep what users' names taught beyond that
 * network.
 */
#include "agent/enforce/network/lessons.h"

#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/key.h>

#define LISTED_FILE "addresses.json"
#define BELOW_FILE "names.json"
#define ANSWERS_FILE "answers.json"
#define FILE_MOST (1024 * 1024)	      /* 5,000 addresses of 45 bytes, and 4,096 hosts of 253 */
#define INVENTED_LETTERS 16	      /* of 26 each: nobody has such a name */
#define INVENTED_BELOW ".example.com" /* RFC 2606: nobody is given one there, and a resolver asks the network */

static const struct hf_addrs none;

static json_t *read_file(const char *path)
{
	hf_auto_free char *text = NULL;
	json_t *doc = NULL;
	size_t len = 0;
	hf_fs_sweep(path);
	if (hf_fs_read(path, FILE_MOST, &text, &len, NULL) != HF_OK ||
	    hf_json_read(text, len, FILE_MOST, &doc, NULL) != HF_OK)
		return NULL;
	return doc;
}

static void load_listed(struct hf_lessons *lessons)
{
	hf_auto_json json_t *all = read_file(lessons->listed_file);
	const struct hf_learning how = {.grow = true, .no = &none};
	bool changed;
	if (all && hf_learned_hear(&lessons->learned, all, &how, &changed) != HF_OK)
		hf_learned_done(&lessons->learned);
	hf_learned_moved(&lessons->learned);
}

static void load_text(const json_t *doc, const char *member, char ret[HF_NET_HERE_SIZE])
{
	const char *text = json_string_value(json_object_get(doc, member));
	if (!text || hf_str_copy(ret, HF_NET_HERE_SIZE, text) != HF_OK)
		ret[0] = '\0';
}

static void load_below(struct hf_lessons *lessons)
{
	hf_auto_json json_t *doc = read_file(lessons->below_file);
	const struct hf_learning how = {.grow = true, .no = &none};
	const char *name;
	json_t *list;
	size_t n = 0;
	load_text(doc, "gateways", lessons->here.gateways);
	load_text(doc, "cards", lessons->here.cards);
	json_object_foreach(json_object_get(doc, "names"), name, list)
	{
		if (strlen(name) >= HF_HOST_SIZE || n++ >= HF_BELOW_ALL_MAX ||
		    hf_learned_below(&lessons->learned, name, list, &how, 0) != HF_OK)
			break;
	}
}

static void load_answers(struct hf_lessons *lessons)
{
	hf_auto_json json_t *doc = read_file(lessons->answers_file);
	if (doc && hf_answers_from_json(&lessons->answers, doc) != HF_OK)
		hf_answers_done(&lessons->answers);
}

enum hf_rc hf_lessons_forget(const char *state, struct hf_err *err)
{
	enum hf_rc rc = hf_fs_remove_in(state, LISTED_FILE, err);
	if (rc == HF_OK)
		rc = hf_fs_remove_in(state, BELOW_FILE, err);
	return rc == HF_OK ? hf_fs_remove_in(state, ANSWERS_FILE, err) : rc;
}

enum hf_rc hf_lessons_open(struct hf_lessons *lessons, const char *state)
{
	if (hf_str_printf(lessons->listed_file, sizeof(lessons->listed_file), "%s/" LISTED_FILE, state) != HF_OK ||
	    hf_str_printf(lessons->below_file, sizeof(lessons->below_file), "%s/" BELOW_FILE, state) != HF_OK ||
	    hf_str_printf(lessons->answers_file, sizeof(lessons->answers_file), "%s/" ANSWERS_FILE, state) != HF_OK)
		return HF_E_SIZE;
	load_listed(lessons);
	load_below(lessons);
	load_answers(lessons);
	return HF_OK;
}

static void write_file(const char *path, const json_t *doc)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	struct hf_err err = {""};
	if (doc && hf_json_bytes(doc, &text, &len) == HF_OK && hf_fs_replace(path, text, len, 0600, &err) != HF_OK)
		return;
}

void hf_lessons_save(const struct hf_lessons *lessons)
{
	hf_auto_json json_t *listed = hf_learned_to_json(&lessons->learned, false);
	hf_auto_json json_t *below = hf_learned_to_json(&lessons->learned, true);
	hf_auto_json json_t *doc = json_pack("{s:s, s:s, s:O}", "gateways", lessons->here.gateways, "cards",
					     lessons->here.cards, "names", below);
	write_file(lessons->listed_file, listed);
	write_file(lessons->below_file, doc);
	if (lessons->answers.n > 0) {
		hf_auto_json json_t *answers = hf_answers_to_json(&lessons->answers);
		write_file(lessons->answers_file, answers);
	} else {
		unlink(lessons->answers_file);
	}
}

bool hf_lessons_look(struct hf_lessons *lessons, const struct hf_shut_hosts *listed, const struct hf_net_here *here,
		     struct hf_boot_ms now)
{
	bool any = false;
	if (hf_net_here_moved(&lessons->here, here)) {
		any = hf_below_move(&lessons->below, &lessons->learned, listed) || lessons->answers.n > 0;
		hf_answers_done(&lessons->answers);
		hf_learned_moved(&lessons->learned);
		hf_addrs_done(&lessons->portal);
		lessons->moved_at = now;
	}
	if (lessons->moved_at.ms != 0 && now.ms - lessons->moved_at.ms >= HF_LESSONS_AGE_MS) {
		any = hf_learned_age(&lessons->learned) || any;
		lessons->moved_at.ms = 0;
	}
	return any;
}

/* Nobody can foretell it, so that nobody can answer it otherwise than every name. */
static bool invent_name(char ret[HF_HOST_SIZE])
{
	struct hf_digest random;
	size_t n = 0;
	if (hf_key_random(&random) != HF_OK)
		return false;
	for (; n < INVENTED_LETTERS; n++)
		ret[n] = (char)('a' + random.b[n] % 26);
	memcpy(ret + n, INVENTED_BELOW, sizeof(INVENTED_BELOW));
	return true;
}

/* A name that waits in the link, with the answers of an earlier question, is as good as the newest. */
static bool is_invented(const char *name)
{
	return strspn(name, "abcdefghijklmnopqrstuvwxyz") == INVENTED_LETTERS &&
	       strcmp(name + INVENTED_LETTERS, INVENTED_BELOW) == 0;
}

void hf_lessons_names(const struct hf_lessons *lessons, json_t *names)
{
	char invented[HF_HOST_SIZE];
	if (invent_name(invented) && json_array_insert_new(names, 0, json_string(invented)) != 0)
		return;
	for (size_t i = 0; i < lessons->learned.n; i++) {
		const struct hf_learned_host *one = &lessons->learned.v[i];
		if (one->below && json_array_append_new(names, json_string(one->host)) != 0)
			return;
	}
}

/* What a portal says is taken as it is: also an address that no public site can have. */
static void hear_invented(struct hf_lessons *lessons, const json_t *list)
{
	json_t *one;
	size_t i;
	hf_addrs_done(&lessons->portal);
	json_array_foreach(list, i, one)
	{
		struct hf_addr addr;
		const char *text = json_string_value(one);
		if (i < HF_LEARNED_OF_HOST && text && hf_addr_parse(text, &addr) == HF_OK &&
		    hf_addrs_add(&lessons->portal, &addr, NULL) != HF_OK)
			return;
	}
}

static enum hf_rc join(const struct hf_addrs *a, const struct hf_addrs *b, struct hf_addrs *ret)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < a->n && rc == HF_OK; i++)
		rc = hf_addrs_add(ret, &a->v[i], NULL);
	for (size_t i = 0; i < b->n && rc == HF_OK; i++)
		rc = hf_addrs_add(ret, &b->v[i], NULL);
	return rc;
}

/* Doubt ------------------------------------------------------------------------------------------------------------ */

/* What this answer is about to teach of a host; no more than is kept of one, whatever is said before it is judged. */
static enum hf_rc doubt(struct hf_lessons *lessons, const char *host, const json_t *list)
{
	const struct hf_addrs *known = hf_learned_of(&lessons->learned, host);
	json_t *one, *doubted = json_object_get(lessons->doubted, host);
	size_t i;
	json_array_foreach(list, i, one)
	{
		struct hf_addr addr;
		const char *text = json_string_value(one);
		if (json_array_size(doubted) >= HF_LEARNED_OF_HOST)
			break;
		if (!text || hf_addr_parse(text, &addr) != HF_OK || (known && hf_addrs_has(known, &addr)))
			continue;
		if (!lessons->doubted)
			lessons->doubted = json_object();
		if (!doubted && json_object_set_new(lessons->doubted, host, doubted = json_array()) != 0)
			return HF_E_MEMORY;
		if (json_array_append(doubted, one) != 0)
			return HF_E_MEMORY;
		lessons->doubt_is_new = true;
	}
	return HF_OK;
}

/* Only what was new is forgotten: a network that answers every name cannot have forgotten what another one taught. */
static bool forget_doubted(struct hf_lessons *lessons)
{
	const char *host;
	json_t *list, *one;
	bool any = false;
	size_t i;
	json_object_foreach(lessons->doubted, host, list)
	{
		json_array_foreach(list, i, one)
		{
			struct hf_addr addr;
			if (hf_addr_parse(json_string_value(one), &addr) == HF_OK &&
			    hf_addrs_has(&lessons->portal, &addr))
				any = hf_learned_forget(&lessons->learned, host, &addr) || any;
		}
	}
	json_decref(lessons->doubted);
	lessons->doubted = NULL;
	lessons->doubt_is_new = false;
	return any;
}

bool hf_lessons_doubt(struct hf_lessons *lessons, char ret_name[HF_HOST_SIZE])
{
	bool ask = lessons->doubt_is_new && invent_name(ret_name);
	lessons->doubt_is_new = false;
	return ask;
}

static enum hf_rc hear_one(struct hf_lessons *lessons, const struct hf_below_answer *one, json_t *others, bool *changed)
{
	enum hf_rc rc = doubt(lessons, one->name, one->list);
	if (rc != HF_OK)
		return rc;
	if (!hf_shut_hosts_has(one->listed, one->name) && hf_shut_hosts_above(one->listed, one->name))
		return hf_below_hear(&lessons->below, &lessons->learned, one, changed);
	return json_object_set(others, one->name, (json_t *)(uintptr_t)one->list) == 0 ? HF_OK : HF_E_MEMORY;
}

static enum hf_rc hear_all(struct hf_lessons *lessons, const struct hf_shut_hosts *listed, const json_t *answer,
			   const struct hf_learning *how, bool *changed)
{
	hf_auto_json json_t *others = json_object();
	const char *host;
	json_t *list;
	enum hf_rc rc = json_is_object(answer) && others ? HF_OK : HF_E_SHAPE;
	json_object_foreach((json_t *)(uintptr_t)answer, host, list)
	{
		const struct hf_below_answer one = {listed, how, host, list};
		if (rc == HF_OK && !is_invented(host))
			rc = hear_one(lessons, &one, others, changed);
	}
	bool grew = false;
	if (rc == HF_OK)
		rc = hf_learned_hear(&lessons->learned, others, how, &grew);
	*changed = *changed || grew;
	return rc;
}

bool hf_lessons_hear(struct hf_lessons *lessons, const struct hf_shut_hosts *listed, const json_t *answer,
		     const struct hf_learning *how)
{
	struct hf_addrs no = {0};
	struct hf_learning careful = {.grow = how->grow, .no = &no};
	bool changed = false, forgot = false;
	const char *host;
	json_t *list;
	json_object_foreach((json_t *)(uintptr_t)answer, host, list)
	{
		if (!is_invented(host))
			continue;
		hear_invented(lessons, list);
		forgot = forget_doubted(lessons) || forgot;
		forgot = hf_answers_forget(&lessons->answers, &lessons->portal) || forgot;
	}
	if (join(how->no, &lessons->portal, &no) != HF_OK ||
	    hear_all(lessons, listed, answer, &careful, &changed) != HF_OK)
		changed = false;
	hf_addrs_done(&no);
	return changed || forgot;
}

bool hf_lessons_answered(struct hf_lessons *lessons, const struct hf_shut_hosts *listed, hf_user uid,
			 const struct hf_dns *answer, const struct hf_addrs *no)
{
	struct hf_addrs all = {0};
	bool changed = join(no, &lessons->portal, &all) == HF_OK &&
		       hf_answers_keep(&lessons->answers, listed, uid, answer, &all);
	hf_addrs_done(&all);
	lessons->doubt_is_new = lessons->doubt_is_new || changed;
	return changed;
}

enum hf_rc hf_lessons_count(struct hf_lessons *lessons, const struct hf_shut_hosts *listed)
{
	hf_addrs_done(&lessons->learned.answered);
	return hf_answers_of(&lessons->answers, listed, &lessons->learned.answered);
}

void hf_lessons_unanswer(struct hf_lessons *lessons)
{
	hf_answers_done(&lessons->answers);
	hf_addrs_done(&lessons->learned.answered);
	unlink(lessons->answers_file);
}

void hf_lessons_close(struct hf_lessons *lessons)
{
	hf_learned_done(&lessons->learned);
	hf_addrs_done(&lessons->portal);
	json_decref(lessons->doubted);
	hf_answers_done(&lessons->answers);
}
