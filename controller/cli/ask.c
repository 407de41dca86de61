/* SPDX-License-Identifier: MIT */
/*
 * Owns passphrases and confirmations, from the terminal itself or from a file descriptor.
 * Must never echo, log or keep a passphrase, nor take one as an argument.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"

#define KEY_FILE_MAX 16384 /* an encrypted Ed25519 key is about 500 bytes */
#define PASSPHRASE_TRIES 3
#define CTRL_C 3
#define CTRL_D 4
#define BACKSPACE 8
#define CTRL_U 21
#define DELETE 127

/* What ends a program that waits for keys. */
static const int ENDINGS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

void hf_secret_wipe(struct hf_secret *secret)
{
	OPENSSL_cleanse(secret, sizeof(*secret));
}

/* What an interrupt says: whoever looks away at that moment must know whether the lockdown stands. */
static const char *const COME[] = {
	[HF_COME_NOWHERE] = HF_TEXT("\nholdfast: Interrupted: nothing was signed.\n"),
	[HF_COME_SIGNED] = HF_TEXT("\nholdfast: Interrupted after it was signed: `holdfast status` and `holdfast drafts` say "
				   "whether it was taken.\n"),
	[HF_COME_TAKEN] = HF_TEXT("\nholdfast: Interrupted: what you signed was taken, and stands; `holdfast status --watch` "
				  "goes on showing it.\n"),
};

static volatile sig_atomic_t come;
static const char *volatile interrupted = ""; /* found before: a handler must not look for it */

static void on_interrupt(int signal)
{
	const char *said = interrupted;

	(void)signal;
	(void)!write(STDERR_FILENO, said, strlen(said));
	_exit(come == HF_COME_TAKEN ? EXIT_SUCCESS : EXIT_FAILURE);
}

void hf_ask_interrupts(enum hf_come so_far)
{
	const struct sigaction action = {.sa_handler = so_far == HF_COME_LOOKING ? SIG_DFL : on_interrupt};

	if (so_far != HF_COME_LOOKING) {
		interrupted = hf_text(COME[so_far]);
		come = (sig_atomic_t)so_far;
	}
	(void)sigaction(SIGINT, &action, NULL);
}

static int read_byte(int fd, char *ret_c)
{
	for (;;) {
		ssize_t n = read(fd, ret_c, 1);

		if (n >= 0 || errno != EINTR)
			return (int)n;
	}
}

/* Byte by byte: what follows the line stays for the next one who reads. */
static enum hf_rc line_of_fd(int fd, struct hf_secret *line, struct hf_err *err)
{
	size_t len = 0;
	char c = 0;
	int n;

	while ((n = read_byte(fd, &c)) == 1 && c != '\n') {
		if (len + 1 == sizeof(line->text))
			return hf_err_set(err, HF_E_SIZE, "The passphrase is longer than %d bytes.",
					  HF_PASSPHRASE_MAX - 1);
		line->text[len++] = c;
	}
	if (n < 0)
		return hf_err_set(err, HF_E_SYSTEM, "File descriptor %d cannot be read: %s.", fd, strerror(errno));
	line->text[len] = '\0';
	return HF_OK;
}

static enum hf_rc open_terminal(int *ret_fd, struct hf_err *err, const char *instead)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return hf_err_set(err, HF_E_USAGE, "There is no terminal to ask on: give %s.", instead);
	*ret_fd = fd;
	return HF_OK;
}

static void write_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
}

/* false: interrupted, or the terminal has gone. */
static bool take_keys(int fd, struct hf_secret *line)
{
	size_t len = 0;
	char c = 0;

	while (read_byte(fd, &c) == 1) {
		if (c == CTRL_C)
			return false;
		if (c == '\n' || c == '\r' || c == CTRL_D) {
			line->text[len] = '\0';
			return true;
		}
		if (c == CTRL_U)
			len = 0;
		else if ((c == BACKSPACE || c == DELETE) && len > 0)
			len--;
		else if (c != BACKSPACE && c != DELETE && len + 1 < sizeof(line->text))
			line->text[len++] = c;
	}
	return false;
}

/* The terminal while keys are not shown. A handler reads it: written while none of ENDINGS has a handler of ours. */
static struct {
	struct termios before;
	int fd;
	struct sigaction then[HF_LEN(ENDINGS)];
} quiet_terminal;

