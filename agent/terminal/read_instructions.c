/* SPDX-License-Identifier: MIT */
/*
 * Owns the commands by which a person opens instructions and acknowledges them.
 * Must never acknowledge what was not confirmed, nor show anything but plain text.
 */
#include "agent/terminal/read_instructions.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/instructions.h>
#include <holdfast/json.h>
#include <holdfast/text.h>

#include "agent/talk/answer.h"
#include "agent/talk/people.h"
#include "agent/terminal/out.h"
#include "agent/terminal/words.h"

static enum hf_rc ask_for(const char *socket, const char *prefix, bool reads, json_t **ret_answer, struct hf_err *err)
{
	struct hf_question question = {.ask = HF_ASK_INSTRUCTIONS, .reads = reads};

	if (prefix && hf_str_copy(question.lockdown, sizeof(question.lockdown), prefix) != HF_OK)
		return hf_err_set(err, HF_E_USAGE, "'%.80s' is too long for the id of a lockdown", prefix);
	return hf_people_ask(socket, &question, ret_answer, err);
}

static enum hf_rc put_json(json_t *answer, struct hf_err *err)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(answer, "readings"), i, row)
	{
		hf_auto_free char *plain = NULL;
		enum hf_rc rc = hf_instructions_plain(hf_said_text(row, "instructions"), &plain, err);

		if (rc == HF_OK && json_object_set_new(row, "plain", json_string(plain)) != 0)
			rc = hf_err_set(err, HF_E_MEMORY, "no memory to show the instructions");
		if (rc != HF_OK)
			return rc;
	}
	return hf_out_json(answer, err);
}

static enum hf_rc put_readings(const json_t *answer, struct hf_err *err)
{
	const char *person = json_string_value(json_object_get(answer, "person"));
	const json_t *list = json_object_get(answer, "readings");
	enum hf_rc rc = HF_OK;
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row)
	{
		if (rc == HF_OK && i > 0)
			putchar('\n');
		if (rc == HF_OK)
			rc = hf_words_reading(row, person, stdout, err);
	}
	if (json_array_size(list) == 0)
		puts(hf_text("There are no instructions: nothing that has any is in force or planned on this device."));
	return rc == HF_OK ? hf_out_flushed(err) : rc;
}

enum hf_rc hf_read_instructions(const char *socket, const char *prefix, bool json, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	enum hf_rc rc = ask_for(socket, prefix, !json, &answer, err);

	if (rc != HF_OK)
		return rc;
	return json ? put_json(answer, err) : put_readings(answer, err);
}

/* On a terminal a person has the text before their eyes when they type the word. */
static enum hf_rc type_the_word(const json_t *reading, const char *person, struct hf_err *err)
{
	char word[16];
	enum hf_rc rc = hf_words_reading(reading, person, stdout, err);

	if (rc != HF_OK)
		return rc;
	printf(hf_text("\nType ack if you have read these instructions and will keep to them: "));
	rc = hf_out_flushed(err);
	if (rc != HF_OK)
		return rc;
	if (fgets(word, sizeof(word), stdin) && (strcmp(word, "ack\n") == 0 || strcmp(word, "yes\n") == 0))
		return HF_OK;
	return hf_err_set(err, HF_E_USAGE, "not acknowledged: nothing was changed");
}

static enum hf_rc acknowledge_one(const char *socket, const json_t *reading, struct hf_err *err)
{
	struct hf_question question = {.ask = HF_ASK_ACKNOWLEDGE};
	const char *id = json_string_value(json_object_get(reading, "lockdown"));
	const char *text = json_string_value(json_object_get(reading, "text"));
	const char *mode = json_string_value(json_object_get(reading, "mode"));
	hf_auto_json json_t *answer = NULL;
	enum hf_rc rc;

	if (!id || !text || !mode || hf_str_copy(question.lockdown, sizeof(question.lockdown), id) != HF_OK ||
	    hf_str_copy(question.text, sizeof(question.text), text) != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "the agent's answer makes no sense: restart holdfast-agent");
	rc = hf_people_ask(socket, &question, &answer, err);
	if (rc != HF_OK)
		return rc;
	printf(hf_text("%s%s the instructions of the pre-election period (purdah) %.8s.\n"),
	       hf_said_exercise(reading) ? hf_text("EXERCISE: ") : "",
	       hf_said_true(answer, "already") ? hf_text("You had already acknowledged")
					       : hf_text("You have acknowledged"),
	       id);
	return hf_out_flushed(err);
}

/* What is to be acknowledged: all that is asked for; of a lockdown that was named, also what is not asked for. */
static bool wanted(const json_t *reading, const char *prefix)
{
	if (!hf_said_is(reading, "kind", "purdah") || hf_said_time(reading, "acknowledged").s > 0)
		return false;
	return prefix || hf_said_true(reading, "asked");
}

static void put_nothing(const json_t *answer)
{
	size_t i, n_done = 0;
	json_t *row;

	json_array_foreach(json_object_get(answer, "readings"), i, row)
	{
		n_done += hf_said_time(row, "acknowledged").s > 0;
	}
	if (n_done > 0)
		puts(hf_text(
			"You have already acknowledged all instructions that are in force or planned here: there is "
			"nothing to do."));
	else
		puts(hf_text("There is nothing to acknowledge: no pre-election period (purdah) that bears on you is in "
			     "force or planned on this device."));
}

/* So that the person sees at once what they can do now. */
static enum hf_rc put_headline(const char *socket, struct hf_err *err)
{
	const struct hf_question question = {.ask = HF_ASK_STATUS};
	hf_auto_json json_t *view = NULL;
	enum hf_rc rc = hf_people_ask(socket, &question, &view, err);

	if (rc != HF_OK)
		return rc;
	hf_words_headline(view, stdout);
	return hf_out_flushed(err);
}

static enum hf_rc acknowledge_all(const char *socket, const json_t *answer, const char *prefix, bool yes,
				  struct hf_err *err)
{
	const char *person = json_string_value(json_object_get(answer, "person"));
	enum hf_rc rc = HF_OK;
	size_t i, n = 0;
	json_t *row;

	json_array_foreach(json_object_get(answer, "readings"), i, row)
	{
		if (rc != HF_OK || !wanted(row, prefix))
			continue;
		n++;
		if (!yes)
			rc = type_the_word(row, person, err);
		if (rc == HF_OK)
			rc = acknowledge_one(socket, row, err);
	}
	if (rc == HF_OK && n == 0)
		put_nothing(answer);
	return rc == HF_OK ? put_headline(socket, err) : rc;
}

enum hf_rc hf_read_acknowledge(const char *socket, const char *prefix, bool yes, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	enum hf_rc rc;

	if (!yes && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return hf_err_set(err, HF_E_USAGE,
				  "there is no terminal to show the instructions on: read them with `holdfast-agent "
				  "instructions`, then say `holdfast-agent acknowledge --yes`");
	rc = ask_for(socket, prefix, !yes, &answer, err);
	if (rc != HF_OK)
		return rc;
	if (!json_string_value(json_object_get(answer, "person")))
		return hf_err_set(err, HF_E_STRANGER,
				  "you are none of the people whom the council has assigned to this device, and nobody "
				  "can acknowledge for somebody else: ask IT");
	return acknowledge_all(socket, answer, prefix, yes, err);
}
