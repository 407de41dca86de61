/* SPDX-License-Identifier: MIT */
/*
 * Owns the questions of a window while they are with the agent.
 * Must never let a window stand still because the agent does.
 */
#include "agent/window/asking.h"

#include <gio/gio.h>

#include <holdfast/json.h>

struct asked {
	char *path;
	struct hf_question question;
	hf_desk_answer_fn answer;
	void *arg;
};

static void asked_free(gpointer data)
{
	struct asked *asked = data;

	g_free(asked->path);
	g_free(asked);
}

static void json_free(gpointer data)
{
	json_decref(data);
}

static void in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancel)
{
	const struct asked *asked = data;
	json_t *answer = NULL;
	struct hf_err err = {""};
	enum hf_rc rc = hf_people_ask(asked->path, &asked->question, &answer, &err);

	(void)source, (void)cancel;
	if (rc == HF_OK)
		g_task_return_pointer(task, answer, json_free);
	else
		g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", err.text);
}

static void on_answer(GObject *source, GAsyncResult *result, gpointer data)
{
	const struct asked *asked = g_task_get_task_data(G_TASK(result));
	g_autoptr(GError) error = NULL;
	hf_auto_json json_t *answer = g_task_propagate_pointer(G_TASK(result), &error);

	(void)source, (void)data;
	asked->answer(asked->arg, answer, error ? error->message : "");
}

void hf_desk_ask(const char *path, const struct hf_question *question, hf_desk_answer_fn answer, void *arg)
{
	struct asked *asked = g_new0(struct asked, 1);
	g_autoptr(GTask) task = g_task_new(NULL, NULL, on_answer, NULL);

	*asked = (struct asked){g_strdup(path), *question, answer, arg};
	g_task_set_task_data(task, asked, asked_free);
	g_task_run_in_thread(task, in_thread);
}
