// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/file_access.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

static airs_bytes bytes_of(engine_bytes bytes)
{
    return (airs_bytes){bytes.data, bytes.len};
}

static engine_bytes engine_text(const char *text)
{
    return (engine_bytes){(const uint8_t *)text, strlen(text)};
}

// ---------------------------------------------------------------- names

/// What the guest is told of a name that is none.
static engine_file_verdict misnamed(airs_bytes name, airs_status status)
{
    if (name.len == 0)
        return ENGINE_FILE_NO_ENTRY;
    if (status == AIRS_E_DENIED || name.data[0] == '/')
        return ENGINE_FILE_OUTSIDE;
    bool too_long = memchr(name.data, '\0', name.len) == NULL && base_utf8_valid(name);
    return too_long ? ENGINE_FILE_TOO_LONG : ENGINE_FILE_INVALID;
}

/// Whatever it may do, nothing allows that; and who tries it should be seen.
static engine_file_verdict refuse_outside(const file_access *self, capability_right right, airs_bytes name)
{
    capability_decision decision = {.right = right, .grant = CAPABILITY_NONE, .learn = CAPABILITY_LEARN_NOT};
    (void)snprintf(decision.text, sizeof decision.text, "the name leads out of its folder");
    (void)self->tell(self->user, &decision, name);
    return ENGINE_FILE_OUTSIDE;
}

/// The path of a descriptor, which is normal.
static void copy_path(engine_bytes from, capability_path *ret_path)
{
    base_text_copy(ret_path->text, sizeof ret_path->text, bytes_of(from));
    ret_path->len = (uint32_t)strlen(ret_path->text);
    ret_path->folder = false;
}

/// The normal path of what a guest gave below the path of its descriptor.
static engine_file_verdict name_path(engine_bytes base, engine_bytes name, capability_path *ret_path)
{
    copy_path(base, ret_path);
    airs_status status = capability_path_normalize(ret_path->text, bytes_of(name), ret_path, NULL);
    return status == AIRS_OK ? ENGINE_FILE_ALLOWED : misnamed(bytes_of(name), status);
}

// ---------------------------------------------------------------- where it is done

/// Behind the mounts: the scratch folder of who learns.
#define SCRATCH CAPABILITY_MOUNTS_MAX

static void place_in_scratch(const file_access *self, const capability_path *path, engine_file_place *ret)
{
    ret->mount = SCRATCH;
    ret->folder = path->folder;
    ret->root = engine_text(self->learner->scratch);
    ret->path = (engine_bytes){(const uint8_t *)path->text, path->len};
    ret->rest = (engine_bytes){(const uint8_t *)path->text + 1, path->len - 1};
}

/// An open file of the scratch folder is known again by its path, which begins with two slashes: no guest's does.
static void mark(file_access *self, engine_file_place *ret)
{
    self->scratch_path[0] = '/';
    base_text_copy(self->scratch_path + 1, sizeof self->scratch_path - 1, bytes_of(ret->path));
    ret->path = engine_text(self->scratch_path);
}

static bool is_marked(engine_bytes path)
{
    return path.len > 1 && path.data[0] == '/' && path.data[1] == '/';
}

static void place(const file_access *self, const capability_path *path, engine_file_place *ret)
{
    const char *rest = "";
    if (self->learned) {
        place_in_scratch(self, path, ret);
        return;
    }
    // It was allowed, so it is below a mount.
    (void)capability_policy_locate(self->policy, path, &ret->mount, &rest);
    const capability_mount *mount = capability_policy_mount(self->policy, ret->mount);
    ret->folder = path->folder;
    ret->root = engine_text(mount->host);
    ret->path = (engine_bytes){(const uint8_t *)path->text, path->len};
    ret->rest = engine_text(rest);
}

// ---------------------------------------------------------------- questions about one path

static bool is_granted(const file_access *self, capability_right right, const capability_path *path)
{
    capability_decision decision;
    return capability_check_file(self->policy, right, path, &decision);
}

