/* SPDX-License-Identifier: MIT */
/*
 * Owns the JSON of the devices, a page at a time.
 * Must never show two states of a device as one, or pass over a device because another has changed.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>

#include "controller/log_witness.h"
#include "controller/web/show_devices.h"

/* One answer while it is made. */
struct listing {
	const struct hf_controller *c;
	const struct hf_devices_ask *ask;
	struct hf_estate_view view;
	const struct hf_lockdown *lockdown; /* NULL: none was named */
	char key[HF_KEYID_SIZE];	    /* of this controller */
	json_t *rows;
	size_t n_rows, total, of;
	const char *last; /* id of the last row */
	bool more;
};

/* Once each. */
static void add_name(json_t *list, const char *name)
{
	json_t *one;
	size_t i;
	json_array_foreach(list, i, one)
	{
		if (strcmp(json_string_value(one), name) == 0)
			return;
	}
	json_array_append_new(list, json_string(name));
}

json_t *hf_show_people(const struct hf_versions *versions)
{
	json_t *people = json_array();
	struct hf_pairs pairs;
	hf_versions_pairs(versions, &pairs);
	for (size_t i = 0; i < pairs.n; i++)
		add_name(people, pairs.v[i].person);
	return people;
}

static json_t *show_groups(const struct hf_versions *versions)
{
	json_t *groups = json_array();
	for (size_t i = 0; i < versions->n; i++)
		for (size_t g = 0; g < versions->v[i].doc->groups.n; g++)
			add_name(groups, versions->v[i].doc->groups.v[g]);
	return groups;
}

static json_t *show_layers(const struct hf_report *report)
{
	json_t *layers = json_array();
	for (size_t i = 0; report && i < report->n_layers; i++)
		json_array_append_new(layers, json_pack("{s:s, s:s, s:s}", "name", report->layers[i].name, "state",
							hf_layer_state_name(report->layers[i].state), "saw",
							report->layers[i].saw));
	return layers;
}

static json_t *show_partly(const struct hf_report *report, enum hf_device_state state)
{
	const char *names[HF_LAYERS_MAX];
	const struct hf_strs wanting = {names, hf_device_partly(report, state, names)};

	return hf_json_from_strs(&wanting);
}

/* Somebody tampered there: nothing is weaker. */
static int strength(enum hf_standing standing)
{
	return standing == HF_STANDING_TAMPERED ? -1 : (int)standing;
}

/* Of two machines the weaker word: what the other has not spoken of is not enforced there. */
static enum hf_standing weaker(const struct hf_report *other, const struct hf_report_lockdown *said)
{
	const struct hf_report_lockdown *there = hf_report_of_lockdown(other, &said->id);
	bool done =
		said->standing == HF_STANDING_RELEASED_UNVERIFIED || said->standing == HF_STANDING_RELEASED_VERIFIED;
	if (!there)
		return done ? said->standing : HF_STANDING_RECEIVED;
	return strength(there->standing) < strength(said->standing) ? there->standing : said->standing;
}

static json_t *show_standings(const struct hf_device *device, const struct hf_estate_view *view)
{
	json_t *lockdowns = json_array();
	const struct hf_report *report = device->report;
	bool lately = false;
	(void)hf_device_twins(device, view, &lately);
	for (size_t i = 0; report && i < report->n_lockdowns; i++) {
		struct hf_report_lockdown own = report->lockdowns[i], *l = &own;
		if (lately)
			own.standing = weaker(device->other, &own);
		json_array_append_new(lockdowns,
				      json_pack("{s:o, s:s, s:s, s:I, s:s}", "id", hf_json_from_digest(&l->id), "kind",
						hf_kind_name(l->kind), "mode", hf_mode_name(l->mode), "rev",
						(json_int_t)l->rev, "standing", hf_standing_name(l->standing)));
	}
	return lockdowns;
}

static json_t *show_refused(const struct hf_report *report)
{
	json_t *refused = json_array();
	for (size_t i = 0; report && i < report->n_refused; i++)
		json_array_append_new(refused, json_pack("{s:s, s:I}", "reason", hf_rc_name(report->refused[i].reason),
							 "count", (json_int_t)report->refused[i].count));
	return refused;
}

