/* SPDX-License-Identifier: MIT */
/*
 * Policy D9.2: whatever NSS, the library of Firefox, takes as a server for a listed name is refused where a listed site
 * lives. It gets the opening whole, while our reader gets it in pieces. HF_SEED plays a run again. Must never call a
 * disagreement harmless.
 */
#include <cert.h>
#include <criterion/criterion.h>
#include <keyhi.h>
#include <nspr.h>
#include <nss.h>
#include <pk11pub.h>
#include <ssl.h>
#include <string.h>

#include "tests/property/help_cert.h"
#include "tests/property/help_openings.h"

#define OPENINGS 10000
#define STEPS 20

static struct opening opening;
static CERTCertificate *certificate;
static SECKEYPrivateKey *key;
static PRDescIdentity layer;
static size_t at;
static bool heard;

/* The library itself loses the name of some hellos that it refuses. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libnssutil3.so\n";
}

static void take_key(const struct server_cert *own)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(own->key);
	SECItem item = {.data = NULL}, nickname = {.data = (unsigned char *)(char[]){"own"}, .len = 3};
	cr_assert_not_null(info);
	item.len = (unsigned int)i2d_PKCS8_PRIV_KEY_INFO(info, &item.data);
	PK11SlotInfo *slot = PK11_GetInternalKeySlot();
	cr_assert(slot && PK11_ImportDERPrivateKeyInfoAndReturnKey(slot, &item, &nickname, NULL, PR_FALSE, PR_TRUE,
								   KU_ALL, &key, NULL) == SECSuccess);
	PK11_FreeSlot(slot);
	OPENSSL_free(item.data);
	PKCS8_PRIV_KEY_INFO_free(info);
}

static void open_nss(void)
{
	struct server_cert own = server_cert_make();
	SECItem item = {.data = NULL};
	layer = PR_GetUniqueIdentity("opening");
	cr_assert(NSS_NoDB_Init(NULL) == SECSuccess && NSS_SetDomesticPolicy() == SECSuccess);
	item.len = (unsigned int)i2d_X509(own.certificate, &item.data);
	certificate = CERT_NewTempCertificate(CERT_GetDefaultCertDB(), &item, NULL, PR_FALSE, PR_TRUE);
	cr_assert_not_null(certificate);
	take_key(&own);
	OPENSSL_free(item.data);
	server_cert_done(&own);
}

static void close_nss(void)
{
	SECKEY_DestroyPrivateKey(key);
	CERT_DestroyCertificate(certificate);
}

static PRInt32 on_nss_names(PRFileDesc *fd, const SECItem *names, PRUint32 n, void *arg)
{
	(void)fd;
	(void)arg;
	for (PRUint32 i = 0; i < n; i++)
		heard = heard || opening_is_listed((const char *)names[i].data, names[i].len);
	return heard ? SSL_SNI_SEND_ALERT : SSL_SNI_CURRENT_CONFIG_IS_USED;
}

/* What it reads is the opening, then an end; what it writes goes nowhere. */
static PRInt32 pull(PRFileDesc *fd, void *to, PRInt32 n, PRIntn flags, PRIntervalTime most)
{
	size_t left = opening.n - at, taken = (size_t)n < left ? (size_t)n : left;
	(void)fd;
	(void)flags;
	(void)most;
	memcpy(to, opening.v + at, taken);
	at += taken;
	return (PRInt32)taken;
}

static PRInt32 push(PRFileDesc *fd, const void *from, PRInt32 n, PRIntn flags, PRIntervalTime most)
{
	(void)fd;
	(void)from;
	(void)flags;
	(void)most;
	return n;
}

static PRStatus peer_of(PRFileDesc *fd, PRNetAddr *ret)
{
	(void)fd;
	return PR_InitializeNetAddr(PR_IpAddrLoopback, 1, ret);
}

static PRStatus option_of(PRFileDesc *fd, PRSocketOptionData *ret)
{
	(void)fd;
	ret->value.non_blocking = PR_TRUE;
	return PR_SUCCESS;
}

static PRStatus end_of(PRFileDesc *fd)
{
	fd->dtor(fd);
	return PR_SUCCESS;
}

static PRFileDesc *nss_server(void)
{
	static PRIOMethods methods;
	methods = *PR_GetDefaultIOMethods();
	methods.recv = pull;
	methods.send = push;
	methods.getpeername = peer_of;
	methods.getsocketoption = option_of;
	methods.close = end_of;
	PRFileDesc *fd = SSL_ImportFD(NULL, PR_CreateIOLayerStub(layer, &methods));
	cr_assert(fd && SSL_OptionSet(fd, SSL_SECURITY, PR_TRUE) == SECSuccess &&
		  SSL_OptionSet(fd, SSL_HANDSHAKE_AS_SERVER, PR_TRUE) == SECSuccess &&
		  SSL_OptionSet(fd, SSL_NO_CACHE, PR_TRUE) == SECSuccess &&
		  SSL_ConfigServerCert(fd, certificate, key, NULL, 0) == SECSuccess &&
		  SSL_SNISocketConfigHook(fd, on_nss_names, NULL) == SECSuccess &&
		  SSL_ResetHandshake(fd, PR_TRUE) == SECSuccess);
	return fd;
}

static bool nss_reads_listed(void)
{
	PRFileDesc *fd = nss_server();
	SECStatus end = SECFailure;
	heard = false;
	at = 0;
	for (int i = 0; i < STEPS && end != SECSuccess && (i == 0 || PR_GetError() == PR_WOULD_BLOCK_ERROR); i++)
		end = SSL_ForceHandshake(fd);
	PR_Close(fd);
	return heard;
}

TestSuite(nss, .init = openings_begin, .timeout = 300);

Test(nss, tls)
{
	open_nss();
	for (int i = 0; i < OPENINGS; i++) {
		opening_make_tls(&opening);
		opening_compare("NSS", &opening, nss_reads_listed());
	}
	close_nss();
	openings_judge(OPENINGS);
}
