// SPDX-License-Identifier: MIT OR Apache-2.0
// What WASI has without a name, what a component may read of its settings, and its log.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actor/log.h"
#include "base/bytes.h"
#include "base/name.h"
#include "component/batch.h"
#include "component/component_actor.h"
#include "component/host.h"

static engine_bytes engine_text(const char *text)
{
    return (engine_bytes){(const uint8_t *)text, strlen(text)};
}

// ---------------------------------------------------------------- rights on nothing in particular

static const capability_right rights[] = {
    [ENGINE_RIGHT_CLOCK_WALL] = CAPABILITY_CLOCK_WALL,
    [ENGINE_RIGHT_CLOCK_MONOTONIC] = CAPABILITY_CLOCK_MONOTONIC,
    [ENGINE_RIGHT_RANDOM_SECURE] = CAPABILITY_RANDOM_SECURE,
    [ENGINE_RIGHT_RANDOM_INSECURE] = CAPABILITY_RANDOM_INSECURE,
    [ENGINE_RIGHT_STDOUT] = CAPABILITY_STDIO_OUT,
    [ENGINE_RIGHT_STDERR] = CAPABILITY_STDIO_ERR,
    [ENGINE_RIGHT_STDIN] = CAPABILITY_STDIO_IN,
};

/// Whether it was allowed since the grants have changed last, and nobody wants to hear of it again.
static bool is_remembered(component_actor *self, engine_right right)
{
    component_rights *known = &self->rights;
    uint64_t epoch = authority_epoch(self);
    if (known->epoch != epoch)
        *known = (component_rights){.epoch = epoch};
    return (known->allowed & (1u << right)) != 0 && !authority_tells_all(self);
}

static bool has_right(void *user, engine_right right, engine_bytes *ret_why)
{
    component_actor *self = user;
    if (is_remembered(self, right))
        return true;
    batch_look(self);
    capability_decision decision;
    (void)capability_check_plain(authority_policy(self), rights[right], &decision);
    if (authority_tell(self, &decision, (airs_bytes){0})) {
        self->rights.allowed |= 1u << right;
        return true;
    }
    *ret_why = engine_text(self->text);
    return false;
}

// ---------------------------------------------------------------- custom capabilities

/// Whether a grant may have such a name.
static bool is_custom_name(engine_bytes name)
{
    return base_name_valid((airs_bytes){name.data, name.len}, false);
}

/// What is told of such a decision: the name, a blank, the object, each cut to what a grant may have. Of a name that no
/// grant may have it is only the blank and that.
static airs_bytes custom_object(engine_bytes name, engine_bytes object, char text[AUTHORITY_CUSTOM_SIZE])
{
    bool named = is_custom_name(name);
    size_t len = named ? name.len : 0;
    memcpy(text, name.data, len);
    text[len++] = ' ';
    engine_bytes rest = named ? object : name;
    size_t rest_len = rest.len < AUTHORITY_OBJECT_MAX ? rest.len : AUTHORITY_OBJECT_MAX;
    if (rest_len > 0)
        memcpy(text + len, rest.data, rest_len);
    return (airs_bytes){(const uint8_t *)text, len + rest_len};
}

static bool check_custom(void *user, engine_bytes name, engine_bytes object, engine_bytes *ret_why)
{
    component_actor *self = user;
    char text[AUTHORITY_CUSTOM_SIZE];
    batch_look(self);
    airs_bytes told = custom_object(name, object, text);
    bool allowed = false;
    if (!is_custom_name(name)) {
        authority_refuse(self, CAPABILITY_CUSTOM_USE, told,
                         "the name of a custom capability has 1 to 128 letters, digits and `-_.:/`");
    } else if (object.len > AUTHORITY_OBJECT_MAX) {
        authority_refuse(self, CAPABILITY_CUSTOM_USE, told, "the object of a custom capability has at most 256 bytes");
    } else {
        capability_decision decision;
        (void)capability_check_custom(authority_policy(self), (airs_bytes){name.data, name.len},
                                      (airs_bytes){object.data, object.len}, &decision);
        allowed = authority_tell(self, &decision, told);
    }
    if (!allowed)
        *ret_why = engine_text(self->text);
    return allowed;
}

// ---------------------------------------------------------------- settings

static engine_setting setting_of(const airs_setting *setting)
{
    return (engine_setting){engine_text(setting->key), engine_text(setting->value)};
}

/// A variable of the node's own environment that the component has none of its own for; else one without a name.
static engine_setting variable_of(const component_actor *self, const char *text)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL)
        return (engine_setting){0};
    engine_setting variable = {{(const uint8_t *)text, (size_t)(equals - text)}, engine_text(equals + 1)};
    bool own = component_actor_env(self, (airs_bytes){variable.key.data, variable.key.len}) != NULL;
    return own ? (engine_setting){0} : variable;
}

/// Number `i` of all that there are; false behind the last one.
static bool setting_at(const component_actor *self, engine_value_kind kind, size_t i, engine_setting *ret)
{
    bool config = kind == ENGINE_VALUE_CONFIG;
    size_t count = config ? self->cell.config_count : self->env_count;
    if (i < count) {
        *ret = setting_of(config ? &self->cell.config[i] : &self->env[i]);
        return true;
    }
    // Who changes the environment of a process that has threads is past help.
    if (config || environ == NULL || environ[i - count] == NULL)
        return false;
    *ret = variable_of(self, environ[i - count]);
    return true;
}

