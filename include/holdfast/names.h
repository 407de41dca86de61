/* SPDX-License-Identifier: MIT */
/*
 * names.h - every name that others see, whatever the machine: topics, files of the package, variables, event words
 */
#ifndef HOLDFAST_NAMES_H
#define HOLDFAST_NAMES_H

#define HF_TOPIC_ROOT "holdfast/1"

/* What agent and link say to each other alone: no broker ever hears it, and none is heard with it. */
#define HF_LOCAL_ROOT "local/"
#define HF_LOCAL_NAMES HF_LOCAL_ROOT "names"	     /* agent: which addresses have these hosts? */
#define HF_LOCAL_ADDRESSES HF_LOCAL_ROOT "addresses" /* link: these */
#define HF_LOCAL_BROKERS HF_LOCAL_ROOT "brokers"     /* agent: these may be joined */
#define HF_LOCAL_PROVEN HF_LOCAL_ROOT "proven"	     /* agent: stay with this one */
#define HF_LOCAL_SILENT HF_LOCAL_ROOT "silent"	     /* agent: is nothing heard of the council's server */
#define HF_LOCAL_BROKER HF_LOCAL_ROOT "broker"	     /* link: this one is joined, to stay or on trial */
#define HF_LOCAL_TRIAL HF_LOCAL_ROOT "trial/"	     /* link: before the topic of what the one on trial says */

/* Files that a package brings. */
#define HF_CALENDAR_NAME "bank-holidays.json" /* in the package's folder, or beside a program that is not installed */
#define HF_EXTENSION_ZIP "extension-chromium.zip"	  /* in the package's folder, or beside the agent */
#define HF_BROWSER_HOST "holdfast.browser"     /* name by which the extension calls its native host */
#define HF_BROWSER_PROGRAM "holdfast-browser" /* beside the agent */

/* Environment of the officer's terminal. */
#define HF_ENV_COUNCIL "HOLDFAST_COUNCIL"   /* the council folder */
#define HF_ENV_SOCKET "HOLDFAST_SOCKET"	    /* the controller's socket */
#define HF_ENV_JOIN_SOCKET "HOLDFAST_JOIN_SOCKET" /* the door's socket */
#define HF_ENV_KEY "HOLDFAST_KEY"	    /* the officer's key file */
#define HF_ENV_CALENDAR "HOLDFAST_CALENDAR" /* the bank holidays in place of the package's */

/* Event words of the log: a closed list. */
#define HF_EV_START "start"
#define HF_EV_STOP "stop"
#define HF_EV_REFUSED "refused"
#define HF_EV_ACCEPTED "accepted"
#define HF_EV_CHANGED "changed"
#define HF_EV_PUBLISHED "published"
#define HF_EV_BUS "bus"
#define HF_EV_ENFORCE "enforce"
#define HF_EV_RELEASE "release"
#define HF_EV_STORE "store"
#define HF_EV_FAILED "failed"
#define HF_EV_DROPPED "dropped"
#define HF_EV_RELOAD "reload"

#endif
