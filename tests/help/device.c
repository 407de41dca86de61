/* SPDX-License-Identifier: MIT */
/*
 * Owns: one device with a real keeper and a layer that only remembers.
 * Room: tests/help.
 * Must never: leave a full disk behind.
 */
#include "device.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <holdfast/fs.h>
#include <holdfast/log.h>

#include "folder.h"

#define BEAT_MS 30000

static struct device device;
static char folder[TEST_FOLDER_SIZE];
static char state[PATH_MAX], enrolment[PATH_MAX], key_path[PATH_MAX];

/* What the layer was told last: it outlives each keeper, as marks and policy files do. */
static struct {
	char tool[HF_ID_SIZE];
	uid_t open_for[HF_DEVICE_PEOPLE_MAX];
	size_t n_open_for;
} told[HF_TOOLS_MAX];
static size_t n_told;
static bool disk_works;

struct hf_layer {
	int nothing;
};

static enum hf_rc fake_open(struct hf_loop *loop, const struct hf_enforce_conf *conf,
			    const struct hf_layer_calls *calls, struct hf_layer **ret_layer, struct hf_err *err)
{
	struct hf_layer *layer = calloc(1, sizeof(*layer));

	(void)loop, (void)conf, (void)calls;
	if (!layer)
		return hf_err_set(err, HF_E_MEMORY, "no memory");
	*ret_layer = layer;
	return HF_OK;
}

static enum hf_rc fake_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	(void)layer, (void)err;
	for (n_told = 0; n_told < plan->n_blocks; n_told++) {
		const struct hf_block *block = &plan->blocks[n_told];

		cr_assert_eq(hf_str_copy(told[n_told].tool, sizeof(told[0].tool), block->tool), HF_OK);
		memcpy(told[n_told].open_for, block->open_for, block->n_open_for * sizeof(uid_t));
		told[n_told].n_open_for = block->n_open_for;
	}
	device.refused_writes += !disk_works;
	if (n_told < device.least)
		device.least = n_told;
	return HF_OK;
}

static void fake_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	(void)layer;
	ret_saw->state = n_told == 0 ? HF_LAYER_IDLE : HF_LAYER_VERIFIED;
}

static void fake_close(struct hf_layer **layer)
{
	free(*layer);
	*layer = NULL;
}

static bool fake_has_work(const struct hf_block *block)
{
	(void)block;
	return true;
}

static enum hf_rc fake_check(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	(void)conf, (void)err;
	return HF_OK;
}

static const struct hf_layer_ops fake = {.name = "fake",
					 .needs = "nothing",
					 .has_work = fake_has_work,
					 .check = fake_check,
					 .open = fake_open,
					 .apply = fake_apply,
					 .probe = fake_probe,
					 .close = fake_close};

static struct hf_wall wall_now(void)
{
	return device.wall;
}

static struct hf_boot_ms boot_now(void)
{
	return device.boot;
}

static void take_report(void *arg, const char *topic, const void *buf, size_t len)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;

	(void)arg;
	if (!strstr(topic, "/report"))
		return;
	cr_assert_eq(hf_envelope_decode(buf, len, &envelope, NULL), HF_OK);
	hf_report_free(&device.report);
	cr_assert_eq(hf_report_decode(envelope, &device.report, NULL), HF_OK);
}

static void take_event(void *arg, const uid_t *uid, const json_t *event)
{
	(void)arg, (void)uid;
	device.n_changes += strcmp(json_string_value(json_object_get(event, "event")), "changed") == 0;
}

static struct hf_envelope *assignment(int64_t rank)
{
	struct hf_assignment doc = council_assignment_doc(&device.council);

	doc.people[0] = (struct hf_device_person){"comms-2", "nobody", rank};
	doc.people[1] = (struct hf_device_person){"comms-1", "daemon", rank};
	doc.n_people = 2;
	return council_assignment(&device.council, &doc, IT_1);
}

