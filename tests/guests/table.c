// SPDX-License-Identifier: MIT OR Apache-2.0
// Grows its table by the number in the message, and answers with the size before, or -1 where that was
// refused. "forever" grows until it is refused and answers with the size.
#include <airssys/guest.h>

// The instructions on tables that C of this age has no words for.
static int32_t table_grow(int32_t elements)
{
    int32_t old_size;
    __asm__ volatile("ref.null_func\n"
                     "local.get %1\n"
                     "table.grow __indirect_function_table\n"
                     "local.set %0"
                     : "=r"(old_size)
                     : "r"(elements));
    return old_size;
}

static int32_t table_size(void)
{
    int32_t size;
    __asm__ volatile("table.size __indirect_function_table\n"
                     "local.set %0"
                     : "=r"(size));
    return size;
}

airs_result actor_handle(const airs_message *message)
{
    uint64_t elements;
    if (airs_equal(message->payload, airs_text("forever"))) {
        for (int32_t step = 1 << 20; step > 0; step /= 2) {
            while (table_grow(step) >= 0)
                ;
        }
        return airs_answer(airs_signed(table_size()));
    }
    if (!airs_parse_unsigned(message->payload, &elements))
        return airs_error(airs_text("a number, or `forever`"));
    return airs_answer(airs_signed(table_grow((int32_t)elements)));
}
