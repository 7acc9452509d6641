// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a component may do with a file: the question of the engine, the answer, and nothing else. No system call is
/// made here; the engine opens what the answer names, beneath its mount and without following a link (engine.h).
///
/// Which rights an operation takes is in docs/reference/capabilities.md. What stands behind it:
/// - Only the normal path counts, and that path is what is opened.
/// - A second name for a file (link) or another name (rename) must not give rights on its content that the first one
///   did not: so read and write on the old name are needed. For a folder that holds for all that is below it.
#ifndef COMPONENT_FILE_ACCESS_H
#define COMPONENT_FILE_ACCESS_H

#include "component/learn.h"
#include "engine.h"

/// Of one component; one question at a time.
typedef struct file_access {
    const capability_policy *policy;
    /// What the answers carry; changes when the policy does. Not 0.
    uint64_t epoch;
    /// Files that are open, and how many may be.
    uint64_t open;
    uint64_t open_max;
    /// Is told each decision that counts; false: what it allows can't be done now. Its object is a path.
    bool (*tell)(void *user, capability_decision *decision, airs_bytes object);
    void *user;
    /// Who learns; NULL: nobody. What is only learned is done in its scratch folder.
    const component_learner *learner;
    /// Of the question in hand: something of it is only learned; what is not granted is not done, though it is noted.
    bool learned;
    bool enforced;
    // What the answer points into.
    capability_path path;
    capability_path other;
    char scratch_path[CAPABILITY_PATH_MAX + 2];
} file_access;

/// Decides. `ret` points into `self` and its policy until the next question.
void file_access_decide(file_access *self, const engine_file_question *question, engine_file_answer *ret);

#endif
