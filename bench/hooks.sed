# SPDX-License-Identifier: MIT OR Apache-2.0
# Takes the hooks out of the way of a message: src/actor/receive.c as it would be without them.
/} else if (self->filters && !actor_hooks_pass/{
N
d
}
