// SPDX-License-Identifier: MIT OR Apache-2.0
// Uses an interface that the test adds to the engine.
#include "guest.h"

__attribute__((import_module("test:addon/things@1.2.3"), import_name("panic"))) void host_panic(void);
__attribute__((import_module("test:addon/things@1.2.3"), import_name("exit"))) void host_exit(int32_t code);
__attribute__((import_module("test:addon/things@1.2.3"), import_name("count"))) uint32_t host_count(void);

EXPORT("airssys:actor/actor@0.1.0#handle")
void *handle(uint64_t sender, uint64_t id, int has_topic, const char *topic, size_t topic_len, const uint8_t *data,
             size_t len)
{
    (void)sender, (void)id, (void)has_topic, (void)topic, (void)topic_len;
    switch (len == 0 ? 0 : data[0]) {
    case 'p':
        host_panic();
        break;
    case 'x':
        host_exit((int32_t)len);
        break;
    case 'c':
        ret_area[8] = host_count();
        break;
    }
    ret_area[0] = 0;
    ret_area[1] = 1;
    ret_area[2] = (uint32_t)(size_t)&ret_area[8];
    ret_area[3] = 4;
    return ret_area;
}
