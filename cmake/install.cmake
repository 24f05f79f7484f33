# What `cmake --install` puts where: the program and its man pages, the library, its public headers, and the two ways to
# find it (a CMake package and a pkg-config file).
include(CMakePackageConfigHelpers)

install(TARGETS hsmreq_program)
install(TARGETS hsmreq EXPORT hsmreq-targets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/hsmreq TYPE INCLUDE FILES_MATCHING PATTERN "*.hpp")

file(GLOB man_pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.[15])
foreach(page IN LISTS man_pages)
    cmake_path(GET page EXTENSION LAST_ONLY section)
    string(REPLACE "." "man" section ${section})
    install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/${section})
endforeach()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/hsmreq)
install(EXPORT hsmreq-targets NAMESPACE hsmreq:: DESTINATION ${package_dir})
configure_package_config_file(cmake/hsmreq-config.cmake.in generated/hsmreq-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/generated/hsmreq-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/generated/hsmreq-config.cmake
              ${PROJECT_BINARY_DIR}/generated/hsmreq-config-version.cmake
        DESTINATION ${package_dir})

# The file finds its prefix from where it lies, so that a staged or moved installation works as well.
set(pkg_config_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH prefix_from_pkg_config /${pkg_config_dir} /)
configure_file(cmake/hsmreq.pc.in generated/hsmreq.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/generated/hsmreq.pc DESTINATION ${pkg_config_dir})
