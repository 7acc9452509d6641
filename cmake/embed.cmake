# SPDX-License-Identifier: MIT OR Apache-2.0
# airs_embed(TARGET BASE FILE…)    puts files into the objects of a target, whole, under their path below BASE
#
# Found at run time with `cli_embedded_find` (src/cli/embedded.h). The bytes come in through the
# assembler's .incbin, so that a file of any size costs the compiler nothing.
function(airs_embed target base)
    set(assembler "")
    set(table "")
    set(number 0)
    foreach(file IN LISTS ARGN)
        file(RELATIVE_PATH name "${base}" "${file}")
        string(APPEND assembler
            "    .globl cli_embedded_begin_${number}\n    .hidden cli_embedded_begin_${number}\n"
            "cli_embedded_begin_${number}:\n    .incbin \"${file}\"\n"
            "    .globl cli_embedded_end_${number}\n    .hidden cli_embedded_end_${number}\n"
            "cli_embedded_end_${number}:\n    .byte 0\n")
        string(APPEND symbols
            "extern const uint8_t cli_embedded_begin_${number}[], cli_embedded_end_${number}[];\n")
        string(APPEND table "    {\"${name}\", cli_embedded_begin_${number}, cli_embedded_end_${number}},\n")
        math(EXPR number "${number} + 1")
    endforeach()

    set(spdx "SPDX-License-Identifier: MIT OR Apache-2.0")
    set(folder "${PROJECT_BINARY_DIR}/embed/${target}")
    file(CONFIGURE OUTPUT "${folder}/bytes.c" @ONLY CONTENT
"// ${spdx}
// Written by cmake/embed.cmake.
__asm__(\".section .rodata\\n\"
        \".include \\\"${folder}/bytes.inc\\\"\\n\"
        \".previous\\n\");
typedef int cli_embedded_bytes;
")
    file(CONFIGURE OUTPUT "${folder}/bytes.inc" @ONLY CONTENT "${assembler}")
    file(CONFIGURE OUTPUT "${folder}/table.c" @ONLY CONTENT
"// ${spdx}
// Written by cmake/embed.cmake.
#include \"cli/embedded.h\"

${symbols}
const cli_embedded_file cli_embedded_files[] = {
${table}};
const size_t cli_embedded_files_count = ${number};
")
    set_property(SOURCE "${folder}/bytes.c" APPEND PROPERTY OBJECT_DEPENDS "${folder}/bytes.inc" ${ARGN})
    target_sources(${target} PRIVATE "${folder}/bytes.c" "${folder}/table.c")
endfunction()
