# SPDX-License-Identifier: MIT OR Apache-2.0
# The Rust static library behind engine.h, one release build for all presets: targets `engine` and `airs_engine`.
#
# Cargo decides what has to be compiled; it is only asked when a source of it has changed. It writes to the
# terminal, so that the minutes it takes the first time are seen to pass.

set(AIRS_ENGINE_ARCHIVE "${AIRS_ENGINE_DIR}/release/libairssys_engine.a")
add_library(airs_engine STATIC IMPORTED GLOBAL)
set_target_properties(airs_engine PROPERTIES
    IMPORTED_LOCATION "${AIRS_ENGINE_ARCHIVE}"
    INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m")

if(AIRS_ENGINE_BUILD)
    file(GLOB_RECURSE engine_sources CONFIGURE_DEPENDS
        engine/*.rs engine/Cargo.toml engine/Cargo.lock engine/*/Cargo.toml wit/*.wit)
    set(stamp "${PROJECT_BINARY_DIR}/engine.stamp")
    add_custom_command(
        OUTPUT "${stamp}"
        BYPRODUCTS "${AIRS_ENGINE_ARCHIVE}"
        COMMAND "${PROJECT_SOURCE_DIR}/tools/engine" archive "${AIRS_ENGINE_DIR}"
        COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
        DEPENDS ${engine_sources}
        COMMENT "The engine: minutes, after a change to it (ENGINE_LTO=off: one)"
        USES_TERMINAL VERBATIM)
    add_custom_target(engine DEPENDS "${stamp}")
    set_property(TARGET airs_engine APPEND PROPERTY INTERFACE_LINK_DEPENDS "${stamp}")
else()
    add_custom_target(engine)
endif()
