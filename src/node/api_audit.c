// SPDX-License-Identifier: MIT OR Apache-2.0
/// include/airssys/audit.h.
#include "airssys/audit.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "capability/audit_reader.h"

_Static_assert(AIRS_AUDIT_KEY_SIZE == AUDIT_KEY_SIZE && AIRS_AUDIT_HASH_SIZE == AUDIT_HASH_SIZE &&
                   AIRS_AUDIT_JSON_MAX == AUDIT_JSON_MAX && AIRS_AUDIT_NO_GRANT == AUDIT_NO_GRANT,
               "the sizes of the log");
_Static_assert((int)AIRS_AUDIT_TRUNCATED == (int)AUDIT_TRUNCATED && (int)AIRS_AUDIT_REFUSED == (int)AUDIT_REFUSED,
               "the numbers of the log");

/// A log that is written meanwhile is read again when it seems damaged, so often.
#define ATTEMPTS_MAX 8u

const char *airs_audit_damage_name(airs_audit_damage damage)
{
    return audit_damage_name((audit_damage)damage);
}

// ---------------------------------------------------------------- what is asked for

/// One reading, which may take several attempts.
typedef struct audit_reading {
    const airs_audit_read_options *asked;
    audit_filter filter;
    /// Records before this one have been told.
    uint64_t next;
    bool ended;
} audit_reading;

static airs_status take_filter(audit_filter *ret, const airs_audit_filter *asked, airs_error *error)
{
    if (asked == NULL)
        return AIRS_OK;
    if ((unsigned)asked->outcome > AIRS_AUDIT_REFUSED)
        return base_error_set(error, AIRS_E_INVALID, "outcome %d is none", (int)asked->outcome);
    *ret = (audit_filter){.actor = asked->actor.raw,
                          .name = asked->name,
                          .object = asked->object,
                          .outcome = (audit_outcome)asked->outcome,
                          .from_ns = asked->from_ns,
                          .until_ns = asked->until_ns,
                          .message = asked->message};
    if (asked->kind != NULL && audit_what_find(asked->kind, NULL) == 0)
        return base_error_set(error, AIRS_E_INVALID, "kind \"%s\": there is none", asked->kind);
    if (asked->right == NULL) {
        ret->whats = asked->kind == NULL ? 0 : audit_what_find(asked->kind, NULL);
        return AIRS_OK;
    }
    // "files.read" has its kind with it.
    char kind[32];
    const char *dot = strchr(asked->right, '.');
    const char *right = dot == NULL ? asked->right : dot + 1;
    size_t len = dot == NULL ? 0 : (size_t)(dot - asked->right);
    if (len < sizeof kind) {
        memcpy(kind, asked->right, len);
        kind[len] = '\0';
        ret->whats = audit_what_find(dot == NULL ? asked->kind : kind, right);
    }
    if (asked->kind != NULL)
        ret->whats &= audit_what_find(asked->kind, NULL);
    if (ret->whats == 0)
        return base_error_set(error, AIRS_E_INVALID, "right \"%s\": there is none%s%s", asked->right,
                              asked->kind == NULL ? "" : " of the kind ", asked->kind == NULL ? "" : asked->kind);
    return AIRS_OK;
}

static bool tell(void *user, const audit_record *record)
{
    audit_reading *self = user;
    if (record->number < self->next)
        return true;
    self->next = record->number + 1;
    airs_audit_record told = {.number = record->number,
                              .time_ns = record->time_ns,
                              .actor = {record->actor},
                              .name = record->name,
                              .kind = audit_what_kind(record->what),
                              .right = audit_what_name(record->what),
                              .object = record->object,
                              .allowed = record->allowed,
                              .grant = record->grant,
                              .epoch = record->epoch,
                              .message = record->message,
                              .cut = record->cut,
                              .learned = record->learned};
    self->ended = !self->asked->record(self->asked->user, &told);
    return !self->ended;
}

// ---------------------------------------------------------------- reading

static void make_report(airs_audit_report *ret, const audit_report *report)
{
    *ret = (airs_audit_report){.records = report->records,
                               .first_record = report->first_record,
                               .first_segment = report->first_segment,
                               .last_segment = report->last_segment,
                               .checkpoints = report->checkpoints,
                               .torn_bytes = report->torn_bytes,
                               .closed = report->closed,
                               .time_ns = report->time_ns,
                               .damage = (airs_audit_damage)report->finding.damage,
                               .damage_segment = report->finding.segment,
                               .damage_byte = report->finding.byte,
                               .damage_record = report->finding.record};
    memcpy(ret->anchor, report->anchor.bytes, sizeof ret->anchor);
    memcpy(ret->key, report->key, sizeof ret->key);
}

