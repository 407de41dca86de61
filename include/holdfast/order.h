/* SPDX-License-Identifier: MIT */
/*
 * order.h - raise, amend, release: what officers approve
 */
#ifndef HOLDFAST_ORDER_H
#define HOLDFAST_ORDER_H

#include <holdfast/envelope.h>
#include <holdfast/json.h>
#include <holdfast/register.h>
#include <holdfast/str.h>
#include <holdfast/time.h>

#define HF_RELEASES_MAX 64 /* lockdowns, and people, that one release can name */
#define HF_EXEMPT_MAX 64
#define HF_ORDER_GROUPS_MAX 32
#define HF_REASON_MAX 500 /* bytes */
#define HF_CONTACT_MAX 200
#define HF_MESSAGE_TEXT_MAX 1000  /* one all-clear message */
#define HF_HOLDING_TEXT_MAX 3000  /* one holding message: a platform's longest, or a thread written in one */
#define HF_HOLDING_TEXTS_MAX 16384 /* of one order together, equal ones once: half of its payload */
#define HF_INSTRUCTIONS_MAX 16384 /* bytes of the election officer's text */
#define HF_MINUTES_MAX 240
#define HF_POLL_NOTES_MAX 8 /* polls of one pre-election period */
#define HF_POLL_KIND_MAX 32 /* bytes */

/* clang-format off */
enum hf_order_act { HF_ACT_RAISE, HF_ACT_AMEND, HF_ACT_RELEASE, HF_ACT_COUNT };
enum hf_kind { HF_KIND_EMERGENCY, HF_KIND_PURDAH, HF_KIND_COUNT };
enum hf_mode { HF_MODE_LIVE, HF_MODE_EXERCISE, HF_MODE_COUNT };
enum hf_level { HF_LEVEL_OPEN, HF_LEVEL_GUARD, HF_LEVEL_BLOCK, HF_LEVEL_COUNT }; /* in order of strength */
/* clang-format on */

/* One account's single message and the one person named to post it (policy D9.3). Equal texts are carried once. */
struct hf_holding {
	const char *account;
	const char *text;
	const char *poster;
	int64_t minutes; /* how long the posting window lasts once opened, 1..HF_MINUTES_MAX */
};

/* One poll from which a pre-election period was computed: kept as it was said, never computed again (policy D10). */
struct hf_poll_note {
	const char *kind; /* [a-z-]{1,32}: a word of hf_poll_kind_name, or of a later version */
	const char *day;  /* of polling: "2027-05-06" */
};

/* What a raise says, and each amendment says anew in whole. */
struct hf_body {
	enum hf_level level; /* guard or block */
	struct hf_wall from;
	struct hf_wall until;	 /* 0: no end but its release; always 0 for an emergency */
	struct hf_strs accounts; /* "*" alone: every account */
	struct hf_strs groups;	 /* of devices; "*" alone: every device */
	struct hf_strs exempt;	 /* persons */
	const char *reason;
	const char *contact;	  /* whom to ring */
	const char *instructions; /* may be "" for an emergency */
	struct hf_holding *holding;
	size_t n_holding;
	struct hf_poll_note polls[HF_POLL_NOTES_MAX]; /* of a purdah that was computed */
	size_t n_polls;				      /* 0: no timetable; always 0 for an emergency */
	struct hf_digest calendar;		      /* the version that was counted by; zeros: none was needed */
};

/* In place of a lockdown a release may name a person: it ends what that person alone has raised with a lower `at`. */
struct hf_release_person {
	const char *person;
	struct hf_wall before; /* HF_WALL_MAX: that second too */
};

struct hf_order {
	json_t *doc;		 /* owns every text below; NULL when filled in by hand */
	struct hf_digest digest; /* of its envelope; a raise's is the lockdown's identity */
	const char *council;
	enum hf_order_act act;
	enum hf_kind kind;
	enum hf_mode mode;
	struct hf_wall at; /* when it was written */
	/* raise and amend */
	struct hf_body body;
	/* amend */
	struct hf_digest of;
	int64_t rev; /* 1 for the first amendment */
	/* release */
	struct hf_digest *releases;
	size_t n_releases;
	struct hf_release_person *persons; /* each once */
	size_t n_persons;
	const char *message; /* what staff are told; the reason is in body.reason */
};

#define hf_auto_order __attribute__((cleanup(hf_order_free)))

/*
 * hf_order_act_name, hf_kind_name, hf_mode_name, hf_level_name - the words of an order
 *
 * Owner     static text
 * Returns   "raise" ..., "emergency" ..., "live" ..., "open" ...
 * Source    proto/README.md "Order"
 */
const char *hf_order_act_name(enum hf_order_act act);
const char *hf_kind_name(enum hf_kind kind);
const char *hf_mode_name(enum hf_mode mode);
const char *hf_level_name(enum hf_level level);

/*
 * hf_order_decode - the payload of an order envelope; verifies no approval (see approval.h)
 *
 * @envelope   of type HF_DOC_ORDER, payload at most HF_ORDER_PAYLOAD_MAX
 * @ret_order  the caller's, to hf_order_free; untouched unless HF_OK
 * Owner     see ret_order
 * Returns   HF_OK; HF_E_TYPE; HF_E_JSON; HF_E_SHAPE; HF_E_BASE64; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Order"
 */
HF_NODISCARD enum hf_rc hf_order_decode(const struct hf_envelope *envelope, struct hf_order **ret_order,
					struct hf_err *err);

/*
 * hf_order_encode - an order as the JSON of its payload
 *
 * @order    doc and digest are not looked at
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    proto/README.md "Order"
 */
json_t *hf_order_encode(const struct hf_order *order);

/*
 * hf_order_holding - the holding message of an account
 *
 * Owner     what is returned belongs to the order
 * Returns   NULL when there is none
 * Source    policy D9.3
 */
const struct hf_holding *hf_order_holding(const struct hf_order *order, const char *account);

/*
 * hf_order_free - free and set to NULL; accepts NULL
 *
 * Owner     ends; an order filled in by hand is not freed with this
 */
void hf_order_free(struct hf_order **order);

/*
 * hf_instructions_digest - the identity of a text: SHA-256 of its UTF-8 bytes
 *
 * @text     with its end mark, which is not counted
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "Acknowledging"
 */
HF_NODISCARD enum hf_rc hf_instructions_digest(const char *text, struct hf_digest *ret);

#endif
