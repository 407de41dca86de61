/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast extend` and `holdfast bring-forward`: amendments of one end of a pre-election period.
 * Must never loosen; what would is refused, and `holdfast amend` named for it.
 */
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/send.h"
#include "controller/office/compose.h"
#include "controller/office/times.h"

/* What one of the two commands moves. */
struct move {
	const char *option; /* "until", "from" */
	bool start;	    /* else the end */
	const char *when;
	const char *reason;
	int64_t seconds;
};

static enum hf_rc check_start(const struct hf_body *body, struct hf_wall to, struct hf_err *err)
{
	char text[HF_TIMES_TEXT_SIZE];

	if (to.s < body->from.s)
		return HF_OK;
	if (to.s == body->from.s)
		return hf_err_set(err, HF_E_USAGE, "It starts on %s already: nothing would change.",
				  hf_times_text(body->from, text));
	return hf_err_set(err, HF_E_USAGE,
			  "It starts on %s: a later start loosens, `holdfast amend --from` asks for it.",
			  hf_times_text(body->from, text));
}

static enum hf_rc check_end(const struct hf_body *body, struct hf_wall to, struct hf_err *err)
{
	char text[HF_TIMES_TEXT_SIZE];

	if (to.s > body->until.s)
		return HF_OK;
	if (to.s == body->until.s)
		return hf_err_set(err, HF_E_USAGE, "It ends on %s already: nothing would change.",
				  hf_times_text(body->until, text));
	return hf_err_set(err, HF_E_USAGE,
			  "It ends on %s: an earlier end loosens, `holdfast amend --until` asks for it.",
			  hf_times_text(body->until, text));
}

static enum hf_rc move_period(struct hf_officer *officer, const char *prefix, const struct move *move,
			      struct hf_err *err)
{
	struct hf_wishes wishes = {.reason = move->reason, .minutes = HF_MINUTES_AS_BEFORE};
	const struct hf_lockdown *lockdown = NULL;
	struct hf_wall to = {0};
	enum hf_rc rc = hf_view_lockdown(officer->view, prefix, &lockdown, err);

	if (rc != HF_OK)
		return rc;
	if (lockdown->raise->order->kind != HF_KIND_PURDAH)
		return hf_err_set(err, HF_E_USAGE,
				  "That is an emergency: it began at once and ends with its release alone.");
	rc = hf_times_wished(move->start ? hf_text("start") : hf_text("end"), move->when, &to, err);
	if (rc != HF_OK)
		return rc;
	if (move->start)
		wishes.from = move->when;
	else
		wishes.until = move->when;
	rc = move->start ? check_start(&lockdown->bodies[0]->order->body, to, err)
			 : check_end(&lockdown->bodies[0]->order->body, to, err);
	return rc == HF_OK ? hf_send_amendment(officer, lockdown, &wishes, move->seconds, err) : rc;
}

static enum hf_rc run_move(struct hf_cli *cli, struct hf_args *args, struct move *wish, const char *help,
			   struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	const struct hf_arg rows[] = {
		{wish->option, HF_ARG_TEXT, &wish->when, "WHEN", help, 0},
		{"reason", HF_ARG_TEXT, &wish->reason, "TEXT", HF_TEXT("why, as staff read it"), 0},
		{"wait", HF_ARG_INT, &wish->seconds, "S", HF_TEXT("how long to watch it arrive; 0: not (10)"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	if (!wish->when || !wish->reason)
		return hf_err_set(err, HF_E_USAGE, "Say when with --%s WHEN, and why with --reason TEXT.",
				  wish->option);
	rc = hf_view_open(&cli->office, &view, err);
	return rc == HF_OK ? move_period(&officer, args->rest[0], wish, err) : rc;
}

enum hf_rc hf_cli_extend(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct move wish = {.option = "until", .seconds = HF_WAIT_S};

	return run_move(cli, args, &wish, hf_text("its new, later end; as for raise purdah"), err);
}

enum hf_rc hf_cli_bring_forward(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct move wish = {.option = "from", .start = true, .seconds = HF_WAIT_S};

	return run_move(cli, args, &wish, hf_text("its new, earlier start; as for raise purdah"), err);
}
