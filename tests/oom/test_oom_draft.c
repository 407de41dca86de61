/* SPDX-License-Identifier: MIT */
/*
 * Owns the proof that the draft check and the instructions end well when memory runs out.
 * Must never skip an allocation: each operation is tried with the first failing, then the second, until none fails.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include <holdfast/draft.h>
#include <holdfast/instructions.h>
#include <holdfast/order.h>

#include "tests/oom/help_oom.h"

#define ALLOCATIONS_MAX 10000

static const char DRAFT[] =
	"Thanks to Cllr Smith & all in Norton Canes! #VoteSmith2027 #JohnSmith Smith's Smith's Smith's";
static struct hf_word LIST[] = {{"Smith", HF_WORD_MEMBER},
				{"Norton Canes", HF_WORD_WARD},
				{"O'Brien", HF_WORD_CANDIDATE},
				{"#VoteSmith", HF_WORD_HASHTAG}};

/* One try; nothing is kept, nothing leaks: the sanitizer looks. */
typedef enum hf_rc (*attempt_fn)(void);

static enum hf_rc draft_check(void)
{
	hf_auto_draft_words struct hf_draft_words *words = NULL;
	hf_auto_draft_marks struct hf_draft_marks marks = {0};
	struct hf_register reg = {.words = LIST, .n_words = 2};
	enum hf_rc rc = hf_draft_words_new(&reg, LIST + 2, 2, &words, NULL);
	cr_expect_eq(words != NULL, rc == HF_OK, "untouched unless HF_OK");
	if (rc == HF_OK)
		rc = hf_draft_check(words, DRAFT, sizeof(DRAFT) - 1, &marks, NULL);
	cr_expect_eq(marks.n, rc == HF_OK ? 7 : 0, "D10: all marks or none: %zu", marks.n);
	return rc;
}

static enum hf_rc plain(void)
{
	hf_auto_free char *text = NULL;
	enum hf_rc rc = hf_instructions_plain("# Read\n\n*this*", &text, NULL);
	cr_expect_eq(text != NULL, rc == HF_OK, "untouched unless HF_OK");
	return rc;
}

static void survive(const char *what, attempt_fn attempt)
{
	for (size_t n = 1; n < ALLOCATIONS_MAX; n++) {
		oom_arm(n);
		enum hf_rc rc = attempt();
		if (!oom_disarm(NULL)) {
			cr_expect_eq(rc, HF_OK, "%s: with all memory it gives %s", what, hf_rc_name(rc));
			cr_expect_gt(n, 1, "%s: it allocates", what);
			return;
		}
		cr_expect(rc == HF_OK || rc == HF_E_MEMORY, "%s: allocation %zu fails and it says %s", what, n,
			  hf_rc_name(rc));
	}
	cr_assert_fail("%s: it never ends", what);
}

Test(oom_draft, each_allocation)
{
	cr_assert(oom_hooked(), "the hooks came too late");
	survive("draft check", draft_check);
	survive("instructions", plain);
}

/* One that failed would be one that does not fit: a text would no longer be the one that a window was opened for. */
Test(oom_draft, a_digest_asks_for_no_memory_D9_3)
{
	struct hf_digest value;
	enum hf_rc rc;

	cr_assert(oom_hooked(), "the hooks came too late");
	oom_arm_from(1);
	rc = hf_instructions_digest("Nothing party political.", &value);
	cr_expect_not(oom_disarm(NULL));
	cr_expect_eq(rc, HF_OK);
}
