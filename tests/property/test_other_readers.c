/* SPDX-License-Identifier: MIT */
/*
 * Policy D9.2: whatever another reader takes for a listed name is refused where a listed site lives. Openings of TLS
 * are given to OpenSSL and GnuTLS, those of HTTP to libmicrohttpd, each as a server reads it: whole, while our reader
 * gets it in pieces. HF_SEED plays a run again. Must never call a disagreement harmless: what the other has read as
 * listed and we have not refused, has been posted.
 */
#include <criterion/criterion.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/property/help_cert.h"
#include "tests/property/help_openings.h"

#define OPENINGS 10000

static struct opening opening;

/* OpenSSL -----------------------------------------------------------------------------------------------------------
 */

static bool heard;

static int on_openssl_name(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	(void)alert;
	(void)arg;
	heard = heard || (name && opening_is_listed(name, strlen(name)));
	return heard ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *open_openssl(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	struct server_cert own = server_cert_make();
	cr_assert(context && SSL_CTX_use_certificate(context, own.certificate) == 1 &&
		  SSL_CTX_use_PrivateKey(context, own.key) == 1);
	SSL_CTX_set_tlsext_servername_callback(context, on_openssl_name);
	server_cert_done(&own);
	return context;
}

static bool openssl_reads_listed(SSL_CTX *context, const struct opening *of)
{
	SSL *ssl = SSL_new(context);
	BIO *in = BIO_new_mem_buf(of->v, (int)of->n), *out = BIO_new(BIO_s_mem());
	cr_assert(ssl && in && out);
	BIO_set_mem_eof_return(in, -1);
	SSL_set_bio(ssl, in, out);
	heard = false;
	SSL_accept(ssl);
	SSL_free(ssl);
	return heard;
}

TestSuite(readers, .init = openings_begin, .timeout = 300);

Test(readers, openssl)
{
	SSL_CTX *context = open_openssl();
	for (int i = 0; i < OPENINGS; i++) {
		opening_make_tls(&opening);
		opening_compare("OpenSSL", &opening, openssl_reads_listed(context, &opening));
	}
	SSL_CTX_free(context);
	openings_judge(OPENINGS);
}

/* GnuTLS ------------------------------------------------------------------------------------------------------------
 */

static size_t gnutls_at;

static ssize_t gnutls_pull(gnutls_transport_ptr_t arg, void *to, size_t n)
{
	size_t left = opening.n - gnutls_at;
	(void)arg;
	if (n > left)
		n = left;
	memcpy(to, opening.v + gnutls_at, n);
	gnutls_at += n;
	return (ssize_t)n;
}

static ssize_t gnutls_push(gnutls_transport_ptr_t arg, const void *from, size_t n)
{
	(void)arg;
	(void)from;
	return (ssize_t)n;
}

static int gnutls_waits(gnutls_transport_ptr_t arg, unsigned int ms)
{
	(void)arg;
	(void)ms;
	return 1;
}

static int on_gnutls_hello(gnutls_session_t session)
{
	char name[300];
	size_t n = sizeof(name);
	unsigned int type;
	for (unsigned int i = 0; gnutls_server_name_get(session, name, &n, &type, i) == 0; i++, n = sizeof(name))
		heard = heard || (type == GNUTLS_NAME_DNS && opening_is_listed(name, strlen(name)));
	return heard ? GNUTLS_E_USER_ERROR : 0;
}

static bool gnutls_reads_listed(gnutls_certificate_credentials_t keys)
{
	gnutls_session_t session;
	cr_assert_eq(gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NONBLOCK), 0);
	gnutls_set_default_priority(session);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, keys);
	gnutls_transport_set_push_function(session, gnutls_push);
	gnutls_transport_set_pull_function(session, gnutls_pull);
	gnutls_transport_set_pull_timeout_function(session, gnutls_waits);
	gnutls_handshake_set_post_client_hello_function(session, on_gnutls_hello);
	heard = false;
	gnutls_at = 0;
	for (int i = 0, end = 0; i < 20 && (i == 0 || !gnutls_error_is_fatal(end)) && gnutls_at < opening.n; i++)
		end = gnutls_handshake(session);
	gnutls_deinit(session);
	return heard;
}

Test(readers, gnutls)
{
	gnutls_certificate_credentials_t keys;
	cr_assert_eq(gnutls_certificate_allocate_credentials(&keys), 0);
	for (int i = 0; i < OPENINGS; i++) {
		opening_make_tls(&opening);
		opening_compare("GnuTLS", &opening, gnutls_reads_listed(keys));
	}
	gnutls_certificate_free_credentials(keys);
	openings_judge(OPENINGS);
}

/* HTTP --------------------------------------------------------------------------------------------------------------
 */

static enum MHD_Result on_field(void *arg, enum MHD_ValueKind kind, const char *key, const char *value)
{
	(void)arg;
	(void)kind;
	if (value && strcasecmp(key, "host") == 0)
		heard = heard || opening_is_listed(value, strcspn(value, ":/? \t"));
	return MHD_YES;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
				  const char *version, const char *data, size_t *size, void **state)
{
	(void)arg;
	(void)method;
	(void)version;
	(void)data;
	(void)size;
	(void)state;
	const char *at = strstr(url, "://");
	if (at)
		heard = heard || opening_is_listed(at + 3, strcspn(at + 3, ":/?"));
	MHD_get_connection_values(connection, MHD_HEADER_KIND, on_field, NULL);
	return MHD_NO;
}

static bool microhttpd_reads_listed(struct MHD_Daemon *daemon, const struct opening *of)
{
	static const struct sockaddr nobody = {.sa_family = AF_UNIX};
	int ends[2];
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	heard = false;
	cr_assert_eq(write(ends[1], of->v, of->n), (ssize_t)of->n);
	cr_assert_eq(shutdown(ends[1], SHUT_WR), 0);
	cr_assert_eq(MHD_add_connection(daemon, ends[0], &nobody, sizeof(nobody)), MHD_YES);
	for (int i = 0; i < 6; i++)
		MHD_run(daemon);
	close(ends[1]);
	for (int i = 0; i < 3; i++)
		MHD_run(daemon);
	return heard;
}

Test(readers, microhttpd)
{
	struct MHD_Daemon *daemon =
		MHD_start_daemon(MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, on_request, NULL, MHD_OPTION_END);
	cr_assert_not_null(daemon);
	for (int i = 0; i < OPENINGS; i++) {
		opening_make_http(&opening, false);
		opening_compare("libmicrohttpd", &opening, microhttpd_reads_listed(daemon, &opening));
	}
	MHD_stop_daemon(daemon);
	openings_judge(OPENINGS);
}
