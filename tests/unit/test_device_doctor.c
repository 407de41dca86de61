/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of what a doctor finds of a device.
 * Must never look at this machine.
 */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <holdfast/str.h>

#include "agent/doctor/device_facts.h"

#define NOW INT64_C(1800000000)
#define DAY INT64_C(86400)

/* A device on which all is well. */
static struct hf_device_facts *sound_device(void)
{
	struct hf_device_facts *f = calloc(1, sizeof(*f));

	cr_assert(f);
	f->enrolled = HF_SEEN_YES;
	f->files[f->n_files++] = (struct hf_file_seen){"/key", HF_OK, {""}};
	f->certs[f->n_certs++] = (struct hf_certificate_seen){{"/crt", HF_OK, {""}}, {NOW - DAY}, {NOW + 1000 * DAY}};
	f->broker_looked = true;
	f->broker = (struct hf_broker_seen){"h", 8883, HF_TRIED_REFUSED, HF_TRIED_REFUSED, HF_TRIED_LET_IN, HF_TRIED_NOT,
					    HF_SEEN_NO, HF_SEEN_NO, ""};
	f->clock_kept = HF_SEEN_YES;
	f->socket_own = HF_SEEN_YES;
	f->socket = "/run/link.sock";
	f->others_exe.works = f->frozen.works = f->queue.works = f->logged.works = HF_SEEN_YES;
	f->layers[f->n_layers++] = (struct hf_layer_needs_seen){"running", {HF_SEEN_YES, {""}}, HF_SEEN_YES, ""};
	f->view = json_pack("{s:I, s:I, s:i, s:b, s:[], s:[{s:s, s:s, s:s}]}", "now", (json_int_t)NOW, "issued",
			    (json_int_t)(NOW - 10), "heard_s", 10, "stale", 0, "attention", "layers", "name", "running", "state",
			    "idle", "saw", "nothing is shut");
	cr_assert(f->view);
	return f;
}

static void set_view(struct hf_device_facts *f, const char *name, json_t *value)
{
	cr_assert_eq(json_object_set_new(f->view, name, value), 0);
}

static void not_enrolled(struct hf_device_facts *f)
{
	f->enrolled = HF_SEEN_NO;
}

static void conf_broken(struct hf_device_facts *f)
{
	f->settings = HF_E_SHAPE;
}

static void proxy_unnamed(struct hf_device_facts *f)
{
	f->proxies_hidden = true;
}

static void conf_unseen(struct hf_device_facts *f)
{
	f->settings = HF_E_ROLE;
}

static void agent_down(struct hf_device_facts *f)
{
	f->agent = HF_E_ABSENT;
}

static void moved(struct hf_device_facts *f)
{
	set_view(f, "attention", json_pack("[s]", "what this device knows was made on another machine"));
}

static void lost(struct hf_device_facts *f)
{
	set_view(f, "unknown", json_true());
}

static void silent(struct hf_device_facts *f)
{
	set_view(f, "stale", json_true());
}

static void behind(struct hf_device_facts *f)
{
	set_view(f, "issued", json_integer(NOW + 121));
}

static void a_little_behind(struct hf_device_facts *f)
{
	set_view(f, "issued", json_integer(NOW + 120));
}

static void ahead(struct hf_device_facts *f)
{
	set_view(f, "issued", json_integer(NOW - 10 - 1021));
}

static void a_beat_ago(struct hf_device_facts *f)
{
	set_view(f, "issued", json_integer(NOW - 10 - 1020));
}

static void heard_before_it_started(struct hf_device_facts *f)
{
	set_view(f, "issued", json_integer(NOW - 100000));
	set_view(f, "heard_s", json_integer(-1));
}

static void layer_failed(struct hf_device_facts *f)
{
	set_view(f, "layers", json_pack("[{s:s, s:s, s:s}]", "name", "running", "state", "failed", "saw", "it is so"));
}

static void layer_off(struct hf_device_facts *f)
{
	set_view(f, "layers", json_pack("[{s:s, s:s, s:s}]", "name", "others", "state", "off", "saw", ""));
}

static void exe_hidden(struct hf_device_facts *f)
{
	f->others_exe.works = HF_SEEN_NO;
}

static void not_frozen(struct hf_device_facts *f)
{
	f->frozen.works = HF_SEEN_NO;
}

static void no_queue(struct hf_device_facts *f)
{
	f->queue.works = HF_SEEN_NO;
}

static void no_log(struct hf_device_facts *f)
{
	f->logged.works = HF_SEEN_NO;
}

static void untried(struct hf_device_facts *f)
{
	f->logged.works = HF_SEEN_NOT;
}

static void no_machine(struct hf_device_facts *f)
{
	f->layers[0].machine.works = HF_SEEN_NO;
}

static void machine_untried(struct hf_device_facts *f)
{
	f->layers[0].machine.works = HF_SEEN_NOT;
}

static void no_right(struct hf_device_facts *f)
{
	f->layers[0].rights = HF_SEEN_NO;
	cr_assert_eq(hf_str_copy(f->layers[0].lacks, sizeof(f->layers[0].lacks), "CAP_SYS_PTRACE"), HF_OK);
}

static void rights_unseen(struct hf_device_facts *f)
{
	f->layers[0].rights = HF_SEEN_NOT;
}

static void strange_socket(struct hf_device_facts *f)
{
	f->socket_own = HF_SEEN_NO;
}

static void socket_unseen(struct hf_device_facts *f)
{
	f->socket_own = HF_SEEN_NOT;
}

static void wrong_broker(struct hf_device_facts *f)
{
	f->broker.own = HF_TRIED_REFUSED;
	f->broker.other_name = HF_TRIED_LET_IN;
}