/// Decides, and tells. `look`: another right would do as well.
static engine_file_verdict ask_as(file_access *self, capability_right right, const capability_path *path, bool look)
{
    capability_decision decision;
    bool allowed = capability_check_file(self->policy, right, path, &decision);
    decision.look = look;
    decision.learn = self->enforced && !allowed ? CAPABILITY_LEARN_NOTED : decision.learn;
    bool told = self->tell(self->user, &decision, (airs_bytes){(const uint8_t *)path->text, path->len});
    if (decision.learned) {
        self->learned = true;
        return ENGINE_FILE_ALLOWED;
    }
    // Also by who decides beside the grants, as if there were none.
    if (!allowed || (!told && decision.grant == CAPABILITY_NONE))
        return ENGINE_FILE_DENIED;
    return told ? ENGINE_FILE_ALLOWED : ENGINE_FILE_FAILED;
}

static engine_file_verdict ask(file_access *self, capability_right right, const capability_path *path)
{
    return ask_as(self, right, path, false);
}

/// Whoever may do anything with a path may know what is there.
static engine_file_verdict ask_to_look(file_access *self, const capability_path *path)
{
    static const capability_right any[] = {CAPABILITY_FILES_LIST, CAPABILITY_FILES_WRITE, CAPABILITY_FILES_CREATE,
                                           CAPABILITY_FILES_DELETE};
    capability_right right = CAPABILITY_FILES_READ;
    for (size_t i = 0; i < sizeof any / sizeof any[0] && !is_granted(self, right, path); i++) {
        if (is_granted(self, any[i], path))
            right = any[i];
    }
    return ask_as(self, right, path, true);
}

static const struct {
    engine_file_want want;
    capability_right right;
} rights_of_wants[] = {
    {ENGINE_FILE_READ, CAPABILITY_FILES_READ},
    {ENGINE_FILE_WRITE, CAPABILITY_FILES_WRITE},
    {ENGINE_FILE_CREATE, CAPABILITY_FILES_CREATE},
    {ENGINE_FILE_LIST, CAPABILITY_FILES_LIST},
};

static engine_file_verdict ask_wants(file_access *self, uint32_t wants, const capability_path *path)
{
    engine_file_verdict verdict = ENGINE_FILE_ALLOWED;
    for (size_t i = 0; i < sizeof rights_of_wants / sizeof rights_of_wants[0]; i++) {
        if (verdict == ENGINE_FILE_ALLOWED && (wants & rights_of_wants[i].want) != 0)
            verdict = ask(self, rights_of_wants[i].right, path);
    }
    if (verdict == ENGINE_FILE_ALLOWED && (wants & ENGINE_FILE_LOOK) != 0)
        verdict = ask_to_look(self, path);
    return verdict;
}

/// A bare open for reading, of what may turn out to be a folder.
static engine_file_verdict decide_open(file_access *self, uint32_t wants, engine_file_answer *ret)
{
    if (self->open >= self->open_max)
        return ENGINE_FILE_QUOTA;
    if (self->path.folder && (wants & ENGINE_FILE_CREATE) != 0)
        return ENGINE_FILE_INVALID;
    bool reads = wants == ENGINE_FILE_READ;
    bool only_folder = reads && !is_granted(self, CAPABILITY_FILES_READ, &self->path) &&
                       is_granted(self, CAPABILITY_FILES_LIST, &self->path);
    if (reads && (self->path.folder || only_folder))
        wants = ENGINE_FILE_LIST;
    ret->folders = (wants & ENGINE_FILE_LIST) != 0;
    ret->files = !ret->folders;
    return ask_wants(self, wants, &self->path);
}

// ---------------------------------------------------------------- two names

