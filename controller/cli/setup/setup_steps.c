/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of what makes a machine a council's server.
 * Must never touch the machine, nor take along what is to leave it: the key of a root, or of the CA.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/paths.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/setup/setup_steps.h"

#define BROKER HF_ETC "/broker"
#define COUNCIL HF_ETC "/council"
#define KEYS HF_ETC "/controller"
#define DATA "/usr/share/holdfast"
#define DROP_IN "/etc/systemd/system/mosquitto.service.d"
#define OFFICERS "holdfast-officers"
#define ID_SETTING "\ncontroller.id = "
#define GROUP_SETTING "socket.group = " OFFICERS "\n"

/* Where a file comes from: a path beginning with / is the package's, any other lies in the ceremony's folder. */
/* clang-format off */
static const struct hf_setup_step STEPS[] = {
	{ HF_SETUP_BROKER, HF_SETUP_FOLDER, BROKER, "", "root", "root", 0755 },
	{ HF_SETUP_BROKER, HF_SETUP_MADE, BROKER "/ca.crt", "broker/ca.crt", "mosquitto", "mosquitto", 0444 },
	{ HF_SETUP_BROKER, HF_SETUP_MADE, BROKER "/server.crt", "broker/server.crt", "mosquitto", "mosquitto", 0444 },
	{ HF_SETUP_BROKER, HF_SETUP_MADE, BROKER "/server.key", "broker/server.key", "mosquitto", "mosquitto", 0400 },
	{ HF_SETUP_BROKER, HF_SETUP_SHIPPED, BROKER "/acl", DATA "/acl", "mosquitto", "mosquitto", 0600 },
	{ HF_SETUP_BROKER, HF_SETUP_SHIPPED, "/etc/mosquitto/mosquitto.conf", DATA "/mosquitto.conf", "root", "root", 0644 },
	{ HF_SETUP_BROKER, HF_SETUP_FOLDER, DROP_IN, "", "root", "root", 0755 },
	{ HF_SETUP_BROKER, HF_SETUP_SHIPPED, DROP_IN "/holdfast.conf", DATA "/mosquitto.service.d/holdfast.conf", "root", "root", 0644 },
	{ HF_SETUP_COUNCIL, HF_SETUP_FOLDER, COUNCIL, "", "holdfast", OFFICERS, 0750 },
	{ HF_SETUP_COUNCIL, HF_SETUP_FOLDER, COUNCIL "/trust", "", "holdfast", OFFICERS, 0750 },
	{ HF_SETUP_COUNCIL, HF_SETUP_FOLDER, COUNCIL "/assignments", "", "holdfast", OFFICERS, 0750 },
	{ HF_SETUP_COUNCIL, HF_SETUP_MADE, COUNCIL "/trust/1.json", "trust/1.json", "holdfast", OFFICERS, 0640 },
	{ HF_SETUP_COUNCIL, HF_SETUP_MADE, COUNCIL "/register.json", "register.json", "holdfast", OFFICERS, 0640 },
	{ HF_SETUP_CONTROLLER, HF_SETUP_FOLDER, KEYS, "", "holdfast", "holdfast", 0700 },
	{ HF_SETUP_CONTROLLER, HF_SETUP_MADE, KEYS "/key.pem", "controller/key.pem", "holdfast", "holdfast", 0400 },
	{ HF_SETUP_CONTROLLER, HF_SETUP_MADE, KEYS "/tls.crt", "controller/tls.crt", "holdfast", "holdfast", 0400 },
	{ HF_SETUP_CONTROLLER, HF_SETUP_MADE, KEYS "/tls.key", "controller/tls.key", "holdfast", "holdfast", 0400 },
	{ HF_SETUP_CONTROLLER, HF_SETUP_SETTINGS, HF_CONTROLLER_CONF, DATA "/controller.conf", "root", "root", 0644 },
	{ HF_SETUP_OFFICERS, HF_SETUP_MADE, "/etc/profile.d/holdfast.sh", DATA "/profile.sh", "root", "root", 0644 },
};
/* clang-format on */

void hf_setup_steps_done(struct hf_setup_steps *steps)
{
	free(steps->v);
	*steps = (struct hf_setup_steps){0};
}

const char *hf_setup_part_name(enum hf_setup_part part)
{
	static const char *const NAMES[] = {
		[HF_SETUP_BROKER] = HF_TEXT("the broker"),
		[HF_SETUP_COUNCIL] = HF_TEXT("the council's folder"),
		[HF_SETUP_CONTROLLER] = HF_TEXT("the controller"),
		[HF_SETUP_OFFICERS] = HF_TEXT("the officers"),
	};

	return hf_text(NAMES[part]);
}

