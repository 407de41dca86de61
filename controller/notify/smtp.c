/* SPDX-License-Identifier: MIT */
/*
 * Owns SMTP, by libcurl: what a server's answers and a connection's end mean for one message.
 * Must never send in clear, nor take for unsent what may have arrived.
 */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <holdfast/str.h>

#include "controller/notify/mail_text.h"
#include "controller/notify/smtp.h"

#define CONNECT_MS 10000L
#define TOTAL_MS 90000L /* a server may look into a message for a while */
#define URL_SIZE 320

/* How far a transaction is, by the last command that went out. */
enum stage { STAGE_CONNECT, STAGE_MAIL, STAGE_RCPT };

struct hf_smtp {
	CURL *curl;
	const struct hf_notify_conf *conf;
	const atomic_bool *stop;
	/* of one message */
	const struct hf_smtp_message *message;
	size_t sent;
	enum stage stage;
	bool asked, given_up; /* whether it may go; it may not */
	bool ended;   /* all of its text was handed over: the final dot may be out */
	bool answered; /* a line came after that */
	bool leaving;  /* QUIT went out: what comes now is about no message */
	struct hf_parcel_answer *answer;
};

static size_t on_line(char *data, size_t size, size_t n, void *arg)
{
	struct hf_smtp *s = arg;
	size_t len = size * n;
	long code = len >= 3 ? (long)hf_str_digits(data, 3) : -1;
	if (code < 0 || s->leaving)
		return len;
	s->answer->code = code;
	s->answer->reached = true;
	s->answered = s->answered || s->ended;
	if (code >= 400 && !s->answer->line[0])
		hf_parcel_say(s->answer, data, len);
	return len;
}

static int on_debug(CURL *curl, curl_infotype type, char *data, size_t len, void *arg)
{
	struct hf_smtp *s = arg;
	(void)curl;
	if (type != CURLINFO_HEADER_OUT)
		return 0;
	if (len >= 10 && strncasecmp(data, "MAIL FROM:", 10) == 0)
		s->stage = STAGE_MAIL;
	else if (len >= 8 && strncasecmp(data, "RCPT TO:", 8) == 0)
		s->stage = STAGE_RCPT;
	s->leaving = s->leaving || (len >= 4 && strncasecmp(data, "QUIT", 4) == 0);
	return 0;
}

/* The server waits for the text. */
static size_t on_read(char *room, size_t size, size_t n, void *arg)
{
	struct hf_smtp *s = arg;
	size_t len = s->message->len - s->sent;
	if (!s->asked) {
		s->asked = true;
		s->given_up = !s->message->go(s->message->arg);
	}
	if (s->given_up)
		return CURL_READFUNC_ABORT;
	if (len > size * n)
		len = size * n;
	memcpy(room, s->message->text + s->sent, len);
	s->sent += len;
	s->ended = s->ended || len == 0;
	return len;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct hf_smtp *s = arg;
	(void)a, (void)b, (void)c, (void)d;
	return *s->stop && !s->ended;
}

static bool set_server(CURL *curl, const struct hf_notify_conf *conf)
{
	char url[URL_SIZE];
	return hf_str_printf(url, sizeof(url), "%s://%s:%d", strcmp(conf->tls, "implicit") == 0 ? "smtps" : "smtp",
			     conf->host, (int)conf->port) == HF_OK &&
	       curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	       /* TRY would send in clear where somebody on the way strikes out STARTTLS. */
	       curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CAINFO, conf->ca) == CURLE_OK &&
	       (!conf->user[0] || (curl_easy_setopt(curl, CURLOPT_USERNAME, conf->user) == CURLE_OK &&
				   curl_easy_setopt(curl, CURLOPT_PASSWORD, conf->password) == CURLE_OK));
}

static bool set_calls(CURL *curl, struct hf_smtp *s)
{
	return curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TOTAL_MS) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_READDATA, s) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_line) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_HEADERDATA, s) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_DEBUGDATA, s) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_XFERINFODATA, s) == CURLE_OK;
}