static engine_file_verdict ask_all(file_access *self, const capability_right *rights, size_t count,
                                   const capability_path *path)
{
    engine_file_verdict verdict = ENGINE_FILE_ALLOWED;
    for (size_t i = 0; i < count && verdict == ENGINE_FILE_ALLOWED; i++)
        verdict = ask(self, rights[i], path);
    return verdict;
}

/// Whether a folder may have another name: on what is below it the component has all rights already, so that no name
/// gives it more.
static bool may_move_folder(const file_access *self)
{
    for (uint32_t right = CAPABILITY_FILES_READ; right <= CAPABILITY_FILES_LIST; right++) {
        if (!capability_policy_covers_below(self->policy, (capability_right)right, &self->path))
            return false;
    }
    return capability_policy_covers_below(self->policy, CAPABILITY_FILES_CREATE, &self->other);
}

static engine_file_verdict decide_rename(file_access *self, engine_file_answer *ret)
{
    static const capability_right old[] = {CAPABILITY_FILES_DELETE, CAPABILITY_FILES_READ, CAPABILITY_FILES_WRITE};
    engine_file_verdict verdict = ask_all(self, old, 3, &self->path);
    if (verdict == ENGINE_FILE_ALLOWED)
        verdict = ask(self, CAPABILITY_FILES_CREATE, &self->other);
    // Without it, the system is told to replace nothing.
    ret->replace = is_granted(self, CAPABILITY_FILES_DELETE, &self->other) ||
                   (self->learned && learner_has(self->learner, &self->other));
    if (verdict == ENGINE_FILE_ALLOWED && ret->replace)
        verdict = ask(self, CAPABILITY_FILES_DELETE, &self->other);
    ret->folders = may_move_folder(self);
    return verdict;
}

static engine_file_verdict decide_link(file_access *self)
{
    static const capability_right old[] = {CAPABILITY_FILES_READ, CAPABILITY_FILES_WRITE};
    if (self->path.folder || self->other.folder)
        return ENGINE_FILE_NOT_FOLDER;
    engine_file_verdict verdict = ask_all(self, old, 2, &self->path);
    return verdict == ENGINE_FILE_ALLOWED ? ask(self, CAPABILITY_FILES_CREATE, &self->other) : verdict;
}

static engine_file_verdict decide_two(file_access *self, const engine_file_question *question, engine_file_answer *ret)
{
    engine_file_verdict verdict = name_path(question->other_base, question->other_path, &self->other);
    if (verdict == ENGINE_FILE_OUTSIDE)
        return refuse_outside(self, CAPABILITY_FILES_CREATE, bytes_of(question->other_path));
    if (verdict != ENGINE_FILE_ALLOWED)
        return verdict;
    verdict = question->operation == ENGINE_FILE_RENAME ? decide_rename(self, ret) : decide_link(self);
    if (verdict == ENGINE_FILE_ALLOWED)
        place(self, &self->other, &ret->other);
    return verdict;
}

static bool climbs(airs_bytes text)
{
    for (size_t at = 0, end; at < text.len; at = end + 1) {
        for (end = at; end < text.len && text.data[end] != '/';)
            end++;
        if (end - at == 2 && text.data[at] == '.' && text.data[at + 1] == '.')
            return true;
    }
    return false;
}

/// Where the text of a symbolic link leads, seen from the folder that the link is in. It can't climb: behind another
/// link, or when its folder is moved, that would lead somewhere else than it does here.
static engine_file_verdict lead(file_access *self, airs_bytes text)
{
    size_t folder = (size_t)(strrchr(self->path.text, '/') - self->path.text);
    if (text.len == 0 || text.data[0] == '/' || climbs(text))
        return text.len == 0 ? ENGINE_FILE_NO_ENTRY : ENGINE_FILE_OUTSIDE;
    if (folder + 1 + text.len > CAPABILITY_PATH_MAX)
        return ENGINE_FILE_TOO_LONG;
    memcpy(self->other.text, self->path.text, folder);
    self->other.text[folder] = '/';
    memcpy(self->other.text + folder + 1, text.data, text.len);
    airs_bytes whole = {(const uint8_t *)self->other.text, folder + 1 + text.len};
    airs_status status = capability_path_normalize(NULL, whole, &self->other, NULL);
    return status == AIRS_OK ? ENGINE_FILE_ALLOWED : misnamed(text, status);
}

