/* SPDX-License-Identifier: MIT */
/*
 * setup_steps.h - what makes a machine a council's server, as a list of steps: a value, which another file carries out
 */
#ifndef HOLDFAST_CLI_SETUP_STEPS_H
#define HOLDFAST_CLI_SETUP_STEPS_H

#include <sys/types.h>

#include "controller/cli/cli.h"

#define HF_SETUP_PATH_SIZE 512 /* of paths that are fixed but for the ceremony's folder and an id */
#define HF_SETUP_LOGINS_MAX 64 /* officers with a login on the server; as many as HF_LIST_MAX names at once */
#define HF_SETUP_HOME "~"	/* a path that begins so lies in its owner's home */

/* What is done. A file that somebody may have changed since is made once, and left as it is. */
enum hf_setup_deed {
	HF_SETUP_FOLDER,   /* a folder of this owner and mode */
	HF_SETUP_SHIPPED,  /* a file of the packages: written anew when it is another one */
	HF_SETUP_MADE,	   /* a file of this council: copied when there is none */
	HF_SETUP_SETTINGS, /* the controller's settings, as hf_setup_settings: made when there are none */
	HF_SETUP_LOGIN,	   /* a user of this machine, and in the group */
};

/* The parts of a server, in the order in which they are made. */
enum hf_setup_part { HF_SETUP_BROKER, HF_SETUP_COUNCIL, HF_SETUP_CONTROLLER, HF_SETUP_OFFICERS };

struct hf_setup_step {
	enum hf_setup_part part;
	enum hf_setup_deed deed;
	char path[HF_SETUP_PATH_SIZE]; /* of a login its name */
	char from[HF_SETUP_PATH_SIZE]; /* the file whose bytes it has; "" none */
	const char *owner, *group;     /* group "": the owner's own */
	mode_t mode;
};

/* An officer who has a login on the server. */
struct hf_setup_login {
	const char *person;
	const char *login;
};

/* What the server is to be. */
struct hf_setup_wish {
	const char *ceremony; /* the folder that `council init` made */
	size_t parts;	      /* of the register */
	const struct hf_setup_login *logins;
	size_t n_logins;
};

/* Steps, in their order. */
struct hf_setup_steps {
	struct hf_setup_step *v;
	size_t n;
};

#define hf_auto_setup_steps __attribute__((cleanup(hf_setup_steps_done)))
void hf_setup_steps_done(struct hf_setup_steps *steps);

/*
 * hf_setup_steps_plan - all that makes a machine this council's server, but for its services
 *
 * @ret      zeroed before; to hf_setup_steps_done, also after a failure
 * Owner     owner and group of a step are borrowed from wish
 * Returns   HF_OK; HF_E_SIZE a path is too long; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_setup_steps_plan(const struct hf_setup_wish *wish, struct hf_setup_steps *ret,
					    struct hf_err *err);

/*
 * hf_setup_settings - the controller's settings: those of the package with this id, and the socket opened to officers
 *
 * @shipped  the text of the package's file
 * @ret      malloc'ed; the caller's; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_SHAPE it names no controller; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_setup_settings(const char *shipped, const char *controller, char **ret, struct hf_err *err);

/*
 * hf_setup_part_name - "the broker", for people
 */
const char *hf_setup_part_name(enum hf_setup_part part);

#endif