static void enrol(int64_t rank)
{
	hf_auto_store struct hf_store *store = NULL;
	hf_auto_memory struct hf_memory memory = {0};
	hf_auto_free char *text = NULL, *pem = NULL;
	hf_auto_json json_t *bundle = NULL;
	size_t len = 0;

	hf_envelope_free(&device.council.assignment);
	device.council.assignment = assignment(rank);
	bundle = json_pack("{s:s, s:s, s:[o], s:o, s:o, s:s, s:i, s:s, s:s}", "council", COUNCIL_NAME, "device",
			   COUNCIL_DEVICE, "trusts", hf_envelope_to_json(device.council.trust), "register",
			   hf_envelope_to_json(device.council.reg), "assignment",
			   hf_envelope_to_json(device.council.assignment), "host", "broker", "port", 8883, "ca", "pem",
			   "certificate", "pem");
	text = json_dumps(bundle, 0);
	cr_assert_eq(hf_fs_replace(enrolment, text, strlen(text), 0600, NULL), HF_OK);
	cr_assert_eq(hf_key_to_pem(device.council.keys[3], NULL, &pem, &len, NULL), HF_OK);
	cr_assert_eq(hf_fs_replace(key_path, pem, len, 0600, NULL), HF_OK);
	council_begin(&device.council, &memory.known);
	cr_assert_eq(hf_store_open(state, &store, NULL), HF_OK);
	cr_assert_eq(hf_store_save(store, &memory, NULL), HF_OK);
}

static void start(void)
{
	const struct hf_keeper_conf conf = {
		.state = state,
		.enrolment = enrolment,
		.key = key_path,
		.beat_s = 30,
		.ask_s = 90,
		.layers = {&fake},
		.on = {true},
		.n_layers = 1,
		.wall = wall_now,
		.boot = boot_now,
		.boot_id = device.boot_id,
		.send = take_report,
		.tell = take_event,
	};
	struct hf_err err = {""};

	cr_assert_eq(hf_keeper_new(device.loop, &conf, &device.keeper, &err), HF_OK, "%s", err.text);
	hf_keeper_start(device.keeper);
}

struct device *device_open(int64_t rank)
{
	hf_log_init("test", HF_LOG_ERROR);
	memset(&device, 0, sizeof(device));
	n_told = 0;
	disk_works = true;
	council_open(&device.council);
	test_folder_make(folder);
	test_path(state, folder, "state");
	test_path(enrolment, folder, "enrolment.json");
	test_path(key_path, folder, "device.key");
	device.wall.s = COUNCIL_T + 100;
	device.boot.ms = 1000000;
	cr_assert_eq(hf_str_copy(device.boot_id, sizeof(device.boot_id), "boot-1"), HF_OK);
	cr_assert_eq(hf_loop_new(&device.loop, NULL), HF_OK);
	enrol(rank);
	start();
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

void device_restart(void)
{
	device.keeper->dirty = device.keeper->minor = false;
	hf_keeper_free(&device.keeper);
	start();
}

void device_reboot(void)
{
	device.keeper->dirty = device.keeper->minor = false;
	hf_keeper_free(&device.keeper);
	device.boot.ms = 0;
	cr_assert_eq(hf_str_printf(device.boot_id, sizeof(device.boot_id), "boot-%d",
				   atoi(device.boot_id + strlen("boot-")) + 1),
		     HF_OK);
	n_told = 0;
	start();
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
	hf_keeper_pass_pay(device.keeper);
	hf_keeper_decide(device.keeper);
}

void device_hear(struct hf_envelope **orders, size_t n_orders, const struct hf_posting *claims, size_t n_claims)
{
	struct hf_state doc = council_state_doc(&device.council, ++device.seq, orders, n_orders);
	struct hf_envelope *envelope;
	char *bytes = NULL;
	size_t len = 0;

	doc.claims = (struct hf_posting *)claims;
	doc.n_claims = n_claims;
	envelope = council_state(&device.council, &doc, CONTROLLER);
	cr_assert_eq(hf_envelope_encode(envelope, &bytes, &len, NULL), HF_OK);
	hf_keeper_hear(device.keeper, "holdfast/1/" COUNCIL_NAME "/state/main", bytes, len);
	free(bytes);
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
	for (size_t i = 0; i < n_told; i++) {
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
	return n_told;
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
