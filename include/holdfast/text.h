/* SPDX-License-Identifier: MIT */
/*
 * text.h - sentences in the language of whoever reads them
 *
 * The English sentence is the key: it stands where it is said, marked, and deploy/text has all of them, one file a
 * program. Nothing is translated until a program has a tongue (tongue.h), and the agent that runs as root has none.
 *
 * A sentence is marked by the call that it is handed to: hf_text(), hf_text_n(), or one of the functions that take a
 * format and look it up (hf_err_set, hf_words_line, ...; the list is tests/checks/sentences.py). In a table it is
 * marked with HF_TEXT(), and looked up with hf_text() where it is shown.
 */
#ifndef HOLDFAST_TEXT_H
#define HOLDFAST_TEXT_H

#define HF_TEXT(english) english
/* What comes back is checked as a format by the compiler as what goes in. */
#define HF_TEXT_OF(argument) __attribute__((format_arg(argument)))

/* Where translations come from; both hand back the English if they have none, and neither is handed "". */
struct hf_tongue {
	const char *(*one)(const char *english);
	const char *(*some)(const char *one, const char *many, unsigned long n);
};

/*
 * hf_text_speak - from now on sentences are looked up
 *
 * @tongue   NULL: English again
 * Owner     kept, not copied: static
 */
void hf_text_speak(const struct hf_tongue *tongue);

/*
 * hf_text - a sentence, or a format, in the language of whoever reads it
 *
 * Owner     static text, or the argument
 * Returns   the English without a tongue, and for ""
 */
const char *hf_text(const char *english) HF_TEXT_OF(1);

/*
 * hf_text_n - the same of a sentence that says how many
 *
 * @one, @many   for one, and for every other number
 */
const char *hf_text_n(const char *one, const char *many, unsigned long n) HF_TEXT_OF(1) HF_TEXT_OF(2);

#endif
