// SPDX-License-Identifier: MIT OR Apache-2.0
/// A node's metrics, as Prometheus reads them (docs/reference/metrics.md).
#ifndef AIRS_NODE_METRICS_H
#define AIRS_NODE_METRICS_H

#include "airssys/system.h"

/// Actors that have series of their own.
#define NODE_METRICS_ACTORS_MAX 1000u

/// Version 0.0.4 of the text format. Freed with base_free of the default allocator; NULL when there is no memory. Any
/// thread but a worker; stops nothing.
char *node_metrics_text(airs_system *system, const char *app);

#endif
