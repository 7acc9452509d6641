// SPDX-License-Identifier: MIT OR Apache-2.0
// Imports what nobody offers: an interface that nobody knows, and a version of one that is known.
#include <airssys/guest.h>

__attribute__((import_module("test:telepathy/minds@1.2.0"), import_name("read"))) uint64_t read_mind(uint64_t person);
__attribute__((import_module("wasi:clocks/monotonic-clock@0.9.0"), import_name("now"))) uint64_t now(void);

airs_result actor_handle(const airs_message *message)
{
    return airs_answer(airs_unsigned(read_mind(message->sender) + now()));
}
