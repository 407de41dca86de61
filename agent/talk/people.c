/* SPDX-License-Identifier: MIT */
/*
 * Owns the agent's end of the sockets to the people of its device.
 * Must never let anybody ask in another's name, nor wait for one who does not read.
 */
#include "agent/talk/people.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>
#include <holdfast/sock.h>

struct person {
	struct hf_people *people;
	int fd; /* -1: free */
	hf_user uid;
	pid_t pid;
	int64_t came; /* the lowest came first */
	struct hf_watch *watch;
	char *text; /* the answer; NULL: nothing was asked yet */
	size_t len, sent;
	bool watches; /* stays, for events */
};

struct hf_people {
	struct hf_loop *loop;
	struct hf_people_conf conf;
	int fd;
	struct hf_watch *watch;
	int64_t n_came;
	struct person v[HF_PEOPLE_MAX_AT_ONCE];
};

static void drop_person(struct person *person)
{
	hf_watch_remove(&person->watch);
	hf_fd_close(&person->fd);
	free(person->text);
	person->text = NULL;
	person->len = person->sent = 0;
	person->watches = false;
}

static bool send_event(struct person *person, const json_t *event)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;

	return hf_json_bytes(event, &text, &len) == HF_OK && hf_sock_send(person->fd, text, len, NULL) == HF_OK;
}

static bool begin_watch(struct person *person)
{
	hf_auto_json json_t *event = json_pack("{s:s}", "event", "watching");

	person->watches = true;
	return event && send_event(person, event);
}

/* As much as the socket takes now. Returns false when all is said, or nobody listens. */
static bool say_more(struct person *person)
{
	struct hf_err err = {""};

	while (person->sent < person->len) {
		size_t left = person->len - person->sent;
		size_t piece = left < HF_PEOPLE_PIECE ? left : HF_PEOPLE_PIECE;
		enum hf_rc rc = hf_sock_send(person->fd, person->text + person->sent, piece, &err);

		if (rc != HF_OK)
			return rc == HF_E_ABSENT;
		person->sent += piece;
	}
	return false;
}

static bool answer_question(struct person *person, const char *text, size_t len)
{
	struct hf_people *people = person->people;
	hf_auto_json json_t *said = NULL;
	struct hf_question question;

	if (hf_question_decode(text, len, &question) != HF_OK)
		return false;
	question.pid = person->pid;
	if (strcmp(question.ask, HF_ASK_WATCH) == 0)
		return begin_watch(person);
	said = people->conf.answer(people->conf.arg, person->uid, &question);
	if (!said || hf_json_bytes(said, &person->text, &person->len) != HF_OK || !say_more(person))
		return false;
	return hf_watch_events(person->watch, HF_LOOP_WRITE) == HF_OK;
}

static void on_person(void *arg, uint32_t events)
{
	struct person *person = arg;
	char text[HF_QUESTION_MAX];
	struct hf_err err = {""};
	size_t len = 0;
	bool stays;

	if (person->text) {
		stays = !(events & HF_LOOP_GONE) && say_more(person);
	} else {
		enum hf_rc rc = hf_sock_receive(person->fd, text, sizeof(text), &len, &err);

		stays = rc == HF_E_ABSENT ||
			(rc == HF_OK && len > 0 && !person->watches && answer_question(person, text, len));
	}
	if (!stays)
		drop_person(person);
}

/* A free place; when there is none, that of whoever has been silent longest. NULL: this user has enough. */
static struct person *find_place(struct hf_people *people, hf_user uid)
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

/* 0: not known. */
static pid_t pid_of(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 ? who.pid : 0;
}

static void on_come(void *arg, uint32_t events)
{
	struct hf_people *people = arg;
	hf_auto_fd int fd = -1;
	struct person *place;
	struct hf_err err = {""};
	hf_user uid;

	(void)events;
	if (hf_sock_accept(people->fd, &fd, &uid, &err) != HF_OK)
		return;
	place = find_place(people, uid);
	if (!place)
		return;
	if (place->fd >= 0)
		drop_person(place);
	place->uid = uid;
	place->pid = pid_of(fd);
	place->came = people->n_came++;
	if (hf_loop_add_fd(people->loop, fd, on_person, place, &place->watch) == HF_OK)
		place->fd = hf_steal_fd(&fd);
}

enum hf_rc hf_people_new(struct hf_loop *loop, const struct hf_people_conf *conf, struct hf_people **ret_people,
			 struct hf_err *err)
{
	hf_auto_people struct hf_people *people = calloc(1, sizeof(*people));
	enum hf_rc rc;

	if (!people)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the people's socket");
	people->loop = loop;
	people->conf = *conf;
	people->fd = -1;
	for (size_t i = 0; i < HF_PEOPLE_MAX_AT_ONCE; i++)
		people->v[i] = (struct person){.people = people, .fd = -1};
	rc = hf_sock_listen(conf->path, 0666, &people->fd, err);
	if (rc == HF_OK)
		rc = hf_loop_add_fd(loop, people->fd, on_come, people, &people->watch);
	if (rc == HF_OK)
		*ret_people = hf_steal_ptr(&people);
	return rc;
}

void hf_people_tell(struct hf_people *people, const hf_user *uid, const json_t *event)
{
	for (size_t i = 0; i < HF_PEOPLE_MAX_AT_ONCE; i++) {
		struct person *p = &people->v[i];

		if (p->fd >= 0 && p->watches && (!uid || p->uid == *uid) && !send_event(p, event))
			drop_person(p);
	}
}

void hf_people_free(struct hf_people **people)
{
	if (!*people)
		return;
	for (size_t i = 0; i < HF_PEOPLE_MAX_AT_ONCE; i++)
		drop_person(&(*people)->v[i]);
	hf_watch_remove(&(*people)->watch);
	hf_fd_close(&(*people)->fd);
	free(*people);
	*people = NULL;
}