static void open_key(struct hf_device_facts *f)
{
	f->files[0].rc = HF_E_KEY;
}

static void five_days(struct hf_device_facts *f)
{
	f->certs[0].until.s = NOW + 5 * DAY;
}

static void free_clock(struct hf_device_facts *f)
{
	f->clock_kept = HF_SEEN_NO;
}

static void clock_unasked(struct hf_device_facts *f)
{
	f->clock_kept = HF_SEEN_NOT;
}

static void no_fault(struct hf_device_facts *f)
{
	(void)f;
}

/* clang-format off */
static const struct row {
	const char *name;
	void (*plant)(struct hf_device_facts *facts);
	enum hf_weight weight;
	const char *what, *says; /* NULL: nothing is found */
} rows[] = {
	{ "nothing is wrong", no_fault, HF_WEIGHT_GRAVE, NULL, NULL },
	{ "not enrolled", not_enrolled, HF_WEIGHT_GRAVE, "enrolment", "not enrolled" },
	{ "settings with a slip", conf_broken, HF_WEIGHT_GRAVE, "settings", "cannot be read" },
	{ "settings that one may not see", conf_unseen, HF_WEIGHT_UNSEEN, "settings", "" },
	{ "the agent does not run", agent_down, HF_WEIGHT_GRAVE, "agent", "stays shut" },
	{ "attack: a copied disk", moved, HF_WEIGHT_GRAVE, "attention", "another machine" },
	{ "D9.2 it has lost what it knew", lost, HF_WEIGHT_GRAVE, "memory", "holdfast recover" },
	{ "it hears nobody", silent, HF_WEIGHT_WARNING, "server", "lately" },
	{ "a proxy that nobody has named", proxy_unnamed, HF_WEIGHT_WARNING, "proxy", "network.proxy" },
	{ "the clock is behind", behind, HF_WEIGHT_GRAVE, "clock", "121 s behind" },
	{ "a little behind", a_little_behind, HF_WEIGHT_GRAVE, NULL, NULL },
	{ "the clock is ahead", ahead, HF_WEIGHT_GRAVE, "clock", "1021 s ahead" },
	{ "a long beat", a_beat_ago, HF_WEIGHT_GRAVE, NULL, NULL },
	{ "nothing heard since it started", heard_before_it_started, HF_WEIGHT_GRAVE, NULL, NULL },
	{ "D9.2 a layer has failed", layer_failed, HF_WEIGHT_GRAVE, "layer", "running has failed" },
	{ "D9.2 a layer is off", layer_off, HF_WEIGHT_WARNING, "layer", "others is switched off" },
	{ "D9.2 others' programs are hidden", exe_hidden, HF_WEIGHT_GRAVE, "others-exe", "another user's process" },
	{ "D9.2 nothing can be frozen", not_frozen, HF_WEIGHT_GRAVE, "freezer", "Freezing" },
	{ "D9.2 no queue", no_queue, HF_WEIGHT_GRAVE, "nfqueue", "NFQUEUE" },
	{ "no log of packets", no_log, HF_WEIGHT_GRAVE, "nflog", "NFLOG" },
	{ "what a user may not try", untried, HF_WEIGHT_UNSEEN, "nflog", "root may" },
	{ "D9.2 a layer lacks its machine", no_machine, HF_WEIGHT_GRAVE, "layer-machine", "lacks what it needs" },
	{ "a machine that a user may not try", machine_untried, HF_WEIGHT_UNSEEN, "layer-machine", "running" },
	{ "D9.2 a right is missing", no_right, HF_WEIGHT_GRAVE, "rights", "CAP_SYS_PTRACE" },
	{ "rights that are not told", rights_unseen, HF_WEIGHT_UNSEEN, "rights", "running" },
	{ "attack: somebody else's socket", strange_socket, HF_WEIGHT_GRAVE, "link-socket", "somebody else" },
	{ "a socket that is not there", socket_unseen, HF_WEIGHT_UNSEEN, "link-socket", "" },
	{ "attack: the broker has another name", wrong_broker, HF_WEIGHT_GRAVE, "broker-name", "another name" },
	{ "a key that others read", open_key, HF_WEIGHT_GRAVE, "file", "" },
	{ "a certificate of five days", five_days, HF_WEIGHT_GRAVE, "certificate", "less than 6 days" },
	{ "a clock that nobody keeps", free_clock, HF_WEIGHT_WARNING, "clock", "timedatectl" },
	{ "a clock that cannot be asked", clock_unasked, HF_WEIGHT_UNSEEN, "clock", "" },
};
/* clang-format on */

Test(device_doctor, finds_each_fault_of_a_device_and_nothing_else)
{
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		const struct row *r = &rows[i];
		hf_auto_findings struct hf_findings found = {0};
		struct hf_device_facts *facts = sound_device();

		r->plant(facts);
		hf_find_device(&found, facts, (struct hf_wall){NOW});
		cr_expect_eq(found.n, r->what ? 1 : 0, "%s: %zu %s", r->name, found.n, found.n > 1 ? found.v[1].said.text : "");
		cr_expect_eq(hf_findings_well(&found), !r->what, "%s", r->name);
		if (r->what && found.n == 1) {
			cr_expect_eq(found.v[0].weight, r->weight, "%s", r->name);
			cr_expect_str_eq(found.v[0].what, r->what, "%s", r->name);
			cr_expect(strstr(found.v[0].said.text, r->says), "%s: %s", r->name, found.v[0].said.text);
		}
		hf_device_facts_done(facts);
		free(facts);
	}
}
