/* SPDX-License-Identifier: MIT */
/*
 * keeper_inside.h - what the keeper's own files share; nobody else includes it
 */
#ifndef HOLDFAST_AGENT_KEEPER_KEEPER_INSIDE_H
#define HOLDFAST_AGENT_KEEPER_KEEPER_INSIDE_H

#include <holdfast/topic.h>
#include <holdfast/user.h>

#include "agent/disk/store.h"
#include "agent/disk/witness.h"
#include "agent/keeper/keeper.h"
#include "agent/keeper/layers.h"
#include "agent/machine/logins.h"
#include "agent/machine/presence.h"
#include "agent/rules/refused.h"
#include "agent/rules/reporting.h"

#define HF_TOLD_MAX 64 /* browsers of all people of one device */

struct hf_keeper {
	struct hf_loop *loop;
	struct hf_keeper_conf conf;
	/* remembered */
	struct hf_store *store; /* NULL: it cannot be opened now */
	struct hf_memory memory;
	struct hf_started opened; /* released lockdowns after which this device was seen to be open, in this life */
	bool dirty;		   /* what was learned is not on disk */
	bool minor;		   /* counts and the like are not on disk, or only appended: they go with the next save */
	const void *news;	   /* the message that is being heard, if it alone makes it dirty; else NULL */
	size_t news_len;
	int64_t issued_saved;	   /* freshness that is on disk */
	struct hf_machine machine; /* the one that it runs on */
	char trouble[320];	   /* why the last save failed; "" when it did not */
	struct hf_witness witness; /* the states that prove what was seen of journals */
	/* decided and done */
	struct hf_logins logins;
	struct hf_presence *presence; /* told of sessions; while something is blocked */
	struct hf_layers_conf layers_conf;
	struct hf_layers *layers;
	bool begun;		 /* the layers were told something in this life */
	struct hf_own_plan told; /* what they were told last */
	bool retold;		 /* told something else by the last decision */
	bool waiting;		 /* a release is waiting to be written down */
	bool undecided;		 /* something was learned that no plan has been made of yet */
	/* posting windows */
	char boot_id[HF_BOOT_ID_SIZE];
	bool windows_news;	/* one has changed, and the people have not been told */
	struct hf_digest ready; /* of the register that the layers are ready for */
	bool is_ready;
	json_t *looked_up; /* names that layers asked for besides; NULL: none yet */
	/* reported */
	struct hf_key *key; /* NULL: it is lost, so nothing can be reported */
	json_t *said;	    /* the last report */
	char *report;	    /* the same, signed */
	size_t report_len;
	bool report_due;
	struct hf_refused_log refused_log;
	/* heard */
	bool fresh;		    /* a state that is newer than all before was heard since the start */
	bool missed;		    /* a message was lost for want of memory: it is asked for until one is heard */
	struct hf_boot_ms heard_at; /* the last verified message */
	struct hf_boot_ms asked_at;
	struct hf_boot_ms joined_at; /* when a link came; 0: never */
	/* brokers */
	struct {
		json_t *row; /* NULL: none was said to be joined */
		struct hf_broker_proof proof;
	} source[2];	      /* the one that is stayed with, and the one on trial */
	json_t *brokers_told; /* what the link was told last; NULL: nothing */
	bool silent;	      /* it was told that nothing is heard */
	/* break-glass */
	struct {
		struct hf_boot_ms fresh;      /* when the last fresh state came, or this life began */
		struct hf_watch *end;	      /* its minutes are up */
		struct hf_glass_trial *trial; /* NULL: no halves are being looked at */
		bool tried;		      /* in this life; what came of the last: */
		enum hf_rc last;
		char why[320];
	} glass;
	bool owes_report;  /* the link has joined, and no state was heard since */
	bool report_again; /* the next report is sent although it says nothing new */
	struct hf_boot_ms retiring; /* the council is told that this device leaves; 0: it does not */
	struct hf_digest last_word; /* the report that said so last */
	bool answered;		    /* a controller has signed that it took it, or one before of this leave */
	struct hf_boot_ms reported_at;
	/* waiting for */
	struct hf_watch *beat, *change, *look, *speak, *clock, *windows, *save;
	/* extensions that said that they hold what is in force */
	struct hf_told browsers[HF_TOLD_MAX];
	size_t n_browsers;
	int64_t look_ms; /* pause before the next look at a layer that is not verified yet */
};

