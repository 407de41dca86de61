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
#include <holdfast/user.h>

#include "controller/ackbook.h"
#include "controller/estate/estate.h"
#include "controller/journal/journal.h"
#include "controller/journal/notice_rows.h"
#include "controller/telling/ways.h"
#include "controller/judge.h"
#include "controller/leavers.h"
#include "controller/postbook.h"
#include "controller/recorded.h"
#include "controller/refusal_book.h"
#include "controller/remarks.h"
#include "controller/conf/settings.h"
#include "controller/slices.h"
#include "controller/strangers.h"
#include "controller/telling/beside.h"
#include "controller/telling/check_book.h"
#include "controller/telling/held_book.h"
#include "controller/waiting_drafts.h"

#define HF_TRUSTS_MAX 4096			  /* one a week for a lifetime */
#define HF_STALE_REPORTS 3			  /* a device is stale when it missed this many */
#define HF_VALID_BEATS 4			  /* a state is fresh for this many beats */
#define HF_REPORTS_PENDING_MAX (64 * 1024 * 1024) /* bytes; where more wait, a report lets some be written first */

/* What was taken in and is not on disk, first come first. */
struct hf_pending {
	struct hf_entry *journal; /* bodies owned */
	size_t n_journal, journal_room;
	struct hf_report_row *rows; /* device and body owned */
	size_t n_rows, rows_room;
	size_t bytes;	 /* of all bodies */
	size_t gone;	 /* rows that went to disk before the first of these */
	size_t slice;	 /* so many of each go to disk together; 0: none did yet */
	bool waits;	 /* the timer is set */
	int64_t rest_ms; /* how long the disk is left alone: it was slow */
};

/* Records of the journal that could not be applied at the start: they count for nothing, and are said on every screen.
 */
struct hf_unapplied {
	int64_t n;
	int64_t first; /* its number in the journal */
	enum hf_record_kind kind;
	char why[200];
};

/* Who is at the other end of the socket. */
struct hf_speaker {
	hf_user uid;
};

/* A state that this controller's key signed, and that does not fit its journal; epoch 0: none was shown. */
struct hf_log_proof {
	int64_t size;
	struct hf_wall issued;
	int64_t epoch; /* of the trust by which it was shown: the next one ends it */
};

struct hf_readers;
struct hf_reading;

/* What each device said last becomes known again, see controller/rereading.h. */
struct hf_rereading {
	size_t n;      /* rows of the table */
	size_t left;   /* of them, that are not read yet */
	size_t n_lost; /* devices whose row is worth nothing: the journal is looked through for them */
	bool giving;   /* the table is being gone through */
	struct hf_stretch searched; /* of the journal */
	struct hf_watch *turn;
	struct hf_reading *held; /* what such devices have said since; owned */
	size_t n_held, held_room, held_bytes;
};

#define HF_CHANNELS_MAX (2 + HF_HOOKS_MAX) /* e-mail, text messages, hooks */

/* One way for messages: e-mail, text messages, or a hook. */
struct hf_notice_channel {
	char name[HF_ID_SIZE];
	bool stopped; /* its login fails */
	char why[HF_NOTICE_LINE_MAX + 1];
	struct hf_wall probe;	  /* when it is looked at next */
	char session[HF_ID_SIZE]; /* of who asked last for what is to be sent; "": nobody did */
	struct hf_boot_ms asked;  /* when */
};

/* What is remembered of messages beside the outbox, see controller/notices.h. */
struct hf_notices {
	struct hf_ways ways;
	struct hf_notice_channel channels[HF_CHANNELS_MAX]; /* e-mail first */
	size_t n_channels;
	hf_user sender; /* who alone may send them; -1: nobody */
	char trouble[320]; /* why somebody is not told, or not in the council's words, until a person has seen it */
};

/* One scheduler that holdfast-notify pauses by its interface. */
struct hf_scheduler {
	char name[HF_ID_SIZE];
	char why[HF_NOTICE_LINE_MAX + 1]; /* why it cannot be reached, or used; "": it can */
	struct hf_boot_ms asked;	  /* when somebody last asked what is to be done there */
};

/* What is remembered of schedulers, see controller/schedulers.h. */
struct hf_schedulers {
	struct hf_scheduler v[HF_SCHEDULERS_MAX];
	size_t n;
	json_t *stands; /* by account: how it was seen last; NULL: none was */
};

