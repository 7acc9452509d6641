// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bombs.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

enum {
    SECTION_TYPE = 1,
    SECTION_FUNCTION = 3,
    SECTION_CODE = 10
};
enum {
    OP_BLOCK = 0x02,
    OP_LOOP = 0x03,
    OP_END = 0x0b,
    OP_BR_TABLE = 0x0e,
    OP_CALL = 0x10
};
enum {
    OP_GET = 0x20,
    OP_SET = 0x21,
    OP_I64_CONST = 0x42,
    OP_I64_ADD = 0x7c,
    OP_I64_MUL = 0x7e
};
enum {
    TYPE_I32 = 0x7f,
    TYPE_I64 = 0x7e,
    TYPE_FUNCTION = 0x60,
    TYPE_EMPTY = 0x40
};

/// As many as Wasmtime's validator lets a table have.
#define BRANCH_TARGETS 65000u
#define LOCALS 40000u

// ---------------------------------------------------------------- the writer

static void put(bomb *self, const void *bytes, size_t len)
{
    if (self->capacity - self->len < len) {
        self->capacity = (self->capacity + len) * 2;
        self->data = realloc(self->data, self->capacity);
        AIRS_ASSERT(self->data != NULL);
    }
    memcpy(self->data + self->len, bytes, len);
    self->len += len;
}

static void put_byte(bomb *self, uint8_t byte)
{
    put(self, &byte, 1);
}

/// LEB128.
static void put_number(bomb *self, uint64_t number)
{
    do {
        uint8_t byte = number & 0x7f;
        number >>= 7;
        put_byte(self, number != 0 ? byte | 0x80 : byte);
    } while (number != 0);
}

/// An operation with one small operand.
static void put_operation(bomb *self, uint8_t operation, uint32_t operand)
{
    put_byte(self, operation);
    put_number(self, operand);
}

/// Something with its length before it, which is then empty.
static void put_sized(bomb *self, bomb *what)
{
    put_number(self, what->len);
    put(self, what->data, what->len);
    bomb_free(what);
}

static void put_section(bomb *self, uint8_t id, bomb *content)
{
    put_byte(self, id);
    put_sized(self, content);
}

void bomb_free(bomb *self)
{
    free(self->data);
    *self = (bomb){0};
}

// ---------------------------------------------------------------- modules and components

static bomb begin_module(void)
{
    bomb module = {0};
    put(&module, "\0asm\1\0\0\0", 8);
    return module;
}

/// A component that has nothing but this module.
static bomb wrap(bomb *module)
{
    bomb component = {0};
    put(&component, "\0asm\x0d\0\1\0", 8);
    put_section(&component, 1, module);
    return component;
}

/// A module of one type, [] -> [], and so many functions with the bodies of `code`.
static bomb wrap_functions(uint32_t count, bomb *code)
{
    bomb module = begin_module();
    bomb types = {0}, functions = {0};
    put(&types, (const uint8_t[]){1, TYPE_FUNCTION, 0, 0}, 4);
    put_section(&module, SECTION_TYPE, &types);
    put_number(&functions, count);
    for (uint32_t i = 0; i < count; i++)
        put_number(&functions, 0);
    put_section(&module, SECTION_FUNCTION, &functions);
    put_section(&module, SECTION_CODE, code);
    return wrap(&module);
}

static bomb wrap_function(bomb *body)
{
    bomb code = {0};
    put_number(&code, 1);
    put_sized(&code, body);
    return wrap_functions(1, &code);
}

// ---------------------------------------------------------------- the bombs

bomb bomb_long_function(size_t size)
{
    bomb body = {0};
    put(&body, (const uint8_t[]){1}, 1);
    put_number(&body, LOCALS);
    put_byte(&body, TYPE_I64);
    uint64_t number = 1;
    while (body.len < size) {
        // One local becomes what two others are: a different two each time.
        number = number * 6364136223846793005u + 1442695040888963407u;
        put_operation(&body, OP_GET, (uint32_t)(number >> 33) % LOCALS);
        put_operation(&body, OP_GET, (uint32_t)(number >> 17) % LOCALS);
        put_byte(&body, OP_I64_MUL);
        put_operation(&body, OP_I64_CONST, (uint32_t)(number >> 60));
        put_byte(&body, OP_I64_ADD);
        put_operation(&body, OP_SET, (uint32_t)(number >> 40) % LOCALS);
    }
    put_byte(&body, OP_END);
    return wrap_function(&body);
}

bomb bomb_many_functions(uint32_t count)
{
    bomb code = {0};
    put_number(&code, count);
    for (uint32_t i = 0; i < count; i++) {
        bomb body = {0};
        put(&body, (const uint8_t[]){0, OP_LOOP, TYPE_EMPTY}, 3);
        put_operation(&body, OP_CALL, (i + 1) % count);
        put(&body, (const uint8_t[]){OP_END, OP_END}, 2);
        put_sized(&code, &body);
    }
    return wrap_functions(count, &code);
}

bomb bomb_deep_blocks(uint32_t depth)
{
    bomb body = {0};
    put_byte(&body, 0);
    for (uint32_t i = 0; i < depth; i++)
        put(&body, (const uint8_t[]){OP_BLOCK, TYPE_EMPTY}, 2);
    for (uint32_t i = 0; i < depth + 1; i++)
        put_byte(&body, OP_END);
    return wrap_function(&body);
}

bomb bomb_branch_tables(uint32_t tables)
{
    bomb body = {0};
    put(&body, (const uint8_t[]){1, 1, TYPE_I32}, 3);
    for (uint32_t i = 0; i < tables; i++) {
        for (int block = 0; block < 100; block++)
            put(&body, (const uint8_t[]){OP_BLOCK, TYPE_EMPTY}, 2);
        put_operation(&body, OP_GET, 0);
        put_operation(&body, OP_BR_TABLE, BRANCH_TARGETS);
        for (uint32_t target = 0; target < BRANCH_TARGETS + 1; target++)
            put_number(&body, target % 100);
        for (int block = 0; block < 100; block++)
            put_byte(&body, OP_END);
    }
    put_byte(&body, OP_END);
    return wrap_function(&body);
}

bomb bomb_large_types(uint32_t count)
{
    bomb module = begin_module();
    bomb types = {0};
    put_number(&types, count);
    for (uint32_t i = 0; i < count; i++) {
        put_byte(&types, TYPE_FUNCTION);
        put_number(&types, 1000);
        // Each another one, so that none is taken for the same.
        for (uint32_t bit = 0; bit < 1000; bit++)
            put_byte(&types, bit < 32 && (i >> bit & 1) != 0 ? TYPE_I64 : TYPE_I32);
        put_number(&types, 0);
    }
    put_section(&module, SECTION_TYPE, &types);
    return wrap(&module);
}
