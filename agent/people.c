/* SPDX-License-Identifier: MIT */
/* Owns the agent's end of the sockets to the people of its device. */
/* Room agent. */
/* Must never do what a person asks beyond showing, nor wait for one who does not read. */
#include "agent/people.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/sock.h>

#define QUESTION_MAX 1024

struct person {
	struct hf_people *people;
	int fd; /* -1: free */
	uid_t uid;
	int64_t came; /* the lowest came first */
	struct hf_watch *watch;
};

struct hf_people {
	struct hf_loop *loop;
	hf_people_answer_fn answer;
	void *arg;
	int fd;
	struct hf_watch *watch;
	int64_t n_came;
	struct person v[HF_PEOPLE_MAX_AT_ONCE];
};

static void let_go(struct person *person)
{
	hf_watch_remove(&person->watch);
	hf_fd_close(&person->fd);
}

/* `{"ask": "status", "reads": 0 or 1}` */
static bool read_question(const char *text, size_t len, bool *ret_reads)
{
	hf_auto_json json_t *question = NULL;
	const char *ask = NULL;
	int64_t reads = 0;
	const struct hf_json_member members[] = {
		{.name = "ask", .kind = HF_JSON_ID, .ret = &ask},
		{.name = "reads", .kind = HF_JSON_INT, .ret = &reads, .max = 1},
	};

	if (hf_json_read(text, len, QUESTION_MAX, &question, NULL) != HF_OK ||
	    hf_json_take(question, members, HF_LEN(members), NULL) != HF_OK || strcmp(ask, "status") != 0)
		return false;
	*ret_reads = reads != 0;
	return true;
}

static void answer(struct person *person, bool reads)
{
	struct hf_people *people = person->people;
	hf_auto_json json_t *view = people->answer(people->arg, person->uid, reads);
	hf_auto_free char *text = NULL;
	struct hf_err err = {""};
	size_t len = 0, sent = 0;

	if (!view || hf_json_bytes(view, &text, &len) != HF_OK)
		return;
	while (sent < len) {
		size_t piece = len - sent < HF_PEOPLE_PIECE ? len - sent : HF_PEOPLE_PIECE;

		if (hf_sock_send(person->fd, text + sent, piece, &err) != HF_OK) {
			hf_log(HF_LOG_INFO, HF_EV_FAILED, "user %u did not read the answer", (unsigned)person->uid);
			return;
		}
		sent += piece;
	}
}

static void on_question(void *arg, uint32_t events)
{
	struct person *person = arg;
	char text[QUESTION_MAX];
	struct hf_err err = {""};
	size_t len = 0;
	bool reads = false;
	enum hf_rc rc = hf_sock_receive(person->fd, text, sizeof(text), &len, &err);

	(void)events;
	if (rc == HF_E_ABSENT)
		return;
	if (rc == HF_OK && len > 0 && read_question(text, len, &reads))
		answer(person, reads);
	let_go(person);
}

/* A free place; when there is none, that of whoever has been silent longest. NULL: this user has enough. */
static struct person *place_for(struct hf_people *people, uid_t uid)
{
	struct person *place = &people->v[0];
	size_t n_same = 0;

	for (size_t i = 0; i < HF_PEOPLE_MAX_AT_ONCE; i++) {
		struct person *p = &people->v[i];

		n_same += p->fd >= 0 && p->uid == uid;
		if (place->fd >= 0 && (p->fd < 0 || p->came < place->came))
			place = p;
	}
	return n_same < HF_PEOPLE_MAX_PER_USER ? place : NULL;
}

static void on_come(void *arg, uint32_t events)
{
	struct hf_people *people = arg;
	hf_auto_fd int fd = -1;
	struct person *place;
	struct hf_err err = {""};
	uid_t uid;

	(void)events;
	if (hf_sock_accept(people->fd, &fd, &uid, &err) != HF_OK)
		return;
	place = place_for(people, uid);
	if (!place)
		return;
	if (place->fd >= 0)
		let_go(place);
	place->uid = uid;
	place->came = people->n_came++;
	if (hf_loop_add_fd(people->loop, fd, EPOLLIN, on_question, place, &place->watch) == HF_OK)
		place->fd = hf_steal_fd(&fd);
}

enum hf_rc hf_people_new(struct hf_loop *loop, const char *path, hf_people_answer_fn answer_fn, void *arg,
			 struct hf_people **ret_people, struct hf_err *err)
{
	hf_auto_people struct hf_people *people = calloc(1, sizeof(*people));
	enum hf_rc rc;

	if (!people)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the people's socket");
	people->loop = loop;
	people->answer = answer_fn;
	people->arg = arg;
	people->fd = -1;
	for (size_t i = 0; i < HF_PEOPLE_MAX_AT_ONCE; i++)
		people->v[i] = (struct person){.people = people, .fd = -1};
	rc = hf_sock_listen(path, 0666, &people->fd, err);
	if (rc == HF_OK)
		rc = hf_loop_add_fd(loop, people->fd, EPOLLIN, on_come, people, &people->watch);
	if (rc == HF_OK)
		*ret_people = hf_steal_ptr(&people);
	return rc;
}

void hf_people_free(struct hf_people **people)
{
	if (!*people)
		return;
	for (size_t i = 0; i < HF_PEOPLE_MAX_AT_ONCE; i++)
		let_go(&(*people)->v[i]);
	hf_watch_remove(&(*people)->watch);
	hf_fd_close(&(*people)->fd);
	free(*people);
	*people = NULL;
}
