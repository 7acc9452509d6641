// SPDX-License-Identifier: MIT OR Apache-2.0
/// SipHash with one round a word and three at the end, after the paper of Aumasson and Bernstein.
#include "base/hash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

typedef struct sip_state {
    uint64_t v0, v1, v2, v3;
} sip_state;

static inline uint64_t rotate(uint64_t word, unsigned bits)
{
    return (word << bits) | (word >> (64 - bits));
}

static inline void sip_round(sip_state *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
}

static inline void sip_word(sip_state *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

static inline uint64_t load_u64(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

// The last len % 8 bytes as a number, without reading past either end.
static inline uint64_t load_tail(const uint8_t *data, size_t len)
{
    size_t left = len % 8;
    if (left == 0)
        return 0;
    if (len >= 8)
        return load_u64(data + len - 8) >> (8 * (8 - left));
    uint64_t word = 0;
    switch (left) {
    case 7:
        word |= (uint64_t)data[6] << 48;
        // fall through
    case 6:
        word |= (uint64_t)data[5] << 40;
        // fall through
    case 5:
        word |= (uint64_t)data[4] << 32;
        // fall through
    case 4:
        word |= (uint64_t)data[3] << 24;
        // fall through
    case 3:
        word |= (uint64_t)data[2] << 16;
        // fall through
    case 2:
        word |= (uint64_t)data[1] << 8;
        // fall through
    default:
        word |= data[0];
    }
    return word;
}

uint64_t base_hash(base_hash_key key, const void *data, size_t len)
{
    sip_state s = {
        .v0 = key.k0 ^ 0x736f6d6570736575u,
        .v1 = key.k1 ^ 0x646f72616e646f6du,
        .v2 = key.k0 ^ 0x6c7967656e657261u,
        .v3 = key.k1 ^ 0x7465646279746573u,
    };
    const uint8_t *at = data;
    size_t left = len;
    for (; left >= 8; at += 8, left -= 8)
        sip_word(&s, load_u64(at));
    sip_word(&s, (uint64_t)len << 56 | load_tail(data, len));

    s.v2 ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

base_hash_key base_hash_key_random(void)
{
    base_hash_key key;
    if (getrandom(&key, sizeof(key), GRND_NONBLOCK) == (ssize_t)sizeof(key))
        return key;
    struct timespec real;
    struct timespec mono;
    clock_gettime(CLOCK_REALTIME, &real);
    clock_gettime(CLOCK_MONOTONIC, &mono);
    key.k0 = ((uint64_t)real.tv_nsec * 0x9e3779b97f4a7c15u) ^ (uint64_t)real.tv_sec;
    key.k1 = ((uint64_t)mono.tv_nsec * 0xbf58476d1ce4e5b9u) ^ (uintptr_t)&key;
    return key;
}
