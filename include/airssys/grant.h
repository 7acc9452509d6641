// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a component may be allowed to do, as it is written down. docs/reference/capabilities.md is the language.
#ifndef AIRSSYS_GRANT_H
#define AIRSSYS_GRANT_H

#include "airssys/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/// X(kind, right, number, text of the right). The numbers stand in audit logs: they are never given anew.
#define AIRS_RIGHT_MAP(X)                    \
    X(FILES, READ, 0, "read")                \
    X(FILES, WRITE, 1, "write")              \
    X(FILES, CREATE, 2, "create")            \
    X(FILES, DELETE, 3, "delete")            \
    X(FILES, LIST, 4, "list")                \
    X(NETWORK, CONNECT, 5, "connect")        \
    X(NETWORK, BIND, 6, "bind")              \
    X(NETWORK, LOOKUP, 7, "lookup")          \
    X(MESSAGING, SEND, 8, "send")            \
    X(MESSAGING, ASK, 9, "ask")              \
    X(MESSAGING, PUBLISH, 10, "publish")     \
    X(MESSAGING, SUBSCRIBE, 11, "subscribe") \
    X(MESSAGING, REGISTER, 12, "register")   \
    X(SPAWN, START, 13, "start")             \
    X(ENV, READ, 14, "read")                 \
    X(CONFIG, READ, 15, "read")              \
    X(CLOCK, WALL, 16, "wall")               \
    X(CLOCK, MONOTONIC, 17, "monotonic")     \
    X(RANDOM, SECURE, 18, "secure")          \
    X(RANDOM, INSECURE, 19, "insecure")      \
    X(STDIO, IN, 20, "in")                   \
    X(STDIO, OUT, 21, "out")                 \
    X(STDIO, ERR, 22, "err")                 \
    X(CUSTOM, USE, 23, "use")

/// One right, as a member of a set: AIRS_RIGHT_FILES_READ | AIRS_RIGHT_FILES_LIST.
typedef enum airs_right {
#define AIRS_RIGHT_ENUM(kind, right, number, text) AIRS_RIGHT_##kind##_##right = 1 << (number),
    AIRS_RIGHT_MAP(AIRS_RIGHT_ENUM)
#undef AIRS_RIGHT_ENUM
} airs_right;

/// Addresses that a grant of the network reaches only when it names them.
typedef enum airs_zone {
    AIRS_ZONE_UNSPECIFIED = 1,
    AIRS_ZONE_LOOPBACK = 2,
    AIRS_ZONE_LINK_LOCAL = 4,
    AIRS_ZONE_PRIVATE = 8,
    /// Where clouds tell a machine its secrets.
    AIRS_ZONE_METADATA = 16,
    AIRS_ZONE_MULTICAST = 32,
    AIRS_ZONE_RESERVED = 64,
} airs_zone;

/// One grant.
typedef struct airs_grant {
    /// Which rights it gives, AIRS_RIGHT_… | …: at least one, all of one kind. Those of messaging that are about topics
    /// (publish, subscribe) stand in no grant together with those that are about names.
    uint32_t rights;
    /// On what. files: a glob over the paths that the component sees. network: `[scheme://]host[:port]`, or with lookup
    /// alone a host. messaging: a pattern of names, or of topics. spawn: a pattern of templates. env, config: a pattern
    /// of keys. custom: a pattern of whatever it is about. clock, random, stdio: NULL.
    const char *pattern;
    /// The name of a custom capability; else NULL.
    const char *custom;
    /// network: zones (AIRS_ZONE_…) that it reaches beside public addresses. A range names the zone that it lies in by
    /// itself, and the name `localhost` loopback.
    uint32_t zones;
    /// spawn: how many children of these templates may be alive at once, from 1.
    uint32_t count_max;
    /// It allows nothing any more, and stays so that the others keep their numbers.
    bool revoked;
} airs_grant;

/// A folder of the host that a component sees under a path of its own.
typedef struct airs_mount {
    /// What the component calls it: begins with `/`, has single slashes, no `.`, no `..`, none at its end but for `/`.
    const char *guest;
    /// The folder on the host. Links on the way to it are followed once, when the actor is spawned: one that is put
    /// there later leads nowhere.
    const char *host;
} airs_mount;

#ifdef __cplusplus
}
#endif

#endif