static enum hf_rc add_step(const struct hf_setup_wish *wish, const struct hf_setup_step *step,
			   struct hf_setup_steps *steps, struct hf_err *err)
{
	struct hf_setup_step *last = &steps->v[steps->n];
	enum hf_rc rc = HF_OK;

	*last = *step;
	if (step->from[0] && step->from[0] != '/')
		rc = hf_str_printf(last->from, sizeof(last->from), "%s/%s", wish->ceremony, step->from);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The path %.80s... is too long.", wish->ceremony);
	steps->n++;
	return HF_OK;
}

static enum hf_rc add_part(const struct hf_setup_wish *wish, size_t part, struct hf_setup_steps *steps,
			   struct hf_err *err)
{
	struct hf_setup_step step = {HF_SETUP_COUNCIL, HF_SETUP_MADE, "", "", "holdfast", OFFICERS, 0640};
	enum hf_rc rc = hf_str_printf(step.path, sizeof(step.path), COUNCIL "/register-%zu.json", part);

	if (rc == HF_OK)
		rc = hf_str_printf(step.from, sizeof(step.from), "register-%zu.json", part);
	return rc == HF_OK ? add_step(wish, &step, steps, err) : hf_err_set(err, rc, "The register has too many parts.");
}

/* The login first: what follows lies in its home, and is its own. */
static enum hf_rc add_login(const struct hf_setup_wish *wish, const struct hf_setup_login *login,
			    struct hf_setup_steps *steps, struct hf_err *err)
{
	struct hf_setup_step user = {HF_SETUP_OFFICERS, HF_SETUP_LOGIN, "", "", login->login, OFFICERS, 0};
	struct hf_setup_step folder = {HF_SETUP_OFFICERS, HF_SETUP_FOLDER, "", "", login->login, "", 0700};
	struct hf_setup_step key = {HF_SETUP_OFFICERS, HF_SETUP_MADE, "", "", login->login, "", 0600};
	enum hf_rc rc = hf_str_copy(user.path, sizeof(user.path), login->login);

	if (rc == HF_OK)
		rc = hf_str_printf(folder.path, sizeof(folder.path), HF_SETUP_HOME "/.holdfast");
	if (rc == HF_OK)
		rc = hf_str_printf(key.path, sizeof(key.path), HF_SETUP_HOME "/.holdfast/key.pem");
	if (rc == HF_OK)
		rc = hf_str_printf(key.from, sizeof(key.from), "people/%s.pem", login->person);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The login %s is too long.", login->login);
	rc = add_step(wish, &user, steps, err);
	if (rc == HF_OK)
		rc = add_step(wish, &folder, steps, err);
	return rc == HF_OK ? add_step(wish, &key, steps, err) : rc;
}

enum hf_rc hf_setup_steps_plan(const struct hf_setup_wish *wish, struct hf_setup_steps *ret, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	ret->v = calloc(HF_LEN(STEPS) + wish->parts + 3 * wish->n_logins, sizeof(*ret->v));
	if (!ret->v)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	for (size_t i = 0; rc == HF_OK && i < HF_LEN(STEPS); i++)
		rc = add_step(wish, &STEPS[i], ret, err);
	for (size_t part = 2; rc == HF_OK && part <= wish->parts; part++)
		rc = add_part(wish, part, ret, err);
	for (size_t i = 0; rc == HF_OK && i < wish->n_logins; i++)
		rc = add_login(wish, &wish->logins[i], ret, err);
	return rc;
}

enum hf_rc hf_setup_settings(const char *shipped, const char *controller, char **ret, struct hf_err *err)
{
	const char *id = strstr(shipped, ID_SETTING), *rest = id ? strchr(id + 1, '\n') : NULL;
	size_t size = strlen(shipped) + sizeof(ID_SETTING) + strlen(controller) + sizeof(GROUP_SETTING);
	char *text;

	if (!rest)
		return hf_err_set(err, HF_E_SHAPE, "The package's settings of the controller name no controller: install the "
						   "package holdfast-controller anew.");
	text = malloc(size);
	if (!text)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (hf_str_printf(text, size, "%.*s" ID_SETTING "%s%s" GROUP_SETTING, (int)(id - shipped), shipped, controller,
			  rest) != HF_OK) {
		free(text);
		return hf_err_set(err, HF_E_SIZE, "The id of the controller is too long.");
	}
	*ret = text;
	return HF_OK;
}