/// No component is led by it, but whoever else sees the folder may be: it leads to where the component could go itself.
static engine_file_verdict decide_symlink(file_access *self, const engine_file_question *question)
{
    static const capability_right there[] = {CAPABILITY_FILES_READ, CAPABILITY_FILES_WRITE};
    uint32_t mount = 0, target = 0;
    const char *rest;
    if (self->path.folder)
        return ENGINE_FILE_NOT_FOLDER;
    engine_file_verdict verdict = ask(self, CAPABILITY_FILES_CREATE, &self->path);
    if (verdict == ENGINE_FILE_ALLOWED)
        verdict = lead(self, bytes_of(question->other_path));
    if (verdict == ENGINE_FILE_OUTSIDE)
        return refuse_outside(self, CAPABILITY_FILES_CREATE, bytes_of(question->other_path));
    if (verdict == ENGINE_FILE_ALLOWED)
        verdict = ask_all(self, there, 2, &self->other);
    if (verdict != ENGINE_FILE_ALLOWED)
        return verdict;
    // On the host, two mounts are no neighbours.
    (void)capability_policy_locate(self->policy, &self->path, &mount, &rest);
    (void)capability_policy_locate(self->policy, &self->other, &target, &rest);
    return mount == target ? ENGINE_FILE_ALLOWED
                           : refuse_outside(self, CAPABILITY_FILES_CREATE, bytes_of(question->other_path));
}

// ---------------------------------------------------------------- all

/// Of what can't be a folder.
static engine_file_verdict ask_about_file(file_access *self, capability_right right)
{
    return self->path.folder ? ENGINE_FILE_NOT_FOLDER : ask(self, right, &self->path);
}

static engine_file_verdict decide(file_access *self, const engine_file_question *question, engine_file_answer *ret)
{
    switch (question->operation) {
    case ENGINE_FILE_OPEN:
        return decide_open(self, question->wants, ret);
    case ENGINE_FILE_STAT:
        return ask_to_look(self, &self->path);
    case ENGINE_FILE_SET_TIMES:
        return ask(self, CAPABILITY_FILES_WRITE, &self->path);
    case ENGINE_FILE_READ_LINK:
        return ask_about_file(self, CAPABILITY_FILES_READ);
    case ENGINE_FILE_CREATE_FOLDER:
        return ask(self, CAPABILITY_FILES_CREATE, &self->path);
    case ENGINE_FILE_REMOVE_FOLDER:
        return ask(self, CAPABILITY_FILES_DELETE, &self->path);
    case ENGINE_FILE_UNLINK:
        return ask_about_file(self, CAPABILITY_FILES_DELETE);
    case ENGINE_FILE_RENAME:
    case ENGINE_FILE_LINK:
        return decide_two(self, question, ret);
    case ENGINE_FILE_SYMLINK:
        return decide_symlink(self, question);
    default:
        return ENGINE_FILE_FAILED;
    }
}