struct hf_smtp *hf_smtp_new(const struct hf_notify_conf *conf, const atomic_bool *stop)
{
	struct hf_smtp *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->conf = conf;
	s->stop = stop;
	s->curl = curl_easy_init();
	if (!s->curl || !set_server(s->curl, conf) || !set_calls(s->curl, s))
		hf_smtp_free(&s);
	return s;
}

void hf_smtp_free(struct hf_smtp **smtp)
{
	if (!*smtp)
		return;
	curl_easy_cleanup((*smtp)->curl);
	free(*smtp);
	*smtp = NULL;
}

/* A password, a certificate, a server that has no TLS, or one that takes nothing from this sender. */
static bool is_ours(const struct hf_smtp *s, CURLcode code)
{
	if (code == CURLE_LOGIN_DENIED || code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_USE_SSL_FAILED ||
	    code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR)
		return true;
	return s->stage == STAGE_MAIL && s->answer->code >= 500;
}

static enum hf_parcel_result judge(const struct hf_smtp *s, CURLcode code)
{
	bool for_good = s->answer->code >= 500;
	if (code == CURLE_OK)
		return HF_PARCEL_SENT;
	if (s->given_up)
		return HF_PARCEL_GIVEN_UP;
	if (s->ended && !s->answered)
		return HF_PARCEL_UNKNOWN;
	if (s->ended)
		return for_good ? HF_PARCEL_REFUSED : HF_PARCEL_LATER;
	if (is_ours(s, code))
		return HF_PARCEL_STOPPED;
	return s->stage == STAGE_RCPT && for_good ? HF_PARCEL_REFUSED : HF_PARCEL_LATER;
}

static void slist_done(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

#define auto_slist __attribute__((cleanup(slist_done)))

void hf_smtp_send(struct hf_smtp *smtp, const struct hf_smtp_message *message, struct hf_parcel_answer *ret)
{
	auto_slist struct curl_slist *to = curl_slist_append(NULL, message->to);
	CURLcode code = CURLE_OUT_OF_MEMORY;
	*ret = (struct hf_parcel_answer){.result = HF_PARCEL_LATER};
	*smtp = (struct hf_smtp){.curl = smtp->curl, .conf = smtp->conf, .stop = smtp->stop, .message = message,
				 .answer = ret};
	if (to && curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, smtp->conf->from) == CURLE_OK &&
	    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, to) == CURLE_OK)
		code = curl_easy_perform(smtp->curl);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
	ret->result = judge(smtp, code);
	if (code != CURLE_OK && !ret->line[0] &&
	    hf_str_printf(ret->line, sizeof(ret->line), "%.150s", curl_easy_strerror(code)) != HF_OK)
		ret->line[0] = '?';
}

static void carry_mail(void *self, const struct hf_parcel *parcel, struct hf_parcel_answer *ret)
{
	struct hf_smtp *smtp = self;
	const struct hf_mail mail = {.from = smtp->conf->from,
				     .to = parcel->address,
				     .subject = parcel->subject,
				     .body = parcel->body,
				     .lockdown = parcel->lockdown,
				     .id = parcel->id,
				     .made = parcel->made};
	hf_auto_free char *text = NULL;
	size_t len = 0;
	struct hf_err err = {""};
	if (hf_mail_text(&mail, &text, &len, &err) == HF_OK) {
		hf_smtp_send(smtp, &(struct hf_smtp_message){mail.to, text, len, parcel->go, parcel->arg}, ret);
		return;
	}
	ret->result = HF_PARCEL_REFUSED;
	hf_parcel_say(ret, err.text, strlen(err.text));
}

static void free_mail(void *self)
{
	struct hf_smtp *smtp = self;
	hf_smtp_free(&smtp);
}

struct hf_carrier hf_smtp_carrier(const void *conf, const atomic_bool *stop)
{
	return (struct hf_carrier){hf_smtp_new(conf, stop), carry_mail, free_mail};
}
