/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of /proc.
 * Must never open a file of a program, nor trust a name that a process gave itself.
 */
#include "agent/machine/procs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#define STAT_START_FIELD 22
#define ARGUMENTS_MAX 64 /* a script stands near the front */

/* Programs that run scripts, by how the name of their file begins: python3.11 is python. */
static const char *const INTERPRETERS[] = {"python", "perl", "ruby",  "node", "nodejs",	  "php",  "lua",     "luajit",
					   "bash",   "dash", "sh",    "zsh",  "ksh",	  "fish", "busybox", "java",
					   "mono",   "gjs",  "tclsh", "wish", "electron", "pypy", "deno"};

/* Options after which the text of the script itself, or a module's name, follows. */
static const char *const NO_SCRIPT[] = {"-c", "-e", "-m"};

enum hf_rc hf_proc_start_parse(const char *stat, uint64_t *ret_start)
{
	const char *at = strrchr(stat, ')');
	if (!at)
		return HF_E_SHAPE;
	for (int field = 2; field < STAT_START_FIELD; field++) {
		at = strchr(at, ' ');
		if (!at)
			return HF_E_SHAPE;
		at++;
	}
	char *end;
	errno = 0;
	unsigned long long start = strtoull(at, &end, 10);
	if (errno != 0 || end == at)
		return HF_E_SHAPE;
	*ret_start = start;
	return HF_OK;
}

enum hf_rc hf_proc_ids_parse(const char *status, uid_t ret_ids[4])
{
	unsigned int ids[4];
	const char *line = strstr(status, "\nUid:\t");
	if (!line || sscanf(line, "\nUid:\t%u\t%u\t%u\t%u\n", &ids[0], &ids[1], &ids[2], &ids[3]) != 4)
		return HF_E_SHAPE;
	for (int i = 0; i < 4; i++)
		ret_ids[i] = ids[i];
	return HF_OK;
}

enum hf_rc hf_proc_cgroup_parse(const char *text, char *ret_path, size_t size)
{
	const char *line = text;
	while (line && strncmp(line, "0::/", 4) != 0) {
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	if (!line)
		return HF_E_ABSENT;
	const char *path = line + 3;
	size_t len = strcspn(path, "\n");
	if (len >= size)
		return HF_E_SIZE;
	memcpy(ret_path, path, len);
	ret_path[len] = '\0';
	return HF_OK;
}

/* mountinfo writes space, tab, newline and backslash as three octal digits. */
static enum hf_rc unescape(const char *src, size_t len, char *dst, size_t size)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		char c = src[i];
		if (c == '\\' && i + 3 < len) {
			c = (char)((src[i + 1] - '0') * 64 + (src[i + 2] - '0') * 8 + (src[i + 3] - '0'));
			i += 3;
		}
		if (n + 1 >= size)
			return HF_E_SIZE;
		dst[n++] = c;
	}
	dst[n] = '\0';
	return HF_OK;
}

enum hf_rc hf_cgroup2_mount_parse(const char *mountinfo, char *ret_path, size_t size)
{
	for (const char *line = mountinfo; line && *line; line = strchr(line, '\n')) {
		if (*line == '\n' && *++line == '\0')
			break;
		const char *end = line + strcspn(line, "\n");
		const char *type = strstr(line, " - cgroup2 ");
		if (!type || type > end)
			continue;
		const char *at = line;
		for (int field = 1; field < 5 && at; field++) {
			at = strchr(at, ' ');
			if (at)
				at++;
		}
		if (at && at < type)
			return unescape(at, strcspn(at, " "), ret_path, size);
	}
	return HF_E_ABSENT;
}

