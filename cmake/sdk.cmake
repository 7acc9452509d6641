# SPDX-License-Identifier: MIT OR Apache-2.0
# What `airssys build`, `airssys new` and `airssys wit` need is inside the binary.
if(TARGET room_cli)
    file(GLOB_RECURSE sdk_files CONFIGURE_DEPENDS
        wit/*.wit sdk/c/include/*.h sdk/c/src/*.[ch] sdk/c/freestanding/*.h sdk/c/generated/*.[ch] sdk/c/wit/*.wit
        sdk/c/template/*)
    airs_embed(room_cli "${PROJECT_SOURCE_DIR}" ${sdk_files})
endif()