/// Whether there are segments in the folder, though their head is gone.
static bool has_segments(const char *folder)
{
    DIR *list = opendir(folder);
    bool found = false;
    for (const struct dirent *entry; list != NULL && !found && (entry = readdir(list)) != NULL;)
        found = strncmp(entry->d_name, "audit-", 6) == 0;
    if (list != NULL)
        (void)closedir(list);
    return found;
}

/// Reads until it is whole, or is damaged and was not written meanwhile.
static airs_status read_settled(audit_reading *self, const audit_read_options *options, audit_report *ret_report,
                                airs_error *error)
{
    uint64_t written = UINT64_MAX;
    for (uint32_t attempt = 0;; attempt++) {
        airs_status status = audit_read(options, ret_report, error);
        if (status != AIRS_E_INVALID || self->ended || attempt == ATTEMPTS_MAX)
            return status;
        uint64_t now = 0;
        audit_found_head head;
        if (audit_head_load(&options->files, options->key, &head, NULL) == AIRS_OK)
            now = head.head.sequence;
        if (now == written)
            return status;
        written = now;
    }
}

static airs_status read_folder(audit_reading *self, audit_folder *folder, audit_report *ret_report, airs_error *error)
{
    const airs_audit_read_options *asked = self->asked;
    audit_hash anchor;
    audit_read_options options = {.files = audit_folder_files(folder),
                                  .allocator = asked->allocator == NULL ? base_allocator_default() : asked->allocator,
                                  .key = asked->key,
                                  .filter = &self->filter,
                                  .record = asked->record == NULL ? NULL : tell,
                                  .user = self,
                                  .anchor = asked->anchor == NULL ? NULL : &anchor,
                                  .diagnose = true};
    if (asked->anchor != NULL)
        memcpy(anchor.bytes, asked->anchor, sizeof anchor.bytes);
    airs_status status = read_settled(self, &options, ret_report, error);
    if (status == AIRS_E_NOT_FOUND && has_segments(asked->folder)) {
        ret_report->finding = (audit_finding){.damage = AUDIT_REMOVED};
        status = base_error_set(error, AIRS_E_INVALID, AUDIT_HEAD_NAME ": removed: there are segments of a log");
    }
    return status;
}

airs_status airs_audit_read(const airs_audit_read_options *options, airs_audit_report *ret_report, airs_error *error)
{
    if (options == NULL || options->folder == NULL || ret_report == NULL)
        return base_error_set(error, AIRS_E_INVALID, "an argument is NULL");
    audit_reading self = {.asked = options};
    airs_status status = take_filter(&self.filter, options->filter, error);
    if (status != AIRS_OK)
        return status;
    audit_folder folder;
    status = audit_folder_open(&folder, options->folder, false, error);
    if (status != AIRS_OK)
        return status;
    audit_report report = {.records = 0};
    status = read_folder(&self, &folder, &report, error);
    audit_folder_close(&folder);
    if (status == AIRS_E_NOT_FOUND)
        return base_error_set(error, status, "%s: there is no audit log", options->folder);
    if (status == AIRS_E_INVALID)
        status = AIRS_E_FAILED;
    if (status != AIRS_OK) {
        base_error_prefix(error, "%s", options->folder);
        if (error != NULL)
            error->status = status;
    }
    if (status == AIRS_OK || status == AIRS_E_FAILED)
        make_report(ret_report, &report);
    return status;
}

size_t airs_audit_to_json(const airs_audit_record *record, char text[AIRS_AUDIT_JSON_MAX])
{
    if (record == NULL || text == NULL)
        return 0;
    audit_record stored = {.number = record->number,
                           .time_ns = record->time_ns,
                           .actor = record->actor.raw,
                           .name = record->name,
                           .object = record->object,
                           .allowed = record->allowed,
                           .grant = record->grant,
                           .epoch = record->epoch,
                           .message = record->message,
                           .cut = record->cut,
                           .learned = record->learned};
    uint64_t whats = record->kind == NULL || record->right == NULL ? 0 : audit_what_find(record->kind, record->right);
    // What came from no log may be anything.
    while (stored.what < AUDIT_WHATS && (whats & AUDIT_BIT(stored.what)) == 0)
        stored.what++;
    if (record->name.len > AUDIT_NAME_MAX || record->object.len > AUDIT_OBJECT_MAX)
        stored.cut = true;
    stored.name.len = record->name.len < AUDIT_NAME_MAX ? record->name.len : AUDIT_NAME_MAX;
    stored.object.len = record->object.len < AUDIT_OBJECT_MAX ? record->object.len : AUDIT_OBJECT_MAX;
    return audit_record_to_json(text, &stored);
}
