// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/host_text.h"

#include "base/quantity.h"
#include "cli/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int cli_host_name_width(const deploy_manifest *manifest)
{
    size_t width = 6;
    for (size_t i = 0; i < manifest->actors_count; i++) {
        size_t len = strlen(manifest->actors[i].name.text);
        if (len > width)
            width = len;
    }
    for (size_t i = 0; i < manifest->groups_count; i++) {
        size_t len = strlen(manifest->groups[i].name.text);
        if (len > width)
            width = len;
    }
    return width > 32 ? 32 : (int)width;
}

void cli_host_print_heading(const deploy_manifest *manifest)
{
    char window[BASE_QUANTITY_MAX];
    fputs(cli_style_on(stdout, CLI_STYLE_BOLD), stdout);
    cli_write_escaped(stdout, manifest->name.text, strlen(manifest->name.text));
    if (manifest->version.text) {
        putchar(' ');
        cli_write_escaped(stdout, manifest->version.text, strlen(manifest->version.text));
    }
    fputs(cli_style_on(stdout, CLI_STYLE_PLAIN), stdout);
    printf("  %s, at most %" PRIu32 " restart%s in %s\n", airs_strategy_name((airs_strategy)manifest->root.strategy),
           manifest->root.max_restarts, manifest->root.max_restarts == 1 ? "" : "s",
           base_duration_format(window, manifest->root.window_ms * 1000000ull));
}

void cli_host_print_summary(airs_finish finish, uint64_t took_ns, const airs_metrics *metrics)
{
    static const char *const words[] = {[AIRS_FINISH_RUNNING] = "stopped",
                                        [AIRS_FINISH_DONE] = "done",
                                        [AIRS_FINISH_FAILED] = "failed",
                                        [AIRS_FINISH_STOPPED] = "stopped"};
    char duration[BASE_QUANTITY_MAX];
    char p50[BASE_QUANTITY_MAX];
    char p99[BASE_QUANTITY_MAX];
    base_duration_format(duration, took_ns);
    base_duration_format(p50, metrics->request_p50_ns);
    base_duration_format(p99, metrics->request_p99_ns);
    printf("%s%s after %s%s: messages %" PRIu64 " (failed %" PRIu64 "), restarts %" PRIu64 ", requests %" PRIu64,
           cli_style_on(stdout, CLI_STYLE_BOLD), words[finish], duration, cli_style_on(stdout, CLI_STYLE_PLAIN),
           metrics->messages_handled, metrics->messages_failed, metrics->restarts, metrics->requests);
    if (metrics->request_p50_ns > 0)
        printf(" (p50 %s, p99 %s)", p50, p99);
    putchar('\n');
}

void cli_host_print_readiness(bool ready, uint64_t took_ns)
{
    char took[BASE_QUANTITY_MAX];
    if (ready)
        printf("ready after %s\n", base_duration_format(took, took_ns));
    else
        printf("not ready: `airssys tree` shows why\n");
}
