// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// ---------------------------------------------------------------- limits

/// Bytes of address space that this process has; 0 when the kernel does not tell.
static uint64_t mapped_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long long pages = 0;
    if (file != NULL && fscanf(file, "%llu", &pages) != 1)
        pages = 0;
    if (file != NULL)
        (void)fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/// Lowers a limit; one that is lower already stays. What it may be raised to again is `grace` above.
static bool lower(__rlimit_resource_t which, uint64_t to, uint64_t grace)
{
    struct rlimit limit;
    if (getrlimit(which, &limit) != 0)
        return false;
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > to + grace)
        limit.rlim_max = to + grace;
    limit.rlim_cur = limit.rlim_max < to ? limit.rlim_max : to;
    return setrlimit(which, &limit) == 0;
}

static uint64_t cpu_used_s(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + 1 : 1;
}

static bool set_limits(uint64_t memory, uint64_t cpu_s)
{
    uint64_t mapped = mapped_bytes();
    if (mapped == 0)
        errno = ENOENT;
    // SIGXCPU comes at the lower of the two, SIGKILL at the upper: it is told from a kill by somebody else.
    return mapped > 0 && lower(RLIMIT_AS, mapped + memory, 0) && lower(RLIMIT_CPU, cpu_used_s() + cpu_s, 1) &&
           lower(RLIMIT_FSIZE, 0, 0) && lower(RLIMIT_CORE, 0, 0) && lower(RLIMIT_NOFILE, 0, 0);
}

// ---------------------------------------------------------------- system calls

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
/// Allows a system call, whatever it is given.
#define ALLOW(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), RETURN(SECCOMP_RET_ALLOW)

static bool filter_calls(void)
{
    struct sock_filter code[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        RETURN(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        // Its memory, its time, its one thread.
        ALLOW(mmap),
        ALLOW(munmap),
        ALLOW(mremap),
        ALLOW(mprotect),
        ALLOW(madvise),
        ALLOW(brk),
        ALLOW(futex),
        ALLOW(membarrier),
        ALLOW(getrandom),
        ALLOW(clock_gettime),
        ALLOW(gettimeofday),
        ALLOW(sched_yield),
        ALLOW(sched_getaffinity),
        ALLOW(getpid),
        ALLOW(gettid),
        ALLOW(getrusage),
        // The descriptors that it has.
        ALLOW(read),
        ALLOW(write),
        ALLOW(readv),
        ALLOW(writev),
        ALLOW(close),
        ALLOW(fstat),
        ALLOW(lseek),
        // Its end, and how a program that finds a fault in itself comes to it.
        ALLOW(exit),
        ALLOW(exit_group),
        ALLOW(rt_sigaction),
        ALLOW(rt_sigprocmask),
        ALLOW(rt_sigreturn),
        ALLOW(sigaltstack),
        ALLOW(restart_syscall),
        // abort(): a signal to itself, and to nobody else.
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 3),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 0, 1),
        RETURN(SECCOMP_RET_ALLOW),
        RETURN(SECCOMP_RET_ERRNO | EPERM),
    };
    const struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
    // A kernel that was built without it says EINVAL.
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0 || errno == EINVAL;
}

#else

static bool filter_calls(void)
{
    return true;
}

#endif

bool os_confine(uint64_t memory, uint64_t cpu_s)
{
    const struct sched_param none = {0};
    // It takes no processor from a thread that has just been woken, but gets its share.
    (void)sched_setscheduler(0, SCHED_BATCH, &none);
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           set_limits(memory, cpu_s) && filter_calls();
}
