/* SPDX-License-Identifier: MIT */
/*
 * help_beside.h - a real server as a process of its own, that is asked with an opening
 */
#ifndef TESTS_PROPERTY_HELP_BESIDE_H
#define TESTS_PROPERTY_HELP_BESIDE_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/help/folder.h"
#include "tests/property/help_openings.h"

/* Where a server listens: a socket of its folder, or a port. */
union place {
	struct sockaddr any;
	struct sockaddr_un file;
	struct sockaddr_in port;
};

/*
 * beside_folder - the folder of the server, while there is one
 */
extern char beside_folder[TEST_FOLDER_SIZE];

/*
 * beside_lacks - skip the test when a file that it needs is not there
 *
 * Returns   true: it is skipped
 */
bool beside_lacks(const char *program);

/*
 * beside_write - a file of the server's folder
 */
void beside_write(const char *name, const char *text);

/*
 * beside_start, beside_stop - start it as nobody, and end it with its folder, in which it was alive until then
 *
 * @words    the program and what it is told; NULL ends them
 */
void beside_start(char *const *words);
void beside_stop(void);

/*
 * beside_file, beside_port - a socket of its folder; a port that was free a moment ago
 *
 * Returns   where it listens, or is to listen
 */
union place beside_file(const char *name);
union place beside_port(void);

/*
 * beside_ask - give it the opening, whole, and nothing after it
 *
 * Owner     ours: what is returned stays until the next is asked
 * Returns   what it says until it ends, as text
 */
const char *beside_ask(const union place *place, const struct opening *opening);

#endif
