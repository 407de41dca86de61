/* SPDX-License-Identifier: MIT */
/*
 * commands.h - the commands of `holdfast`, one function each, and the call that finds them
 */
#ifndef HOLDFAST_CLI_COMMANDS_H
#define HOLDFAST_CLI_COMMANDS_H

#include "controller/cli/cli.h"

/*
 * hf_cli_run - one call of `holdfast`
 *
 * @argc, @argv  of main(); argv is permuted and split in place
 * Owner     argv's texts must live until it returns
 * Returns   the exit code: 0 done, 1 failed, 2 called wrongly
 * Source    proto/README.md "Who is trusted with what"
 */
int hf_cli_run(int argc, char **argv);

/*
 * hf_cli_council_init ... - the commands, one function each
 *
 * Returns   HF_OK done; HF_E_USAGE called wrongly; any other: failed, with a sentence, or with an empty text when
 *           the answer itself has said it
 * Source    the manual page holdfast(1)
 */
enum hf_rc hf_cli_setup(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_doctor(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_council_init(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_audit_show(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_audit_note(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_audit_retention(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_audit_erase(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_audit_verify(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_audit_heads(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_audit_prove(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_audit_checkpoint(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_register_propose(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_account_list(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_account_add(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_account_change(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_account_retire(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_holder_add(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_holder_review(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_holder_withdraw(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_holder_checklist(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_holder_confirm(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_account_history(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_person_history(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_tool_add(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_tool_change(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_tool_remove(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_catalogue_update(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_words_list(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_words_add(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_words_remove(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_account_import(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_account_review(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_backup(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_restore(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_put_back(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_device_add(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_device_pending(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_device_approve(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_join_token_make(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_join_token_list(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_join_token_end(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_join_token_server(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_device_first(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_broker_list(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_broker_add(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_broker_remove(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_broker_replace(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_certificate_broker(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_certificate_controller(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_raise_emergency(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_raise_purdah(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_extend(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_bring_forward(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_cancel(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_acknowledgements(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_timetable(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_trust_set_aside(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_trust_propose(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_trust_show(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_trust_sign(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_trust_practice(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_trust_publish(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_glass_prepare(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_glass_half(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_glass_notes(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_recover(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_release(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_amend(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_approve(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_drafts_withdraw(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_drafts_refuse(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_drafts(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_status(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_devices(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_audit_export(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_audit_story(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_check_list(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_check_done(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_check_undo(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_notify_outbox(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_notify_test(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_notify_retry(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_notify_drop(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_verify(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_key_new(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_key_passphrase(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_key_public(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);

/*
 * hf_council_sweep - remove what a maker of this folder left beside it when it was killed, keys that nobody has
 *
 * Only while no other makes it. What cannot be removed stays, and is no part of anything.
 */
void hf_council_sweep(const char *folder);

/*
 * hf_council_make - what `council init` does, said on cli->talk: a council folder with all its keys
 *
 * @plan     a file
 * @hosts    names and addresses of the broker
 * Returns   HF_OK; HF_E_SYSTEM the folder is taken, or cannot be made; reasons of hf_council_plan_read, hf_ask_passphrase
 */
HF_NODISCARD enum hf_rc hf_council_make(struct hf_cli *cli, const char *folder, const char *plan,
					const struct hf_list *hosts, struct hf_err *err);

#endif