/* Everything that a decision, a report or a view is made from, at one moment. Start it zeroed. */
struct hf_moment {
	struct hf_lockdowns lockdowns;
	struct hf_facts facts;
	struct hf_pass passes[HF_POSTING_WINDOWS_MAX];
	struct hf_case matter;
	struct hf_report_facts report;
	struct hf_wall local;
};

#define hf_auto_moment __attribute__((cleanup(hf_moment_done)))

/*
 * hf_moment_of, hf_moment_done - judge all that is known, now; and forget it
 *
 * @ret_moment  points into the keeper and into itself: it must not be moved; to hf_moment_done
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_moment_of(struct hf_keeper *keeper, struct hf_moment *ret_moment, struct hf_err *err);
void hf_moment_done(struct hf_moment *moment);

/*
 * hf_keeper_load - fill the memory: from the slots, or, when they are lost, from the enrolment
 *
 * Returns   as hf_keeper_new
 * Source    proto/README.md "Failing"
 */
HF_NODISCARD enum hf_rc hf_keeper_load(struct hf_keeper *keeper, struct hf_err *err);

/*
 * hf_keeper_brokers - after anything is new: which brokers may be joined, told to the link if that is new, or anyway;
 * hf_keeper_silence - with each beat: tell the link when nothing is heard of the council's server, and when it is again
 *
 * Source    proto/README.md "Brokers"
 */
void hf_keeper_brokers(struct hf_keeper *keeper, bool anyway);
void hf_keeper_silence(struct hf_keeper *keeper);

/*
 * hf_keeper_broker_said - a message came from the broker that is stayed with, or on trial; it was heard before
 *
 * Source    proto/README.md "Brokers"
 */
void hf_keeper_broker_said(struct hf_keeper *keeper, bool trial, const void *buf, size_t len);

/*
 * hf_keeper_witness - keep what a state that was just heard proves of its controller's journal, and hand it over if it
 * asks for that
 *
 * Source    proto/README.md "State"
 */
void hf_keeper_witness(struct hf_keeper *keeper, const struct hf_message *message, const struct hf_hearing *hearing);

/*
 * hf_keeper_save_witness - write down what is not on disk of it
 */
void hf_keeper_save_witness(struct hf_keeper *keeper);

/*
 * hf_keeper_send - say something under a topic of this device
 */
void hf_keeper_send(struct hf_keeper *keeper, enum hf_topic_kind kind, const void *buf, size_t len);

/*
 * hf_keeper_save - write the memory down
 *
 * Returns   true if it is on disk; else keeper->trouble says why
 * Source    proto/README.md "Failing"
 */
bool hf_keeper_save(struct hf_keeper *keeper);

/*
 * hf_keeper_write_down - append what was heard to the memory on disk, and save all of it soon; or save it now
 *
 * Returns   as hf_keeper_save
 * Source    proto/README.md "Failing"
 */
bool hf_keeper_write_down(struct hf_keeper *keeper);

/*
 * hf_keeper_decide - judge, act, record; the only place that tells layers anything
 *
 * Source    proto/README.md "Failing"
 */
void hf_keeper_decide(struct hf_keeper *keeper);

/*
 * hf_keeper_get_ready - let the layers get ready for a register that is new; hf_keeper_ask_names - ask the links which
 * network addresses its hosts, and those that are blocked, have; hf_keeper_look_up - the same of one name that a layer
 * wants besides
 */
void hf_keeper_get_ready(struct hf_keeper *keeper);
void hf_keeper_ask_names(struct hf_keeper *keeper);
void hf_keeper_look_up(void *arg, const char *host);

/*
 * hf_keeper_look - probe the layers, soon again while one is not verified, and report what changed
 */
void hf_keeper_look(struct hf_keeper *keeper);

/*
 * hf_keeper_report - send a report if it says something new, or anyway
 *
 * @anyway   also if nothing changed
 * Source    proto/README.md "Report"
 */
