// SPDX-License-Identifier: MIT OR Apache-2.0
/// A terminal for a program that fills the screen: keys without Enter, the other screen, and back again whatever ends
/// the program.
#ifndef AIRS_CLI_TERMINAL_H
#define AIRS_CLI_TERMINAL_H

#include <stdbool.h>

/// What may be pressed, besides characters.
typedef enum cli_key {
    CLI_KEY_NONE = 0,
    CLI_KEY_ENTER = '\n',
    CLI_KEY_ESCAPE = 27,
    CLI_KEY_BACKSPACE = 127,
    CLI_KEY_UP = 256,
    CLI_KEY_DOWN,
    CLI_KEY_PAGE_UP,
    CLI_KEY_PAGE_DOWN,
    CLI_KEY_HOME,
    CLI_KEY_END,
} cli_key;

/// Whether stdin and stdout are a terminal that can be driven.
bool cli_terminal_usable(void);

/// Takes the terminal over: one program at a time. SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP and SIGWINCH wait from now
/// on to be looked for; a fault ends the program with the terminal as it was. False when it can't be.
bool cli_terminal_enter(void);

/// Gives it back as it was. Does nothing when it was not taken.
void cli_terminal_leave(void);

/// How many columns and lines it has now; 80 and 24 when nobody knows.
void cli_terminal_size(unsigned *ret_width, unsigned *ret_height);

/// What a wait came back for.
typedef enum cli_terminal_event {
    CLI_TERMINAL_TIMEOUT,
    /// `*ret_key` was pressed.
    CLI_TERMINAL_KEY,
    /// All is to be drawn anew: the size may be another one, or the program was stopped and goes on.
    CLI_TERMINAL_REDRAW,
    /// A signal says that it is enough, or nobody types any more.
    CLI_TERMINAL_END,
} cli_terminal_event;

/// Waits for a key or a signal, until `deadline_ns` (os/clock.h).
cli_terminal_event cli_terminal_wait(unsigned long long deadline_ns, int *ret_key);

#endif