/* It ends as it would have, once keys are shown again; a shell after it would be typed into blindly. */
static void on_ending_in_quiet(int signal)
{
	int kept = errno;

	(void)tcsetattr(quiet_terminal.fd, TCSANOW, &quiet_terminal.before);
	for (size_t i = 0; i < HF_LEN(ENDINGS); i++)
		(void)sigaction(ENDINGS[i], &quiet_terminal.then[i], NULL);
	(void)raise(signal);
	errno = kept;
}

static void quiet_begins(int fd, const struct termios *before)
{
	struct sigaction ending = {.sa_handler = on_ending_in_quiet};

	quiet_terminal.before = *before;
	quiet_terminal.fd = fd;
	(void)sigfillset(&ending.sa_mask);
	for (size_t i = 0; i < HF_LEN(ENDINGS); i++)
		(void)sigaction(ENDINGS[i], NULL, &quiet_terminal.then[i]);
	/* What is ignored ends nothing: the passphrase would be shown from then on. */
	for (size_t i = 0; i < HF_LEN(ENDINGS); i++)
		if (quiet_terminal.then[i].sa_handler != SIG_IGN)
			(void)sigaction(ENDINGS[i], &ending, NULL);
}

static void quiet_ends(void)
{
	(void)tcsetattr(quiet_terminal.fd, TCSAFLUSH, &quiet_terminal.before);
	for (size_t i = 0; i < HF_LEN(ENDINGS); i++)
		(void)sigaction(ENDINGS[i], &quiet_terminal.then[i], NULL);
}

/* Keys are taken one by one and signals are typed; one that is sent shows the keys again before it ends the program. */
static enum hf_rc line_without_echo(int fd, const char *prompt, struct hf_secret *line, struct hf_err *err)
{
	struct termios before, quiet;
	bool taken;

	if (tcgetattr(fd, &before) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "The terminal cannot be set: %s.", strerror(errno));
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	quiet_begins(fd, &before);
	if (tcsetattr(fd, TCSAFLUSH, &quiet) != 0) {
		quiet_ends();
		return hf_err_set(err, HF_E_SYSTEM, "The terminal cannot be set: %s.", strerror(errno));
	}
	write_all(fd, prompt);
	write_all(fd, ": ");
	taken = take_keys(fd, line);
	quiet_ends();
	write_all(fd, "\n");
	return taken ? HF_OK : hf_err_set(err, HF_E_ABSENT, "Interrupted: nothing was signed.");
}

static enum hf_rc ask_terminal(const char *prompt, bool twice, struct hf_secret *line, struct hf_err *err)
{
	hf_auto_secret struct hf_secret again = {0};
	hf_auto_fd int fd = -1;
	enum hf_rc rc = open_terminal(&fd, err, hf_text("the passphrase with --passphrase-fd"));

	if (rc == HF_OK)
		rc = line_without_echo(fd, prompt, line, err);
	if (rc != HF_OK || !twice)
		return rc;
	rc = line_without_echo(fd, hf_text("The same again"), &again, err);
	if (rc == HF_OK && strcmp(again.text, line->text) != 0)
		return hf_err_set(err, HF_E_KEY, "The two passphrases are not the same: nothing has been done.");
	return rc;
}

enum hf_rc hf_ask_passphrase(struct hf_cli *cli, const char *prompt, bool twice, struct hf_secret *ret_secret,
			     struct hf_err *err)
{
	hf_auto_secret struct hf_secret line = {0};
	enum hf_rc rc;

	fflush(cli->talk);
	if (cli->passphrase_fd >= 0)
		rc = line_of_fd((int)cli->passphrase_fd, &line, err);
	else
		rc = ask_terminal(prompt, twice, &line, err);
	if (rc != HF_OK)
		return rc;
	if (line.text[0] == '\0')
		return hf_err_set(err, HF_E_KEY, "The passphrase is empty: nothing has been done.");
	*ret_secret = line;
	return HF_OK;
}

/* One line that is typed behind the question, with echo. */
static enum hf_rc typed_line(struct hf_cli *cli, const char *question, const char *prompt, struct hf_secret *line,
			     struct hf_err *err)
{
	hf_auto_fd int fd = -1;
	enum hf_rc rc;

	fprintf(cli->talk, "\n%s\n", question);
	fflush(cli->talk);
	rc = open_terminal(&fd, err, hf_text("--yes if you are sure"));
	if (rc != HF_OK)
		return rc;
	write_all(fd, prompt);
	return line_of_fd(fd, line, err);
}

