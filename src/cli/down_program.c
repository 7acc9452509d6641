// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/down_program.h"

#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "base/quantity.h"
#include "os/clock.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

// How long a node may take to say what it is.
#define ANSWER_MS 2000u

bool cli_down_wait(int fd, uint64_t deadline_ns)
{
    for (uint64_t now_ns; (now_ns = os_clock_now_ns()) < deadline_ns;) {
        struct pollfd end = {.fd = fd, .events = POLLIN};
        uint64_t left_ms = (deadline_ns - now_ns) / 1000000u + 1;
        if (poll(&end, 1, left_ms > 1000 ? 1000 : (int)left_ms) > 0)
            return true;
    }
    return false;
}

/// Waits until the node closes a connection that nothing more comes by. False: not until then.
static bool wait_for_close(const node_client *client, uint64_t deadline_ns)
{
    char dropped[256];
    while (cli_down_wait(client->fd, deadline_ns)) {
        ssize_t got = recv(client->fd, dropped, sizeof dropped, 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            return true;
    }
    return false;
}

/// Of several apps the one that ends last is that of `socket`: it may be another one than was asked.
static bool wait_for_end(const node_client *asked, const char *asked_socket, const char *socket, uint64_t deadline_ns)
{
    node_client last;
    if (!*socket || strcmp(asked_socket, socket) == 0)
        return wait_for_close(asked, deadline_ns);
    if (node_client_open(&last, socket, NULL) != AIRS_OK)
        return wait_for_close(asked, deadline_ns);
    bool ended = wait_for_close(&last, deadline_ns);
    node_client_close(&last);
    return ended;
}

bool cli_down_program(const char *socket, pid_t pid, uint32_t timeout_ms, cli_exit *ret_code)
{
    node_client client;
    cJSON *reply = NULL;
    char took[BASE_QUANTITY_MAX];
    uint64_t since_ns = os_clock_now_ns();
    if (node_client_open(&client, socket, NULL) != AIRS_OK)
        return false;
    if (node_client_ask(&client, "down", NULL, ANSWER_MS, &reply, NULL) != AIRS_OK) {
        node_client_close(&client);
        return false;
    }
    bool ended = wait_for_end(&client, socket, cli_field_text(reply, "socket"), os_deadline_ms(since_ns, timeout_ms));
    cJSON_Delete(reply);
    node_client_close(&client);
    *ret_code = ended ? CLI_EXIT_OK : CLI_EXIT_TIMEOUT;
    if (ended)
        printf("the node in the program of process %ld has stopped after %s; the program goes on\n", (long)pid,
               base_duration_format(took, os_clock_now_ns() - since_ns));
    else
        cli_error("the node in the program of process %ld has not stopped within %s", (long)pid,
                  base_duration_format(took, (uint64_t)timeout_ms * 1000000u));
    return true;
}