struct hf_controller {
	const struct hf_settings *settings;
	struct hf_loop *loop;
	struct hf_key *key;
	struct hf_journal *journal;
	bool rebuilds; /* the tables beside the journal are made again, whatever they say */

	/* What it knows: all of it follows from the journal. */
	bool begun;	      /* the first trust is known */
	bool before_versions; /* while records are read that were made before assignments were told apart by approvals
			       */
	struct hf_known known;
	struct hf_envelope **trusts; /* epoch 1 first */
	size_t n_trusts, trusts_room;
	struct hf_estate estate;
	struct hf_drafts drafts;
	struct hf_remarks remarks; /* on them */
	struct hf_leavers leavers;
	struct hf_ack_book acks;
	struct hf_post_book posts;
	struct hf_digest *erasures; /* by their documents, in their order */
	size_t n_erasures, erasures_room;
	struct hf_recorded releases; /* when each release was recorded with all its approvals */
	struct hf_unapplied unapplied;
	struct hf_refusals refusals;
	bool lapses_recorded; /* the journal is of a version that records them */
	bool began;	      /* the journal was begun in this life */
	int64_t found;	      /* records that there were when it started */
	bool start_said;      /* its start is on the record: after the first state, which says the journal as it was found */

	hf_user joiner; /* the user of holdfast-joind, which strangers ask; 0: nobody is */
	const struct hf_speaker *speaker; /* whose request is being answered; NULL: nobody's */

	/* What it says. */
	struct hf_bus *bus;
	bool bus_up;
	int64_t seq;	  /* of the last state */
	int64_t since;	  /* that of the life before; 0: this one has not begun to speak */
	int64_t n_pages;  /* of the last state */
	int64_t all_pages; /* of the last that was said to all */
	size_t order_pages; /* of the last, without that of proofs */
	int64_t n_turns; /* reports and states that the queue of devices which wait for a proof has seen */
	struct hf_log_proof log_proof;
	bool hurries;	  /* more wait for a proof than one state answers: the next one comes soon */
	int64_t kept_pages; /* so many pages of states may be retained, the last one's among them */
	bool news;	    /* something is new, and no state was said to all since */
	int64_t n_parts;  /* of the register that was said last */
	struct hf_envelope *said[HF_PAGES_MAX]; /* its pages; NULL: none was said in this life */
	struct hf_boot_ms said_at;		/* when that was */
	struct hf_slices slices;
	bool sliced; /* the last turn was that of a slice */
	struct hf_watch *beat;

	/* What it says to single devices, see controller/to_device.c. */
	struct hf_watch *turn;
	bool turn_waits;
	size_t next_common;	   /* which trust is to be said next to all; n_trusts: the register; more: none is */
	size_t next_told;	   /* where in the estate the next turn begins */
	struct hf_boot_ms told_at; /* the last turn in which something was said */

	/* What it hears. */
	struct hf_wall listens_since; /* since when the broker brings what devices say; 0: it does not */
	struct hf_readers *readers; /* NULL: reports are read as they come */
	struct hf_rereading again;
	struct hf_pending pending;
	struct hf_watch *flush;
	struct hf_watch *heard; /* when devices were heard goes to disk some time later */
	bool heard_waits;
	int64_t n_reports; /* taken in this life */
	int64_t bad_reports[HF_RC_COUNT];
	struct hf_strangers strangers;
	struct hf_notices notices;
	struct hf_check_book checks;
	struct hf_held_book held; /* posts of schedulers */
	struct hf_schedulers schedulers;
	struct hf_beside beside;
	char beside_why[220]; /* why nothing is known by it; "": it could be read */
	enum hf_rc fatal; /* why it stopped; HF_OK: it was asked to */
};

/*
 * hf_controller_bench - what posted envelopes are judged by
 *
 * Owner     points into c; until the next change
 */
struct hf_bench hf_controller_bench(const struct hf_controller *c);

/*
 * hf_controller_listener - whom reports are for
 *
 * What is read from the journal before it speaks was taken on its day: it may name any state.
 * Owner     points into c
 */
struct hf_listener hf_controller_listener(const struct hf_controller *c);

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
