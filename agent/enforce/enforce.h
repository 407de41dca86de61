/* SPDX-License-Identifier: MIT */
/*
 * enforce.h - one way of blocking, behind a small struct of functions; the plan is a value
 *
 * A layer does what the plan says, and then looks whether it is so; it decides nothing.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_H
#define HOLDFAST_AGENT_ENFORCE_H

#include <sys/types.h>

#include <holdfast/loop.h>
#include <holdfast/time.h>
#include <holdfast/user.h>

#include "agent/rules/layer.h"

struct hf_layer;
struct hf_hands;

/* One browser's extension said that it holds what is in force: the process of its native host, and when that was. */
struct hf_told {
	pid_t host;
	hf_user uid;
	struct hf_boot_ms at;
};

/* What a layer tells its owner, on the loop's thread. */
struct hf_layer_calls {
	void (*changed)(void *arg); /* what probe() would say has changed by itself */
	/* somebody tried what is blocked for them; tool is an id, or a path or host that the caller looks up; may be
	 * NULL */
	void (*blocked)(void *arg, hf_user uid, const char *tool);
	/* the extensions that hold what is in force now; processes that have ended may still be in it; may be NULL */
	size_t (*told)(void *arg, const struct hf_told **ret_told);
	/* the addresses of this host are wanted, which is below one of the plan; may be NULL */
	void (*look_up)(void *arg, const char *host);
	/* a running program of this user, which cannot be frozen, is ended in left_s seconds; tool as above */
	void (*ending)(void *arg, hf_user uid, const char *tool, pid_t pid, int64_t left_s);
	void *arg;
};

/* The browsers that read managed policies from a folder. */
/* clang-format off */
enum hf_policy_browser {
	HF_POLICY_CHROMIUM, HF_POLICY_CHROME, HF_POLICY_EDGE, HF_POLICY_BRAVE,
	HF_POLICY_BROWSERS
};
/* clang-format on */

/* Settings of the layers, from agent.conf. Paths have no default in code but in the table of agent settings. */
struct hf_enforce_conf {
	/* folders `managed` of the browsers, made when they are not there; NULL or "": there is no such browser */
	const char *policies[HF_POLICY_BROWSERS];
	const char *extension;	       /* folder for the packed extension, which every user can read */
	const char *firefox_folder;    /* Firefox's system settings: /etc/firefox */
	const char *firefox_install;   /* where the device's own Firefox is */
	const char *firefox_socket;    /* where the engines in running Firefoxes come */
	const char *firefox_extension; /* the extension's file; "" for none */
	const char *state;	       /* a folder of the agent's for notes about what was there before */
	const char *fence_socket;      /* see programs */
	const char *cgroup;	       /* mount point of cgroup v2; "" to look for it */
	const char *self;	       /* path of the agent's program, to start its fence */
	int64_t countdown_s;	       /* before a running program that cannot be frozen is ended, seconds */
	const char *names_socket;      /* see network */
	uint16_t queue;	    /* number of the queue in which the kernel hands packets to the process of names */
	const char *proxy;  /* the council's, as the setting says them; NULL: none */
	uint16_t log_group; /* of the kernel's log of packets, in which it tells who was refused an address */
	struct hf_hands *hands;			  /* who has the rights that the agent has not; NULL: nobody */
	uint64_t (*lent)(struct hf_hands *hands); /* which rights these are, now; NULL: none */
	hf_user link_uid;	    /* user of holdfast-link, which nothing shuts off; 0: there is none */
};

/* Where a layer lives. Its owner keeps loop and settings for as long as the layer is open. */
struct hf_layer_home {
	struct hf_loop *loop;
	const struct hf_enforce_conf *conf;
	const struct hf_layer_calls *calls;
};

