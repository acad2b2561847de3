# SPDX-License-Identifier: GPL-3.0-or-later
# Debian packages by CPack: `cpack -G DEB` in a build folder configured with -DCMAKE_INSTALL_PREFIX=/usr and
# -DCMAKE_INSTALL_SYSCONFDIR=/etc. exporter-proxy for servers, exporter-proxy-monitor apart, because it needs Widgets.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME exporter-proxy)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
# The packages have synopses of their own, in their descriptions' first lines.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_PACKAGE_CONTACT "exporter-proxy maintainers <exporter-proxy@example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL daemon)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_DAEMON_PACKAGE_NAME exporter-proxy)
set(CPACK_DEBIAN_DAEMON_PACKAGE_SECTION net)
set(CPACK_DEBIAN_DAEMON_PACKAGE_DEPENDS "systemd | systemd-sysusers")
set(CPACK_COMPONENT_DAEMON_DESCRIPTION
"one port for all the Prometheus metrics of a host
Takes metrics in over a Unix socket or TCP, as JSON or as Cap'n Proto
messages, or polls other exporters, and exposes all of them on one page for
Prometheus. Says of each application who sent what and when, and which one
went quiet.

For hosts where a firewall lets one port through and ten applications have
metrics to show.")
set(CPACK_DEBIAN_DAEMON_PACKAGE_CONTROL_EXTRA
    ${CMAKE_CURRENT_SOURCE_DIR}/debian/conffiles
    ${CMAKE_CURRENT_SOURCE_DIR}/debian/postinst
    ${CMAKE_CURRENT_SOURCE_DIR}/debian/prerm
    ${CMAKE_CURRENT_SOURCE_DIR}/debian/postrm)

if(EXPORTER_PROXY_GUI)
    list(APPEND CPACK_COMPONENTS_ALL monitor)
    set(CPACK_DEBIAN_MONITOR_PACKAGE_NAME exporter-proxy-monitor)
    set(CPACK_DEBIAN_MONITOR_PACKAGE_SECTION net)
    set(CPACK_DEBIAN_MONITOR_PACKAGE_SUGGESTS exporter-proxy)
    set(CPACK_COMPONENT_MONITOR_DESCRIPTION
"see at a glance which application went quiet
A desktop program that watches exporter-proxy daemons through their HTTP port
and shows their applications in a live table: state, source, age, rhythm,
size and the last arrivals.")
endif()

# What Debian's policy wants of every package (12.5, 12.7).
set(documents ${CMAKE_CURRENT_BINARY_DIR}/debian)
file(MAKE_DIRECTORY ${documents})
set(changelog "${documents}/changelog.Debian.gz")
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${documents}/changelog
"exporter-proxy (${PROJECT_VERSION}-1) unstable; urgency=medium

  * What is new stands in NEWS.gz beside this file.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
add_custom_command(OUTPUT ${changelog} ${documents}/NEWS.gz
    COMMAND gzip -9nc changelog > changelog.Debian.gz
    COMMAND gzip -9nc ${PROJECT_SOURCE_DIR}/CHANGELOG.md > NEWS.gz
    DEPENDS ${PROJECT_SOURCE_DIR}/CHANGELOG.md WORKING_DIRECTORY ${documents} VERBATIM)
add_custom_target(exporter-proxy-debian-documents ALL DEPENDS ${changelog} ${documents}/NEWS.gz)
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    string(TOUPPER ${component} upper)
    set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
    install(FILES debian/copyright ${changelog} ${documents}/NEWS.gz COMPONENT ${component}
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package})
    install(FILES debian/lintian-overrides COMPONENT ${component}
        DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME ${package})
endforeach()

include(CPack)
