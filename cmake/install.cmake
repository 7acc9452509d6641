# SPDX-License-Identifier: MIT OR Apache-2.0
# What `make install` adds to the products: licences, the texts of the crates in the archive, completions.

set(documents ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE-MIT LICENSE-APACHE THIRD-PARTY.md README.md CHANGELOG.md DESTINATION ${documents})

# The sources of the crates are on this machine once the engine was built.
install(CODE "
    execute_process(
        COMMAND \"${PROJECT_SOURCE_DIR}/tools/third-party\" --texts
        OUTPUT_FILE \"${PROJECT_BINARY_DIR}/third-party-licences.txt\"
        COMMAND_ERROR_IS_FATAL ANY)")
install(FILES "${PROJECT_BINARY_DIR}/third-party-licences.txt" DESTINATION ${documents})

if(TARGET airssys)
    foreach(pair IN ITEMS bash:bash-completion/completions/airssys zsh:zsh/site-functions/_airssys
                          fish:fish/vendor_completions.d/airssys.fish)
        string(REGEX MATCH "^([a-z]+):(.*)/([^/]+)$" _ ${pair})
        set(shell ${CMAKE_MATCH_1})
        set(folder ${CMAKE_MATCH_2})
        set(name ${CMAKE_MATCH_3})
        install(CODE "
            execute_process(
                COMMAND \"$<TARGET_FILE:airssys>\" completions ${shell}
                OUTPUT_FILE \"${PROJECT_BINARY_DIR}/completions/${shell}/${name}\"
                COMMAND_ERROR_IS_FATAL ANY)")
        install(FILES "${PROJECT_BINARY_DIR}/completions/${shell}/${name}" DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder})
        file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/completions/${shell}")
    endforeach()
endif()
