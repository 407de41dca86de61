/* SPDX-License-Identifier: MIT */
/*
 * Owns the next list of brokers: how it is made of the one in effect, and what it changes in plain words.
 * Must never leave out a broker that nobody named.
 */
#include "controller/office/broker_change.h"

#include <string.h>

#include <holdfast/digest.h>
#include <holdfast/text.h>

#include "controller/office/council_folder.h"

static const struct hf_broker *named(const struct hf_brokers_now *now, const char *id)
{
	for (size_t i = 0; i < now->n; i++)
		if (strcmp(now->v[i].id, id) == 0)
			return &now->v[i];
	return NULL;
}

static bool stands_at(const struct hf_brokers_now *now, const struct hf_broker *broker)
{
	for (size_t i = 0; i < now->n; i++)
		if (strcmp(now->v[i].host, broker->host) == 0 && now->v[i].port == broker->port)
			return true;
	return false;
}

static enum hf_rc check_gone(const struct hf_view *view, const struct hf_brokers_now *now, const char *id,
			     struct hf_err *err)
{
	if (now->n == 0)
		return hf_err_set(err, HF_E_ABSENT,
				  "There is no list of brokers: each device knows the one that it was enrolled with, and keeps it.");
	if (!named(now, id))
		return hf_err_set(err, HF_E_ABSENT, "No broker of the list is called %s%s.", id,
				  hf_office_hint(view->office, HF_HINT_BROKERS));
	return HF_OK;
}

/* What one list may hold, and what is said of it in the words of whoever asks for it. */
static enum hf_rc check_come(const struct hf_brokers_now *now, const struct hf_broker_wish *wish, struct hf_err *err)
{
	const struct hf_broker *come = &wish->come;
	bool again = wish->gone && strcmp(wish->gone, come->id) == 0;

	if (!hf_id_ok(come->id))
		return hf_err_set(err, HF_E_USAGE, "`%s` is no name for a broker: a-z, 0-9 and - may stand in it.", come->id);
	if (!hf_broker_host_ok(come->host))
		return hf_err_set(err, HF_E_USAGE,
				  "`%s` is no host: say its name or address as its certificate has it, in lower-case letters, "
				  "without a port.",
				  come->host);
	if (come->port < 1 || come->port > 65535)
		return hf_err_set(err, HF_E_USAGE, "A port is a number from 1 to 65535.");
	if (!again && named(now, come->id))
		return hf_err_set(err, HF_E_USAGE,
				  "A broker called %s is in the list already: take another name, or put this one in its place.",
				  come->id);
	if (!wish->gone && stands_at(now, come))
		return hf_err_set(err, HF_E_USAGE, "A broker at %s, port %lld is in the list already.", come->host,
				  (long long)come->port);
	return HF_OK;
}

static enum hf_rc fill_next(const struct hf_brokers_now *now, const struct hf_broker_wish *wish, struct hf_brokers *next,
			    struct hf_err *err)
{
	size_t n = now->n + (wish->come.id ? 1 : 0) - (wish->gone ? 1 : 0);

	if (n > HF_BROKERS_MAX)
		return hf_err_set(err, HF_E_USAGE, "A list has %d brokers at most: remove or replace one.", HF_BROKERS_MAX);
	if (n == 0)
		return hf_err_set(err, HF_E_USAGE,
				  "It is the only one: a list without any is none. Put another in its place.");
	for (size_t i = 0; i < now->n; i++)
		if (!wish->gone || strcmp(now->v[i].id, wish->gone) != 0)
			next->v[next->n++] = now->v[i];
	if (wish->come.id && next->n < HF_BROKERS_MAX)
		next->v[next->n++] = wish->come;
	return HF_OK;
}

enum hf_rc hf_brokers_wished(const struct hf_view *view, const struct hf_broker_wish *wish,
			     struct hf_envelope **ret_envelope, struct hf_err *err)
{
	hf_auto_brokers struct hf_brokers *check = NULL;
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_brokers next = {.council = view->known.trust->council, .issued = view->now};
	struct hf_brokers_now now;
	struct hf_err why = {0};
	enum hf_rc rc;

