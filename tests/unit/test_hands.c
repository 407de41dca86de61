/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of what the agent and its hands say to each other (policy D9.2).
 * Must never change a file of this machine, nor try anything on its network.
 */
#include "agent/enforce/common/hands.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <holdfast/fs.h>

#include "agent/enforce/network/net_probe.h"
#include "agent/enforce/programs/programs_probe.h"
#include "agent/enforce/running/frozen_place.h"

#define MAGIC 0x31484648U

Test(hands, words)
{
	int ends[2];
	struct hf_hands_message heard = {.n_fds = 0};
	const struct hf_hands_message said = {.word = HF_HANDS_MARK,
					      .error = 1,
					      .first = 2,
					      .second = UINT64_MAX,
					      .data = "three",
					      .len = 5,
					      .fds = {0, 1},
					      .n_fds = 2};

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	cr_assert_eq(hf_hands_receive(ends[1], &heard, 0), HF_E_SYSTEM, "nothing was said");
	cr_assert_eq(hf_hands_send(ends[0], &said, 0), HF_OK);
	cr_assert_eq(hf_hands_receive(ends[1], &heard, 0), HF_OK);
	cr_expect(heard.word == said.word && heard.error == 1 && heard.first == 2 && heard.second == UINT64_MAX);
	cr_expect(heard.len == 5 && memcmp(heard.data, "three", 5) == 0 && heard.n_fds == 2);
	cr_expect(fcntl(heard.fds[0], F_GETFD) & FD_CLOEXEC, "and they go to no program that is started");
	hf_fd_close(&heard.fds[0]);
	hf_fd_close(&heard.fds[1]);
	close(ends[0]);
	cr_expect_eq(hf_hands_receive(ends[1], &heard, 0), HF_E_ABSENT, "the other end is gone");
	cr_expect_eq(hf_hands_send(ends[1], &said, 0), HF_E_ABSENT);
	close(ends[1]);
}

Test(hands, what_is_no_order_is_refused)
{
	static const struct {
		const char *what;
		uint32_t v[8];
		size_t len;
	} bad[] = {
		{"another mark", {1, 0}, 32},
		{"no such word", {MAGIC, HF_HANDS_WORDS}, 32},
		{"too short", {MAGIC, 0}, 16},
	};
	static char longest[HF_HANDS_DATA_MAX + 33];
	const uint32_t magic = MAGIC;
	struct hf_hands_message heard;
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	for (size_t i = 0; i < HF_LEN(bad); i++) {
		cr_assert_eq(send(ends[0], bad[i].v, bad[i].len, 0), (ssize_t)bad[i].len);
		cr_expect_eq(hf_hands_receive(ends[1], &heard, 0), HF_E_SHAPE, "%s", bad[i].what);
	}
	memcpy(longest, &magic, sizeof(magic));
	cr_assert_eq(send(ends[0], longest, sizeof(longest), 0), (ssize_t)sizeof(longest));
	cr_expect_eq(hf_hands_receive(ends[1], &heard, 0), HF_E_SHAPE, "longer than there is room for");
	cr_assert_eq(send(ends[0], longest, sizeof(longest) - 1, 0), (ssize_t)sizeof(longest) - 1);
	cr_expect(hf_hands_receive(ends[1], &heard, 0) == HF_OK && heard.len == HF_HANDS_DATA_MAX,
		  "and what just fits");
	close(ends[0]);
	close(ends[1]);
}

/* Attack: whoever speaks to the hands as root has them read beside what came. */
Test(hands, a_trial_that_is_none_is_not_made)
{
	static const struct {
		const char *what;
		size_t len;
		unsigned char fill;
	} rows[] = {
		{"nothing", 0, 0},
		{"too short", 100, 0},
		{"too many addresses, and a name without an end", 400, 0xff},
	};
	struct hf_hands_message message;
	int fd;

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		message = (struct hf_hands_message){.word = HF_HANDS_NETWORK, .len = rows[i].len};
		memset(message.data, rows[i].fill, sizeof(message.data));
		cr_expect_not(hf_net_trial(&message), "%s", rows[i].what);
	}
	for (size_t len = 0; len <= HF_HANDS_DATA_MAX; len++) {
		message = (struct hf_hands_message){.word = HF_HANDS_NETWORK, .len = len};
		memset(message.data, 0xff, sizeof(message.data));
		cr_expect_not(hf_net_trial(&message), "all bits set, %zu bytes", len);
	}
	message = (struct hf_hands_message){.word = HF_HANDS_PROGRAMS};
	cr_expect_not(hf_programs_trial(&message), "no rules");
	fd = memfd_create("rules", MFD_CLOEXEC);
	message = (struct hf_hands_message){.word = HF_HANDS_PROGRAMS, .fds = {fd}, .n_fds = 1};
	cr_expect(!hf_programs_trial(&message) && message.n_fds == 1, "rules that can still be changed");
	message = (struct hf_hands_message){.word = HF_HANDS_PLACE, .first = 0, .fds = {fd}, .n_fds = 1};
	cr_expect_not(hf_frozen_place_order(&message), "a process that would be root's");
	message = (struct hf_hands_message){.word = HF_HANDS_PLACE, .first = 1201, .second = 1201};
	cr_expect_not(hf_frozen_place_order(&message), "one that nobody tells to go on");
	close(fd);
}

Test(hands, where_there_are_none_nothing_is_done)
{
	struct hf_hands none = {.socket = "/nowhere/hands.sock", .fd = -1}, unnamed = {.socket = "", .fd = -1};
	struct hf_hands_message message = {.word = HF_HANDS_RIGHTS};

	cr_expect_eq(hf_hands_ask(NULL, &message), HF_E_ABSENT);
	cr_expect_eq(hf_hands_ask(&unnamed, &message), HF_E_ABSENT);
	cr_expect_eq(hf_hands_ask(&none, &message), HF_E_ABSENT);
	cr_expect_eq(hf_hands_rights(&none), 0);
	cr_expect_eq(none.deaf.ms, 0, "and they are asked again");
}