static int64_t last_heard(const struct hf_device *device)
{
	int64_t main = device->report ? device->heard.s : 0, other = device->other ? device->other_heard.s : 0;
	return main > other ? main : other;
}

static const char *glass_word(enum hf_glass_seen seen)
{
	switch (seen) {
	case HF_GLASS_SEEN_OPEN:
		return "glass-open";
	case HF_GLASS_SEEN_OPENED:
		return "glass-opened";
	case HF_GLASS_SEEN_TRIED:
		return "glass-tried";
	case HF_GLASS_SEEN_NOT:
		break;
	}
	return "";
}

/* Which halves each side has made for it, and what was done with them there. */
static json_t *show_glass(const struct hf_device *device)
{
	const struct hf_glass *a = device->glass[HF_GLASS_A].doc, *b = device->glass[HF_GLASS_B].doc;
	const struct hf_report *report = device->report;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:b}", "a", (json_int_t)(a ? a->set : 0), "b", (json_int_t)(b ? b->set : 0),
			 "wrong", (json_int_t)(report ? report->glass.wrong : 0), "slot",
			 (json_int_t)(report ? report->glass.slot : 0), "at", (json_int_t)(report ? report->glass.at.s : 0), "open",
			 report ? report->glass.open : false);
}

/* What somebody must look into, as words. */
static json_t *show_words(const struct listing *l, const struct hf_device *device)
{
	json_t *words = json_array();
	if (device->other || device->apart)
		json_array_append_new(words, json_string("two-machines"));
	if (hf_device_disowned(device, hf_clock_boot(), l->view.stale_s))
		json_array_append_new(words, json_string("other-key"));
	if (hf_log_witness(l->c, l->key, device->report))
		json_array_append_new(words, json_string("log-fork"));
	if (hf_device_damaged(device, l->view.now))
		json_array_append_new(words, json_string("memory-damaged"));
	if (hf_device_retired(device))
		json_array_append_new(words, json_string("retired"));
	if (hf_device_glass(device, l->view.now) != HF_GLASS_SEEN_NOT)
		json_array_append_new(words, json_string(glass_word(hf_device_glass(device, l->view.now))));
	return words;
}

static json_t *show_over(const struct hf_report *report)
{
	json_t *over = json_array();
	for (size_t i = 0; report && i < report->n_over; i++)
		json_array_append_new(over, json_pack("{s:s, s:s}", "person", report->over[i].person, "kind",
						      hf_kind_name(report->over[i].kind)));
	return over;
}

static enum hf_device_state standing_of(const struct listing *l, const struct hf_device *device)
{
	return hf_device_standing(device, l->lockdown, l->view.now, l->view.stale_s);
}

static json_t *show_device(const struct listing *l, const struct hf_device *device)
{
	const struct hf_report *report = device->report;
	bool not_enforced;
	enum hf_device_state state = hf_device_state_of(device, &l->view, &not_enforced);
	json_t *row =
		json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			  "device", device->assignment->device, "state", hf_device_state_name(state), "not_enforced",
			  not_enforced, "attention", show_words(l, device), "people", hf_show_people(&device->versions),
			  "groups", show_groups(&device->versions), "last_report", (json_int_t)last_heard(device),
			  "counter", (json_int_t)(report ? report->counter : 0), "state_seq",
			  (json_int_t)(report ? report->state_seq : 0), "trust_epoch",
			  (json_int_t)(report ? report->trust_epoch : 0), "brokers_version",
			  (json_int_t)(report ? report->brokers_version : 0), "unknown", report ? report->unknown : false,
			  "layers", show_layers(report), "partly", show_partly(report, state), "lockdowns",
			  show_standings(device, &l->view), "over", show_over(report), "refused", show_refused(report), "glass", show_glass(device),
			  "nonce", report && report->has_nonce ? hf_json_from_digest(&report->nonce) : json_null(),
			  "open_for", report ? hf_json_from_strs(&report->open_for) : json_array());
	if (l->lockdown)
		json_object_set_new(row, "standing", json_string(hf_device_state_name(standing_of(l, device))));
	return row;
}

