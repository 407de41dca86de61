/* SPDX-License-Identifier: MIT */
/*
 * Owns what passes the gate before the routes.
 * Must never open a socket.
 */
#include <criterion/criterion.h>

#include <holdfast/str.h>

#include "controller/web/gate.h"

Test(gate, what_two_readers_could_read_in_two_ways_is_refused)
{
	static const struct {
		const char *what;
		struct hf_gate_request request;
		unsigned want;
	} rows[] = {
		{"a plain GET", {"GET", 0, NULL, false, 1}, 0},
		{"GET with an empty body", {"GET", 1, "0", false, 1}, 0},
		{"GET with a body", {"GET", 1, "5", false, 1}, 400},
		{"POST of one envelope", {"POST", 1, "65536", false, 1}, 0},
		{"POST of nothing", {"POST", 0, NULL, false, 1}, 0},
		{"the largest body", {"POST", 1, "69632", false, 1}, 0},
		{"a byte more", {"POST", 1, "69633", false, 1}, 413},
		{"far more", {"POST", 1, "99999999999999999999", false, 1}, 413},
		{"two lengths", {"POST", 2, "5", false, 1}, 400},
		{"a length with a transfer encoding", {"POST", 1, "5", true, 1}, 400},
		{"a transfer encoding alone", {"POST", 0, NULL, true, 1}, 400},
		{"two hosts", {"GET", 0, NULL, false, 2}, 400},
		{"a signed length", {"POST", 1, "+5", false, 1}, 400},
		{"a negative length", {"POST", 1, "-5", false, 1}, 400},
		{"a hex length", {"POST", 1, "0x5", false, 1}, 400},
		{"an empty length", {"POST", 1, "", false, 1}, 400},
		{"two lengths in one", {"POST", 1, "5, 5", false, 1}, 400},
		{"HEAD", {"HEAD", 0, NULL, false, 1}, 405},
		{"DELETE", {"DELETE", 0, NULL, false, 1}, 405},
		{"CONNECT", {"CONNECT", 0, NULL, false, 1}, 405},
		{"get in small letters", {"get", 0, NULL, false, 1}, 405},
		{"no method of any kind", {"POSTX", 1, "5", false, 1}, 405},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_gate_judge(&rows[i].request), rows[i].want, "attack: %s", rows[i].what);
}
