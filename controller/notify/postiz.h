/* SPDX-License-Identifier: MIT */
/*
 * postiz.h - the public interface of the scheduler Postiz: its posts, and whether each is queued or a draft
 */
#ifndef HOLDFAST_NOTIFY_POSTIZ_H
#define HOLDFAST_NOTIFY_POSTIZ_H

#include "controller/notify/pausing.h"
#include "controller/notify/parcel.h"
#include "controller/notify/scheduler_conf.h"

#define HF_POSTIZ_LIST_MAX (4 * 1024 * 1024) /* bytes of a list: some thousand posts with their texts */

struct hf_postiz;

/*
 * hf_postiz_new, hf_postiz_free - one handle, of one thread
 *
 * @conf     kept, not copied
 * @stop     as hf_https_new
 * Owner     the caller's, to hf_postiz_free, which sets to NULL and accepts NULL
 * Returns   NULL no memory
 */
struct hf_postiz *hf_postiz_new(const struct hf_scheduler_conf *conf, const atomic_bool *stop);
void hf_postiz_free(struct hf_postiz **postiz);

/* A stretch of time. */
struct hf_postiz_span {
	struct hf_wall from, to, now;
};

/*
 * hf_postiz_list - all posts that are due within a stretch of time, and those that come again
 *
 * @ret      emptied before; to hf_posts_done, also when it fails
 * @ret_why  what became of the request if not SENT; REFUSED: its answer is longer than HF_POSTIZ_LIST_MAX
 * Owner     see ret
 * Source    Postiz, "List Posts" of its public API
 */
void hf_postiz_list(struct hf_postiz *postiz, const struct hf_postiz_span *span, struct hf_posts *ret,
		    struct hf_parcel_answer *ret_why);

/*
 * hf_postiz_read - the posts of an answer
 *
 * Pure. One that comes again is one post, due when it comes next.
 * @ret      zeroed before; to hf_posts_done, also when it fails
 * Owner     see ret
 * Returns   HF_OK; HF_E_JSON; HF_E_SHAPE it is no such answer; HF_E_SIZE; HF_E_MEMORY
 * Source    Postiz, "List Posts" of its public API
 */
HF_NODISCARD enum hf_rc hf_postiz_read(const char *text, size_t len, struct hf_wall now, struct hf_posts *ret,
				       struct hf_err *err);

/* One change of one post. Borrowed. */
struct hf_postiz_change {
	const char *post;
	bool draft;
	hf_parcel_go_fn go;
	void *arg;
};

/*
 * hf_postiz_set - make one post a draft, or schedule it again; it keeps its time
 *
 * @change   its go: may it be done now; asked when the connection is there, before its first byte
 * @ret      SENT: it was taken; REFUSED: not that post; GIVEN_UP: it was not to be done; else as hf_https_send
 * Source    Postiz, "Change Post Status" of its public API
 */
void hf_postiz_set(struct hf_postiz *postiz, const struct hf_postiz_change *change, struct hf_parcel_answer *ret);

#endif
