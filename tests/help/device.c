/* SPDX-License-Identifier: MIT */
/*
 * Owns one device with a real keeper and a layer that only remembers.
 * Must never leave a full disk behind.
 */
#include "tests/help/device.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/topic.h>

#include "tests/help/folder.h"

#define BEAT_MS 30000

static struct device device;
static char folder[TEST_FOLDER_SIZE];

/* The blocks that the layer was told last, layer.n_blocks of them. */
static struct {
	char tool[HF_ID_SIZE];
	uid_t open_for[HF_PAIRS_MAX];
	size_t n_open_for;
} told[HF_TOOLS_MAX];
static bool disk_works;

struct hf_layer {
	int nothing;
};

static enum hf_rc fake_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	struct device_layer *l = &device.layer;

	(void)layer;
	if (l->fails)
		return hf_err_set(err, HF_E_SYSTEM, "it will not");
	for (size_t i = 0; i < plan->n_blocks; i++) {
		const struct hf_block *block = &plan->blocks[i];

		cr_assert_eq(hf_str_copy(told[i].tool, sizeof(told[0].tool), block->tool), HF_OK);
		memcpy(told[i].open_for, block->open_for, block->n_open_for * sizeof(uid_t));
		told[i].n_open_for = block->n_open_for;
	}
	l->n_applies++;
	l->n_blocks = plan->n_blocks;
	l->first = plan->n_blocks > 0 ? plan->blocks[0] : (struct hf_block){.tool = NULL};
	l->least = l->n_blocks < l->least ? l->n_blocks : l->least;
	device.refused_writes += !disk_works;
	return HF_OK;
}

static void fake_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	(void)layer;
	ret_saw->state = device.layer.n_blocks == 0 ? HF_LAYER_IDLE
			 : device.layer.hides	    ? HF_LAYER_ARMED
						    : HF_LAYER_VERIFIED;
}

static bool fake_has_work(const struct hf_block *block)
{
	(void)block;
	return true;
}

static const struct hf_layer_ops fake = {.name = "fake",
					 .needs = "nothing",
					 .size = sizeof(struct hf_layer),
					 .has_work = fake_has_work,
					 .check = hf_layer_any_machine,
					 .apply = fake_apply,
					 .probe = fake_probe};

static struct hf_wall wall_now(void)
{
	return device.wall;
}

static struct hf_boot_ms boot_now(void)
{
	return device.boot;
}

static void take_shown(const void *buf, size_t len)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_state struct hf_state *state = NULL;
	struct hf_pub pub = council_pub(&device.council, CONTROLLER);

	cr_assert_eq(hf_envelope_decode(buf, len, &envelope, NULL), HF_OK);
	cr_assert_eq(hf_state_decode(envelope, &state, NULL), HF_OK);
	cr_assert(hf_envelope_signed_by(envelope, &pub, NULL), "what is handed over proves itself");
	device.shown[device.n_shown++ % HF_LEN(device.shown)] =
		(struct hf_log_head){state->seq, state->log_size, state->log_root};
}

static void take_report(void *arg, const char *topic, const void *buf, size_t len)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_pub pub = council_pub(&device.council, DEVICE);

	(void)arg;
	if (strcmp(topic, "holdfast/1/" COUNCIL_NAME "/device/" COUNCIL_DEVICE "/ask") == 0) {
		device.n_asks++;
		if (len > 2)
			take_shown(buf, len);
		return;
	}
	cr_assert_str_eq(topic, "holdfast/1/" COUNCIL_NAME "/device/" COUNCIL_DEVICE "/report");
	cr_assert_eq(hf_envelope_decode(buf, len, &envelope, NULL), HF_OK);
	cr_assert(hf_envelope_signed_by(envelope, &pub, NULL), "a report is signed by its device");
	hf_report_free(&device.report);
	cr_assert_eq(hf_report_decode(envelope, &device.report, NULL), HF_OK);
	device.n_reports++;
}

static void take_event(void *arg, const uid_t *uid, const json_t *event)
{
	hf_auto_free char *text = json_dumps(event, JSON_COMPACT);

	(void)arg;
	if (uid)
		snprintf(device.event, sizeof(device.event), "%u %s", *uid, text);
	device.n_changes += strcmp(json_string_value(json_object_get(event, "event")), "changed") == 0;
}

static struct hf_envelope *assignment(void)
{
	struct hf_assignment doc = council_assignment_doc(&device.council);

	doc.people[0] = (struct hf_device_person){"comms-2", "nobody", device.rank};
	doc.people[1] = (struct hf_device_person){"comms-1", "daemon", device.rank};
	doc.n_people = 2;
	return council_assignment(&device.council, &doc, IT_1 | COMMS_1);
}

