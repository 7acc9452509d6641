// SPDX-License-Identifier: MIT OR Apache-2.0
// A line of log is a line on stderr, which the node takes into its log.
#include "airssys/guest.h"
#include "convert.h"
#include "imports.h"

enum {
    WRITE_MAX = 4096
};

static bool write_some(wasi_io_streams_borrow_output_stream_t stream, airs_bytes bytes)
{
    imports_list_u8_t list = to_generated(imports_list_u8_t, bytes);
    wasi_io_streams_stream_error_t error;
    return wasi_io_streams_method_output_stream_blocking_write_and_flush(stream, &list, &error);
}

void airs_log(airs_bytes line)
{
    static bool open;
    static wasi_io_streams_borrow_output_stream_t stream;
    if (!open) {
        stream.__handle = wasi_cli_stderr_get_stderr().__handle;
        open = true;
    }
    airs_bytes rest = airs_join(line, airs_text("\n"));
    while (rest.len > 0) {
        airs_bytes part = airs_slice(rest, 0, WRITE_MAX);
        if (!write_some(stream, part))
            return;
        rest = airs_slice(rest, part.len, rest.len);
    }
}