void hf_keeper_report(struct hf_keeper *keeper, bool anyway);

/*
 * hf_keeper_report_again - report, now or when the pause between two reports is over, although nothing is new
 *
 * Source    proto/README.md "Bus"
 */
void hf_keeper_report_again(struct hf_keeper *keeper);

/*
 * hf_keeper_posting_time - the times that posting windows go by
 *
 * Owner     boot_id belongs to the keeper
 * Returns   them; the boot's name belongs to the keeper
 * Source    policy D9.3
 */
struct hf_posting_time hf_keeper_posting_time(const struct hf_keeper *keeper);

/*
 * hf_keeper_windows_begin - at the start of a life: windows go on where they were; hf_keeper_windows_pay - with each
 * beat: their next time is written down, and what cannot be is not given
 *
 * Source    policy D9.3
 */
void hf_keeper_windows_begin(struct hf_keeper *keeper);
void hf_keeper_windows_pay(struct hf_keeper *keeper);

/*
 * hf_keeper_windows_close - before a plan is made: end what is over
 *
 * Returns   true if any window changed
 * Source    policy D9.3
 */
bool hf_keeper_windows_close(struct hf_keeper *keeper, const struct hf_lockdowns *lockdowns);

/*
 * hf_keeper_windows_go_on - after a plan was carried out: open what waited and may, and wait for what is next
 *
 * Returns   true if a window has opened: decide again
 * Source    policy D9.3
 */
bool hf_keeper_windows_go_on(struct hf_keeper *keeper);

/*
 * hf_keeper_windows_may_claim - may this person's window be claimed now: this is their first device, or somebody hears
 * the claim; hf_keeper_windows_claim - take it for this device, on disk, and tell the council
 *
 * @which    its lockdown, account and person; its state becomes claimed
 * @ret      belongs to the memory, until a window changes; untouched unless HF_OK
 * Returns   true or false; HF_OK, HF_E_SIZE, HF_E_SYSTEM it cannot be written down, HF_E_MEMORY
 * Source    policy D9.3; proto/README.md "Posting"
 */
bool hf_keeper_windows_may_claim(const struct hf_keeper *keeper, const char *person);
HF_NODISCARD enum hf_rc hf_keeper_windows_claim(struct hf_keeper *keeper, struct hf_posting *which,
						struct hf_posting_window **ret, struct hf_err *err);

/*
 * hf_keeper_windows_try - let a window that is claimed here open, or begin to wait for the council's word
 *
 * @minutes     that the lockdown gives it
 * @ret_opened  set to true when it has opened: decide; its place has changed then
 * Returns      HF_OK it is open, or waits; HF_E_PENDING it stays shut until the council is heard; HF_E_ROLLBACK it was
 *              open before; HF_E_SYSTEM it cannot be written down; HF_E_MEMORY
 * Source       policy D9.3
 */
HF_NODISCARD enum hf_rc hf_keeper_windows_try(struct hf_keeper *keeper, struct hf_posting_window *window,
					      int64_t minutes, bool *ret_opened, struct hf_err *err);

/*
 * hf_keeper_answer_pass, hf_keeper_answer_posted, hf_keeper_answer_cannot - what the named poster asks and says
 *
 * Owner     a new reference, the caller's
 * Returns   {"account", "state", "left_s", "minutes"}, {"account", "state"}, or a refusal; NULL no memory
 * Source    policy D9.3
 */
json_t *hf_keeper_answer_pass(struct hf_keeper *keeper, hf_user uid, const struct hf_question *question);
json_t *hf_keeper_answer_posted(struct hf_keeper *keeper, hf_user uid, const struct hf_question *question);
json_t *hf_keeper_answer_cannot(struct hf_keeper *keeper, hf_user uid, const struct hf_question *question);

/*
 * hf_keeper_answer_retire - root's word that the agent leaves this device; hf_keeper_retiring - was it given a moment ago;
 * hf_keeper_retire_heard - what a message has proved
 *
 * Owner     a new reference, the caller's
 * Returns   {"heard": has the server taken the report that says so, "silent": was nothing heard of it lately}, {"gone": true}, or a refusal; NULL no memory
 * Source    policy D9.2
 */
