// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (1u << 20)

/// Runs `fn` in a child that is confined, and gives how it ended (as of waitpid).
static int run_confined(void (*fn)(void))
{
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        if (!os_confine(64u * MIB, 1))
            _exit(99);
        fn();
        _exit(0);
    }
    int end;
    assert_int_equal(waitpid(child, &end, 0), child);
    return end;
}

#define CHILD_EXPECTS(condition) \
    if (!(condition))            \
    _exit(__LINE__ % 90 + 1)

static void try_what_is_refused(void)
{
    CHILD_EXPECTS(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY) == -1 && errno == EPERM);
    CHILD_EXPECTS(syscall(SYS_socket, AF_INET, SOCK_STREAM, 0) == -1 && errno == EPERM);
    CHILD_EXPECTS(syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0) == -1 && errno == EPERM);
    CHILD_EXPECTS(syscall(SYS_execve, "/bin/true", NULL, NULL) == -1 && errno == EPERM);
    CHILD_EXPECTS(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) == -1 && errno == EPERM);
    CHILD_EXPECTS(syscall(SYS_kill, getppid(), 0) == -1 && errno == EPERM);
    CHILD_EXPECTS(syscall(SYS_tgkill, 1, 1, SIGCONT) == -1 && errno == EPERM);
    CHILD_EXPECTS(syscall(SYS_ptrace, PTRACE_TRACEME, 0, NULL, NULL) == -1 && errno == EPERM);
    CHILD_EXPECTS(syscall(SYS_prlimit64, 0, RLIMIT_AS, NULL, NULL) == -1 && errno == EPERM);
    CHILD_EXPECTS(syscall(SYS_unlinkat, AT_FDCWD, "/tmp/nothing", 0) == -1 && errno == EPERM);
    CHILD_EXPECTS(syscall(SYS_dup, 0) == -1 && errno == EPERM);
}

static void files_network_and_processes_are_out_of_reach(void **state)
{
    (void)state;
    assert_int_equal(run_confined(try_what_is_refused), 0);
}

static void map_memory(void)
{
    void *some = mmap(NULL, 32u * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHILD_EXPECTS(some != MAP_FAILED);
    CHILD_EXPECTS(mmap(NULL, 64u * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    CHILD_EXPECTS(errno == ENOMEM);
    // Shared memory is memory too.
    CHILD_EXPECTS(mmap(NULL, 64u * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    CHILD_EXPECTS(munmap(some, 32u * MIB) == 0);
    CHILD_EXPECTS(mmap(NULL, 48u * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static void memory_has_a_limit(void **state)
{
    (void)state;
    assert_int_equal(run_confined(map_memory), 0);
}

static void spin(void)
{
    for (volatile unsigned turn = 0;; turn++)
        continue;
}

static void time_has_a_limit(void **state)
{
    (void)state;
    int end = run_confined(spin);
    assert_true(WIFSIGNALED(end));
    assert_int_equal(WTERMSIG(end), SIGXCPU);
}

static void find_a_fault(void)
{
    abort();
}

static void it_may_end_itself(void **state)
{
    (void)state;
    int end = run_confined(find_a_fault);
    assert_true(WIFSIGNALED(end));
    assert_int_equal(WTERMSIG(end), SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_network_and_processes_are_out_of_reach),
        cmocka_unit_test(memory_has_a_limit),
        cmocka_unit_test(time_has_a_limit),
        cmocka_unit_test(it_may_end_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
