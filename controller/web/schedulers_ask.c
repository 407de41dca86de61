/* SPDX-License-Identifier: MIT */
/*
 * Owns schedulers as they are asked for.
 * Must never let anybody but the user of the settings say what became of a post.
 */
#include <string.h>

#include <holdfast/clock.h>

#include "controller/schedulers.h"
#include "controller/telling/held_book.h"
#include "controller/web/schedulers_ask.h"

#define POSTS_MOST 512 /* in one request: more than one hour lets through */

/* What a POST says; texts belong to its JSON. */
struct said_of_posts {
	const char *act, *why;
	struct hf_scheduler_word word;
	json_t *posts;
	struct hf_scheduler_stand stand;
};

static enum hf_rc check_posts(const json_t *posts, struct hf_err *err)
{
	const json_t *one;
	size_t i;
	json_array_foreach(posts, i, one)
		if (!json_is_string(one) || !hf_held_post_ok(json_string_value(one)))
			return hf_err_set(err, HF_E_SHAPE, "that is no name of a scheduler's post");
	return HF_OK;
}

static enum hf_rc read_said_of_posts(const struct hf_web_request *request, json_t **ret_json, struct said_of_posts *ret,
				     struct hf_err *err)
{
	const struct hf_json_member members[] = {
		{"act", HF_JSON_ID, &ret->act, 0, false},
		{"scheduler", HF_JSON_ID, &ret->word.name, 0, false},
		{"account", HF_JSON_LINE, &ret->word.account, 200, true},
		{"posts", HF_JSON_ARRAY, &ret->posts, POSTS_MOST, true},
		{"back", HF_JSON_BOOL, &ret->word.back, 0, true},
		{"why", HF_JSON_LINE0, &ret->why, HF_NOTICE_LINE_MAX, true},
		{"queued", HF_JSON_INT, &ret->stand.queued, HF_JSON_INT_MAX, true},
		{"held", HF_JSON_INT, &ret->stand.held, HF_CHECK_COUNT_MAX, true},
		{"next", HF_JSON_WALL, &ret->stand.next, 0, true},
		{"whole", HF_JSON_BOOL, &ret->stand.whole, 0, true},
	};
	enum hf_rc rc = hf_json_read(request->body, request->body_len, HF_MESSAGE_MAX, ret_json, err);
	if (rc == HF_OK)
		rc = hf_json_take(*ret_json, members, HF_LEN(members), err);
	ret->word.posts = ret->posts;
	return rc == HF_OK ? check_posts(ret->posts, err) : rc;
}

static enum hf_rc do_said(struct hf_controller *c, const struct said_of_posts *said, json_t **ret_work, struct hf_err *err)
{
	const struct hf_scheduler_word *word = &said->word;
	if (strcmp(said->act, "take") == 0)
		return hf_schedulers_work(c, word->name, ret_work, err);
	if (strcmp(said->act, "trouble") == 0)
		return hf_schedulers_trouble(c, word->name, said->why, err);
	if (!word->account[0])
		return hf_err_set(err, HF_E_SHAPE, "'account' is missing");
	if (strcmp(said->act, "stand") == 0)
		return hf_schedulers_stand(c, word, &said->stand, err);
	if (json_array_size(word->posts) == 0)
		return hf_err_set(err, HF_E_SHAPE, "'posts' is missing");
	if (strcmp(said->act, "hold") == 0)
		return hf_schedulers_hold(c, word, err);
	if (strcmp(said->act, "may-resume") == 0)
		return hf_schedulers_may_resume(c, word, err);
	if (strcmp(said->act, "free") == 0)
		return hf_schedulers_free(c, word, err);
	return hf_err_set(err, HF_E_SHAPE, "that is nothing that can be done with schedulers");
}

struct hf_web_answer hf_schedulers_post(struct hf_controller *c, const struct hf_web_request *request)
{
	hf_auto_json json_t *json = NULL;
	hf_auto_json json_t *work = NULL;
	struct said_of_posts said = {.act = "", .why = "", .word = {.name = "", .account = ""}};
	struct hf_err err = {""};
	enum hf_rc rc;
	if (request->speaker.uid != c->notices.sender || c->notices.sender == (hf_user)-1)
		return hf_web_refuse(403, "role", "only the user that has the keys of schedulers may do that");
	rc = read_said_of_posts(request, &json, &said, &err);
	if (rc == HF_OK)
		rc = do_said(c, &said, &work, &err);
	if (rc != HF_OK)
		return hf_web_fail(rc, &err);
	return hf_web_json(200, json_pack("{s:I, s:O*}", "now", (json_int_t)hf_clock_wall().s, "work", work));
}
