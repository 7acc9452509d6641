// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/terminal.h"

#include "os/clock.h"
#include "os/poller.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

// The other screen, without a cursor; and back.
#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[0m\033[?25h\033[?1049l"
// Of a sequence that a key sends: what comes later belongs to another key.
#define SEQUENCE_MAX 8

static struct {
    struct termios before;
    struct termios raw;
    sigset_t mask_before;
    int signals_fd;
    volatile sig_atomic_t taken;
    /// Bytes that were read and not looked at yet.
    char bytes[64];
    size_t bytes_len;
} terminal = {.signals_fd = -1};

static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

bool cli_terminal_usable(void)
{
    const char *term = getenv("TERM");
    return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && term && *term && strcmp(term, "dumb") != 0;
}

/// Writes all of it, also to a terminal that is slow. Async-signal-safe.
static void say(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t written = write(STDOUT_FILENO, text, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        text += written;
        len -= (size_t)written;
    }
}

/// Async-signal-safe.
static void give_back(void)
{
    if (!terminal.taken)
        return;
    terminal.taken = 0;
    say(LEAVE, sizeof LEAVE - 1);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal.before);
}

/// The default action follows: the handler was reset.
static void on_fault(int number)
{
    give_back();
    raise(number);
}

static void take(void)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal.raw);
    terminal.taken = 1;
    say(ENTER, sizeof ENTER - 1);
}

bool cli_terminal_enter(void)
{
    sigset_t set;
    sigemptyset(&set);
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaddset(&set, numbers[i]);
    if (tcgetattr(STDIN_FILENO, &terminal.before) != 0)
        return false;
    sigprocmask(SIG_BLOCK, &set, &terminal.mask_before);
    terminal.signals_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (terminal.signals_fd < 0) {
        sigprocmask(SIG_SETMASK, &terminal.mask_before, NULL);
        return false;
    }
    struct sigaction action = {.sa_handler = on_fault, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigaction(faults[i], &action, NULL);
    atexit(give_back);
    terminal.raw = terminal.before;
    // Signals of the keyboard go on being signals.
    terminal.raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    terminal.raw.c_cc[VMIN] = 0;
    terminal.raw.c_cc[VTIME] = 0;
    take();
    return true;
}

void cli_terminal_leave(void)
{
    if (terminal.signals_fd < 0)
        return;
    give_back();
    os_fd_close(terminal.signals_fd);
    terminal.signals_fd = -1;
    sigprocmask(SIG_SETMASK, &terminal.mask_before, NULL);
}

void cli_terminal_size(unsigned *ret_width, unsigned *ret_height)
{
    struct winsize size = {0};
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
    *ret_width = known ? size.ws_col : 80;
    *ret_height = known ? size.ws_row : 24;
}

/// Ctrl-Z: the terminal is the shell's until it says that the program goes on.
static void be_stopped(void)
{
    give_back();
    kill(getpid(), SIGSTOP);
    take();
}

/// The signals that have come. END goes before REDRAW.
static cli_terminal_event take_signals(void)
{
    struct signalfd_siginfo info;
    cli_terminal_event event = CLI_TERMINAL_TIMEOUT;
    while (read(terminal.signals_fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGTSTP)
            be_stopped();
        if (info.ssi_signo != SIGTSTP && info.ssi_signo != SIGWINCH)
            event = CLI_TERMINAL_END;
        else if (event != CLI_TERMINAL_END)
            event = CLI_TERMINAL_REDRAW;
    }
    return event;
}

// ---------------------------------------------------------------- keys

static const struct {
    const char *sequence;
    int key;
} sequences[] = {
    {"\033[A", CLI_KEY_UP},       {"\033OA", CLI_KEY_UP},         {"\033[B", CLI_KEY_DOWN}, {"\033OB", CLI_KEY_DOWN},
    {"\033[5~", CLI_KEY_PAGE_UP}, {"\033[6~", CLI_KEY_PAGE_DOWN}, {"\033[H", CLI_KEY_HOME}, {"\033OH", CLI_KEY_HOME},
    {"\033[1~", CLI_KEY_HOME},    {"\033[F", CLI_KEY_END},        {"\033OF", CLI_KEY_END},  {"\033[4~", CLI_KEY_END},
};

/// How long the sequence is that a key nobody knows has sent.
static size_t unknown_len(void)
{
    size_t len = 2;
    while (len < terminal.bytes_len && len < SEQUENCE_MAX && (terminal.bytes[len] < '@' || terminal.bytes[len] > '~'))
        len++;
    return len < terminal.bytes_len ? len + 1 : terminal.bytes_len;
}

/// Takes the next key of what was read; NONE of what means nothing here.
static int take_key(void)
{
    int key = (unsigned char)terminal.bytes[0];
    size_t len = 1;
    if (key == CLI_KEY_ESCAPE && terminal.bytes_len > 1) {
        key = CLI_KEY_NONE;
        len = unknown_len();
        for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
            size_t known = strlen(sequences[i].sequence);
            if (known <= terminal.bytes_len && memcmp(terminal.bytes, sequences[i].sequence, known) == 0) {
                key = sequences[i].key;
                len = known;
            }
        }
    }
    terminal.bytes_len -= len;
    memmove(terminal.bytes, terminal.bytes + len, terminal.bytes_len);
    if (key == '\r')
        return CLI_KEY_ENTER;
    return key == '\b' ? CLI_KEY_BACKSPACE : key;
}

cli_terminal_event cli_terminal_wait(unsigned long long deadline_ns, int *ret_key)
{
    *ret_key = CLI_KEY_NONE;
    for (;;) {
        while (terminal.bytes_len > 0) {
            *ret_key = take_key();
            if (*ret_key != CLI_KEY_NONE)
                return CLI_TERMINAL_KEY;
        }
        uint64_t now_ns = os_clock_now_ns();
        uint64_t left_ms = deadline_ns > now_ns ? (deadline_ns - now_ns) / 1000000u + 1 : 0;
        struct pollfd ready[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = terminal.signals_fd, .events = POLLIN}};
        int count = poll(ready, 2, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
        if (count == 0)
            return CLI_TERMINAL_TIMEOUT;
        if (count > 0 && ready[1].revents != 0) {
            cli_terminal_event event = take_signals();
            if (event != CLI_TERMINAL_TIMEOUT)
                return event;
        }
        if (count > 0 && ready[0].revents != 0) {
            ssize_t got = read(STDIN_FILENO, terminal.bytes, sizeof terminal.bytes);
            // Readable, and nothing to be read: the terminal is gone.
            if (got <= 0 && !(got < 0 && (errno == EINTR || errno == EAGAIN)))
                return CLI_TERMINAL_END;
            terminal.bytes_len = got > 0 ? (size_t)got : 0;
        }
    }
}
