// SPDX-License-Identifier: MIT OR Apache-2.0
#include "wasm/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "os/file.h"

#define MAC_SIZE 32u
#define HEADER_SIZE (8u + 8u + MAC_SIZE)
#define NAME_SIZE 64u
/// No compiled component is near this; a larger file is not ours.
#define FILE_MAX (512u << 20)
/// What is not written on for so long is nobody's any more.
#define AGE_S 3600

static const char magic[8] = {'a', 'i', 'r', 's', 'c', 'o', 'd', 'e'};

// ---------------------------------------------------------------- small file helpers

static bool write_whole(int fd, const void *data, size_t len)
{
    const uint8_t *from = data;
    while (len > 0) {
        ssize_t put = write(fd, from, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        from += put;
        len -= (size_t)put;
    }
    return true;
}

/// Makes each missing folder of `path`, the last one private.
static bool make_folders(const char *path)
{
    char part[4096];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(part, path, len + 1);
    for (char *slash = part + 1; *slash != '\0'; slash++) {
        if (*slash != '/')
            continue;
        *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    return mkdir(part, 0700) == 0 || errno == EEXIST;
}

/// Only a folder that nobody else can write to may hold code that we run.
static bool is_private(int folder)
{
    struct stat about;
    return fstat(folder, &about) == 0 && S_ISDIR(about.st_mode) && about.st_uid == geteuid() &&
           (about.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// ---------------------------------------------------------------- the key

static bool read_key(wasm_cache *cache)
{
    int fd = openat(cache->folder, "key", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    struct stat about;
    airs_buffer key = {0};
    bool ok = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == geteuid() &&
              (about.st_mode & 077) == 0 &&
              os_fd_read(cache->allocator, fd, "key", WASM_CACHE_KEY_SIZE, &key, NULL) == AIRS_OK &&
              key.len == WASM_CACHE_KEY_SIZE;
    (void)close(fd);
    if (ok)
        memcpy(cache->key, key.data, sizeof cache->key);
    if (key.data != NULL)
        sodium_memzero(key.data, key.len);
    airs_buffer_free(&key);
    return ok;
}

/// A temporary name that no other process or thread uses: `<prefix>.<random>`.
static void temporary_name(const char *prefix, char *ret_name, size_t size)
{
    (void)snprintf(ret_name, size, "%s.%08x%08x", prefix, randombytes_random(), randombytes_random());
}

/// Makes the key unless another process was faster; linkat never replaces an existing one.
static bool make_key(wasm_cache *cache)
{
    char name[NAME_SIZE];
    temporary_name("key", name, sizeof name);
    uint8_t key[WASM_CACHE_KEY_SIZE];
    randombytes_buf(key, sizeof key);
    int fd = openat(cache->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool ok = write_whole(fd, key, sizeof key);
    ok = close(fd) == 0 && ok;
    if (ok)
        ok = linkat(cache->folder, name, cache->folder, "key", 0) == 0 || errno == EEXIST;
    (void)unlinkat(cache->folder, name, 0);
    sodium_memzero(key, sizeof key);
    return ok && read_key(cache);
}

// ---------------------------------------------------------------- entries

static void mac_of(const wasm_cache *cache, airs_bytes fingerprint, const uint8_t *hash, airs_bytes code,
                   uint8_t ret_mac[MAC_SIZE])
{
    crypto_generichash_state state;
    uint64_t fingerprint_len = fingerprint.len;
    crypto_generichash_init(&state, cache->key, sizeof cache->key, MAC_SIZE);
    crypto_generichash_update(&state, (const uint8_t *)&fingerprint_len, sizeof fingerprint_len);
    crypto_generichash_update(&state, fingerprint.data, fingerprint.len);
    crypto_generichash_update(&state, hash, WASM_CACHE_HASH_SIZE);
    crypto_generichash_update(&state, code.data, code.len);
    crypto_generichash_final(&state, ret_mac, MAC_SIZE);
}

static void entry_name(airs_bytes fingerprint, const uint8_t *hash, char ret_name[NAME_SIZE])
{
    uint8_t digest[20];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    crypto_generichash_update(&state, hash, WASM_CACHE_HASH_SIZE);
    crypto_generichash_update(&state, fingerprint.data, fingerprint.len);
    crypto_generichash_final(&state, digest, sizeof digest);
    char hex[2 * sizeof digest + 1];
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    (void)snprintf(ret_name, NAME_SIZE, "%s.code", hex);
}

airs_status wasm_cache_init(wasm_cache *cache, const airs_allocator *allocator, const char *path, airs_error *error)
{
    *cache = (wasm_cache){.allocator = allocator, .folder = -1, .total_max = WASM_CACHE_TOTAL_MAX};
    if (sodium_init() < 0)
        return base_error_set(error, AIRS_E_INTERNAL, "libsodium does not start");
    if (path == NULL)
        return AIRS_OK;
    int folder = make_folders(path) ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (folder < 0)
        return base_error_set(error, AIRS_E_IO, "cache folder %s: %s", path, strerror(errno));
    if (!is_private(folder)) {
        (void)close(folder);
        return base_error_set(error, AIRS_E_IO,
                              "cache folder %s: others may write to it, or it belongs to another user", path);
    }
    cache->folder = folder;
    if (read_key(cache) || make_key(cache))
        return AIRS_OK;
    wasm_cache_fini(cache);
    return base_error_set(error, AIRS_E_IO,
                          "cache folder %s: its key can't be read or made (it must be a file of %u "
                          "bytes with mode 0600)",
                          path, WASM_CACHE_KEY_SIZE);
}

void wasm_cache_fini(wasm_cache *cache)
{
    if (cache->folder >= 0)
        (void)close(cache->folder);
    cache->folder = -1;
    sodium_memzero(cache->key, sizeof cache->key);
}

void wasm_cache_hash(airs_bytes wasm, uint8_t ret_hash[WASM_CACHE_HASH_SIZE])
{
    crypto_generichash(ret_hash, WASM_CACHE_HASH_SIZE, wasm.data, wasm.len, NULL, 0);
}

static bool is_old(const struct stat *about)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return about->st_mtim.tv_sec < now.tv_sec - AGE_S;
}

/// Reads a file of at least a header; `ret_file` is then the caller's.
static bool read_entry(const wasm_cache *cache, const char *name, airs_buffer *ret_file)
{
    int fd = openat(cache->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    struct stat about;
    bool ok = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) &&
              os_fd_read(cache->allocator, fd, name, FILE_MAX, ret_file, NULL) == AIRS_OK;
    // The time of its last use, to the hour; that of the last reading is not kept on every file system.
    if (ok && is_old(&about))
        (void)futimens(fd, NULL);
    (void)close(fd);
    if (ok && ret_file->len <= HEADER_SIZE) {
        wasm_cache_release(cache, ret_file);
        return false;
    }
    return ok;
}

bool wasm_cache_find(const wasm_cache *cache, airs_bytes fingerprint, const uint8_t hash[WASM_CACHE_HASH_SIZE],
                     airs_buffer *ret_file, airs_bytes *ret_code)
{
    if (cache->folder < 0)
        return false;
    char name[NAME_SIZE];
    entry_name(fingerprint, hash, name);
    airs_buffer file = {0};
    if (!read_entry(cache, name, &file))
        return false;
    uint64_t code_len = 0;
    memcpy(&code_len, file.data + 8, sizeof code_len);
    airs_bytes code = {file.data + HEADER_SIZE, file.len - HEADER_SIZE};
    uint8_t mac[MAC_SIZE];
    bool ok = memcmp(file.data, magic, sizeof magic) == 0 && code_len == code.len;
    if (ok) {
        mac_of(cache, fingerprint, hash, code, mac);
        ok = sodium_memcmp(mac, file.data + 16, MAC_SIZE) == 0;
    }
    if (!ok) {
        wasm_cache_release(cache, &file);
        return false;
    }
    *ret_file = file;
    *ret_code = code;
    return true;
}

void wasm_cache_release(const wasm_cache *cache, airs_buffer *file)
{
    base_free(cache->allocator, file->data);
    *file = (airs_buffer){0};
}

// ---------------------------------------------------------------- making room

/// What one look at the folder has found.
typedef struct cache_content {
    uint64_t bytes;
    uint64_t count;
    /// The entry that was not used for longest, but for the one that is to stay; empty: there is no other.
    char oldest[NAME_SIZE];
    struct timespec oldest_at;
} cache_content;

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);
    return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

static bool is_before(struct timespec one, struct timespec other)
{
    return one.tv_sec != other.tv_sec ? one.tv_sec < other.tv_sec : one.tv_nsec < other.tv_nsec;
}

static void look_at(int folder, const char *name, const char *stays, cache_content *ret)
{
    struct stat about;
    bool half = strncmp(name, "new.", 4) == 0 || strncmp(name, "key.", 4) == 0;
    if ((!half && !ends_with(name, ".code")) || strlen(name) >= NAME_SIZE ||
        fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(about.st_mode))
        return;
    if (half) {
        if (stays != NULL && is_old(&about))
            (void)unlinkat(folder, name, 0);
        return;
    }
    ret->bytes += (uint64_t)about.st_size;
    ret->count++;
    bool may_go = stays == NULL || strcmp(name, stays) != 0;
    if (may_go && (ret->oldest[0] == '\0' || is_before(about.st_mtim, ret->oldest_at))) {
        memcpy(ret->oldest, name, strlen(name) + 1);
        ret->oldest_at = about.st_mtim;
    }
}

/// Looks at all of the folder, which is read by a descriptor of its own; with `stays`, removes what is half and old.
static bool look(int folder, const char *stays, cache_content *ret)
{
    *ret = (cache_content){0};
    int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = own < 0 ? NULL : fdopendir(own);
    if (names == NULL) {
        if (own >= 0)
            (void)close(own);
        return false;
    }
    for (const struct dirent *entry; (entry = readdir(names)) != NULL;)
        look_at(folder, entry->d_name, stays, ret);
    (void)closedir(names);
    return true;
}

/// Others may do the same: what is gone already has made room too.
static void make_room(const wasm_cache *cache, const char *stays)
{
    cache_content content;
    while (look(cache->folder, stays, &content) && content.bytes > cache->total_max && content.oldest[0] != '\0') {
        if (unlinkat(cache->folder, content.oldest, 0) != 0 && errno != ENOENT)
            return;
    }
}

bool wasm_cache_measure(const char *path, uint64_t *ret_bytes, uint64_t *ret_count)
{
    cache_content content;
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = folder >= 0 && look(folder, NULL, &content);
    if (folder >= 0)
        (void)close(folder);
    if (ok) {
        *ret_bytes = content.bytes;
        *ret_count = content.count;
    }
    return ok;
}

void wasm_cache_keep(const wasm_cache *cache, airs_bytes fingerprint, const uint8_t hash[WASM_CACHE_HASH_SIZE],
                     airs_bytes code)
{
    if (cache->folder < 0 || code.len > FILE_MAX - HEADER_SIZE)
        return;
    uint8_t header[HEADER_SIZE];
    uint64_t code_len = code.len;
    memcpy(header, magic, sizeof magic);
    memcpy(header + 8, &code_len, sizeof code_len);
    mac_of(cache, fingerprint, hash, code, header + 16);

    char name[NAME_SIZE];
    char temporary[NAME_SIZE];
    entry_name(fingerprint, hash, name);
    temporary_name("new", temporary, sizeof temporary);
    int fd = openat(cache->folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    bool ok = write_whole(fd, header, sizeof header) && write_whole(fd, code.data, code.len);
    ok = close(fd) == 0 && ok;
    if (!ok || renameat(cache->folder, temporary, cache->folder, name) != 0)
        (void)unlinkat(cache->folder, temporary, 0);
    else
        make_room(cache, name);
}
