# SPDX-License-Identifier: Apache-2.0
# The target "man": every program with flags prints its own manual page (--man). Not part of "all"; installing
# builds it. Pages are written in the build folder, share/man/man1 and man8. (Those of libactor's headers: libactor/install.cmake.)
set(man_pages "")

# troupe_man_page(PAGE SECTION PROGRAM [COMMAND]): PAGE.SECTION, as `PROGRAM [COMMAND] --man` prints it.
function(troupe_man_page page section program)
    set(file ${CMAKE_BINARY_DIR}/share/man/man${section}/${page}.${section})
    add_custom_command(OUTPUT ${file}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/share/man/man${section}
        COMMAND $<TARGET_FILE:${program}> ${ARGN} --man > ${file}
        DEPENDS ${program} VERBATIM)
    set(man_pages ${man_pages} ${file} PARENT_SCOPE)
endfunction()

foreach(program troupe-master troupe-agent troupe-executor)
    troupe_man_page(${program} 8 ${program})
endforeach()
foreach(program troupe-run troupe-batch actorctl)
    troupe_man_page(${program} 1 ${program})
endforeach()
file(STRINGS ${CMAKE_SOURCE_DIR}/cli/commands.def rows REGEX "^COMMAND\\(")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cli/commands.def)
foreach(row ${rows})
    string(REGEX REPLACE "^COMMAND\\(([a-z]+),.*" "\\1" command "${row}")
    troupe_man_page(troupe-${command} 1 troupe ${command})
endforeach()

add_custom_target(man DEPENDS ${man_pages})
install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" --build \"${CMAKE_BINARY_DIR}\" --target man
    COMMAND_ERROR_IS_FATAL ANY)")
install(DIRECTORY ${CMAKE_BINARY_DIR}/share/man DESTINATION share)
