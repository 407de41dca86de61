/* SPDX-License-Identifier: MIT */
/*
 * str.h - bounded strings and the memory habits of this project
 */
#ifndef HOLDFAST_STR_H
#define HOLDFAST_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/err.h>

/* An id of a council, device, person, role, group, tool or controller: [a-z0-9-]{1,64} */
#define HF_ID_MAX 64
#define HF_ID_SIZE (HF_ID_MAX + 1)

#define HF_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Frees what a pointer variable points to, when the variable goes out of scope. */
#define hf_auto_free __attribute__((cleanup(hf_free_ptr)))
void hf_free_ptr(void *address_of_pointer);

/* Hands a pointer over: the variable is NULL afterwards. */
void *hf_steal_ptr(void *address_of_pointer);

/*
 * hf_str_printf - print into a buffer of fixed size, whole or not at all
 *
 * @dst      buffer of size bytes, at least 1; "" when it fails
 * Owner     the caller's buffer
 * Returns   HF_OK; HF_E_SIZE the text would not fit
 */
HF_NODISCARD enum hf_rc hf_str_printf(char *dst, size_t size, const char *fmt, ...) HF_PRINTF(3, 4);

/*
 * hf_str_copy - copy a string into a buffer of fixed size, whole or not at all
 *
 * @dst      buffer of size bytes, at least 1; "" when it fails
 * Owner     the caller's buffer
 * Returns   HF_OK; HF_E_SIZE the text would not fit
 */
HF_NODISCARD enum hf_rc hf_str_copy(char *dst, size_t size, const char *src);

/*
 * hf_str_digits - the number that n decimal digits write
 *
 * @s        at least n characters
 * @n        1..18
 * Returns   the number; -1 if any of them is no digit
 */
int64_t hf_str_digits(const char *s, size_t n);

/*
 * hf_id_ok - is this an id of the contract, [a-z0-9-]{1,64}
 *
 * @id       may be NULL (then false)
 * Returns   true or false
 * Source    proto/README.md "Bus"
 */
bool hf_id_ok(const char *id);

/*
 * hf_account_ok - is this an account id `platform:handle`
 *
 * platform [a-z0-9-]{1,32}, handle [A-Za-z0-9._-]{1,64}
 * @account  may be NULL (then false)
 * Returns   true or false
 * Source    proto/README.md "Bytes"
 */
bool hf_account_ok(const char *account);

/*
 * hf_account_on - is this account on this platform
 *
 * @account   a well-formed account id
 * @platform  a well-formed platform id
 * Returns    true or false
 * Source     proto/README.md "Bytes"
 */
bool hf_account_on(const char *account, const char *platform);

#define HF_STR_SLIPS 2 /* so many letters wrong, missing or too many, and it was probably meant */

/*
 * hf_str_slips - how many letters must be changed, left out or put in to make one word of the other
 *
 * @b        of 63 letters at most; of more it is as far as it can be from any
 * Returns   0: they are the same
 */
size_t hf_str_slips(const char *a, const char *b);

/* A list of borrowed strings. The array belongs to the list, the strings to their document. */
struct hf_strs {
	const char **v;
	size_t n;
};

/*
 * hf_strs_has - is this string in the list
 *
 * @strs     may be empty
 * Returns   true or false
 */
bool hf_strs_has(const struct hf_strs *strs, const char *s);

/*
 * hf_strs_covers - does the list name this string or everything ("*")
 *
 * @strs     may be empty (then false)
 * Returns   true or false
 * Source    proto/README.md "Order"
 */
bool hf_strs_covers(const struct hf_strs *strs, const char *s);

#endif
