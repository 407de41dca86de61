/* SPDX-License-Identifier: MIT */
/*
 * Owns the agent's end of the sockets to the people of its device.
 * Must never let anybody ask in another's name, wait for one who does not read, or answer one user twice while another
 * waits.
 */
#include "agent/talk/people.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>
#include <holdfast/sock.h>

#define COME_AT_ONCE 64 /* then those who are in have their turn */

struct person {
	struct hf_people *people;
	int fd; /* -1: free */
	hf_user uid;
	pid_t pid;
	int64_t came; /* the lowest came first */
	struct hf_watch *watch;
	char *question; /* whole, and waiting for its turn; NULL: none does */
	size_t question_len;
	int64_t asked; /* the lowest asked first */
	char *text;    /* the answer; NULL: nothing was answered yet */
	size_t len, sent;
	bool watches; /* stays, for events */
};

struct hf_people {
	struct hf_loop *loop;
	struct hf_people_conf conf;
	int fd;
	struct hf_watch *watch, *turn;
	int64_t n_came, n_asked;
	hf_user last; /* who had the last turn */
	struct person v[HF_PEOPLE_MAX_AT_ONCE];
};

static void drop_person(struct person *person)
{
	hf_watch_remove(&person->watch);
	hf_fd_close(&person->fd);
	free(hf_steal_ptr(&person->question));
	free(hf_steal_ptr(&person->text));
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

static struct person *whose_turn(struct hf_people *people)
{
	struct person *next = NULL;

	for (size_t i = 0; i < HF_PEOPLE_MAX_AT_ONCE; i++) {
		struct person *p = &people->v[i];
		bool first = p->fd >= 0 && p->question &&
			     (!next || (p->uid == next->uid ? p->asked < next->asked
							    : hf_user_before(people->last, p->uid, next->uid)));

		if (first)
			next = p;
	}
	return next;
}

/* One question; then the loop's other watches have their turn, and with them those who come. */
static void on_turn(void *arg, uint32_t events)
{
	struct hf_people *people = arg;
	struct person *person = whose_turn(people);
	hf_auto_free char *question = NULL;

	(void)events;
	if (!person)
		return;
	people->last = person->uid;
	question = hf_steal_ptr(&person->question);
	if (hf_watch_events(person->watch, HF_LOOP_READ) != HF_OK ||
	    !answer_question(person, question, person->question_len))
		drop_person(person);
	if (whose_turn(people))
		(void)!hf_timer_arm(people->turn, -1);
}

static bool wait_for_turn(struct person *person, const char *text, size_t len)
{
	struct hf_people *people = person->people;

	person->question = malloc(len);
	if (!person->question)
		return false;
	memcpy(person->question, text, len);
	person->question_len = len;
	person->asked = people->n_asked++;
	/* What else is said is not read before; that the other end has gone is seen all the same. */
	return hf_watch_events(person->watch, 0) == HF_OK && hf_timer_arm(people->turn, -1) == HF_OK;
}

static bool hear_question(struct person *person)
{
	char text[HF_QUESTION_MAX];
	size_t len = 0;
	enum hf_rc rc = hf_sock_receive(person->fd, text, sizeof(text), &len, NULL);

	return rc == HF_E_ABSENT || (rc == HF_OK && len > 0 && !person->watches && wait_for_turn(person, text, len));
}

static void on_person(void *arg, uint32_t events)
{
	struct person *person = arg;
	bool stays = !(events & HF_LOOP_GONE);

	if (person->text)
		stays = stays && say_more(person);
	else if (!person->question)
		stays = hear_question(person);
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

/* False: nobody waits. */
static bool let_in(struct hf_people *people)
{
	hf_auto_fd int fd = -1;
	struct person *place;
	hf_user uid;

	if (hf_sock_accept(people->fd, &fd, &uid, NULL) != HF_OK)
		return false;
	place = find_place(people, uid);
	if (!place)
		return true;
	if (place->fd >= 0)
		drop_person(place);
	place->uid = uid;
	place->pid = pid_of(fd);
	place->came = people->n_came++;
	if (hf_loop_add_fd(people->loop, fd, on_person, place, &place->watch) == HF_OK)
		place->fd = hf_steal_fd(&fd);
	return true;
}

static void on_come(void *arg, uint32_t events)
{
	int left = COME_AT_ONCE;

	(void)events;
	while (left-- > 0 && let_in(arg))
		continue;
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
	if (rc != HF_OK)
		return rc;
	rc = hf_loop_add_fd(loop, people->fd, on_come, people, &people->watch);
	if (rc == HF_OK)
		rc = hf_loop_add_timer(loop, on_turn, people, &people->turn);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "the people's socket cannot be watched");
	*ret_people = hf_steal_ptr(&people);
	return HF_OK;
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
	hf_watch_remove(&(*people)->turn);
	hf_fd_close(&(*people)->fd);
	free(*people);
	*people = NULL;
}