void device_enrol(void)
{
	hf_auto_store struct hf_store *store = NULL;
	hf_auto_memory struct hf_memory memory = {0};
	hf_auto_free char *text = NULL, *pem = NULL;
	hf_auto_json json_t *bundle = NULL;
	size_t len = 0;

	if (device.rank) {
		hf_envelope_free(&device.council.assignment);
		device.council.assignment = assignment();
	}
	bundle = json_pack("{s:s, s:s, s:[o], s:o, s:o, s:s, s:i, s:s, s:s}", "council", COUNCIL_NAME, "device",
			   COUNCIL_DEVICE, "trusts", hf_envelope_to_json(device.council.trust), "register",
			   hf_envelope_to_json(device.council.reg), "assignment",
			   hf_envelope_to_json(device.council.assignment), "host", "broker", "port", 8883, "ca", "pem",
			   "certificate", "pem");
	text = json_dumps(bundle, 0);
	cr_assert_eq(hf_fs_replace(device.enrolment, text, strlen(text), 0600, NULL), HF_OK);
	cr_assert_eq(hf_key_to_pem(device.council.keys[3], NULL, &pem, &len, NULL), HF_OK);
	cr_assert_eq(hf_fs_replace(device.key, pem, len, 0600, NULL), HF_OK);
	council_begin(&device.council, &memory.known);
	cr_assert_eq(hf_store_open(device.state, &store, NULL), HF_OK);
	cr_assert_eq(hf_store_save(store, &memory, NULL), HF_OK);
}

enum hf_rc device_start(void)
{
	char copy[PATH_MAX], seal[PATH_MAX];
	const struct hf_keeper_conf conf = {
		.state = device.state,
		.enrolment = device.enrolment,
		.key = device.key,
		.copy = device.third ? test_path(copy, folder, "copy/memory") : NULL,
		.seal = device.third ? test_path(seal, folder, "saves") : NULL,
		.beat_s = 30,
		.ask_s = 90,
		.layers = {&fake},
		.on = {true},
		.n_layers = 1,
		.wall = wall_now,
		.boot = boot_now,
		.boot_id = device.boot_id,
		.serials = &device.serials,
		.here = device.here,
		.send = take_report,
		.tell = take_event,
	};
	enum hf_rc rc;

	device.layer.least = SIZE_MAX;
	rc = hf_keeper_new(device.loop, &conf, &device.keeper, NULL);
	if (rc == HF_OK)
		hf_keeper_start(device.keeper);
	return rc;
}

struct device *device_open(int64_t rank, void (*here)(struct hf_present *ret_here))
{
	hf_log_init(HF_LOG_ERROR);
	memset(&device, 0, sizeof(device));
	device.rank = rank;
	device.here = here;
	disk_works = true;
	council_open(&device.council);
	test_folder_make(folder);
	test_path(device.state, folder, "state");
	test_path(device.enrolment, folder, "enrolment.json");
	test_path(device.key, folder, "device.key");
	device.wall.s = COUNCIL_T + 100;
	device.boot.ms = 1000000;
	cr_assert_eq(hf_str_copy(device.boot_id, sizeof(device.boot_id), "boot-1"), HF_OK);
	device.serials = (struct hf_serials){.id = "installation-1", .board = "board-1", .disk = "disk-1"};
	cr_assert_eq(hf_loop_new(&device.loop, NULL), HF_OK);
	device_enrol();
	cr_assert_eq(device_start(), HF_OK);
	return &device;
}

void device_close(void)
{
	device_disk(true);
	hf_keeper_free(&device.keeper);
	hf_loop_free(&device.loop);
	hf_report_free(&device.report);
	test_folder_remove(folder);
	council_close(&device.council);
}

void device_kill(void)
{
	if (device.keeper)
		device.keeper->dirty = device.keeper->minor = false;
	hf_keeper_free(&device.keeper);
}

void device_restart(void)
{
	device_kill();
	cr_assert_eq(device_start(), HF_OK);
}

void device_reboot(void)
{
	device_kill();
	device.boot.ms = 0;
	cr_assert_eq(hf_str_printf(device.boot_id, sizeof(device.boot_id), "boot-%d",
				   atoi(device.boot_id + strlen("boot-")) + 1),
		     HF_OK);
	device.layer.n_blocks = 0;
	cr_assert_eq(device_start(), HF_OK);
}

void device_disk(bool works)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = works ? limit.rlim_max : 0;
	setrlimit(RLIMIT_FSIZE, &limit);
	disk_works = works;
}

void device_pass_time(int64_t ms)
{
	while (ms > 0) {
		int64_t step = ms < BEAT_MS ? ms : BEAT_MS;

		device.boot.ms += step;
		device.wall.s += step / 1000;
		device_beat();
		ms -= step;
	}
}

void device_beat(void)
{
	hf_keeper_windows_pay(device.keeper);
	hf_keeper_decide(device.keeper);
}

