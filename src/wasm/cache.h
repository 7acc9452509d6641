// SPDX-License-Identifier: MIT OR Apache-2.0
/// Compiled code on disk, so that a component is compiled once.
///
/// Loading machine code is running it, so an entry counts only when its MAC is right: keyed BLAKE2b
/// over the engine's fingerprint, the hash of the component and the code, with a key of 32 random
/// bytes in the same folder (mode 0600, the folder 0700 and of the same user). An entry is read once
/// into memory, checked there, and loaded from there. What does not check is treated as absent.
///
/// File `<hex>.code`: magic "airscode", u64 length, 32 bytes of MAC, code. The name is a hash of the
/// fingerprint and the component's hash. Written to a temporary name and renamed, so that readers
/// see a whole entry or none.
///
/// The folder is bounded: when an entry is kept, and all of them are more than WASM_CACHE_TOTAL_MAX bytes, those that
/// were not used for longest go. What a process left half written goes when it is an hour old.
#ifndef WASM_CACHE_H
#define WASM_CACHE_H

#include "airssys/status.h"

#define WASM_CACHE_HASH_SIZE 32u
#define WASM_CACHE_KEY_SIZE 32u
#define WASM_CACHE_TOTAL_MAX (1024u << 20)

typedef struct wasm_cache {
    const airs_allocator *allocator;
    /// Descriptor of the folder, -1 when the cache is off.
    int folder;
    /// Bytes of all entries together. Only changed before the first use.
    uint64_t total_max;
    uint8_t key[WASM_CACHE_KEY_SIZE];
} wasm_cache;

/// Opens the folder, made with its parents where it is missing, and reads or makes the key.
/// With `path` NULL the cache is off: nothing is found, nothing kept.
/// Errors: E_IO with what is wrong; the cache is then off and may still be used.
airs_status wasm_cache_init(wasm_cache *cache, const airs_allocator *allocator, const char *path, airs_error *error);

/// Any thread but together with another use. Allowed on a cache that is off.
void wasm_cache_fini(wasm_cache *cache);

/// The hash that names a component.
void wasm_cache_hash(airs_bytes wasm, uint8_t ret_hash[WASM_CACHE_HASH_SIZE]);

/// Finds compiled code; false when there is none that counts. The caller frees the buffer with
/// `wasm_cache_release`. Any thread.
bool wasm_cache_find(const wasm_cache *cache, airs_bytes fingerprint, const uint8_t hash[WASM_CACHE_HASH_SIZE],
                     airs_buffer *ret_file, airs_bytes *ret_code);

void wasm_cache_release(const wasm_cache *cache, airs_buffer *file);

/// Keeps compiled code, and makes room. A failure (no space, say) loses nothing but time, so there is no status. Any
/// thread.
void wasm_cache_keep(const wasm_cache *cache, airs_bytes fingerprint, const uint8_t hash[WASM_CACHE_HASH_SIZE],
                     airs_bytes code);

/// How many entries the folder at `path` has, and their bytes together; false when it can't be read. Any thread.
bool wasm_cache_measure(const char *path, uint64_t *ret_bytes, uint64_t *ret_count);

#endif
