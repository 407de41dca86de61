/* SPDX-License-Identifier: MIT */
/*
 * doctor.h - what both doctors look at, the server's and the device's: certificates, files, the broker
 *
 * What is seen is a value; what is found follows from it and from the time alone.
 */
#ifndef HOLDFAST_DOCTOR_H
#define HOLDFAST_DOCTOR_H

#include <holdfast/findings.h>
#include <holdfast/time.h>
#include <holdfast/user.h>

/* Could it be looked at, and is it so. */
enum hf_seen { HF_SEEN_NOT, HF_SEEN_YES, HF_SEEN_NO };

/* A file that is to be there. */
struct hf_file_seen {
	const char *path;
	enum hf_rc rc;	   /* HF_OK as it should be; HF_E_ROLE it may not be looked at by this user */
	struct hf_err why; /* unless HF_OK */
};

/* A certificate, and until when it is good. */
struct hf_certificate_seen {
	struct hf_file_seen file;
	struct hf_wall from, until;
};

/* How far somebody came who tried to speak to the broker. */
enum hf_tried { HF_TRIED_NOT, HF_TRIED_UNREACHED, HF_TRIED_REFUSED, HF_TRIED_LET_IN };

/* The broker, as others see it. */
struct hf_broker_seen {
	const char *host;
	int port;
	enum hf_tried plain;	  /* without TLS */
	enum hf_tried nobody;	  /* with TLS, without a certificate */
	enum hf_tried own;	  /* with TLS and the certificate at hand, its name verified */
	enum hf_tried other_name; /* the same, whatever its name is; tried when `own` was refused */
	enum hf_seen for_others;  /* takes what one says in the name of another */
	enum hf_seen hears_all;	  /* who asks for everything hears what is not theirs */
	char why[160];		  /* what was said when `own` was not let in */
};

/* Who tries to speak to the broker, and what is tried. */
struct hf_broker_try {
	const char *host;
	int port;
	const char *ca;		 /* NULL: in the clear */
	const char *cert, *key;	 /* NULL: none */
	const char *name;	 /* of the certificate, as it stands in topics: "c1", "d1" */
	bool any_name;		 /* of the broker */
	bool for_controller;	 /* the topics that a controller may use; else those of a device */
};

/*
 * hf_doctor_file - look at a file that only these may own, and that nobody else may have these permissions of
 *
 * As hf_fs_guarded, but that it says HF_E_ROLE where this user may not look.
 * @denied   permission bits that it must not have
 * Returns   what was seen; path is borrowed
 * Source    stat(2)
 */
struct hf_file_seen hf_doctor_file(const char *path, const hf_user *user, unsigned denied);

/*
 * hf_doctor_certificate - look at a certificate
 *
 * Returns   what was seen; path is borrowed
 * Source    RFC 5280 section 4.1.2.5
 */
struct hf_certificate_seen hf_doctor_certificate(const char *path);

/*
 * hf_doctor_try - try to speak to the broker, within a few seconds; nothing is said that anybody hears
 *
 * Topics are those of a council that does not exist.
 * @ret_others, @ret_all  filled when it was let in; may be NULL
 * @why      what was said when it was not let in; may be NULL
 * Returns   how far it came
 * Source    proto/README.md "Bus"
 */
enum hf_tried hf_doctor_try(const struct hf_broker_try *try, enum hf_seen *ret_others, enum hf_seen *ret_all,
			    char why[160]);

/*
 * hf_doctor_broker - all of the tries, one after the other
 *
 * @who      host, port, ca, certificate; without a certificate that can be read only the strangers' tries are made
 * Returns   what was seen; host is borrowed
 * Source    proto/README.md "Bus"
 */
struct hf_broker_seen hf_doctor_broker(const struct hf_broker_try *who);

/*
 * hf_find_file, hf_find_certificate, hf_find_broker - what is wrong about what was seen
 *
 * A certificate is spoken of 90 days before it ends, gravely in the last 7.
 * @what     a word for programs
 * @renew    how another one comes to be, a whole sentence, in the language of the reader
 * @now      by this machine's clock
 * Source    proto/README.md "Bus"
 */
void hf_find_file(struct hf_findings *findings, const char *what, const struct hf_file_seen *seen);
void hf_find_certificate(struct hf_findings *findings, const char *renew, const struct hf_certificate_seen *seen,
			 struct hf_wall now);
void hf_find_broker(struct hf_findings *findings, const struct hf_broker_seen *seen);

#endif
