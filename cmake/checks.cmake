# SPDX-License-Identifier: MIT OR Apache-2.0
# Tests of the sources and of the products: tools/checks/.

find_program(AIRS_CXX NAMES c++ g++ clang++)
set(checks "${PROJECT_SOURCE_DIR}/tools/checks")
add_test(NAME check_selftest COMMAND ${checks}/selftest)
add_test(NAME check_rooms COMMAND ${checks}/rooms)
add_test(NAME check_style COMMAND ${checks}/style)
add_test(NAME check_links COMMAND ${checks}/links)
add_test(NAME check_bindings COMMAND ${checks}/bindings)
add_test(NAME check_version COMMAND ${checks}/version)
add_test(NAME check_headers COMMAND ${checks}/headers ${CMAKE_C_COMPILER} $<$<BOOL:${AIRS_CXX}>:${AIRS_CXX}>
    COMMAND_EXPAND_LISTS)
add_test(NAME check_symbols COMMAND ${checks}/symbols
    ${PROJECT_BINARY_DIR}/libairssys.a $<TARGET_FILE:airssys_shared> ${PROJECT_SOURCE_DIR}/include)
# What is built with one compiler only does not stay clean with the other. Sanitizers change nothing about that.
if(NOT AIRS_SANITIZE)
    add_test(NAME check_clang COMMAND ${checks}/clang ${PROJECT_BINARY_DIR}/compile_commands.json)
    set_tests_properties(check_clang PROPERTIES LABELS check TIMEOUT 600)
endif()
set_tests_properties(check_selftest check_rooms check_style check_links check_version check_headers check_symbols
    PROPERTIES LABELS check TIMEOUT 60)
