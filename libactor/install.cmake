# SPDX-License-Identifier: Apache-2.0
# libactor as a library for others: shared and static, headers, pkg-config, CMake package. The components
# libactor (what programs need at run time), libactor-dev and libactor-doc are what packages are cut from.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# While the major version is 0, a minor one may change the interface.
set(libactor_soversion ${PROJECT_VERSION_MAJOR})
if(PROJECT_VERSION_MAJOR EQUAL 0)
    set(libactor_soversion 0.${PROJECT_VERSION_MINOR})
endif()

# Compiled anew: position-independent code would cost the programs of this tree, which link statically.
# Within the library calls are direct and thread-local variables are found without a call.
get_target_property(libactor_sources actor SOURCES)
add_library(actor_shared SHARED ${libactor_sources})
set_target_properties(actor_shared PROPERTIES OUTPUT_NAME actor VERSION ${PROJECT_VERSION}
    SOVERSION ${libactor_soversion} EXPORT_NAME actor)
target_compile_options(actor_shared PRIVATE -fno-semantic-interposition -ftls-model=initial-exec)
target_link_options(actor_shared PRIVATE -Wl,-Bsymbolic-functions -Wl,-z,defs)
target_include_directories(actor_shared PRIVATE src ${CMAKE_CURRENT_SOURCE_DIR} ${libactor_generated}
    PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(actor_shared PRIVATE troupe_options ${libactor_needs} PUBLIC PkgConfig::PROTOBUF_C)

# The same for static linking: one object whose inner names are local, so that they meet nobody else's.
set(libactor_object ${CMAKE_CURRENT_BINARY_DIR}/libactor.o)
add_custom_command(OUTPUT ${libactor_object}
    COMMAND ${CMAKE_LINKER} -r -o ${libactor_object} --whole-archive $<TARGET_FILE:actor>
    COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${libactor_object}
    DEPENDS actor VERBATIM)
add_library(actor_static STATIC ${libactor_object})
set_target_properties(actor_static PROPERTIES OUTPUT_NAME actor LINKER_LANGUAGE C
    ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/static)
target_include_directories(actor_static INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(actor_static INTERFACE ${libactor_needs})

install(TARGETS actor_shared EXPORT actorTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libactor NAMELINK_COMPONENT libactor-dev)
install(TARGETS actor_static EXPORT actorStaticTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libactor-dev)
install(DIRECTORY include/actor DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT libactor-dev FILES_MATCHING PATTERN "*.h")

set(libactor_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/actor)
foreach(set actorTargets actorStaticTargets)
    install(EXPORT ${set} NAMESPACE actor:: DESTINATION ${libactor_cmake_dir} COMPONENT libactor-dev)
endforeach()
configure_package_config_file(actorConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/actorConfig.cmake
    INSTALL_DESTINATION ${libactor_cmake_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/actorConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/actorConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/actorConfigVersion.cmake
    DESTINATION ${libactor_cmake_dir} COMPONENT libactor-dev)

# The prefix is found from where the file lies: the tree may be installed, or moved, anywhere.
set(libactor_pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH libactor_pc_to_prefix /prefix/${libactor_pc_dir} /prefix)
foreach(name libactor libactor-static)
    configure_file(${name}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc DESTINATION ${libactor_pc_dir} COMPONENT libactor-dev)
endforeach()

# All that the three components need, for who wants nothing else of the tree.
add_custom_target(libactor DEPENDS actor_shared actor_static)

# Reference pages, of the headers' own comments: `man actor_send`, `man libactor-actor`, and the same as HTML.
find_package(Python3 QUIET COMPONENTS Interpreter)
if(Python3_FOUND)
    file(GLOB libactor_headers CONFIGURE_DEPENDS include/actor/*.h)
    set(libactor_pages ${CMAKE_CURRENT_BINARY_DIR}/pages)
    set(libactor_generator ${CMAKE_SOURCE_DIR}/cmake/header_pages.py)
    add_custom_command(OUTPUT ${libactor_pages}/html/index.html
        COMMAND ${CMAKE_COMMAND} -E rm -rf ${libactor_pages}
        COMMAND ${Python3_EXECUTABLE} ${libactor_generator} ${PROJECT_VERSION} ${CMAKE_CURRENT_SOURCE_DIR}/include/actor
            ${libactor_pages}/man3 ${libactor_pages}/html
        DEPENDS ${libactor_headers} ${libactor_generator} VERBATIM)
    add_custom_target(libactor_pages ALL DEPENDS ${libactor_pages}/html/index.html)
    add_dependencies(libactor libactor_pages)
    install(DIRECTORY ${libactor_pages}/man3 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT libactor-dev)
    install(DIRECTORY ${libactor_pages}/html DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/libactor COMPONENT libactor-doc)
endif()
