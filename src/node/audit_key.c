// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/audit_key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define SECRET_DIGITS (2u * AUDIT_SECRET_SIZE)
#define PUBLIC_DIGITS (2u * AUDIT_KEY_SIZE)

// ---------------------------------------------------------------- files

/// Writes a new file in one step: it is there whole, or not at all. E_TAKEN: it is there already.
static airs_status write_new(const char *path, const char *line, mode_t mode, airs_error *error)
{
    char made[PATH_MAX];
    int len = snprintf(made, sizeof made, "%s.%ld.new", path, (long)getpid());
    if (len < 0 || (size_t)len >= sizeof made)
        return base_error_set(error, AIRS_E_IO, "the node's key %s: the path is too long", path);
    // What lies there is of a process that was killed, or nobody's we know: nothing is written into it.
    (void)unlink(made);
    int file = open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (file < 0)
        return base_error_errno(error, AIRS_E_IO, errno, "making the node's key %s", path);
    size_t size = strlen(line);
    bool written = write(file, line, size) == (ssize_t)size && fsync(file) == 0;
    int failure = errno;
    (void)close(file);
    // A link, not a rename: of two nodes that start at once, the first one's key counts.
    if (written && link(made, path) != 0) {
        failure = errno;
        written = false;
    }
    (void)unlink(made);
    if (written)
        return AIRS_OK;
    return base_error_errno(error, failure == EEXIST ? AIRS_E_TAKEN : AIRS_E_IO, failure, "writing the node's key %s",
                            path);
}

// ---------------------------------------------------------------- the key

static airs_status make_key(const char *path, airs_error *error)
{
    uint8_t key[AUDIT_KEY_SIZE];
    uint8_t secret[AUDIT_SECRET_SIZE];
    char line[SECRET_DIGITS + 2];
    if (crypto_sign_keypair(key, secret) != 0)
        return base_error_set(error, AIRS_E_INTERNAL, "libsodium makes no key");
    (void)sodium_bin2hex(line, sizeof line, secret, sizeof secret);
    line[SECRET_DIGITS] = '\n';
    line[SECRET_DIGITS + 1] = '\0';
    airs_status status = write_new(path, line, 0600, error);
    sodium_memzero(line, sizeof line);
    sodium_memzero(secret, sizeof secret);
    return status == AIRS_E_TAKEN ? AIRS_OK : status;
}

/// Whoever verifies needs the public half only.
static airs_status write_public(const char *path, const uint8_t secret[AUDIT_SECRET_SIZE], airs_error *error)
{
    uint8_t key[AUDIT_KEY_SIZE];
    char name[PATH_MAX];
    char line[PUBLIC_DIGITS + 2];
    int len = snprintf(name, sizeof name, "%s.pub", path);
    if (len < 0 || (size_t)len >= sizeof name)
        return base_error_set(error, AIRS_E_IO, "the node's key %s: the path is too long", path);
    if (access(name, F_OK) == 0)
        return AIRS_OK;
    (void)crypto_sign_ed25519_sk_to_pk(key, secret);
    (void)sodium_bin2hex(line, sizeof line, key, sizeof key);
    line[PUBLIC_DIGITS] = '\n';
    line[PUBLIC_DIGITS + 1] = '\0';
    airs_status status = write_new(name, line, 0644, error);
    return status == AIRS_E_TAKEN ? AIRS_OK : status;
}

/// A secret key is the seed and the public half: both must be there, and belong together.
static bool parse_secret(const char *line, size_t len, uint8_t secret[AUDIT_SECRET_SIZE])
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    uint8_t key[AUDIT_KEY_SIZE];
    uint8_t again[AUDIT_SECRET_SIZE];
    size_t got = 0;
    if (len != SECRET_DIGITS + 1 || line[SECRET_DIGITS] != '\n' ||
        sodium_hex2bin(secret, AUDIT_SECRET_SIZE, line, SECRET_DIGITS, NULL, &got, NULL) != 0 ||
        got != AUDIT_SECRET_SIZE)
        return false;
    (void)crypto_sign_ed25519_sk_to_seed(seed, secret);
    bool same = crypto_sign_seed_keypair(key, again, seed) == 0 && sodium_memcmp(again, secret, sizeof again) == 0;
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(again, sizeof again);
    return same;
}

static airs_status read_key(int file, const char *path, uint8_t ret_secret[AUDIT_SECRET_SIZE], airs_error *error)
{
    char line[SECRET_DIGITS + 2];
    struct stat about;
    if (fstat(file, &about) != 0)
        return base_error_errno(error, AIRS_E_IO, errno, "the node's key %s", path);
    if (!S_ISREG(about.st_mode))
        return base_error_set(error, AIRS_E_INVALID, "the node's key %s: not a file", path);
    if ((about.st_mode & 077) != 0)
        return base_error_set(error, AIRS_E_DENIED,
                              "the node's key %s: its mode is %03o, and others may use it: chmod 600 it, if nobody has",
                              path, (unsigned)(about.st_mode & 0777));
    ssize_t len = read(file, line, sizeof line);
    if (len < 0)
        return base_error_errno(error, AIRS_E_IO, errno, "the node's key %s", path);
    bool good = parse_secret(line, (size_t)len, ret_secret);
    sodium_memzero(line, sizeof line);
    return good ? AIRS_OK
                : base_error_set(error, AIRS_E_INVALID,
                                 "the node's key %s: it is damaged: put it back from where it was kept, or begin a new "
                                 "log with a new one",
                                 path);
}

airs_status audit_key_load(const char *path, uint8_t ret_secret[AUDIT_SECRET_SIZE], airs_error *error)
{
    if (!audit_format_start())
        return base_error_set(error, AIRS_E_INTERNAL, "libsodium does not start");
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 && errno == ENOENT) {
        airs_status status = make_key(path, error);
        if (status != AIRS_OK)
            return status;
        file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    }
    if (file < 0)
        return base_error_errno(error, AIRS_E_IO, errno, "the node's key %s", path);
    airs_status status = read_key(file, path, ret_secret, error);
    (void)close(file);
    return status == AIRS_OK ? write_public(path, ret_secret, error) : status;
}