/// The right that an operation is about, where its name is none that could be asked about.
static capability_right right_of(const engine_file_question *question)
{
    static const capability_right rights[] = {
        [ENGINE_FILE_STAT] = CAPABILITY_FILES_READ,
        [ENGINE_FILE_SET_TIMES] = CAPABILITY_FILES_WRITE,
        [ENGINE_FILE_READ_LINK] = CAPABILITY_FILES_READ,
        [ENGINE_FILE_CREATE_FOLDER] = CAPABILITY_FILES_CREATE,
        [ENGINE_FILE_REMOVE_FOLDER] = CAPABILITY_FILES_DELETE,
        [ENGINE_FILE_UNLINK] = CAPABILITY_FILES_DELETE,
        [ENGINE_FILE_RENAME] = CAPABILITY_FILES_DELETE,
        [ENGINE_FILE_LINK] = CAPABILITY_FILES_READ,
        [ENGINE_FILE_SYMLINK] = CAPABILITY_FILES_CREATE,
    };
    if (question->operation != ENGINE_FILE_OPEN)
        return rights[question->operation];
    for (size_t i = 0; i < sizeof rights_of_wants / sizeof rights_of_wants[0]; i++) {
        if ((question->wants & rights_of_wants[i].want) != 0)
            return rights_of_wants[i].right;
    }
    return CAPABILITY_FILES_READ;
}

/// The folders that a component begins with are its mounts.
static engine_file_verdict preopen(const file_access *self, uint32_t index, engine_file_answer *ret)
{
    const capability_mount *mount = capability_policy_mount(self->policy, index);
    if (mount == NULL)
        return ENGINE_FILE_DENIED;
    ret->place = (engine_file_place){
        .mount = index, .folder = true, .root = engine_text(mount->host), .path = engine_text(mount->guest)};
    return ENGINE_FILE_ALLOWED;
}

/// A descriptor that it has, or one more stream of it.
static engine_file_verdict use(file_access *self, const engine_file_question *question)
{
    if (question->wants == 0)
        return ENGINE_FILE_DENIED;
    if ((question->wants & ENGINE_FILE_STREAM) != 0 && self->open >= self->open_max)
        return ENGINE_FILE_QUOTA;
    bool marked = is_marked(question->base);
    copy_path(marked ? (engine_bytes){question->base.data + 1, question->base.len - 1} : question->base, &self->path);
    // What is of the host and open may have been granted, and is not any more: that is never only learned.
    if (self->learner != NULL && !marked && question->epoch == self->epoch)
        return ENGINE_FILE_ALLOWED;
    self->enforced = !marked;
    return ask_wants(self, question->wants, &self->path);
}

/// In the scratch folder there is what somebody makes, and above it the folders that are missing; what is listed is
/// there, and empty.
static void prepare_scratch(file_access *self, const engine_file_question *question, const engine_file_answer *answer)
{
    switch (question->operation) {
    case ENGINE_FILE_OPEN:
        if (answer->folders || (question->wants & ENGINE_FILE_CREATE) != 0)
            learner_make_folders(self->learner, &self->path, answer->folders);
        break;
    case ENGINE_FILE_CREATE_FOLDER:
    case ENGINE_FILE_SYMLINK:
        learner_make_folders(self->learner, &self->path, false);
        break;
    case ENGINE_FILE_RENAME:
    case ENGINE_FILE_LINK:
        learner_make_folders(self->learner, &self->other, false);
        break;
    default:
        break;
    }
}

void file_access_decide(file_access *self, const engine_file_question *question, engine_file_answer *ret)
{
    ret->epoch = self->epoch;
    self->learned = false;
    self->enforced = false;
    if (question->operation == ENGINE_FILE_PREOPEN) {
        ret->verdict = preopen(self, question->index, ret);
    } else if (question->operation == ENGINE_FILE_USE) {
        ret->verdict = use(self, question);
    } else {
        ret->verdict = name_path(question->base, question->path, &self->path);
        if (ret->verdict == ENGINE_FILE_OUTSIDE)
            (void)refuse_outside(self, right_of(question), bytes_of(question->path));
        else if (ret->verdict == ENGINE_FILE_ALLOWED)
            ret->verdict = decide(self, question, ret);
        if (ret->verdict != ENGINE_FILE_ALLOWED)
            return;
        place(self, &self->path, &ret->place);
        if (self->learned)
            prepare_scratch(self, question, ret);
        if (self->learned && question->operation == ENGINE_FILE_OPEN && ret->files)
            mark(self, &ret->place);
    }
}
