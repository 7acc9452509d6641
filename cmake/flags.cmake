# SPDX-License-Identifier: MIT OR Apache-2.0
# How each C file is compiled: the interface library `airs_flags`.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
# The same objects make the binary, the static and the shared library.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
# Assertions stay on in release builds, so there is no NDEBUG.
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g -DAIRS_DEBUG")

find_package(PkgConfig REQUIRED)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
find_package(Threads REQUIRED)

# Those of them that are there as archives, for the binary.
set(AIRS_ARCHIVES)
foreach(name IN ITEMS cjson sodium sqlite3)
    find_library(AIRS_ARCHIVE_OF_${name} lib${name}.a)
    if(AIRS_ARCHIVE_OF_${name})
        list(APPEND AIRS_ARCHIVES "${AIRS_ARCHIVE_OF_${name}}")
    endif()
endforeach()

add_library(airs_flags INTERFACE)
target_compile_definitions(airs_flags INTERFACE _GNU_SOURCE "AIRS_VERSION_TEXT=\"${PROJECT_VERSION}\""
    "AIRS_BIN_FOLDER=\"${CMAKE_INSTALL_FULL_BINDIR}\"")
target_compile_options(airs_flags INTERFACE
    -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
    $<$<BOOL:${AIRS_WERROR}>:-Werror>
    -ffunction-sections -fdata-sections -fno-omit-frame-pointer)
target_include_directories(airs_flags INTERFACE
    ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/engine)
target_link_options(airs_flags INTERFACE -Wl,--gc-sections)

# What is shipped and what is measured is optimised across rooms when it is linked; a test, of which there are many, is
# linked from the machine code that lies in the objects too.
set(AIRS_LTO)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT AIRS_SANITIZE)
    set(AIRS_LTO -flto=auto)
    target_compile_options(airs_flags INTERFACE ${AIRS_LTO} -ffat-lto-objects)
endif()

# Where nothing is left to optimise, LLVM's linker is some four times as fast, and there are many tests to link.
find_program(AIRS_LLD ld.lld)
set(AIRS_QUICK_LINK)
if(AIRS_LLD)
    set(AIRS_QUICK_LINK -fuse-ld=lld)
endif()
if(NOT AIRS_LTO)
    target_link_options(airs_flags INTERFACE ${AIRS_QUICK_LINK})
endif()

if(AIRS_SANITIZE)
    target_compile_options(airs_flags INTERFACE -fsanitize=${AIRS_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(airs_flags INTERFACE -fsanitize=${AIRS_SANITIZE})
endif()
