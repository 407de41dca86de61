/* SPDX-License-Identifier: MIT */
/*
 * err.h - how a function says that it failed, and why a message is refused
 *
 * One list serves both: the short name of a code is the reason that vectors, reports and logs show.
 */
#ifndef HOLDFAST_ERR_H
#define HOLDFAST_ERR_H

#define HF_NODISCARD __attribute__((warn_unused_result))
/* For MinGW `printf` is Microsoft's, which knows no %zu; what hf_err_set and the others read is the standard's. */
#ifdef __MINGW32__
#define HF_PRINTF(fmt, args) __attribute__((format(gnu_printf, fmt, args)))
#else
#define HF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#endif

/* clang-format off */
#define HF_RC_LIST(X)                                                                               \
	X(HF_OK,            "ok")            /* done, or accepted */                                     \
	X(HF_E_SIZE,        "size")          /* larger or more than the contract's limit */              \
	X(HF_E_JSON,        "json")          /* not strict JSON */                                       \
	X(HF_E_TYPE,        "type")          /* payloadType is not one that is expected here */          \
	X(HF_E_BASE64,      "base64")        /* not canonical base64 or hex */                           \
	X(HF_E_SHAPE,       "shape")         /* members or values are not those of the document */       \
	X(HF_E_KEY,         "key")           /* a key that must not be used: no point, small order, used twice */ \
	X(HF_E_SIGNATURE,   "signature")     /* a signature does not fit these bytes */                  \
	X(HF_E_COUNCIL,     "council")       /* made for another council */                              \
	X(HF_E_DEVICE,      "device")        /* made for or by another device */                         \
	X(HF_E_CONTROLLER,  "controller")    /* signed by no controller of the trust */                  \
	X(HF_E_EPOCH,       "epoch")         /* made for a trust that is not known here, or a gap */     \
	X(HF_E_UNSIGNED,    "unsigned")      /* carries no approval at all */                            \
	X(HF_E_STRANGER,    "stranger")      /* approved only by keys of nobody in the trust */          \
	X(HF_E_ROLE,        "role")          /* approved by a person whose role may not */               \
	X(HF_E_TOO_FEW,     "too-few")       /* approved by fewer different people than the rule asks */ \
	X(HF_E_RULE,        "rule")          /* the trust's rules themselves are not allowed */          \
	X(HF_E_MISMATCH,    "mismatch")      /* kind or mode is not that of the raise it names */        \
	X(HF_E_OTHER,       "other-lockdown") /* releases no lockdown that is known here */              \
	X(HF_E_PENDING,     "pending")       /* amends something that is not known here yet */           \
	X(HF_E_VOID,        "void")          /* older than the trust's void_before and not affirmed */   \
	X(HF_E_ROLLBACK,    "rollback")      /* older than what is known already */                      \
	X(HF_E_FORK,        "fork")          /* same number, other content */                            \
	X(HF_E_LOG_FORK,    "log-fork")      /* a controller's journal was cut or made anew */           \
	X(HF_E_ABSENT,      "absent")        /* what was asked for is not there */                       \
	X(HF_E_STALE_HEAD,  "stale-head")    /* another writer moved the journal's head */               \
	X(HF_E_UNSURE,      "unknown")       /* a write failed so that nobody can tell whether it was made */ \
	X(HF_E_MEMORY,      "memory")        /* no memory */                                             \
	X(HF_E_SYSTEM,      "system")        /* the machine refused: see the text */                     \
	X(HF_E_USAGE,       "usage")         /* called with arguments that make no sense */
/* clang-format on */

#define HF_RC_ENUM(code, name) code,
enum hf_rc { HF_RC_LIST(HF_RC_ENUM) HF_RC_COUNT };
#undef HF_RC_ENUM

/* Text for people: English, one sentence, no newline; cut when longer. */
struct hf_err {
	char text[320];
};

/*
 * hf_rc_name - the short name of a code, as it stands in reports, logs and vectors
 *
 * @rc      any value of enum hf_rc
 * Owner    static text
 * Returns  the name; "?" for a value outside the enum
 * Source   proto/README.md "Failing"
 */
const char *hf_rc_name(enum hf_rc rc);

/*
 * hf_rc_from_name - the code of a short name
 *
 * @name     text such as "too-few"
 * @ret_rc   the code; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no such name
 * Source    proto/README.md "Reasons"
 */
HF_NODISCARD enum hf_rc hf_rc_from_name(const char *name, enum hf_rc *ret_rc);

/*
 * hf_err_set - write the text for people and hand back the code
 *
 * @err      may be NULL: then only the code is handed back
 * @rc       what the caller returns
 * @fmt      printf format
 * Owner     the text is copied into err; cut at its end without notice
 * Returns   rc
 */
enum hf_rc hf_err_set(struct hf_err *err, enum hf_rc rc, const char *fmt, ...) HF_PRINTF(3, 4);

#endif
