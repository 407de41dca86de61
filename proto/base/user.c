/* SPDX-License-Identifier: MIT */
/*
 * Owns the order in which users have their turns.
 * Must never let one of them have two while another waits.
 */
#include <holdfast/user.h>

bool hf_user_before(hf_user last, hf_user a, hf_user b)
{
	bool a_wraps = a <= last, b_wraps = b <= last;

	return a_wraps == b_wraps ? a < b : b_wraps;
}