/* What is chosen by never changes from one page to the next but by an assignment. */
static bool in_scope(const struct listing *l, const struct hf_device *device)
{
	const struct hf_strs groups = {(const char **)l->ask->groups, l->ask->n_groups};
	return (!l->ask->id || strcmp(l->ask->id, device->assignment->device) == 0) &&
	       (groups.n == 0 || hf_versions_in(&device->versions, &groups)) &&
	       (!l->lockdown || hf_device_in_scope(device, l->lockdown));
}

static bool is_wished(enum hf_query_wish wish, bool is)
{
	return wish == HF_QUERY_ANY || (wish == HF_QUERY_YES) == is;
}

/* Of two machines with one key, both. */
static bool has_trust(const struct hf_device *device, size_t epoch)
{
	return epoch == 0 || (device->report && device->report->trust_epoch >= (int64_t)epoch &&
			      (!device->other || device->other->trust_epoch >= (int64_t)epoch));
}

/* Of two machines with one key, both. */
static bool has_brokers(const struct hf_device *device, size_t version)
{
	return version == 0 || (device->report && device->report->brokers_version >= (int64_t)version &&
				(!device->other || device->other->brokers_version >= (int64_t)version));
}

/* The state of a device is worked out only where it is asked for: most pages ask for none. */
static bool is_asked_for(const struct listing *l, const struct hf_device *device)
{
	const struct hf_devices_ask *ask = l->ask;
	bool by_state = !ask->any_state || ask->not_enforced != HF_QUERY_ANY || ask->silent != HF_QUERY_ANY;
	bool not_enforced = false;
	enum hf_device_state state;
	if (ask->bears != HF_QUERY_ANY && !is_wished(ask->bears, hf_device_bears(device, &l->view)))
		return false;
	if (!is_wished(ask->unknown, device->report && device->report->unknown) || !has_trust(device, ask->epoch) ||
	    !has_brokers(device, ask->brokers) ||
	    (!ask->any_standing && !ask->standings[standing_of(l, device)]))
		return false;
	if (!by_state)
		return true;
	state = hf_device_state_of(device, &l->view, &not_enforced);
	return (ask->any_state || ask->states[state]) && is_wished(ask->not_enforced, not_enforced) &&
	       is_wished(ask->silent, hf_device_silent(device, &l->view));
}

/* One look at one device: counted on every page, shown on its own. */
static void look_at(struct listing *l, const struct hf_device *device)
{
	const char *id = device->assignment->device;
	if (!in_scope(l, device))
		return;
	l->of++;
	if (!is_asked_for(l, device))
		return;
	l->total++;
	if (l->ask->after && strcmp(id, l->ask->after) <= 0)
		return;
	if (l->n_rows == l->ask->limit) {
		l->more = true;
		return;
	}
	json_array_append_new(l->rows, show_device(l, device));
	l->n_rows++;
	l->last = id;
}

static json_t *show_page(struct listing *l)
{
	l->rows = json_array();
	for (size_t i = 0; i < l->c->estate.n; i++)
		look_at(l, &l->c->estate.v[i]);
	return json_pack("{s:o, s:I, s:I, s:o}", "devices", l->rows, "total", (json_int_t)l->total, "of",
			 (json_int_t)l->of, "next", l->more ? json_string(l->last) : json_null());
}

enum hf_rc hf_show_devices(const struct hf_controller *c, const struct hf_devices_ask *ask, json_t **ret,
			   struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	struct listing l = {.c = c, .ask = ask, .view = {&lockdowns, hf_clock_wall(), hf_controller_stale_s(c)}};
	struct hf_pub pub = hf_key_pub(c->key);
	json_t *page;
	(void)hf_pub_keyid(&pub, l.key);
	if (hf_controller_lockdowns(c, &lockdowns, err) != HF_OK)
		return HF_E_MEMORY;
	if (ask->on_lockdown)
		l.lockdown = hf_lockdowns_find(&lockdowns, &ask->lockdown);
	if (ask->on_lockdown && !l.lockdown)
		return hf_err_set(err, HF_E_ABSENT, "no lockdown with that id is known here");
	page = show_page(&l);
	if (!page)
		return hf_err_set(err, HF_E_MEMORY, "there is no memory for a page of devices");
	*ret = page;
	return HF_OK;
}
