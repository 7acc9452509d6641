// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX 63

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int folded(char c)
{
    return c == '_' ? '-' : tolower((unsigned char)c);
}

/// Letters to insert, delete, replace or swap with a neighbour until `a` is `b`; case and `_` for `-` are free.
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0];
    size_t *above = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= b_len; j++)
        above[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            int x = folded(a[i - 1]);
            int y = folded(b[j - 1]);
            row[j] = min_size(above[j - 1] + (x != y), min_size(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && x == folded(b[j - 2]) && y == folded(a[i - 2]))
                row[j] = min_size(row[j], before[j - 2] + 1);
        }
        size_t *reused = before;
        before = above;
        above = row;
        row = reused;
    }
    return above[b_len];
}

void base_nearest_init(base_nearest *nearest, const char *word)
{
    *nearest = (base_nearest){.word = word, .distance = (size_t)-1};
}

void base_nearest_try(base_nearest *nearest, const char *name)
{
    size_t word_len = strlen(nearest->word);
    size_t name_len = strlen(name);
    if (word_len > WORD_MAX || name_len > WORD_MAX)
        return;
    size_t distance = edit_distance(nearest->word, word_len, name, name_len);
    if (distance < nearest->distance) {
        nearest->distance = distance;
        nearest->best = name;
    }
}

const char *base_nearest_best(const base_nearest *nearest)
{
    size_t len = strlen(nearest->word);
    size_t allowed = len >= 6 ? len / 3 : 1;
    return nearest->distance <= allowed && nearest->distance < len ? nearest->best : NULL;
}