/* What a layer can do. Whoever calls always wants to know what went wrong: err is never NULL. */
struct hf_layer_ops {
	const char *name;  /* its folder's, the report's and README's word */
	const char *needs; /* what the machine must have for it, for people */
	uint64_t rights; /* of capabilities(7), HF_RIGHT_: without one of them nobody can see that it holds */
	/* has_work - is there anything in this block that this layer blocks */
	bool (*has_work)(const struct hf_block *block);
	/* check - has this machine what it needs; one sentence when not. Changes nothing. */
	enum hf_rc (*check)(const struct hf_enforce_conf *conf, struct hf_err *err);
	size_t size; /* of its struct hf_layer */
	/*
	 * open - look at what is there (also after a crash in the middle of anything), take over what an earlier
	 * life left in force without a gap; block and release nothing. The layer comes zeroed; when it fails, close
	 * follows. NULL: there is nothing to look at
	 */
	enum hf_rc (*open)(struct hf_layer *layer, const struct hf_layer_home *home, struct hf_err *err);
	/* apply - make it so; the same plan twice changes nothing; copies what it needs of the plan */
	enum hf_rc (*apply)(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err);
	/* probe - look; repair what has stopped holding */
	void (*probe)(struct hf_layer *layer, struct hf_saw *ret_saw);
	/* close - let go of what it holds and watches, but for itself; what is blocked stays blocked; may be NULL */
	void (*close)(struct hf_layer *layer);
	/*
	 * forget - remove every trace that it leaves on a machine where nothing is blocked; it is closed by now, and the
	 * last it was told was to block nothing. What others put there stays. NULL: it leaves none
	 */
	enum hf_rc (*forget)(const struct hf_enforce_conf *conf, struct hf_err *err);
	/* ready - all that may have to be blocked one day: get ready for it, and block nothing; may be NULL */
	void (*ready)(struct hf_layer *layer, const struct hf_plan *all);
	/* names - add to this array of texts what is looked up besides the hosts of a plan; NULL exactly if learn is */
	void (*names)(struct hf_layer *layer, json_t *names);
	/*
	 * learn - network addresses of hosts of a plan, of what it was told to be ready for, or that it asked for,
	 * {"host": [address...]}; not to be believed. NULL: the layer needs none.
	 */
	void (*learn)(struct hf_layer *layer, const json_t *answer);
};

/*
 * hf_layer_open - open a layer of this kind; hf_layer_close - the reverse, sets to NULL, accepts NULL in it
 *
 * @ret_layer  untouched unless HF_OK
 * Owner     the caller's, to hf_layer_close
 * Returns   HF_OK; HF_E_MEMORY; what its open says
 */
HF_NODISCARD enum hf_rc hf_layer_open(const struct hf_layer_ops *ops, const struct hf_layer_home *home,
				      struct hf_layer **ret_layer, struct hf_err *err);
void hf_layer_close(const struct hf_layer_ops *ops, struct hf_layer **layer);

/*
 * hf_layer_any_machine - the check of a layer that needs nothing of the machine; hf_layer_any_address,
 * hf_layer_any_program - the has_work of one that blocks addresses, or programs
 *
 * Returns   HF_OK; true or false
 */
enum hf_rc hf_layer_any_machine(const struct hf_enforce_conf *conf, struct hf_err *err);
bool hf_layer_any_address(const struct hf_block *block);
bool hf_layer_any_program(const struct hf_block *block);

extern const struct hf_layer_ops hf_layer_network;   /* addresses and server names refused by the kernel */
extern const struct hf_layer_ops hf_layer_browser;   /* managed policy of Chromium, Chrome, Edge and Brave */
extern const struct hf_layer_ops hf_layer_firefox;   /* an engine in every Firefox, and its managed policy */
extern const struct hf_layer_ops hf_layer_others;    /* browsers that cannot be reached: found and named */
extern const struct hf_layer_ops hf_layer_extension; /* our page over open tabs and in place of refused ones */
extern const struct hf_layer_ops hf_layer_programs;  /* starting refused by fanotify */
extern const struct hf_layer_ops hf_layer_running;   /* those that run already: frozen, or ended after a countdown */

#endif