enum hf_rc hf_proc_text(pid_t pid, const char *what, char *buf, size_t size, size_t *ret_len)
{
	char path[64];
	if (hf_str_printf(path, sizeof(path), "/proc/%d/%s", (int)pid, what) != HF_OK)
		return HF_E_ABSENT;
	hf_auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	while (fd >= 0 && len + 1 < size) {
		ssize_t n = read(fd, buf + len, size - 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return HF_E_ABSENT;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	if (fd < 0)
		return HF_E_ABSENT;
	buf[len] = '\0';
	if (ret_len)
		*ret_len = len;
	return HF_OK;
}

enum hf_rc hf_proc_start(pid_t pid, uint64_t *ret_start)
{
	char text[1024];
	enum hf_rc rc = hf_proc_text(pid, "stat", text, sizeof(text), NULL);
	return rc == HF_OK ? hf_proc_start_parse(text, ret_start) : rc;
}

enum hf_rc hf_proc_ids(pid_t pid, uid_t ret_ids[4])
{
	char text[4096];
	enum hf_rc rc = hf_proc_text(pid, "status", text, sizeof(text), NULL);
	return rc == HF_OK ? hf_proc_ids_parse(text, ret_ids) : rc;
}

enum hf_rc hf_proc_of_thread(pid_t tid, pid_t *ret_pid)
{
	char text[4096];
	int pid;
	enum hf_rc rc = hf_proc_text(tid, "status", text, sizeof(text), NULL);
	const char *line = rc == HF_OK ? strstr(text, "\nTgid:\t") : NULL;
	if (rc == HF_OK && (!line || sscanf(line, "\nTgid:\t%d\n", &pid) != 1))
		return HF_E_SHAPE;
	if (rc == HF_OK)
		*ret_pid = (pid_t)pid;
	return rc;
}

enum hf_rc hf_proc_cgroup(pid_t pid, char *ret_path, size_t size)
{
	char text[HF_PROC_TEXT_SIZE];
	enum hf_rc rc = hf_proc_text(pid, "cgroup", text, sizeof(text), NULL);
	return rc == HF_OK ? hf_proc_cgroup_parse(text, ret_path, size) : rc;
}

enum hf_rc hf_procs_each_entry(hf_entry_fn fn, void *arg, struct hf_err *err)
{
	DIR *dir = opendir("/proc");
	if (!dir)
		return hf_err_set(err, HF_E_SYSTEM, "The list of running programs, /proc, cannot be read: %s",
				  strerror(errno));
	struct dirent *entry;
	while ((entry = readdir(dir))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);
		if (*end == '\0' && pid > 0 && pid != getpid())
			fn(arg, (pid_t)pid, entry->d_ino > 1 ? entry->d_ino : 0);
	}
	closedir(dir);
	return HF_OK;
}

struct by_number {
	hf_pid_fn fn;
	void *arg;
};

static void without_entry(void *arg, pid_t pid, uint64_t entry)
{
	const struct by_number *each = arg;
	(void)entry;
	each->fn(each->arg, pid);
}

enum hf_rc hf_procs_each(hf_pid_fn fn, void *arg, struct hf_err *err)
{
	struct by_number each = {fn, arg};
	return hf_procs_each_entry(without_entry, &each, err);
}

enum hf_rc hf_file_id(const char *path, struct hf_file_id *ret_id)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return HF_E_ABSENT;
	if (!S_ISREG(st.st_mode))
		return HF_E_TYPE;
	*ret_id = (struct hf_file_id){.dev = st.st_dev, .ino = st.st_ino};
	return HF_OK;
}

enum hf_rc hf_proc_exe(pid_t pid, char *ret_path, size_t size)
{
	char link[64];
	char path[PATH_MAX];
	if (hf_str_printf(link, sizeof(link), "/proc/%d/exe", (int)pid) != HF_OK)
		return HF_E_ABSENT;
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return HF_E_ABSENT;
	path[n] = '\0';
	return hf_str_copy(ret_path, size, path);
}

enum hf_rc hf_proc_command(pid_t pid, struct hf_command *ret)
{
	enum hf_rc rc = hf_proc_exe(pid, ret->exe, sizeof(ret->exe));
	return rc == HF_OK ? hf_proc_text(pid, "cmdline", ret->args, sizeof(ret->args), &ret->len) : rc;
}

bool hf_proc_sees(pid_t pid, const char *folder, int len, const char *name)
{
	char path[PATH_MAX];
	return hf_str_printf(path, sizeof(path), "/proc/%d/root%.*s/%s", (int)pid, len, folder, name) == HF_OK &&
	       access(path, F_OK) == 0;
}

static bool is_interpreter(const char *exe)
{
	const char *name = strrchr(exe, '/');
	name = name ? name + 1 : exe;
	for (size_t i = 0; i < HF_LEN(INTERPRETERS); i++) {
		size_t len = strlen(INTERPRETERS[i]);
		if (strncmp(name, INTERPRETERS[i], len) == 0 && !isalpha((unsigned char)name[len]))
			return true;
	}
	return false;
}

static bool ends_options(const char *argument)
{
	for (size_t i = 0; i < HF_LEN(NO_SCRIPT); i++) {
		if (strcmp(argument, NO_SCRIPT[i]) == 0)
			return true;
	}
	return false;
}

