/* SPDX-License-Identifier: MIT */
/*
 * release_person.h - `holdfast release --person`: the end of all that one person alone has raised
 */
#ifndef HOLDFAST_CLI_RELEASE_PERSON_H
#define HOLDFAST_CLI_RELEASE_PERSON_H

#include "controller/cli/send.h"

/* What the officer said. */
struct hf_person_wish {
	const char *person;
	const char *before;	     /* NULL: now */
	const char *kind;	     /* NULL: the one that there is */
	const char *reason, *message;
	bool another; /* also when a release of it waits for approval */
};

/*
 * hf_release_person - write, show, sign and send it
 *
 * @officer  its view is opened
 * Returns   HF_OK; HF_E_ABSENT nobody of that name, or nothing to end; HF_E_USAGE; HF_E_PENDING one waits already; as hf_send
 * Source    proto/README.md "Shares"
 */
HF_NODISCARD enum hf_rc hf_release_person(struct hf_officer *officer, const struct hf_person_wish *wish,
					  struct hf_err *err);

#endif
