/* SPDX-License-Identifier: MIT */
/*
 * Owns the way between one browser's extension and the agent; runs as the person.
 * Must never say that anything is open: what it cannot learn, it does not say.
 */
#include "agent/browser_host/browser_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>

#include "agent/talk/people.h"

#define FRAME_MAX 65536 /* from the extension: a host name or a number */
#define AGAIN_MS 1000	/* an agent that is restarted is back within seconds */

struct host {
	struct hf_loop *loop;
	const char *socket;
	int in, out;
	int agent; /* events; -1: none */
	struct hf_watch *in_watch, *agent_watch, *again;
	bool told_absent;
	uint32_t len;	/* of the frame that is coming */
	size_t n_got;	/* bytes of it, its length too */
	char *frame;	/* room for 4 + FRAME_MAX + 1 */
	enum hf_rc end; /* why the loop was stopped */
};

static void stop_host(struct host *h, enum hf_rc why)
{
	h->end = why;
	hf_loop_stop(h->loop);
}

static void tell_browser(struct host *h, json_t *message)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	uint32_t head;
	bool said = message && hf_json_bytes(message, &text, &len) == HF_OK;

	head = (uint32_t)len;
	said = said && hf_fs_write(h->out, &head, sizeof(head)) == HF_OK && hf_fs_write(h->out, text, len) == HF_OK;
	json_decref(message);
	if (!said)
		stop_host(h, HF_OK);
}

static void drop_agent(struct host *h)
{
	hf_watch_remove(&h->agent_watch);
	hf_fd_close(&h->agent);
	if (!h->told_absent)
		tell_browser(h, json_pack("{s:s}", "agent", "absent"));
	h->told_absent = true;
	if (hf_timer_arm(h->again, AGAIN_MS) != HF_OK)
		stop_host(h, HF_E_SYSTEM);
}

static void pass_on_sites(struct host *h)
{
	const struct hf_question question = {.ask = HF_ASK_SITES};
	json_t *sites = NULL;

	if (hf_people_ask(h->socket, &question, &sites, NULL) != HF_OK) {
		drop_agent(h);
		return;
	}
	h->told_absent = false;
	tell_browser(h, json_pack("{s:o}", "sites", sites));
}

static bool means_ask_again(const json_t *event)
{
	const char *word = json_string_value(json_object_get(event, "event"));

	return word && (strcmp(word, "watching") == 0 || strcmp(word, "changed") == 0);
}

/* Several changes that wait are one question. */
static void on_agent(void *arg, uint32_t events)
{
	struct host *h = arg;
	bool ask = false;
	enum hf_rc rc = HF_OK;

	(void)events;
	while (rc == HF_OK) {
		hf_auto_json json_t *event = NULL;

		rc = hf_people_event(h->agent, &event, NULL);
		ask = ask || (rc == HF_OK && means_ask_again(event));
	}
	if (rc != HF_E_ABSENT)
		drop_agent(h);
	else if (ask)
		pass_on_sites(h);
}

static void come_to_agent(struct host *h)
{
	if (hf_people_watch(h->socket, &h->agent, NULL) != HF_OK ||
	    hf_loop_add_fd(h->loop, h->agent, on_agent, h, &h->agent_watch) != HF_OK)
		drop_agent(h);
}

static void on_again(void *arg, uint32_t events)
{
	(void)events;
	come_to_agent(arg);
}

/*
 * What the agent answers to these changes nothing here. One that did not hear in time that the browser holds is come
 * to anew, and so told again.
 */
static void ask_agent(struct host *h, const struct hf_question *question)
{
	hf_auto_json json_t *answer = NULL;

	if (hf_people_ask(h->socket, question, &answer, NULL) != HF_OK && question->version > 0 && h->agent >= 0)
		drop_agent(h);
}

static void hear_browser(struct host *h, const char *text, size_t len)
{
	hf_auto_json json_t *message = NULL;
	struct hf_question question = {.ask = HF_ASK_TOLD};
	const char *tried;

	if (hf_json_read(text, len, FRAME_MAX, &message, NULL) != HF_OK)
		return;
	tried = json_string_value(json_object_get(message, "tried"));
	question.version = json_integer_value(json_object_get(message, "told"));
	if (tried && (hf_str_copy(question.ask, sizeof(question.ask), HF_ASK_TRIED) != HF_OK ||
		      hf_str_copy(question.site, sizeof(question.site), tried) != HF_OK))
		return;
	if (tried || question.version > 0)
		ask_agent(h, &question);
}

/* One read a call: the rest wakes the loop again. */
static void on_browser(void *arg, uint32_t events)
{
	struct host *h = arg;
	size_t want = h->n_got < sizeof(h->len) ? sizeof(h->len) : sizeof(h->len) + h->len;
	ssize_t n = read(h->in, h->frame + h->n_got, want - h->n_got);

	(void)events;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		stop_host(h, HF_OK);
		return;
	}
	h->n_got += (size_t)n;
	if (h->n_got == sizeof(h->len)) {
		memcpy(&h->len, h->frame, sizeof(h->len));
		if (h->len > FRAME_MAX)
			stop_host(h, HF_E_SIZE);
	}
	if (h->n_got >= sizeof(h->len) && h->n_got == sizeof(h->len) + h->len) {
		hear_browser(h, h->frame + sizeof(h->len), h->len);
		h->n_got = 0;
	}
}

static enum hf_rc open_host(struct host *h, struct hf_err *err)
{
	enum hf_rc rc = hf_loop_new(&h->loop, err);

	h->frame = malloc(sizeof(h->len) + FRAME_MAX + 1);
	if (rc == HF_OK && !h->frame)
		rc = HF_E_MEMORY;
	if (rc == HF_OK)
		rc = hf_loop_add_timer(h->loop, on_again, h, &h->again);
	if (rc == HF_OK)
		rc = hf_loop_add_fd(h->loop, h->in, on_browser, h, &h->in_watch);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "cannot listen to the browser: %s", strerror(errno));
	come_to_agent(h);
	return HF_OK;
}

enum hf_rc hf_browser_host_run(const char *socket, int in, int out, struct hf_err *err)
{
	struct host h = {.socket = socket, .in = in, .out = out, .agent = -1};
	enum hf_rc rc = open_host(&h, err);

	if (rc == HF_OK)
		rc = hf_loop_run(h.loop, err);
	if (rc == HF_OK && h.end != HF_OK)
		rc = hf_err_set(err, h.end, "the browser said what cannot be understood");
	hf_watch_remove(&h.agent_watch);
	hf_watch_remove(&h.in_watch);
	hf_watch_remove(&h.again);
	hf_loop_free(&h.loop);
	hf_fd_close(&h.agent);
	free(h.frame);
	return rc;
}
