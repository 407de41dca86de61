/* SPDX-License-Identifier: MIT */
/*
 * paths.h - folders, files and sockets as the Filesystem Hierarchy Standard 3.0 has them
 */
#ifndef PROTO_HOST_LINUX_PATHS_H
#define PROTO_HOST_LINUX_PATHS_H

#include <holdfast/names.h>

#define HF_ETC "/etc/holdfast"
#define HF_EXAMPLE_PLAN "/usr/share/holdfast/council/cannock-chase.json"
#define HF_CALENDAR_FILE "/usr/share/holdfast/" HF_CALENDAR_NAME
#define HF_CATALOGUE "/usr/share/holdfast/catalogue/posting-tools.json"
#define HF_CONTROLLER_CONF HF_ETC "/controller.conf"
#define HF_NOTIFY_CONF HF_ETC "/notify.conf"
#define HF_JOIND_CONF HF_ETC "/joind.conf"
#define HF_JOIN_TOKEN HF_ETC "/join.token"
#define HF_JOIN_STATE "/var/lib/holdfast-joind"
#define HF_JOIN_SOCKET "/run/holdfast-joind/join.sock"
#define HF_LINK_CONF HF_ETC "/link.conf"
#define HF_AGENT_CONF HF_ETC "/agent.conf"
#define HF_CONTROLLER_SOCKET "/run/holdfast/controller.sock"
#define HF_AGENT_RUN "/run/holdfast-agent"
#define HF_AGENT_LINK_SOCKET HF_AGENT_RUN "/link.sock"
#define HF_AGENT_SOCKET HF_AGENT_RUN "/person.sock"
#define HF_AGENT_FENCE_SOCKET HF_AGENT_RUN "/fence.sock"
#define HF_AGENT_HANDS_SOCKET HF_AGENT_RUN "/hands.sock"
#define HF_AGENT_FIREFOX_SOCKET HF_AGENT_RUN "/firefox.sock"
#define HF_AGENT_NAMES_SOCKET HF_AGENT_RUN "/names.sock"
#define HF_AGENT_STATE "/var/lib/holdfast-agent"
#define HF_EXTENSION_FOLDER "/var/lib/holdfast-extension" /* every user can read it */
#define HF_EXTENSION_DATA "/usr/share/holdfast/"
#define HF_RETENTION_CONF HF_ETC "/retention.conf"
#define HF_CONTROLLER_STATE "/var/lib/holdfast"

#endif