enum hf_rc hf_ask_word(struct hf_cli *cli, const char *word, const char *question, struct hf_err *err)
{
	struct hf_secret line = {0};
	char prompt[128];
	enum hf_rc rc;

	if (cli->yes)
		return HF_OK;
	rc = hf_str_printf(prompt, sizeof(prompt), hf_text("Type %s to go on: "), word);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "`%.40s...` is too long to be typed.", word);
	rc = typed_line(cli, question, prompt, &line, err);
	if (rc == HF_OK && strcmp(line.text, word) != 0)
		return hf_err_set(err, HF_E_ABSENT, "You did not type %s: nothing has been done.", word);
	return rc;
}

enum hf_rc hf_ask_number(struct hf_cli *cli, size_t number, const char *question, struct hf_err *err)
{
	struct hf_secret line = {0};
	char want[24];
	enum hf_rc rc = typed_line(cli, question, hf_text("Type the number to go on: "), &line, err);

	if (rc == HF_OK && (hf_str_printf(want, sizeof(want), "%zu", number) != HF_OK || strcmp(line.text, want) != 0))
		return hf_err_set(err, HF_E_ABSENT, "That is not the number that is shown: nothing has been done.");
	return rc;
}

enum hf_rc hf_ask_line(struct hf_cli *cli, const char *prompt, const char *instead, char ret[HF_ASKED_SIZE],
		       struct hf_err *err)
{
	struct hf_secret line = {0};
	hf_auto_fd int fd = -1;
	enum hf_rc rc;

	fflush(cli->talk);
	rc = open_terminal(&fd, err, instead);
	if (rc != HF_OK)
		return rc;
	write_all(fd, prompt);
	write_all(fd, ": ");
	rc = line_of_fd(fd, &line, err);
	if (rc == HF_OK && hf_str_copy(ret, HF_ASKED_SIZE, line.text) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "That line is longer than %d bytes.", HF_ASKED_SIZE - 1);
	return rc;
}

struct pem {
	const char *text;
	size_t len;
};

/* Who mistypes at the terminal has two more tries; what comes from a file descriptor is what it is. */
static enum hf_rc open_in_tries(struct hf_cli *cli, const char *prompt, const struct pem *pem, PKCS8_PRIV_KEY_INFO **ret,
				struct hf_err *err)
{
	int tries = cli->passphrase_fd >= 0 ? 1 : PASSPHRASE_TRIES;
	enum hf_rc rc = HF_E_KEY;

	for (int i = 0; rc == HF_E_KEY && i < tries; i++) {
		hf_auto_secret struct hf_secret pass = {0};

		if (i > 0)
			fprintf(cli->talk, hf_text("%s Try again.\n"), err->text);
		rc = hf_ask_passphrase(cli, prompt, false, &pass, err);
		if (rc == HF_OK)
			rc = hf_pkcs8_read(pem->text, pem->len, pass.text, ret, err);
	}
	return rc;
}

enum hf_rc hf_ask_pkcs8(struct hf_cli *cli, const char *path, PKCS8_PRIV_KEY_INFO **ret, struct hf_err *err)
{
	char prompt[512];
	char *pem = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(path, KEY_FILE_MAX, &pem, &len, err);

	if (rc != HF_OK)
		return rc;
	if (!strstr(pem, "ENCRYPTED")) {
		rc = hf_pkcs8_read(pem, len, NULL, ret, err);
	} else {
		rc = hf_str_printf(prompt, sizeof(prompt), hf_text("Passphrase of %s"), path);
		rc = open_in_tries(cli, rc == HF_OK ? prompt : hf_text("Passphrase"), &(const struct pem){pem, len},
				   ret, err);
	}
	OPENSSL_cleanse(pem, len);
	free(pem);
	return rc;
}

enum hf_rc hf_ask_key(struct hf_cli *cli, const char *path, struct hf_key **ret_key, struct hf_err *err)
{
	hf_auto_pkcs8 PKCS8_PRIV_KEY_INFO *pkcs8 = NULL;
	enum hf_rc rc = hf_ask_pkcs8(cli, path, &pkcs8, err);

	return rc == HF_OK ? hf_key_of_pkcs8(pkcs8, ret_key, err) : rc;
}
