# SPDX-License-Identifier: MIT OR Apache-2.0
# What is built for users: the binary airssys, libairssys.a, libairssys.so.0, and their installation.

get_property(rooms GLOBAL PROPERTY AIRS_ROOMS)
# The command line is a client of the library, and part of the binary only.
set(library_rooms ${rooms})
list(REMOVE_ITEM library_rooms cli)
airs_closure(ignored library_needs_engine ${library_rooms})

set(library_objects)
foreach(room IN LISTS library_rooms)
    list(APPEND library_objects $<TARGET_OBJECTS:room_${room}>)
endforeach()

# libairssys.a: one object in which everything but airs_* is local, so that no name of ours, of Rust's
# or of Wasmtime's can meet one of the program's.
set(archive "${PROJECT_BINARY_DIR}/libairssys.a")
set(archive_compiler -)
if(AIRS_LTO)
    set(archive_compiler "${CMAKE_C_COMPILER}")
endif()
add_custom_command(
    OUTPUT "${archive}"
    COMMAND "${PROJECT_SOURCE_DIR}/tools/archive" "${archive}" "${CMAKE_LINKER}" "${CMAKE_OBJCOPY}" "${CMAKE_AR}"
            "$<IF:$<BOOL:${library_needs_engine}>,${AIRS_ENGINE_ARCHIVE},->" "${archive_compiler}" ${library_objects}
    DEPENDS ${library_objects} tools/archive $<$<BOOL:${library_needs_engine}>:engine>
            $<$<BOOL:${library_needs_engine}>:${AIRS_ENGINE_ARCHIVE}>
    COMMENT "Linking libairssys.a" COMMAND_EXPAND_LISTS VERBATIM)
add_custom_target(airssys_static ALL DEPENDS "${archive}")

add_library(airssys_shared SHARED cmake/empty.c)
airs_link(airssys_shared ${library_rooms})
set_target_properties(airssys_shared PROPERTIES OUTPUT_NAME airssys VERSION ${PROJECT_VERSION} SOVERSION 0)
target_link_options(airssys_shared PRIVATE
    "LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/libairssys.map" "LINKER:--no-undefined-version")
set_property(TARGET airssys_shared APPEND PROPERTY LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/libairssys.map")

if(EXISTS "${PROJECT_SOURCE_DIR}/src/cli/main.c" AND "cli" IN_LIST rooms)
    add_executable(airssys src/cli/main.c)
    # Each shared library costs at each start: what there is as an archive goes into the binary. The archives stand
    # before the libraries of the same names, which are then not needed.
    if(AIRS_LTO AND AIRS_ARCHIVES)
        target_link_options(airssys PRIVATE LINKER:--as-needed)
        target_link_libraries(airssys PRIVATE ${AIRS_ARCHIVES})
    endif()
    airs_link(airssys ${rooms})
    install(TARGETS airssys RUNTIME)
    # Where the programs of the tests and the benchmarks look for it: beside them.
    foreach(folder IN ITEMS test bench bench/parts)
        file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/${folder}")
        file(CREATE_LINK "${PROJECT_BINARY_DIR}/airssys" "${PROJECT_BINARY_DIR}/${folder}/airssys" SYMBOLIC)
    endforeach()
endif()

# pkg-config's paths are relative to the file, so that an installation can be moved.
file(RELATIVE_PATH PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(cmake/airssys.pc.in airssys.pc @ONLY)
install(FILES "${archive}" DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS airssys_shared LIBRARY)
install(DIRECTORY include/airssys DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES "${PROJECT_BINARY_DIR}/airssys.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
