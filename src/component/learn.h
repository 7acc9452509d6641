// SPDX-License-Identifier: MIT OR Apache-2.0
/// Learning what components would have to be granted (`airssys run --learn`): what they are refused is noted, and done
/// all the same as far as it is harmless.
///
/// In memory  Messages, topics, names, children, settings, clocks, random numbers, output, custom capabilities: done.
/// Files      Done in the scratch folder, below which each path has the place that it has below the guest's root. The
///            folders of the host are only touched as far as they are granted.
/// Network    Noted, and refused; what is granted too, and names are not known.
/// Never      What no grant could allow is refused as always, and so is what is past the limits: LEARNED_MAX uses of
///            one actor, LEARN_ENTRIES_MAX actors.
///
/// An entry stands for an actor of the manifest, or for the children that one spawns of one template.
#ifndef COMPONENT_LEARN_H
#define COMPONENT_LEARN_H

#include "capability/learned.h"
#include "component/component_actor.h"

#define LEARN_ENTRIES_MAX 256u

typedef struct learn_entry {
    /// Of the template where `is_template`, else of the actor.
    char *name;
    bool is_template;
    /// Of whoever spawned it; NULL: it stands in the manifest.
    struct learn_entry *parent;
    learned_set uses;
} learn_entry;

struct component_learner {
    const airs_allocator *allocator;
    /// Absolute, without links.
    char *scratch;
    int scratch_fd;
    os_mutex lock;
    learn_entry *entries[LEARN_ENTRIES_MAX];
    uint32_t count;
    /// Actors, or children, for which there was no entry any more.
    uint64_t cut;
};

/// `scratch` is an empty folder, which is left there. Outlives the components of its system.
/// Errors: E_IO, E_NOMEM. On success ended with `learner_fini`.
AIRS_NODISCARD airs_status learner_init(component_learner *self, const airs_allocator *allocator, const char *scratch,
                                        airs_error *error);
void learner_fini(component_learner *self);

/// The entry of an actor that is spawned; NULL: there is no room, and nothing is learned of it. Any thread.
learn_entry *learner_enter(component_learner *self, learn_entry *parent, const char *name, const char *template_name);

/// Notes the decision, and says in it whether what it refuses is to be done. The owner.
void component_learn(component_actor *self, capability_decision *decision, airs_bytes object);

/// Makes the folders above a path in the scratch folder, with `whole` its own too, as far as they are missing. No link
/// is followed. What can't be made is seen by who opens the path. The path is as it was afterwards.
void learner_make_folders(const component_learner *self, capability_path *path, bool whole);

/// Whether there is something at the path in the scratch folder. No link is followed. The path is as it was afterwards.
bool learner_has(const component_learner *self, capability_path *path);

/// Whether an actor, or a child of a template, of this name was started.
bool learner_knows(const component_learner *self, const char *name, bool is_template);

/// Puts together what is learned of an actor, or of a template, of this name: with all that is learned of its children,
/// which get no more than it has. `ret_uses` is empty where nothing was. Nobody learns any more.
/// Errors: E_NOMEM; E_LIMIT together it is too much, and `ret_uses` is what there was room for.
AIRS_NODISCARD airs_status learner_collect(const component_learner *self, const char *name, bool is_template,
                                           learned_set *ret_uses);

#endif
