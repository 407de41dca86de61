/* SPDX-License-Identifier: MIT */
/*
 * Owns how this device is given up: the council is told, and the agent ends for good.
 * Must never be given up while anything is shut here, whoever asks.
 */
#include <string.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/topic.h>

#include "agent/keeper/keeper_inside.h"
#include "agent/talk/answer.h"

/* That very report: what else comes, from whomever, says nothing of it. */
void hf_keeper_retire_heard(struct hf_keeper *k, const struct hf_hearing *hearing)
{
	if (k->retiring.ms != 0 && hearing->hears && hf_digest_cmp(&hearing->heard, &k->last_word) == 0)
		k->answered = true;
}

static enum hf_rc may_retire(struct hf_keeper *k, hf_user uid, struct hf_err *err)
{
	const struct hf_question question = {.ask = HF_ASK_STATUS, .reads = false};
	hf_auto_json json_t *view = NULL;
	enum hf_rc rc;

	if (uid != 0 && uid != geteuid())
		return hf_err_set(err, HF_E_ROLE, "only root can retire this device");
	view = hf_keeper_status(k, uid, &question);
	if (!view)
		return hf_err_set(err, HF_E_MEMORY, "no memory to see whether anything is shut here: ask again");
	rc = hf_said_removable(view, err);
	if (rc == HF_OK && (k->told.plan.n_blocks > 0 || hf_layers_holding(k->layers)))
		rc = hf_err_set(err, HF_E_PENDING, "what was shut here is still being opened: ask again in a moment");
	return rc;
}

/* Whoever has no enrolment is started no more. */
static enum hf_rc give_up(struct hf_keeper *k, struct hf_err *err)
{
	enum hf_rc rc = k->conf.leave ? hf_fs_remove(k->conf.enrolment, err)
				      : hf_err_set(err, HF_E_USAGE, "this agent cannot leave");

	if (rc != HF_OK)
		return rc;
	hf_log(HF_LOG_NOTICE, HF_EV_CHANGED, "this device is retired: nothing keeps it any more");
	k->conf.leave(k->conf.arg);
	return HF_OK;
}

/* Was nothing heard of the council's server lately, so that it will hardly answer now? */
static bool is_silent(const struct hf_keeper *k)
{
	return !k->key || k->heard_at.ms == 0 || hf_clock_boot().ms - k->heard_at.ms > 2 * k->conf.ask_s * 1000;
}

/* A lockdown came between: who was told that this device leaves hears that it stays. */
static void stay(struct hf_keeper *k)
{
	if (k->retiring.ms == 0)
		return;
	k->retiring.ms = 0;
	hf_keeper_report_again(k);
}

json_t *hf_keeper_answer_retire(struct hf_keeper *k, hf_user uid, const struct hf_question *question)
{
	struct hf_err err = {""};
	enum hf_rc rc = may_retire(k, uid, &err);
	bool first = !hf_keeper_retiring(k);

	if (rc == HF_OK && question->reads)
		rc = give_up(k, &err);
	/* What others may not ask changes nothing. */
	if (rc != HF_OK && rc != HF_E_ROLE)
		stay(k);
	if (rc != HF_OK)
		return hf_refusal_json(rc, "%s", err.text);
	if (question->reads)
		return json_pack("{s:b}", "gone", 1);
	if (first) {
		k->answered = false;
		k->retiring = hf_clock_boot();
		hf_keeper_report_again(k);
	} else if (!k->answered) {
		hf_keeper_ask(k); /* what was said may have been lost */
	}
	return json_pack("{s:b, s:b}", "heard", k->key && k->answered, "silent", is_silent(k));
}
