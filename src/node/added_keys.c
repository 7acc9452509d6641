// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/added_keys.h"

#include "base/alloc.h"
#include "base/error.h"

#include <cjson/cJSON.h>
#include <string.h>

static airs_status read_text(const cJSON *told, const char *key, const char **ret, airs_error *error)
{
    *ret = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(told, key));
    return *ret && **ret ? AIRS_OK : base_error_set(error, AIRS_E_INVALID, "`%s` is missing, or no text", key);
}

static airs_status read_grants(node_added *self, const cJSON *list, airs_error *error)
{
    int count = cJSON_GetArraySize(list);
    if (list && (!cJSON_IsArray(list) || count > NODE_ADDED_GRANTS_MAX))
        return base_error_set(error, AIRS_E_INVALID, "`grants` must be a list of at most %d texts",
                              NODE_ADDED_GRANTS_MAX);
    self->texts = base_alloc_array(base_allocator_default(), (size_t)count + 1, sizeof *self->texts);
    if (!self->texts)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the grants");
    for (int i = 0; i < count; i++) {
        const char *text = cJSON_GetStringValue(cJSON_GetArrayItem(list, i));
        airs_error why = {.text = ""};
        if (!text)
            return base_error_set(error, AIRS_E_INVALID, "`grants` must be a list of texts");
        airs_status status = airs_grant_parse(text, &self->texts[i], &why);
        if (status == AIRS_OK)
            status = deploy_addition_check_grant(&self->texts[i].grant, &why);
        if (status != AIRS_OK)
            return base_error_set(error, status, "`grants` has \"%s\": %s", text, why.text);
        self->grants[i] = self->texts[i].grant;
    }
    self->add.grants = self->grants;
    self->add.grants_count = (size_t)count;
    return AIRS_OK;
}

airs_status node_added_read(node_added *self, const cJSON *told, airs_error *error)
{
    *self = (node_added){0};
    airs_status status = read_text(told, "actor", &self->add.name, error);
    if (status == AIRS_OK)
        status = read_text(told, "component", &self->add.component, error);
    if (status == AIRS_OK && self->add.component[0] != '/' &&
        self->add.component[strspn(self->add.component, "0123456789abcdef")])
        status = base_error_set(error, AIRS_E_INVALID,
                                "`component` must be an absolute path, or the hash of a component that the node keeps");
    if (status == AIRS_OK)
        status = node_settings_read(told, "config", self->config, &self->add.config_count, error);
    self->add.config = self->config;
    if (status == AIRS_OK)
        status = read_grants(self, cJSON_GetObjectItemCaseSensitive(told, "grants"), error);
    if (status != AIRS_OK)
        node_added_fini(self);
    return status;
}

void node_added_fini(node_added *self)
{
    base_free(base_allocator_default(), self->texts);
    self->texts = NULL;
}