	hf_broker_set_now(&view->known.brokers, &now);
	next.version = now.version + 1;
	rc = wish->gone ? check_gone(view, &now, wish->gone, err) : HF_OK;
	if (rc == HF_OK && wish->come.id)
		rc = check_come(&now, wish, err);
	if (rc == HF_OK)
		rc = fill_next(&now, wish, &next, err);
	if (rc == HF_OK)
		rc = hf_folder_envelope(HF_DOC_BROKERS, hf_brokers_encode(&next), &envelope, err);
	if (rc != HF_OK)
		return rc;
	if (hf_brokers_decode(envelope, &check, &why) != HF_OK)
		return hf_err_set(err, HF_E_USAGE, "%s", why.text);
	*ret_envelope = hf_steal_ptr(&envelope);
	return HF_OK;
}

bool hf_brokers_change(const struct hf_view *view, const struct hf_brokers *brokers)
{
	const struct hf_broker_set *held = &view->known.brokers;
	size_t added = held->n - (hf_broker_set_base(held) ? 1 : 0);
	struct hf_brokers_now now;

	if (hf_broker_set_find(held, &brokers->digest))
		return false;
	hf_broker_set_now(held, &now);
	return hf_brokers_take_away(&now, brokers) || added >= HF_BROKER_ADDS_MAX;
}

const char *hf_broker_ca_text(const struct hf_broker *broker, char text[HF_BROKER_CA_TEXT_SIZE])
{
	struct hf_digest digest;
	char hex[HF_DIGEST_HEX_SIZE];

	if (!broker->ca || hf_digest_of(broker->ca, strlen(broker->ca), &digest) != HF_OK)
		return hf_text("its certificate is checked with the council's own authority");
	if (hf_str_printf(text, HF_BROKER_CA_TEXT_SIZE, hf_text("its certificate is checked with an authority of its own, %.16s"),
			  hf_digest_hex(&digest, hex)) != HF_OK)
		text[0] = '\0';
	return text;
}

static bool stays(const struct hf_brokers *next, const struct hf_broker *broker)
{
	for (size_t i = 0; i < next->n; i++)
		if (hf_broker_same(&next->v[i], broker))
			return true;
	return false;
}

static bool was_there(const struct hf_brokers_now *now, const struct hf_broker *broker)
{
	for (size_t i = 0; i < now->n; i++)
		if (hf_broker_same(&now->v[i], broker))
			return true;
	return false;
}

/* Against what is in effect; of a list that is in effect already nothing changes. */
static void say_difference(const struct hf_words *words, const struct hf_brokers *next)
{
	struct hf_brokers_now now;
	size_t gone = 0;

	hf_broker_set_now(&words->view->known.brokers, &now);
	if (hf_broker_set_find(&words->view->known.brokers, &next->digest))
		return;
	for (size_t i = 0; i < next->n; i++)
		if (!was_there(&now, &next->v[i]))
			hf_words_line(words, "NEW: %s.", next->v[i].id);
	for (size_t i = 0; i < now.n; i++) {
		if (stays(next, &now.v[i]))
			continue;
		hf_words_line(words, "REMOVED: %s (%s, port %lld).", now.v[i].id, now.v[i].host, (long long)now.v[i].port);
		gone++;
	}
	hf_words_line(words, "A device stays with the broker that it has, and goes to another of the list when that one is gone, silent, "
			     "or removed; never before the other has given it a fresh state of the council's server.");
	if (gone > 0)
		hf_words_line(words, "It keeps a removed one until every broker of the list has done so.");
	hf_words_line(words, "The broker that it was enrolled with it keeps always.");
}

enum hf_rc hf_words_brokers(struct hf_words *words, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_brokers struct hf_brokers *brokers = NULL;
	char ca[HF_BROKER_CA_TEXT_SIZE];
	enum hf_rc rc = hf_brokers_decode(envelope, &brokers, err);

	if (rc != HF_OK)
		return rc;
	hf_words_heading(words, HF_TONE_PLAIN, "BROKERS of %s, version %lld", brokers->council, (long long)brokers->version);
	hf_words_line(words, "Devices find the council's server at:");
	for (size_t i = 0; i < brokers->n; i++)
		hf_words_line(words, "  %s: %s, port %lld; %s.", brokers->v[i].id, brokers->v[i].host,
			      (long long)brokers->v[i].port, hf_broker_ca_text(&brokers->v[i], ca));
	say_difference(words, brokers);
	return HF_OK;
}
