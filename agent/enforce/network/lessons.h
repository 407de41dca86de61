/* SPDX-License-Identifier: MIT */
/*
 * lessons.h - what the layer network learns of addresses: of listed hosts, of names below them, in which network
 *
 * A network that answers an invented name does so for every name: what it answers there, a captive portal's address,
 * is nobody's address. It may have begun to do so while other names waited: what an answer teaches is doubted until an
 * invented name that was asked for after it is answered.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_LESSONS_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_LESSONS_H

#include <holdfast/conf.h>

#include "agent/enforce/network/answers.h"
#include "agent/enforce/network/below.h"
#include "agent/enforce/network/net_here.h"

#define HF_LESSONS_AGE_MS                                                                                              \
	(4 * 3600 * 1000) /* what other networks taught stays so long: walking out makes nobody forget */

/* Start it zeroed. */
struct hf_lessons {
	struct hf_learned learned;
	struct hf_below below;
	struct hf_answers answers;
	struct hf_net_here here;
	struct hf_boot_ms moved_at; /* 0: in no other network since the start */
	struct hf_addrs portal;	    /* what a name that nobody has was answered last; these are learned of no host */
	json_t *doubted;	    /* {"host": [address...]} learned since then; NULL: nothing */
	bool doubt_is_new;	    /* no invented name was asked for since */
	char listed_file[HF_CONF_TEXT_SIZE + 32];
	char below_file[HF_CONF_TEXT_SIZE + 32];
	char answers_file[HF_CONF_TEXT_SIZE + 32];
};

/*
 * hf_lessons_open - read what an earlier life wrote; a file that is damaged taught nothing
 *
 * @state    the agent's folder for such notes
 * Owner     hf_lessons_close
 * Returns   HF_OK; HF_E_SIZE
 */
HF_NODISCARD enum hf_rc hf_lessons_open(struct hf_lessons *lessons, const char *state);

/*
 * hf_lessons_forget - remove what was written
 *
 * @state    as above
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_lessons_forget(const char *state, struct hf_err *err);

/*
 * hf_lessons_save - write it down; what cannot be is learned again after a restart
 */
void hf_lessons_save(const struct hf_lessons *lessons);

/*
 * hf_lessons_look - has the device come to another network, or been in it for long; listed: hosts that matter now
 *
 * Returns   whether anything was forgotten
 */
bool hf_lessons_look(struct hf_lessons *lessons, const struct hf_shut_hosts *listed, const struct hf_net_here *here,
		     struct hf_boot_ms now);

/*
 * hf_lessons_names - add to this array what is looked up besides listed hosts: an invented name, and those below
 */
void hf_lessons_names(const struct hf_lessons *lessons, json_t *names);

/*
 * hf_lessons_doubt - is an invented name to be asked for, because something was learned since the last one
 *
 * @ret_name  filled only when true
 * Returns   whether; once for all that was learned
 */
bool hf_lessons_doubt(struct hf_lessons *lessons, char ret_name[HF_HOST_SIZE]);

/*
 * hf_lessons_hear - an answer {"host": [address...]}, not to be believed
 *
 * Returns   whether anything is known now that was not, or the reverse
 */
bool hf_lessons_hear(struct hf_lessons *lessons, const struct hf_shut_hosts *listed, const json_t *answer,
		     const struct hf_learning *how);

/*
 * hf_lessons_answered - of an answer that one user's resolver got; hf_lessons_count - of all such answers those count
 * that are of these hosts; hf_lessons_unanswer - nothing is locked: they are forgotten
 *
 * @no       these addresses never
 * Returns   whether anything is known now that was not; HF_OK, HF_E_MEMORY; nothing
 * Source    policy D9.2
 */
bool hf_lessons_answered(struct hf_lessons *lessons, const struct hf_shut_hosts *listed, hf_user uid,
			 const struct hf_dns *answer, const struct hf_addrs *no);
HF_NODISCARD enum hf_rc hf_lessons_count(struct hf_lessons *lessons, const struct hf_shut_hosts *listed);
void hf_lessons_unanswer(struct hf_lessons *lessons);

/*
 * hf_lessons_close - free all
 */
void hf_lessons_close(struct hf_lessons *lessons);

#endif
