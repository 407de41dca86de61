/* SPDX-License-Identifier: MIT */
/*
 * The time of a release is that of its record. Policy D9.3: a second message says when it is over.
 */
#include <criterion/criterion.h>

#include "controller/recorded.h"
#include "tests/help/judged.h"

#define AT(n) ((struct hf_wall){COUNCIL_T + (n)})

Test(recorded, the_first_record_of_a_release_dates_it)
{
	struct council council;
	struct hf_recorded book = {0};
	struct judged j;
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_digest raise, releases[3];
	const struct hf_digest unknown = {{9}};

	council_open(&council);
	judged_begin(&j, &council);
	raise = judged_order(&j.known, &council, &order, COMMS_1);
	for (int i = 0; i < 3; i++) {
		struct hf_order release = council_release_doc(HF_KIND_EMERGENCY, &raise, 1);

		release.at = AT(60 + i);
		releases[i] = judged_order(&j.known, &council, &release, COMMS_1 | MONITORING_1);
		hf_recorded_note(&book, &j.known.orders, &releases[i], AT(600 + i));
		hf_recorded_note(&book, &j.known.orders, &releases[i], AT(9000));
	}
	hf_recorded_note(&book, &j.known.orders, &raise, AT(600));
	hf_recorded_note(&book, &j.known.orders, &unknown, AT(600));
	cr_expect_eq(book.n, 3, "releases alone, each once, and none that is not known");
	for (int i = 0; i < 3; i++)
		cr_expect_eq(hf_recorded_at(&book, &releases[i]).s, COUNCIL_T + 600 + i);
	cr_expect_eq(hf_recorded_at(&book, &raise).s, 0);
	hf_recorded_done(&book);
	judged_end(&j);
	council_close(&council);
}
