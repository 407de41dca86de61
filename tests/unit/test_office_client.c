/* SPDX-License-Identifier: MIT */
/*
 * The officer's end of the controller's socket. Policy D9.1 (an officer raises at once, whoever else comes).
 * Must never wait without end.
 */
#include <criterion/criterion.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "controller/office/client.h"
#include "controller/office/post.h"
#include "tests/help/folder.h"

#define LOOKS 1000 /* of a millisecond: then it does not wait */

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\n{\"a\":17}";

struct asking {
	struct hf_office office;
	pid_t task;
	enum hf_rc rc;
	long long a;
};

static void *ask(void *arg)
{
	struct asking *asking = arg;
	hf_auto_json json_t *said = NULL;

	__atomic_store_n(&asking->task, gettid(), __ATOMIC_SEQ_CST);
	asking->rc = hf_client_get(&asking->office, "/v1/status", &said, NULL);
	asking->a = asking->rc == HF_OK ? hf_client_number(said, "a") : 0;
	return NULL;
}

/* Does it wait for a place in the queue, which is full? */
static bool stands_in_line(struct asking *asking)
{
	char path[64], where[64] = "";
	FILE *file;

	for (int i = 0; i < LOOKS && !strstr(where, "poll"); i++) {
		poll(NULL, 0, 1);
		cr_assert_eq(hf_str_printf(path, sizeof(path), "/proc/self/task/%d/wchan",
					   (int)__atomic_load_n(&asking->task, __ATOMIC_SEQ_CST)),
			     HF_OK);
		file = fopen(path, "re");
		if (file) {
			(void)!fgets(where, sizeof(where), file);
			fclose(file);
		}
	}
	return strstr(where, "poll") != NULL;
}

static int listen_at(const char *path, struct sockaddr_un *ret_address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	cr_assert_eq(hf_str_copy(ret_address->sun_path, sizeof(ret_address->sun_path), path), HF_OK);
	cr_assert_eq(bind(fd, (struct sockaddr *)ret_address, sizeof(*ret_address)), 0);
	cr_assert_eq(listen(fd, 0), 0);
	return fd;
}

/* Attack: the queue of the controller's socket is kept full, and every officer is told that no controller is there. */
Test(office_client, stands_in_line_when_the_queue_is_full)
{
	char folder[TEST_FOLDER_SIZE], path[PATH_MAX];
	struct asking asking = {.office = {.socket = path}};
	struct sockaddr_un address;
	hf_auto_fd int other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd = -1, first = -1, second = -1;
	char request[1024];
	pthread_t thread;

	if (getuid() != 0)
		cr_skip_test("what a thread waits for is shown to root alone");
	test_folder_make(folder);
	test_path(path, folder, "s");
	fd = listen_at(path, &address);
	cr_assert_eq(connect(other, (struct sockaddr *)&address, sizeof(address)), 0, "then the queue is full");
	cr_assert_eq(pthread_create(&thread, NULL, ask, &asking), 0);
	cr_expect(stands_in_line(&asking));
	first = accept(fd, NULL, NULL);
	second = accept(fd, NULL, NULL);
	cr_assert_gt(read(second, request, sizeof(request)), 0);
	cr_assert_eq(write(second, answer, strlen(answer)), (ssize_t)strlen(answer));
	cr_assert_eq(pthread_join(thread, NULL), 0);
	cr_expect_eq(asking.rc, HF_OK, "%s", hf_rc_name(asking.rc));
	cr_expect_eq(asking.a, 17);
	test_folder_remove(folder);
}

/* The office says what is so; each face adds how it is put right there, in its own words. */
Test(office_client, a_face_adds_its_own_hint)
{
	static const char *const hints[HF_HINT_COUNT] = {[HF_HINT_SOCKET] = ", or elsewhere"};
	const struct hf_office plain = {.socket = "/nowhere.sock"}, faced = {.socket = "/nowhere.sock", .hints = hints};
	hf_auto_json json_t *said = NULL;
	struct hf_err err = {0};

	cr_expect_eq(hf_client_get(&plain, "/v1/status", &said, &err), HF_E_ABSENT);
	cr_expect_str_eq(err.text, "No controller answers at /nowhere.sock: holdfastd must run there.");
	cr_expect_eq(hf_client_get(&faced, "/v1/status", &said, &err), HF_E_ABSENT);
	cr_expect_str_eq(err.text, "No controller answers at /nowhere.sock: holdfastd must run there, or elsewhere.");
}

/* Who is not in the group of the socket is told that, and not that nothing runs. */
Test(office_client, a_socket_that_one_may_not_open_names_its_group)
{
	char folder[TEST_FOLDER_SIZE], path[PATH_MAX], wanted[PATH_MAX + 128];
	struct hf_office office = {.socket = path};
	struct sockaddr_un address;
	hf_auto_json json_t *said = NULL;
	hf_auto_fd int fd = -1;
	struct hf_err err = {0};

	if (getuid() != 0)
		cr_skip_test("only root can take somebody else's place");
	test_folder_make(folder);
	test_path(path, folder, "s");
	fd = listen_at(path, &address);
	cr_assert(chmod(path, 0660) == 0 && chown(path, 0, 0) == 0 && chmod(folder, 0711) == 0);
	cr_assert_eq(setegid(65534), 0);
	cr_assert_eq(setgroups(0, NULL), 0);
	cr_assert_eq(seteuid(65534), 0);
	cr_expect_eq(hf_client_get(&office, "/v1/status", &said, &err), HF_E_ROLE);
	snprintf(wanted, sizeof(wanted), "You may not open %s: ask IT to add you to the group root, and log in anew.",
		 path);
	cr_expect_str_eq(err.text, wanted);
	cr_assert_eq(seteuid(0), 0);
	test_folder_remove(folder);
}

/* Hears one request, and hangs up; then answers the next. */
static void *hang_up_once(void *arg)
{
	const int *fd = arg;
	char request[4096];

	for (int i = 0; i < 2; i++) {
		hf_auto_fd int guest = accept(*fd, NULL, NULL);

		cr_assert_gt(read(guest, request, sizeof(request)), 0);
		if (i == 1)
			cr_assert_eq(write(guest, answer, strlen(answer)), (ssize_t)strlen(answer));
	}
	return NULL;
}

/* D9.1: what was sent may have been done, and nobody is told that it was not; proofs are sent again, for that changes nothing. */
Test(office_client, an_answer_that_is_lost_is_no_refusal)
{
	char folder[TEST_FOLDER_SIZE], path[PATH_MAX];
	struct hf_office office = {.socket = path};
	hf_auto_json json_t *proofs = json_object(), *said = NULL;
	struct sockaddr_un address;
	hf_auto_fd int fd = -1;
	struct hf_err err = {0};
	pthread_t thread;

	test_folder_make(folder);
	test_path(path, folder, "s");
	cr_expect_eq(hf_client_post_proofs(&office, proofs, &said, &err), HF_E_ABSENT, "nobody was sent anything");
	fd = listen_at(path, &address);
	cr_assert_eq(pthread_create(&thread, NULL, hang_up_once, &fd), 0);
	cr_expect_eq(hf_client_post_proofs(&office, proofs, &said, &err), HF_E_UNSURE, "%s", err.text);
	cr_expect_eq(hf_client_post_proofs(&office, proofs, &said, &err), HF_OK, "%s", err.text);
	cr_assert_eq(pthread_join(thread, NULL), 0);
	json_decref(said);
	said = NULL;
	cr_assert_eq(pthread_create(&thread, NULL, hang_up_once, &fd), 0);
	cr_expect_eq(hf_post_proofs(&office, proofs, &said, &err), HF_OK, "%s", err.text);
	cr_expect_eq(hf_client_number(said, "a"), 17);
	cr_assert_eq(pthread_join(thread, NULL), 0);
	test_folder_remove(folder);
}
