// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a component may do: its grants, compiled once, then never changed, and shared by all its instances.
///
/// Nothing is allowed but what a grant allows. A question is about one right and one object; the answer says which
/// grant allows it, or, as a sentence, which one is missing. Asking takes no lock and allocates nothing. Any thread.
///
/// A policy is changed by making another one; holder.h says how its users come to see that.
#ifndef CAPABILITY_POLICY_H
#define CAPABILITY_POLICY_H

#include "airssys/status.h"
#include "capability/endpoint.h"
#include "capability/path.h"
#include "capability/resolved.h"
#include "capability/right.h"

#define CAPABILITY_GRANTS_MAX 4096u
#define CAPABILITY_MOUNTS_MAX 64u

/// One grant, as it is written. Its rights are CAPABILITY_BIT(right) | …, its zones CAPABILITY_ZONE_… | …
typedef airs_grant capability_grant;

/// A folder of the host that a component sees under a path of its own: `guest` is a normal path (path.h), `host` is
/// handed on as it is.
typedef airs_mount capability_mount;

typedef struct capability_policy_options {
    const capability_grant *grants;
    size_t grant_count;
    const capability_mount *mounts;
    size_t mount_count;
} capability_policy_options;

typedef struct capability_policy capability_policy;

/// `ret_wrong` when nothing particular is wrong.
#define CAPABILITY_NONE UINT32_MAX

/// Compiles; all is copied.
/// Owns:   the caller holds one reference.
/// Errors: E_INVALID a grant, a mount, or two that contradict each other: `error` says what, and `ret_wrong` which one,
///         the mounts counted behind the grants. E_LIMIT too many. E_NOMEM. `ret_wrong` may be NULL.
AIRS_NODISCARD airs_status capability_policy_create(const capability_policy_options *options,
                                                    const airs_allocator *allocator, capability_policy **ret_policy,
                                                    uint32_t *ret_wrong, airs_error *error);

/// What to do to a policy: grants to revoke, by number, and grants to put behind the others.
typedef struct capability_change {
    const uint32_t *revoked;
    size_t revoked_count;
    const capability_grant *added;
    size_t added_count;
    /// Written by the change: the number of the first that was added.
    uint32_t first;
} capability_change;

/// Makes the policy that `policy` becomes. All grants keep their numbers.
/// Errors: as capability_policy_create, `ret_wrong` counts those added alone; E_NOT_FOUND a number is no grant's.
AIRS_NODISCARD airs_status capability_policy_change(const capability_policy *policy, capability_change *change,
                                                    capability_policy **ret_policy, uint32_t *ret_wrong,
                                                    airs_error *error);

/// Returns `policy`.
const capability_policy *capability_policy_retain(const capability_policy *policy);
/// The last one frees it. NULL is allowed.
void capability_policy_release(const capability_policy *policy);

uint32_t capability_policy_grant_count(const capability_policy *policy);
/// Grant number `index`, below the count. Borrowed from the policy.
const capability_grant *capability_policy_grant(const capability_policy *policy, uint32_t index);
uint32_t capability_policy_mount_count(const capability_policy *policy);
const capability_mount *capability_policy_mount(const capability_policy *policy, uint32_t index);

/// Writes the grant as people read it, and grant_text.h reads it: files.read,list "/data/**". Returns `text`.
const char *capability_grant_format(char *text, size_t size, const capability_grant *grant);

// ---------------------------------------------------------------- questions

/// What a node that learns does with a refusal.
typedef enum capability_learn {
    /// It notes what was wanted, and lets it be done.
    CAPABILITY_LEARN_DONE,
    /// It notes what was wanted, and refuses it.
    CAPABILITY_LEARN_NOTED,
    /// No grant could allow it: it refuses it.
    CAPABILITY_LEARN_NOT,
} capability_learn;

/// The answer.
typedef struct capability_decision {
    bool allowed;
    /// Written by who learns: it is refused, and done all the same.
    bool learned;
    /// It is no decision of its own call: somebody else asks about it, in the handling of `message`.
    bool elsewhere;
    uint64_t message;
    /// Of a refusal: a capability_learn.
    uint8_t learn;
    /// Of files: any right on the path would do, as only its name is looked at.
    bool look;
    /// Of spawn, where somebody learns: how many children of the template there are with this one.
    uint32_t children;
    capability_right right;
    /// Which grant allows it, when one does.
    uint32_t grant;
    /// Which one is missing: no grant: files.read does not match "/etc/passwd". Only written when it is not allowed.
    char text[256];
} capability_decision;

