/* SPDX-License-Identifier: MIT */
/*
 * firefox_link.h - the socket at which the engine of each running Firefox is told what is blocked, and says what it
 * holds
 *
 * The kernel names the process at the other end. While nothing changes nothing is sent, and nobody wakes up.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_FIREFOX_FIREFOX_LINK_H
#define HOLDFAST_AGENT_ENFORCE_FIREFOX_FIREFOX_LINK_H

#include <holdfast/loop.h>

#include "agent/enforce/firefox/firefox_policy.h"
#include "agent/machine/procs.h"

#define HF_FIREFOX_LINKS_MAX 64	     /* browsers of all people of one device */
#define HF_FIREFOX_LINKS_PER_USER 16 /* one person must not take the place of the others */
#define HF_FIREFOX_LINE_MAX 512	     /* of an engine's answer */

struct hf_firefox_link;

/* What one engine holds. */
enum hf_firefox_hold {
	HF_FIREFOX_ABSENT,  /* no engine of this process is connected */
	HF_FIREFOX_SILENT,  /* it has not answered yet */
	HF_FIREFOX_REFUSED, /* it holds it, and saw a request refused */
	HF_FIREFOX_OPEN,    /* it tried, and the request was not refused */
};

/*
 * hf_firefox_link_new - listen
 *
 * @path     of the socket; a dead one is replaced
 * @calls    changed is called when an engine comes, answers or goes
 * @ret_link  hf_firefox_link_free; untouched unless HF_OK
 * Owner     the caller's
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_firefox_link_new(struct hf_loop *loop, const char *path, const struct hf_layer_calls *calls,
					    struct hf_firefox_link **ret_link, struct hf_err *err);

/*
 * hf_firefox_link_tell - say it to every engine, and to each that comes
 *
 * @line     as hf_firefox_lock makes it; copied
 * @id       that is in it
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_firefox_link_tell(struct hf_firefox_link *link, const char *line, const char *id,
					     struct hf_err *err);

/*
 * hf_firefox_link_again - say it once more, so that every engine tries once more
 */
void hf_firefox_link_again(struct hf_firefox_link *link);

/*
 * hf_firefox_link_hold - what the engine of a process holds of what was told last
 *
 * Returns   see the enum
 */
enum hf_firefox_hold hf_firefox_link_hold(const struct hf_firefox_link *link, const struct hf_proc *proc);

/*
 * hf_firefox_link_free - stop listening; engines hold what they hold; sets to NULL, accepts NULL
 */
void hf_firefox_link_free(struct hf_firefox_link **link);

#endif
