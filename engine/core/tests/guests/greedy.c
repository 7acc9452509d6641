// SPDX-License-Identifier: MIT OR Apache-2.0
// Takes all it can get of what is not memory: "t" table elements, "h" handles of a resource of its own; "T" asks for
// more than there are numbers for.
#include "guest.h"

__attribute__((import_module("[export]test:greedy/things@1.0.0"), import_name("[resource-new]thing"))) uint32_t
new_thing(uint32_t rep);

EXPORT("test:greedy/things@1.0.0#[constructor]thing") uint32_t construct(void)
{
    return new_thing(1);
}

static int32_t grow_table(int32_t by)
{
    int32_t before;
    __asm__ volatile("ref.null_func\n"
                     "local.get %1\n"
                     "table.grow __indirect_function_table\n"
                     "local.set %0\n"
                     : "=r"(before)
                     : "r"(by));
    return before;
}

EXPORT("airssys:actor/actor@0.1.0#handle")
void *handle(uint64_t sender, uint64_t id, int has_topic, const char *topic, size_t topic_len, const uint8_t *data,
             size_t len)
{
    (void)sender, (void)id, (void)has_topic, (void)topic, (void)topic_len;
    ret_area[8] = 0;
    while (len > 0 && data[0] == 't' && grow_table(100) != -1) {
        ret_area[8]++;
    }
    for (int i = 0; len > 0 && data[0] == 'T' && i < 10; i++) {
        grow_table(-1);
        __builtin_wasm_memory_grow(0, (size_t)-1);
    }
    while (len > 0 && data[0] == 'h') {
        new_thing(1);
    }
    ret_area[0] = 0, ret_area[1] = 1, ret_area[2] = (uint32_t)(size_t)&ret_area[8], ret_area[3] = 4;
    return ret_area;
}