/// Each function fills in the decision and returns its `allowed`.

/// files: whether `right` is granted on the path, which is below a mount. Of a mount's own folder only read and list
/// can be granted. The mount with the longest path counts.
bool capability_check_file(const capability_policy *policy, capability_right right, const capability_path *path,
                           capability_decision *ret_decision);

/// Where the path is on the host: the mount, and what comes behind its folder, "" for the folder itself.
/// False when no mount has it.
bool capability_policy_locate(const capability_policy *policy, const capability_path *path, uint32_t *ret_mount,
                              const char **ret_rest);

/// files: whether one grant of `right` matches all paths below the path, and none of them is in another mount. Says yes
/// only when it is so, as glob.h does.
bool capability_policy_covers_below(const capability_policy *policy, capability_right right,
                                    const capability_path *path);

/// messaging send, ask, register; env; config: `name` is whose, or which key.
bool capability_check_name(const capability_policy *policy, capability_right right, airs_bytes name,
                           capability_decision *ret_decision);

/// messaging send, ask: `name` is `app/name`, of another app, and `app_len` where its slash is. Only a grant that names
/// the app as it stands matches: a `*` before the slash takes no other app.
bool capability_check_far_name(const capability_policy *policy, capability_right right, airs_bytes name, size_t app_len,
                               capability_decision *ret_decision);

/// messaging publish, subscribe: a topic, or, to subscribe, a pattern of which each topic must be granted.
bool capability_check_topic(const capability_policy *policy, capability_right right, airs_bytes topic,
                            capability_decision *ret_decision);

/// spawn: whether one more child of the template may be started when `alive` of those that the same grant allowed are
/// alive. `alive` is called with the number of a grant; it may be NULL: none is.
typedef uint32_t (*capability_alive_fn)(void *user, uint32_t grant);
bool capability_check_spawn(const capability_policy *policy, airs_bytes template_name, capability_alive_fn alive,
                            void *user, capability_decision *ret_decision);

/// clock, random, stdio.
bool capability_check_plain(const capability_policy *policy, capability_right right, capability_decision *ret_decision);

/// custom: capability `name`, on `object`.
bool capability_check_custom(const capability_policy *policy, airs_bytes name, airs_bytes object,
                             capability_decision *ret_decision);

/// Where somebody wants to go, or to be.
typedef struct capability_target {
    /// Never CAPABILITY_SCHEME_ANY.
    capability_scheme scheme;
    /// The name, when the runtime is going there by name: before it is resolved without an address, then with each
    /// address. NULL when the component gave an address.
    const capability_host *host;
    /// NULL when it is not known yet.
    const capability_address *address;
    uint16_t port;
    /// What the component resolved itself; may be NULL.
    const capability_resolved *resolved;
    /// The monotonic clock, for `resolved`.
    uint64_t now_ns;
} capability_target;

/// network connect, bind. What counts is the address, once it is known: it is asked again right before the system is.
bool capability_check_target(const capability_policy *policy, capability_right right, const capability_target *target,
                             capability_decision *ret_decision);

/// network lookup.
bool capability_check_lookup(const capability_policy *policy, const capability_host *host,
                             capability_decision *ret_decision);

// ---------------------------------------------------------------- children

/// Whether everything that `wanted` allows is allowed by `granted`, grant by grant. Says yes only when it is so.
/// When not, `ret_missing`, which may be NULL, is the number of a grant of `wanted` that is not covered, or of a mount
/// behind the grants: each mount of `wanted` must be one of `granted`, or a folder below one.
/// Counts of children are compared grant by grant, not added up.
bool capability_policy_covers(const capability_policy *granted, const capability_policy *wanted, uint32_t *ret_missing);

/// Makes what is left of a child's policy when its parent's has become `parent`: a grant of which the parent does not
/// have all rights any more is revoked, and those that are left are a new grant behind the others. All grants keep
/// their numbers. The mounts stay.
/// Errors: E_NOMEM.
AIRS_NODISCARD airs_status capability_policy_restrict(const capability_policy *parent, const capability_policy *child,
                                                      capability_policy **ret_policy, airs_error *error);

/// Makes the policy of a child: those grants and mounts of `wanted` that `parent` covers, and behind them those grants
/// of `parent` that `wanted` covers. No grant of it is revoked.
/// Errors: E_NOMEM.
AIRS_NODISCARD airs_status capability_policy_attenuate(const capability_policy *parent, const capability_policy *wanted,
                                                       capability_policy **ret_policy, airs_error *error);

#endif
