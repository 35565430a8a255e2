# SPDX-License-Identifier: Apache-2.0
# A room is a folder with its sources; these functions keep every room's CMakeLists.txt to a few lines.

# troupe_library(NAME [PUBLIC_INCLUDE DIR] [LINK LIB…]): a static library of all *.c under the
# current folder except main.c files. Its own folder is on its private include path only.
function(troupe_library name)
    cmake_parse_arguments(ROOM "" "PUBLIC_INCLUDE;SOURCES" "LINK;EXCLUDE" ${ARGN})
    if(NOT ROOM_SOURCES)
        set(ROOM_SOURCES ".")
    endif()
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${ROOM_SOURCES}/*.c)
    list(FILTER sources EXCLUDE REGEX "/main\\.c$")
    foreach(pattern ${ROOM_EXCLUDE})
        list(FILTER sources EXCLUDE REGEX "${pattern}")
    endforeach()
    if(NOT sources) # a room that is still empty builds nothing
        file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.c "typedef int ${name}_is_empty;\n")
        set(sources ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.c)
    endif()
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    if(ROOM_PUBLIC_INCLUDE)
        target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/${ROOM_PUBLIC_INCLUDE})
    endif()
    target_link_libraries(${name} PRIVATE troupe_options PUBLIC ${ROOM_LINK})
endfunction()

# troupe_program(NAME MAIN LINK LIB…): an executable of one main.c and the rooms it wires together.
function(troupe_program name main)
    cmake_parse_arguments(ROOM "" "" "LINK" ${ARGN})
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${main})
        return()
    endif()
    add_executable(${name} ${main})
    target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(${name} PRIVATE troupe_options ${ROOM_LINK})
    install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# troupe_package(NAME MODULE PACKAGE): PkgConfig::NAME, for a room that needs what libactor does not. Where it is missing
# libactor still builds; building the room says what to install.
function(troupe_package name module package)
    pkg_check_modules(${name} IMPORTED_TARGET ${module})
    if(NOT ${name}_FOUND)
        add_library(PkgConfig::${name} INTERFACE IMPORTED)
        add_custom_target(missing_${package}
            COMMAND ${CMAKE_COMMAND} -E echo "${module} is not here: apt-get install ${package}"
            COMMAND ${CMAKE_COMMAND} -E false)
        add_dependencies(PkgConfig::${name} missing_${package})
    endif()
endfunction()