json_t *hf_keeper_answer_retire(struct hf_keeper *keeper, hf_user uid, const struct hf_question *question);
bool hf_keeper_retiring(const struct hf_keeper *keeper);
void hf_keeper_retire_heard(struct hf_keeper *keeper, const struct hf_hearing *hearing);

/*
 * hf_keeper_answer_glass - halves that somebody typed, or how it stands; hf_keeper_glass_view - that, as JSON
 *
 * What came of halves is asked for again: they are looked at on a thread of their own.
 * Owner     a new reference, the caller's
 * Returns   {"state": "open|trying|ready|waits|none", "set", "slot", "left_s", "wait_s", "why", "last": "", "pending" or
 *           what came of the last try, "last_why"}, or a refusal; NULL no memory
 * Source    proto/README.md "Break-glass"
 */
json_t *hf_keeper_answer_glass(struct hf_keeper *keeper, hf_user uid, const struct hf_question *question);
json_t *hf_keeper_glass_view(struct hf_keeper *keeper);

/*
 * hf_keeper_glass_begin - at the start of a life; hf_keeper_glass_fresh - a fresh state was heard: it is over at once;
 * hf_keeper_glass_holds - before a plan is made: end what is over, and is it open; hf_keeper_glass_done - let go of a try
 *
 * Returns   true: what orders shut is open here
 * Source    proto/README.md "Break-glass"
 */
void hf_keeper_glass_begin(struct hf_keeper *keeper);
void hf_keeper_glass_fresh(struct hf_keeper *keeper);
bool hf_keeper_glass_holds(struct hf_keeper *keeper, const struct hf_lockdowns *lockdowns);
void hf_keeper_glass_done(struct hf_keeper *keeper);

/*
 * hf_keeper_status - what holds here for this user, as HF_ASK_STATUS answers
 *
 * Owner     a new reference, the caller's
 * Returns   the view; NULL no memory
 */
json_t *hf_keeper_status(struct hf_keeper *keeper, hf_user uid, const struct hf_question *question);

/*
 * hf_keeper_pair_of - who of the device's people this user is
 *
 * @ret_pairs  filled always: what is returned lies in it
 * Owner     texts belong to what is known, until it changes
 * Returns   NULL when nobody is
 */
const struct hf_pair *hf_keeper_pair_of(const struct hf_keeper *keeper, hf_user uid, struct hf_pairs *ret_pairs);

/*
 * hf_keeper_tell_people - whoever watches asks again what is in force; hf_keeper_blocked - this user tried what is
 * blocked; hf_keeper_ending - a program of this user is ended in left_s seconds
 *
 * @arg      the keeper
 * @tool     see struct hf_layer_calls
 */
void hf_keeper_tell_people(struct hf_keeper *keeper);
void hf_keeper_blocked(void *arg, hf_user uid, const char *tool);
void hf_keeper_ending(void *arg, hf_user uid, const char *tool, pid_t pid, int64_t left_s);

/*
 * hf_keeper_sites, hf_keeper_tried, hf_keeper_told - what a browser of this user asks: see question.h
 *
 * Owner     a new reference, the caller's
 * Returns   the answer, or hf_refusal_json; NULL no memory
 */
json_t *hf_keeper_sites(struct hf_keeper *keeper, hf_user uid, const struct hf_question *question);
json_t *hf_keeper_tried(struct hf_keeper *keeper, hf_user uid, const struct hf_question *question);
json_t *hf_keeper_told(struct hf_keeper *keeper, hf_user uid, const struct hf_question *question);

/*
 * hf_keeper_browsers - the extensions that hold what is in force now: told of struct hf_layer_calls
 *
 * @arg      the keeper
 * Returns   how many
 */
size_t hf_keeper_browsers(void *arg, const struct hf_told **ret_told);

/*
 * hf_keeper_ask - ask the council's server to publish everything again; not more often than it can bear
 *
 * Source    proto/README.md "Bus"
 */
void hf_keeper_ask(struct hf_keeper *keeper);

#endif
