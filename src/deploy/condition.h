// SPDX-License-Identifier: MIT OR Apache-2.0
/// When a canary is promoted, and when it is rolled back, as somebody has written it:
///
///     errors<0.1% p99<2ms messages>=1000 for 60s
///
///   METRIC   errors           events that failed, of all that it has handled; in percent
///            p50, p99         how long it has had an event in hand; us, ms or s
///            messages         events that it has handled, well or not
///            restarts         of actors that have the new version
///   OP       <  <=  >  >=
///   for      the window: what has happened in the last so and so long counts, and nothing holds before the canary
///            has run for that long. Without it all since the canary began counts.
///
/// All clauses have to hold. Those of errors, p50 and p99 do not where nothing was handled in the window.
#ifndef DEPLOY_CONDITION_H
#define DEPLOY_CONDITION_H

#include "actor/histogram.h"
#include "airssys/deploy.h"

#define CONDITION_CLAUSES_MAX 8u
/// Of the text, with its NUL.
#define CONDITION_TEXT_MAX 256u

typedef enum condition_metric {
    CONDITION_ERRORS,
    CONDITION_P50,
    CONDITION_P99,
    CONDITION_MESSAGES,
    CONDITION_RESTARTS,
} condition_metric;

typedef enum condition_op {
    CONDITION_LESS,
    CONDITION_AT_MOST,
    CONDITION_MORE,
    CONDITION_AT_LEAST,
} condition_op;

typedef struct condition_clause {
    condition_metric metric;
    condition_op op;
    /// Millionths of a percent of errors; nanoseconds; or a number.
    uint64_t value;
} condition_clause;

typedef struct condition {
    condition_clause clauses[CONDITION_CLAUSES_MAX];
    uint32_t count;
    /// 0: since the canary began.
    uint64_t window_ms;
} condition;

/// Reads one. `what` stands in front of the error's text: "promote_when".
/// Errors: E_INVALID; `error` names the column, counted in bytes from 1, and what is wrong there.
airs_status condition_parse(const char *text, const char *what, condition *ret, airs_error *error);

/// Reads a share: "5%", "0.5%", with up to four places. `what` as above. Errors: E_INVALID.
airs_status condition_parse_share(const char *text, const char *what, uint32_t *ret_ppm, airs_error *error);

/// What versions have done; numbers only grow.
typedef struct condition_facts {
    uint64_t handled;
    uint64_t failed;
    uint64_t restarts;
    /// How long events were in hand.
    uint64_t times[HISTOGRAM_BUCKETS];
} condition_facts;

/// `quantile`: 0 to 1. Nanoseconds; 0 when there is nothing.
uint64_t condition_quantile_ns(const condition_facts *facts, double quantile);

/// Whether all clauses hold of what has happened between two times. `ret_text` (of CONDITION_TEXT_MAX bytes) says what
/// was found of each: "errors 2.5% (>1%)".
bool condition_holds(const condition *self, const condition_facts *before, const condition_facts *now, char *ret_text);

#endif