void device_hear_envelope(const char *topic_end, const struct hf_envelope *envelope)
{
	char topic[HF_TOPIC_SIZE];
	hf_auto_free char *bytes = NULL;
	size_t len = 0;

	cr_assert_eq(hf_str_printf(topic, sizeof(topic), "holdfast/1/" COUNCIL_NAME "/%s", topic_end), HF_OK);
	cr_assert_eq(hf_envelope_encode(envelope, &bytes, &len, NULL), HF_OK);
	hf_keeper_hear(device.keeper, topic, bytes, len);
}

void device_recover(struct hf_envelope **live, size_t n_live, unsigned who)
{
	struct hf_recover_device named = {COUNCIL_DEVICE, device.keeper->memory.nonce};
	struct hf_digest digests[8];
	struct hf_recover doc = {.council = COUNCIL_NAME,
				 .devices = &named,
				 .n_devices = 1,
				 .issued = {COUNCIL_T + 60 + ++device.seq},
				 .live = digests,
				 .n_live = n_live};
	struct hf_envelope *envelope;

	cr_assert_leq(n_live, HF_LEN(digests));
	for (size_t i = 0; i < n_live; i++)
		digests[i] = live[i]->digest;
	envelope = council_sign(&device.council, HF_DOC_RECOVER, hf_recover_encode(&doc), who);
	device_hear_envelope("device/" COUNCIL_DEVICE "/recover", envelope);
	hf_envelope_free(&envelope);
}

void device_hear(struct hf_envelope **orders, size_t n_orders, const struct hf_posting *claims, size_t n_claims)
{
	struct hf_state doc = council_state_doc(&device.council, ++device.seq, orders, n_orders);
	struct hf_envelope *envelope;

	doc.claims = (struct hf_posting *)claims;
	doc.n_claims = n_claims;
	envelope = council_state(&device.council, &doc, CONTROLLER);
	device_hear_envelope("state/main", envelope);
	hf_envelope_free(&envelope);
}

json_t *device_ask(uid_t uid, const char *ask, const char *account, const char *more, struct hf_err *err)
{
	struct hf_question q = {.reads = false};
	hf_auto_json json_t *answer = NULL;
	bool cannot = strcmp(ask, HF_ASK_CANNOT) == 0;

	cr_assert_eq(hf_str_copy(q.ask, sizeof(q.ask), ask), HF_OK);
	cr_assert_eq(hf_str_copy(q.account, sizeof(q.account), account), HF_OK);
	if (more)
		cr_assert_eq(hf_str_copy(cannot ? q.why : q.site, cannot ? sizeof(q.why) : sizeof(q.site), more),
			     HF_OK);
	answer = hf_keeper_answer(device.keeper, uid, &q);
	cr_assert_not_null(answer);
	return hf_refusal_of(answer, err) == HF_OK ? json_incref(answer) : NULL;
}

const char *device_state(uid_t uid, const char *ask, const char *account, const char *more)
{
	static char word[32];
	struct hf_err err = {""};
	hf_auto_json json_t *answer = device_ask(uid, ask, account, more, &err);

	if (!answer)
		return "refused";
	cr_assert_eq(hf_str_copy(word, sizeof(word), json_string_value(json_object_get(answer, "state"))), HF_OK);
	return word;
}

const char *device_refusal(uid_t uid, const char *ask, const char *account, const char *more)
{
	struct hf_question q = {.reads = false};
	hf_auto_json json_t *answer = NULL;

	cr_assert_eq(hf_str_copy(q.ask, sizeof(q.ask), ask), HF_OK);
	cr_assert_eq(hf_str_copy(q.account, sizeof(q.account), account), HF_OK);
	if (more)
		cr_assert_eq(hf_str_copy(q.site, sizeof(q.site), more), HF_OK);
	answer = hf_keeper_answer(device.keeper, uid, &q);
	return hf_rc_name(hf_refusal_of(answer, NULL));
}

bool device_is_shut(const char *tool, uid_t uid)
{
	for (size_t i = 0; i < device.layer.n_blocks; i++) {
		if (strcmp(told[i].tool, tool) != 0)
			continue;
		for (size_t k = 0; k < told[i].n_open_for; k++) {
			if (told[i].open_for[k] == uid)
				return false;
		}
		return true;
	}
	return false;
}

size_t device_n_shut(void)
{
	return device.layer.n_blocks;
}

json_t *device_posting(uid_t uid, const char *account)
{
	const struct hf_question q = {.ask = HF_ASK_STATUS};
	hf_auto_json json_t *view = hf_keeper_answer(device.keeper, uid, &q);
	size_t i;
	json_t *row;

	cr_assert_not_null(view);
	json_array_foreach(json_object_get(view, "accounts"), i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "id")), account) == 0)
			return json_incref(json_object_get(row, "posting"));
	}
	return json_null();
}

const struct hf_report *device_report(void)
{
	device.keeper->reported_at.ms = 0;
	hf_keeper_report(device.keeper, true);
	cr_assert_not_null(device.report);
	return device.report;
}
