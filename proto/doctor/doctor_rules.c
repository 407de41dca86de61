/* SPDX-License-Identifier: MIT */
/*
 * Owns what is wrong about a file, a certificate, a broker, by what was seen of them.
 * Must never look at anything itself.
 */
#include <holdfast/doctor.h>

#include <string.h>

#define DAY_S 86400
#define DAYS_SPOKEN_OF 90
#define DAYS_URGENT 30
#define DAYS_GRAVE 7

/* False: there is nothing more to be said about it. */
static bool is_there(struct hf_findings *findings, const char *what, const struct hf_file_seen *seen)
{
	findings->looked++;
	if (seen->rc == HF_OK)
		return true;
	if (seen->rc == HF_E_ROLE)
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_UNSEEN, what), seen->rc,
				 "%s: this user may not look at it; root may.", seen->path);
	else if (seen->rc == HF_E_ABSENT)
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_GRAVE, what), seen->rc,
				 "%s is not there: put it back, or make it again.", seen->path);
	else
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_GRAVE, what), seen->rc, "%s.", seen->why.text);
	return false;
}

void hf_find_file(struct hf_findings *findings, const char *what, const struct hf_file_seen *seen)
{
	(void)is_there(findings, what, seen);
}

static void find_days(struct hf_findings *findings, const char *renew, const struct hf_certificate_seen *seen,
		      struct hf_wall now)
{
	long long days = (long long)((seen->until.s - now.s) / DAY_S);

	if (days > DAYS_SPOKEN_OF)
		return;
	if (days > DAYS_URGENT)
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_WARNING, "certificate"), HF_E_KEY,
				 "The certificate %s ends in %lld days. %s", seen->file.path, days, renew);
	else if (days > DAYS_GRAVE)
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_WARNING, "certificate"), HF_E_KEY,
				 "The certificate %s ends soon, in %lld days. %s", seen->file.path, days, renew);
	else
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_GRAVE, "certificate"), HF_E_KEY,
				 "The certificate %s ends in less than %lld days: then nothing that needs it is connected. %s",
				 seen->file.path, days + 1, renew);
}

void hf_find_certificate(struct hf_findings *findings, const char *renew, const struct hf_certificate_seen *seen,
			 struct hf_wall now)
{
	if (!is_there(findings, "certificate", &seen->file))
		return;
	if (now.s < seen->from.s)
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_GRAVE, "clock"), HF_E_KEY,
				 "The certificate %s begins later than now by this machine's clock: look at the clock.",
				 seen->file.path);
	else if (now.s >= seen->until.s)
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_GRAVE, "certificate"), HF_E_KEY,
				 "The certificate %s has ended: nothing that needs it is connected. %s", seen->file.path, renew);
	else
		find_days(findings, renew, seen, now);
}

/* Who has no business there. */
static void find_strangers(struct hf_findings *findings, const struct hf_broker_seen *seen)
{
	findings->looked += 2;
	if (seen->plain == HF_TRIED_LET_IN)
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_GRAVE, "broker-plain"), HF_E_KEY,
				 "The broker at %s:%d lets anybody in, without encryption and without a certificate: put its "
				 "settings back as the package has them, with `holdfast setup`, and start it again.",
				 seen->host, seen->port);
	if (seen->nobody == HF_TRIED_LET_IN)
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_GRAVE, "broker-anonymous"), HF_E_KEY,
				 "The broker at %s:%d lets in who shows no certificate: put its settings back as the package "
				 "has them, with `holdfast setup`, and start it again.",
				 seen->host, seen->port);
	if (seen->plain == HF_TRIED_NOT || seen->nobody == HF_TRIED_NOT)
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_UNSEEN, "broker"), HF_E_SYSTEM,
				 "whom the broker at %s:%d lets in could not be tried.", seen->host, seen->port);
}

/* How far our own certificate came. */
static void find_own(struct hf_findings *findings, const struct hf_broker_seen *seen)
{
	findings->looked++;
	switch (seen->own) {
	case HF_TRIED_LET_IN:
		return;
	case HF_TRIED_NOT:
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_UNSEEN, "broker"), HF_E_SYSTEM,
				 "whether the broker at %s:%d lets our certificate in, and what it lets it say: this user may not "
				 "use it; root may.",
				 seen->host, seen->port);
		return;
	case HF_TRIED_UNREACHED:
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_GRAVE, "broker-unreached"), HF_E_SYSTEM,
				 "The broker at %s:%d is not reached (%s): is it running, and is the way to it open?", seen->host,
				 seen->port, seen->why);
		return;
	case HF_TRIED_REFUSED:
		break;
	}
	if (seen->other_name == HF_TRIED_LET_IN)
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_GRAVE, "broker-name"), HF_E_KEY,
				 "The broker that answers at %s:%d shows a certificate of another name: nobody connects to it. Use a "
				 "name that its certificate has, or give it another certificate.",
				 seen->host, seen->port);
	else
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_GRAVE, "broker-refuses"), HF_E_KEY,
				 "The broker at %s:%d does not let our certificate in (%s): one of both is not of the council's "
				 "certificate authority, or has ended.",
				 seen->host, seen->port, seen->why);
}

/* What the broker's rules let somebody say and hear. */
static void find_rules(struct hf_findings *findings, const struct hf_broker_seen *seen)
{
	if (seen->own != HF_TRIED_LET_IN)
		return;
	findings->looked += 2;
	if (seen->for_others == HF_SEEN_YES)
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_GRAVE, "broker-for-others"), HF_E_KEY,
				 "The broker at %s:%d lets one speak in the name of another device: put its rules (acl) back as the "
				 "package has them, with `holdfast setup`, and start it again.",
				 seen->host, seen->port);
	if (seen->hears_all == HF_SEEN_YES)
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_GRAVE, "broker-hears-all"), HF_E_KEY,
				 "The broker at %s:%d lets who asks for `#` hear what is not theirs: put its rules (acl) back as the "
				 "package has them, with `holdfast setup`, and start it again.",
				 seen->host, seen->port);
	if (seen->for_others == HF_SEEN_NOT || seen->hears_all == HF_SEEN_NOT)
		(void)hf_err_set(hf_finding_add(findings, HF_WEIGHT_UNSEEN, "broker"), HF_E_SYSTEM,
				 "what the broker at %s:%d lets one say and hear: it did not answer in time.", seen->host,
				 seen->port);
}

void hf_find_broker(struct hf_findings *findings, const struct hf_broker_seen *seen)
{
	find_strangers(findings, seen);
	find_own(findings, seen);
	find_rules(findings, seen);
}
