// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

static bool to_address(const struct addrinfo *info, airs_address *ret_address)
{
    airs_address address = {0};
    if (info->ai_family == AF_INET) {
        struct sockaddr_in ip;
        memcpy(&ip, info->ai_addr, sizeof ip);
        address.version = 4;
        memcpy(address.bytes, &ip.sin_addr, sizeof ip.sin_addr);
    } else if (info->ai_family == AF_INET6) {
        struct sockaddr_in6 ip;
        memcpy(&ip, info->ai_addr, sizeof ip);
        address.version = 6;
        memcpy(address.bytes, &ip.sin6_addr, sizeof ip.sin6_addr);
    } else {
        return false;
    }
    *ret_address = address;
    return true;
}

static airs_status status_of(int error)
{
    switch (error) {
    case 0:
        return AIRS_OK;
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
        return AIRS_E_NOT_FOUND;
    case EAI_AGAIN:
        return AIRS_E_TIMEOUT;
    case EAI_MEMORY:
        return AIRS_E_NOMEM;
    default:
        return AIRS_E_IO;
    }
}

airs_status os_resolve(void *user, const char *name, airs_address *ret_addresses, size_t max, size_t *ret_count)
{
    (void)user;
    // One kind of socket: else each address comes once for each.
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    airs_status status = status_of(getaddrinfo(name, NULL, &wanted, &found));
    if (status != AIRS_OK)
        return status;
    size_t count = 0;
    for (const struct addrinfo *at = found; at != NULL && count < max; at = at->ai_next)
        count += to_address(at, &ret_addresses[count]) ? 1 : 0;
    freeaddrinfo(found);
    *ret_count = count;
    return AIRS_OK;
}
