// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/alloc.h"
#include "base/alloc_fault.h"
#include "base/bytes.h"
#include "base/testing.h"
#include "capability/holder.h"
#include "os/thread.h"

#define READERS 3u

typedef struct world {
    base_alloc_fault memory;
    capability_holder holder;
    /// Rounds after which the revocation was done.
    BASE_ATOMIC(uint32_t) revoked;
    BASE_ATOMIC(uint32_t) granted;
    BASE_ATOMIC(bool) stop;
    BASE_ATOMIC(uint32_t) wrong;
} world;

static capability_policy *make(world *self, bool with_grant)
{
    const capability_grant grant = {.rights = CAPABILITY_BIT(CAPABILITY_MESSAGING_SEND), .pattern = "stock*"};
    capability_policy_options options = {&grant, with_grant ? 1u : 0u, NULL, 0};
    capability_policy *policy = NULL;
    assert_int_equal(capability_policy_create(&options, &self->memory.allocator, &policy, NULL, NULL), AIRS_OK);
    return policy;
}

/// As a send does it: what is remembered, else the policy.
static bool use(capability_view *view, capability_holder *holder)
{
    uint32_t grant;
    if (capability_view_recall(view, holder, CAPABILITY_MESSAGING_SEND, 42, &grant))
        return true;
    capability_decision decision;
    const capability_policy *policy = capability_view_policy(view, holder);
    if (!capability_check_name(policy, CAPABILITY_MESSAGING_SEND, base_bytes_of("stock:1"), &decision))
        return false;
    capability_view_remember(view, &decision, 42);
    return true;
}

static void read_on(void *user)
{
    world *self = user;
    capability_view view = {0};
    while (!base_atomic_load_acquire(&self->stop)) {
        // What is done before the use begins and not undone when it has ended must show.
        uint32_t revoked = base_atomic_load_acquire(&self->revoked);
        uint32_t granted = base_atomic_load_acquire(&self->granted);
        bool allowed = use(&view, &self->holder);
        bool only_revoked = base_atomic_load_acquire(&self->granted) == granted && revoked == granted + 1;
        if (allowed && only_revoked)
            (void)base_atomic_fetch_add_relaxed(&self->wrong, 1u);
    }
    capability_view_fini(&view);
}

static void what_was_revoked_is_refused_from_the_next_use(void **user)
{
    (void)user;
    world self = {.memory = {.live = 0}};
    base_alloc_fault_init(&self.memory);
    capability_holder_init(&self.holder, make(&self, true));
    os_thread threads[READERS];
    for (uint32_t i = 0; i < READERS; i++)
        assert_int_equal(os_thread_start(&threads[i], "reader", 0, read_on, &self), AIRS_OK);
    for (uint32_t round = 0; round < TEST_ROUNDS(3000u); round++) {
        capability_holder_set(&self.holder, make(&self, false));
        base_atomic_store_release(&self.revoked, round + 1);
        if (round % 8 == 0)
            os_thread_yield();
        // Announced before it is granted again, so that a reader in between is not held to the revocation.
        base_atomic_store_seq_cst(&self.granted, round + 1);
        capability_holder_set(&self.holder, make(&self, true));
    }
    base_atomic_store_release(&self.stop, true);
    for (uint32_t i = 0; i < READERS; i++)
        os_thread_join(&threads[i]);
    assert_int_equal(base_atomic_load_relaxed(&self.wrong), 0);
    capability_holder_fini(&self.holder);
    assert_int_equal(base_alloc_fault_live(&self.memory), 0);
}

static void a_view_forgets_what_was_changed(void **user)
{
    (void)user;
    world self = {.memory = {.live = 0}};
    base_alloc_fault_init(&self.memory);
    capability_holder_init(&self.holder, make(&self, true));
    capability_view view = {0};
    uint32_t grant;
    assert_false(capability_view_recall(&view, &self.holder, CAPABILITY_MESSAGING_SEND, 42, &grant));
    assert_true(use(&view, &self.holder));
    assert_true(capability_view_recall(&view, &self.holder, CAPABILITY_MESSAGING_SEND, 42, &grant));
    assert_int_equal(grant, 0);
    assert_false(capability_view_recall(&view, &self.holder, CAPABILITY_MESSAGING_ASK, 42, &grant));
    assert_false(capability_view_recall(&view, &self.holder, CAPABILITY_MESSAGING_SEND, 43, &grant));
    assert_false(capability_view_recall(&view, &self.holder, (capability_right)0, 0, &grant));
    const capability_policy *policy = capability_holder_get(&self.holder);
    assert_ptr_equal(policy, view.policy);
    capability_policy_release(policy);
    capability_holder_set(&self.holder, make(&self, false));
    assert_false(capability_view_recall(&view, &self.holder, CAPABILITY_MESSAGING_SEND, 42, &grant));
    assert_false(use(&view, &self.holder));
    // A view may outlive the holder.
    capability_holder_fini(&self.holder);
    assert_int_equal(capability_policy_grant_count(view.policy), 0);
    capability_view_fini(&view);
    assert_int_equal(base_alloc_fault_live(&self.memory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_forgets_what_was_changed),
        cmocka_unit_test(what_was_revoked_is_refused_from_the_next_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
