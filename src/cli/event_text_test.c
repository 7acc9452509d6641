// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/event_text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void each_event_is_a_sentence(void **state)
{
    (void)state;
    static const struct {
        airs_event event;
        const char *text;
    } events[] = {
        {{.kind = AIRS_EVENT_STARTED, .text = ""}, "started"},
        {{.kind = AIRS_EVENT_FAILED, .reason = AIRS_EXIT_TRAP, .text = "unreachable"}, "failed (trap): unreachable"},
        {{.kind = AIRS_EVENT_FAILED, .reason = AIRS_EXIT_KILLED, .text = ""}, "failed (killed)"},
        {{.kind = AIRS_EVENT_FAILED, .reason = AIRS_EXIT_KILLED, .text = "killed"}, "failed (killed)"},
        {{.kind = AIRS_EVENT_RESTARTED, .text = "", .elapsed_ns = 2500000, .restarts = 3},
         "ready again after 2.5 ms, restarts so far: 3"},
        {{.kind = AIRS_EVENT_STOPPED, .reason = AIRS_EXIT_NORMAL, .text = ""}, "ended for good"},
        {{.kind = AIRS_EVENT_STOPPED, .reason = AIRS_EXIT_LIMIT, .text = ""}, "ended for good (limit)"},
        {{.kind = AIRS_EVENT_ESCALATED, .text = "too many restarts"}, "gave up: too many restarts"},
        {{.kind = AIRS_EVENT_BACKOFF, .text = "", .elapsed_ns = 200000000}, "starts again in 200 ms"},
        {{.kind = AIRS_EVENT_HEALTH, .health = AIRS_HEALTH_DEGRADED, .text = "cold"}, "is degraded: cold"},
        {{.kind = AIRS_EVENT_HEALTH, .health = AIRS_HEALTH_HEALTHY, .text = ""}, "is healthy"},
        {{.kind = AIRS_EVENT_PAUSED, .text = ""}, "paused"},
        {{.kind = AIRS_EVENT_RESUMED, .text = ""}, "resumed"},
        {{.kind = AIRS_EVENT_QUARANTINED, .text = ""}, "quarantined"},
        {{.kind = AIRS_EVENT_RELEASED, .text = ""}, "released"},
        {{.kind = AIRS_EVENT_CANARY, .text = "5% of 2.0.0 by sender"}, "a canary runs: 5% of 2.0.0 by sender"},
        {{.kind = AIRS_EVENT_DEPLOYED, .text = "1.0.0 -> 2.0.0, as number 3"}, "deployed: 1.0.0 -> 2.0.0, as number 3"},
        {{.kind = AIRS_EVENT_ROLLED_BACK, .text = "2.0.0 -> 1.0.0, as number 3: it is ill"},
         "rolled back: 2.0.0 -> 1.0.0, as number 3: it is ill"},
        {{.kind = AIRS_EVENT_STATE, .state = AIRS_ACTOR_READY, .text = ""}, "is ready"},
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        char text[CLI_EVENT_TEXT_MAX];
        assert_string_equal(cli_event_text(text, &events[i].event), events[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_event_is_a_sentence)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