static bool is_granted(component_actor *self, capability_right right, engine_bytes key, capability_decision *ret)
{
    return key.len > 0 && capability_check_name(authority_policy(self), right, (airs_bytes){key.data, key.len}, ret);
}

/// Number `index` of those that are granted: the others are not there, which is no refusal.
static engine_value_tag find_index(component_actor *self, engine_value_kind kind, size_t index, engine_setting *ret)
{
    capability_right right = kind == ENGINE_VALUE_CONFIG ? CAPABILITY_CONFIG_READ : CAPABILITY_ENV_READ;
    engine_setting setting;
    for (size_t i = 0; setting_at(self, kind, i, &setting); i++) {
        capability_decision decision;
        if (!is_granted(self, right, setting.key, &decision) || index-- > 0)
            continue;
        if (!authority_tell(self, &decision, (airs_bytes){setting.key.data, setting.key.len}))
            return ENGINE_VALUE_NONE;
        *ret = setting;
        return ENGINE_VALUE_FOUND;
    }
    return ENGINE_VALUE_NONE;
}

static engine_value_tag find_key(component_actor *self, airs_bytes key, engine_setting *ret)
{
    capability_decision decision;
    (void)capability_check_name(authority_policy(self), CAPABILITY_CONFIG_READ, key, &decision);
    if (!authority_tell(self, &decision, key)) {
        ret->value = engine_text(self->text);
        return ENGINE_VALUE_DENIED;
    }
    for (size_t i = 0; i < self->cell.config_count; i++) {
        *ret = setting_of(&self->cell.config[i]);
        if (base_bytes_are(key, self->cell.config[i].key))
            return ENGINE_VALUE_FOUND;
    }
    return ENGINE_VALUE_NONE;
}

/// Its name, then what it was given. They are its own, like its variables.
static engine_value_tag find_argument(const component_actor *self, size_t index, engine_setting *ret)
{
    if (index == 0) {
        ret->value = engine_text(actor_name(&self->cell));
        return ENGINE_VALUE_FOUND;
    }
    if (index > self->program.args_count)
        return ENGINE_VALUE_NONE;
    airs_bytes arg = self->program.args[index - 1];
    ret->value = (engine_bytes){arg.data, arg.len};
    return ENGINE_VALUE_FOUND;
}

/// What is left of its input. At its end, and where there is none, nobody is asked.
static engine_value_tag find_input(component_actor *self, size_t from, engine_setting *ret)
{
    if (from >= self->program.input_len)
        return ENGINE_VALUE_NONE;
    if (!has_right(self, ENGINE_RIGHT_STDIN, &ret->value))
        return ENGINE_VALUE_DENIED;
    ret->value = (engine_bytes){self->program.input + from, self->program.input_len - from};
    return ENGINE_VALUE_FOUND;
}

static engine_value_tag value(void *user, engine_value_kind kind, size_t index, engine_bytes key, engine_setting *ret)
{
    component_actor *self = user;
    batch_look(self);
    switch (kind) {
    case ENGINE_VALUE_CONFIG_KEY:
        return find_key(self, (airs_bytes){key.data, key.len}, ret);
    case ENGINE_VALUE_VARIABLE:
    case ENGINE_VALUE_CONFIG:
        return find_index(self, kind, index, ret);
    case ENGINE_VALUE_ARGUMENT:
        return find_argument(self, index, ret);
    case ENGINE_VALUE_INPUT:
        return find_input(self, index, ret);
    }
    return ENGINE_VALUE_NONE;
}

// ---------------------------------------------------------------- the log

bool component_may_log(component_actor *self)
{
    uint32_t dropped;
    bool allowed = log_limit_allows(&self->log, sched_now_ns(self->cell.space->sched), &dropped);
    if (dropped > 0)
        actor_log(&self->cell, actor_message_in_hand(&self->cell), AIRS_LOG_WARN,
                  "%" PRIu32 " lines of its output were dropped: over log_lines_per_second", dropped);
    else if (!allowed)
        base_atomic_store_relaxed(&self->lines_dropped, base_atomic_load_relaxed(&self->lines_dropped) + 1u);
    return allowed;
}

/// Bytes of a line; what is longer is cut.
#define LOG_LINE_MAX 2048u

/// It is another way to standard error.
static void write_log(void *user, engine_log_level level, engine_bytes context, engine_bytes message)
{
    static const airs_log_level levels[] = {AIRS_LOG_DEBUG, AIRS_LOG_DEBUG, AIRS_LOG_INFO,
                                            AIRS_LOG_WARN,  AIRS_LOG_ERROR, AIRS_LOG_ERROR};
    component_actor *self = user;
    engine_bytes why;
    if (!has_right(self, ENGINE_RIGHT_STDERR, &why) || !component_may_log(self))
        return;
    char line[LOG_LINE_MAX];
    int context_len = (int)(context.len < 64 ? context.len : 64);
    int message_len = (int)(message.len < LOG_LINE_MAX ? message.len : LOG_LINE_MAX);
    size_t len = 0;
    // A NUL in either would end it.
    if (context.len > 0)
        len = (size_t)snprintf(line, sizeof line, "%.*s: ", context_len, (const char *)context.data);
    size_t rest = sizeof line - len < (size_t)message_len ? sizeof line - len : (size_t)message_len;
    if (rest > 0)
        memcpy(line + len, message.data, rest);
    actor_log_guest(&self->cell, levels[level], "log", (airs_bytes){(const uint8_t *)line, len + rest});
}

void component_host_init_rights(engine_host *host)
{
    host->right = has_right;
    host->custom = check_custom;
    host->value = value;
    host->log = write_log;
}