enum hf_rc hf_script_of(const struct hf_command *command, hf_resolve_fn resolve, void *arg, struct hf_file_id *ret_id)
{
	if (!is_interpreter(command->exe))
		return HF_E_ABSENT;
	size_t at = strnlen(command->args, command->len) + 1;
	for (int i = 0; i < ARGUMENTS_MAX && at < command->len; i++) {
		const char *argument = command->args + at;
		size_t size = strnlen(argument, command->len - at);
		if (at + size >= command->len || ends_options(argument))
			return HF_E_ABSENT;
		if (argument[0] != '-' && argument[0] != '\0' && resolve(arg, argument, ret_id) == HF_OK)
			return HF_OK;
		at += size + 1;
	}
	return HF_E_ABSENT;
}

static bool is_same_file(const struct hf_file_id *a, const struct hf_file_id *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

/* An argument as the process itself would find it: its own root, its own current folder. */
static enum hf_rc resolve_for(void *arg, const char *argument, struct hf_file_id *ret_id)
{
	const pid_t *pid = arg;
	char path[PATH_MAX];
	const char *form = argument[0] == '/' ? "root" : "cwd";
	if (hf_str_printf(path, sizeof(path), "/proc/%d/%s/%s", (int)*pid, form, argument) != HF_OK)
		return HF_E_ABSENT;
	return hf_file_id(path, ret_id);
}

/* The kernel adds a word to the name of a program whose file is not there any more. */
static bool cut_deleted(char *exe)
{
	const char *word = " (deleted)";
	size_t len = strlen(exe);
	if (len <= strlen(word) || strcmp(exe + len - strlen(word), word) != 0)
		return false;
	exe[len - strlen(word)] = '\0';
	return true;
}

/* One argument of Python, as its manual reads it: letters in one word, -m with what is left of it or the next one. */
enum option { OPTION_NONE, OPTION_VALUE, OPTION_MODULE, OPTION_LAST };

static enum option option_of(const char *argument, const char **ret_rest)
{
	if (argument[0] != '-' || argument[1] == '-' || argument[1] == '\0')
		return argument[0] == '-' && argument[1] == '-' ? OPTION_NONE : OPTION_LAST;
	for (const char *at = argument + 1; *at; at++) {
		*ret_rest = at + 1;
		if (*at == 'm')
			return OPTION_MODULE;
		if (*at == 'c')
			return OPTION_LAST;
		if (*at == 'W' || *at == 'X')
			return at[1] ? OPTION_NONE : OPTION_VALUE;
	}
	return OPTION_NONE;
}

static enum hf_rc copy_module(const char *from, char *ret_name, size_t size)
{
	size_t len = strcspn(from, ".");
	if (len == 0)
		return HF_E_ABSENT;
	if (len >= size)
		return HF_E_SIZE;
	memcpy(ret_name, from, len);
	ret_name[len] = '\0';
	return HF_OK;
}

/* The text ends with an end mark, so what is read of an argument ends too. */
enum hf_rc hf_module_of(const struct hf_command *command, char *ret_name, size_t size)
{
	const char *cmdline = command->args;
	size_t len = command->len;
	size_t at = strnlen(cmdline, len) + 1;
	if (!is_interpreter(command->exe) || len == 0 || cmdline[len - 1] != '\0')
		return HF_E_ABSENT;
	for (int i = 0; i < ARGUMENTS_MAX && at < len; i++) {
		const char *rest = "";
		enum option option = option_of(cmdline + at, &rest);
		at += strlen(cmdline + at) + 1;
		if (option == OPTION_LAST)
			return HF_E_ABSENT;
		if (option == OPTION_MODULE && (*rest || at < len))
			return copy_module(*rest ? rest : cmdline + at, ret_name, size);
		if (option == OPTION_VALUE && at < len)
			at += strlen(cmdline + at) + 1;
	}
	return HF_E_ABSENT;
}

enum hf_rc hf_proc_module(pid_t pid, char *ret_name, size_t size)
{
	struct hf_command command;
	enum hf_rc rc = hf_proc_command(pid, &command);
	return rc == HF_OK ? hf_module_of(&command, ret_name, size) : rc;
}

bool hf_proc_was_given(pid_t pid, const struct hf_file_id *id, const char *word)
{
	char args[HF_PROC_TEXT_SIZE];
	struct hf_file_id found;
	size_t len;
	if (hf_proc_text(pid, "cmdline", args, sizeof(args), &len) != HF_OK)
		return false;
	for (size_t at = 0; at < len; at += strlen(args + at) + 1) {
		if ((word && strcmp(args + at, word) == 0) ||
		    (args[at] && resolve_for(&pid, args + at, &found) == HF_OK && is_same_file(&found, id)))
			return true;
	}
	return false;
}

/* Each file that a process holds has a link in such a folder, by which it is found whatever its names are now. */
static enum hf_proc_found links_to_listed(pid_t pid, const char *folder, hf_listed_fn is_listed, void *arg)
{
	char path[128];
	int dir_len = snprintf(path, sizeof(path), "/proc/%d/%s/", (int)pid, folder);
	DIR *dir = opendir(path);
	struct hf_file_id last = {0, 0};
	struct dirent *entry;
	bool found = false;
	while (dir && !found && (entry = readdir(dir))) {
		struct hf_file_id id;
		if (entry->d_name[0] == '.' ||
		    hf_str_copy(path + dir_len, sizeof(path) - (size_t)dir_len, entry->d_name) != HF_OK ||
		    hf_file_id(path, &id) != HF_OK || is_same_file(&id, &last))
			continue;
		last = id;
		found = is_listed(arg, &id, NULL);
	}
	if (!dir)
		return HF_PROC_UNSEEN;
	closedir(dir);
	return found ? HF_PROC_RUNS : HF_PROC_CLEAR;
}

static bool is_that_file(void *arg, const struct hf_file_id *id, const char *gone)
{
	(void)gone;
	return is_same_file(arg, id);
}

bool hf_proc_has_open(pid_t pid, const struct hf_file_id *id)
{
	struct hf_file_id wanted = *id;
	return links_to_listed(pid, "fd", is_that_file, &wanted) == HF_PROC_RUNS;
}

static bool shows(pid_t *found, const char *tid)
{
	char link[64];
	struct hf_file_id id;
	if (hf_str_printf(link, sizeof(link), "/proc/%s/exe", tid) != HF_OK || hf_file_id(link, &id) != HF_OK)
		return false;
	*found = (pid_t)strtol(tid, NULL, 10);
	return true;
}

/* The folder of its threads has a link for each, and two more. */
pid_t hf_proc_shown_by(pid_t pid)
{
	char path[64], word[32];
	struct stat st;
	pid_t found = pid;
	if (hf_str_printf(word, sizeof(word), "%d", (int)pid) != HF_OK || shows(&found, word) ||
	    hf_str_printf(path, sizeof(path), "/proc/%d/task", (int)pid) != HF_OK || stat(path, &st) != 0 ||
	    st.st_nlink < 2 + 2)
		return pid;
	DIR *dir = opendir(path);
	struct dirent *entry;
	while (dir && found == pid && (entry = readdir(dir)))
		(void)(entry->d_name[0] != '.' && shows(&found, entry->d_name));
	if (dir)
		closedir(dir);
	return found;
}

/* The kernel says so also of one that has no program: such a one shows no command line either. */
static bool is_hidden(pid_t pid)
{
	char args[2], link[64], path[2];
	size_t len = 0;
	return hf_str_printf(link, sizeof(link), "/proc/%d/exe", (int)pid) == HF_OK &&
	       readlink(link, path, sizeof(path)) < 0 && errno == EACCES &&
	       hf_proc_text(pid, "cmdline", args, sizeof(args), &len) == HF_OK && len > 0;
}

enum hf_proc_found hf_proc_runs(pid_t pid, hf_listed_fn is_listed, void *arg)
{
	char link[64];
	struct hf_command command;
	struct hf_file_id id;
	if (hf_str_printf(link, sizeof(link), "/proc/%d/exe", (int)pid) != HF_OK || hf_file_id(link, &id) != HF_OK ||
	    hf_proc_exe(pid, command.exe, sizeof(command.exe)) != HF_OK)
		return is_hidden(pid) ? HF_PROC_HIDDEN : HF_PROC_UNSEEN;
	bool gone = cut_deleted(command.exe);
	if (is_listed(arg, &id, gone ? command.exe : NULL))
		return HF_PROC_RUNS;
	if (hf_proc_text(pid, "cmdline", command.args, sizeof(command.args), &command.len) != HF_OK)
		return HF_PROC_UNSEEN;
	if (hf_script_of(&command, resolve_for, &pid, &id) == HF_OK && is_listed(arg, &id, NULL))
		return HF_PROC_RUNS;
	return links_to_listed(pid, "map_files", is_listed, arg);
}
