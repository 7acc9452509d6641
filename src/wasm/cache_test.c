// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/testing.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "wasm/cache.h"

#define ENTRY_BYTES 1000u

typedef struct world {
    char folder[40];
    wasm_cache cache;
} world;

static void begin(world *self, uint64_t total_max)
{
    (void)snprintf(self->folder, sizeof self->folder, "/tmp/airs-cache-XXXXXX");
    assert_non_null(mkdtemp(self->folder));
    assert_int_equal(wasm_cache_init(&self->cache, base_allocator_default(), self->folder, NULL), AIRS_OK);
    self->cache.total_max = total_max;
}

static void end(world *self)
{
    char command[64];
    wasm_cache_fini(&self->cache);
    (void)snprintf(command, sizeof command, "rm -r %s", self->folder);
    assert_int_equal(system(command), 0);
}

static void hash_of(uint32_t number, uint8_t ret_hash[WASM_CACHE_HASH_SIZE])
{
    wasm_cache_hash((airs_bytes){(const uint8_t *)&number, sizeof number}, ret_hash);
}

static void keep(world *self, uint32_t number)
{
    uint8_t hash[WASM_CACHE_HASH_SIZE];
    uint8_t code[ENTRY_BYTES];
    memset(code, (int)number, sizeof code);
    hash_of(number, hash);
    wasm_cache_keep(&self->cache, base_bytes_of("engine"), hash, (airs_bytes){code, sizeof code});
}

static bool is_there(world *self, uint32_t number)
{
    uint8_t hash[WASM_CACHE_HASH_SIZE];
    airs_buffer file = {0};
    airs_bytes code;
    hash_of(number, hash);
    if (!wasm_cache_find(&self->cache, base_bytes_of("engine"), hash, &file, &code))
        return false;
    assert_int_equal(code.len, ENTRY_BYTES);
    assert_int_equal(code.data[0], (uint8_t)number);
    wasm_cache_release(&self->cache, &file);
    return true;
}

/// As if the file had been written so long ago.
static void age(world *self, const char *name, time_t seconds)
{
    const struct timespec at = {.tv_sec = time(NULL) - seconds};
    assert_int_equal(utimensat(self->cache.folder, name, (const struct timespec[2]){at, at}, 0), 0);
}

/// The same for the entry that was written last.
static void age_newest(world *self, time_t seconds)
{
    char command[160];
    (void)snprintf(command, sizeof command, "touch -d '%lld seconds ago' \"$(ls -t %s/*.code | head -n 1)\"",
                   (long long)seconds, self->folder);
    assert_int_equal(system(command), 0);
}

static void what_was_not_used_for_longest_goes(void **user)
{
    (void)user;
    world self;
    // Room for three, with what stands before the code.
    begin(&self, 3 * ENTRY_BYTES + ENTRY_BYTES / 2);
    for (uint32_t i = 1; i <= 3; i++) {
        keep(&self, i);
        age_newest(&self, 100000 - (time_t)i * 10000);
    }
    uint64_t bytes = 0, count = 0;
    assert_true(wasm_cache_measure(self.folder, &bytes, &count));
    assert_int_equal(count, 3);
    assert_true(bytes > 3 * ENTRY_BYTES && bytes <= self.cache.total_max);
    // Used, it is not the oldest any more.
    assert_true(is_there(&self, 1));
    keep(&self, 4);
    assert_false(is_there(&self, 2));
    assert_true(is_there(&self, 1) && is_there(&self, 3) && is_there(&self, 4));
    assert_true(wasm_cache_measure(self.folder, &bytes, &count));
    assert_int_equal(count, 3);
    // One that is larger than all stays until there is another.
    self.cache.total_max = 1;
    keep(&self, 5);
    assert_true(is_there(&self, 5));
    assert_true(wasm_cache_measure(self.folder, &bytes, &count));
    assert_int_equal(count, 1);
    keep(&self, 6);
    assert_false(is_there(&self, 5));
    end(&self);
}

static void write_file(world *self, const char *name)
{
    int fd = openat(self->cache.folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "half", 4), 4);
    assert_int_equal(close(fd), 0);
}

static void what_is_half_written_goes_when_it_is_old(void **user)
{
    (void)user;
    world self;
    begin(&self, WASM_CACHE_TOTAL_MAX);
    static const char *const names[] = {"new.0011", "new.2233", "key.4455", "other"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        write_file(&self, names[i]);
    age(&self, "new.0011", 7200);
    age(&self, "key.4455", 7200);
    age(&self, "other", 7200);
    age(&self, "key", 7200);
    keep(&self, 1);
    assert_int_equal(faccessat(self.cache.folder, "new.0011", F_OK, 0), -1);
    assert_int_equal(faccessat(self.cache.folder, "key.4455", F_OK, 0), -1);
    // Somebody writes it now; or it is nothing of the cache.
    assert_int_equal(faccessat(self.cache.folder, "new.2233", F_OK, 0), 0);
    assert_int_equal(faccessat(self.cache.folder, "other", F_OK, 0), 0);
    assert_int_equal(faccessat(self.cache.folder, "key", F_OK, 0), 0);
    assert_true(is_there(&self, 1));
    uint64_t bytes, count;
    assert_false(wasm_cache_measure("/no/such/folder", &bytes, &count));
    end(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_used_for_longest_goes),
        cmocka_unit_test(what_is_half_written_goes_when_it_is_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
