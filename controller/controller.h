/* SPDX-License-Identifier: MIT */
/*
 * controller.h - all that holdfastd holds
 *
 * One thread: the loop's.
 */
#ifndef HOLDFAST_CONTROLLER_CONTROLLER_H
#define HOLDFAST_CONTROLLER_CONTROLLER_H

#include <holdfast/bus.h>
#include <holdfast/key.h>
#include <holdfast/known.h>
#include <holdfast/loop.h>
#include <holdfast/state.h>

#include "controller/ackbook.h"
#include "controller/estate/estate.h"
#include "controller/journal/journal.h"
#include "controller/judge.h"
#include "controller/postbook.h"
#include "controller/settings.h"
#include "controller/waiting_drafts.h"

#define HF_TRUSTS_MAX 4096	   /* one a week for a lifetime */
#define HF_STALE_REPORTS 3	   /* a device is stale when it missed this many */
#define HF_VALID_BEATS 4	   /* a state is fresh for this many beats */
#define HF_REPORTS_PENDING_MAX 512 /* written at once when so many wait */

/* What was taken in since the last write to disk. */
struct hf_pending {
	struct hf_entry journal[HF_REPORTS_PENDING_MAX]; /* bodies owned */
	size_t n_journal;
	struct hf_report_row rows[HF_REPORTS_PENDING_MAX]; /* device and body owned */
	size_t n_rows;
};

/* Records of the journal that could not be applied at the start: they count for nothing, and are said on every screen.
 */
struct hf_unapplied {
	int64_t n;
	int64_t first; /* its number in the journal */
	enum hf_record_kind kind;
	char why[200];
};

struct hf_controller {
	const struct hf_settings *settings;
	struct hf_loop *loop;
	struct hf_key *key;
	struct hf_journal *journal;

	/* What it knows: all of it follows from the journal. */
	bool begun; /* the first trust is known */
	bool before_versions; /* while records are read that were made before assignments were told apart by approvals */
	struct hf_known known;
	struct hf_envelope **trusts; /* epoch 1 first */
	size_t n_trusts;
	struct hf_estate estate;
	struct hf_drafts drafts;
	struct hf_ack_book acks;
	struct hf_post_book posts;
	struct hf_unapplied unapplied;

	/* What it says. */
	struct hf_bus *bus;
	bool bus_up;
	int64_t seq;	  /* of the last state */
	int64_t accepted; /* of the first state after somebody accepted the journal as it was; 0: nobody did */
	int64_t n_pages;  /* of the last state */
	struct hf_envelope *said[HF_PAGES_MAX]; /* its pages; NULL: none was said in this life */
	struct hf_boot_ms said_at;		/* when that was */
	struct hf_watch *beat;

	/* What it says to single devices, see controller/to_device.c. */
	struct hf_watch *turn;
	bool turn_waits;
	size_t next_told;	   /* where in the estate the next turn begins */
	struct hf_boot_ms told_at; /* the last turn in which something was said */

	/* What it hears. */
	struct hf_pending pending;
	struct hf_watch *flush;
	int64_t bad_reports[HF_RC_COUNT];
	enum hf_rc fatal; /* why it stopped; HF_OK: it was asked to */
};

/*
 * hf_controller_bench - what posted envelopes are judged by
 *
 * Owner     points into c; until the next change
 */
struct hf_bench hf_controller_bench(const struct hf_controller *c);

/*
 * hf_controller_lockdowns - what is in force now, by this controller's knowledge and clock
 *
 * Owner     as hf_lockdowns_judge
 * Returns   as hf_lockdowns_judge
 */
HF_NODISCARD enum hf_rc hf_controller_lockdowns(const struct hf_controller *c, struct hf_lockdowns *ret_lockdowns,
						struct hf_err *err);

/*
 * hf_controller_stale_s - after how many seconds without a report a device is stale
 *
 * Returns   seconds
 * Source    controller/API.md "Which of the ten states"
 */
int64_t hf_controller_stale_s(const struct hf_controller *c);

/*
 * hf_controller_stop - stop the loop because it cannot go on
 */
void hf_controller_stop(struct hf_controller *c, enum hf_rc why);

/*
 * hf_controller_done - free all that it knows; what main() opened stays main()'s
 */
void hf_controller_done(struct hf_controller *c);

#endif
