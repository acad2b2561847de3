# SPDX-License-Identifier: GPL-3.0-or-later
# Precompiled headers for every target of the project's own (EXPORTER_PROXY_PCH): the libraries' large headers are most
# of what compiling costs. For builds of the tests alone, because a source finds headers that it does not include; a
# build without them tells.

# One for all targets that are equally optimised: Clang reads of it only what is used, and takes it with other definitions
# and include paths as well.
set(headers
    <algorithm> <array> <atomic> <chrono> <cmath> <functional> <map> <memory> <mutex> <optional> <set> <span> <string>
    <string_view> <thread> <unordered_map> <unordered_set> <variant> <vector>
    <QtCore> <QtNetwork> <QHttpServer> <QtTest>)
if(EXPORTER_PROXY_GUI)
    list(APPEND headers <QtGui> <QtWidgets>)
endif()
find_package(Qt6 6.4.2 REQUIRED COMPONENTS Test)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled/precompiled.cpp
    CONTENT "// Belongs to no program: a target for precompiled headers needs a source.\n")
function(exporter_proxy_add_precompiled name)
    add_library(${name} OBJECT ${PROJECT_BINARY_DIR}/precompiled/precompiled.cpp)
    target_compile_options(${name} PRIVATE ${ARGN})
    target_link_libraries(${name} PRIVATE exporter-proxy-strict
        Qt6::Core Qt6::Network Qt6::HttpServer $<TARGET_NAME_IF_EXISTS:Qt6::Widgets>)
    # Not linked, because it defines the folder of a target as a macro, which must then be the same for all.
    target_include_directories(${name} SYSTEM PRIVATE $<TARGET_PROPERTY:Qt6::Test,INTERFACE_INCLUDE_DIRECTORIES>)
    target_precompile_headers(${name} PRIVATE ${headers})
endfunction()
exporter_proxy_add_precompiled(exporter-proxy-precompiled)
exporter_proxy_add_precompiled(exporter-proxy-precompiled-O0 -O0) # Clang takes them only as optimised as the source

# Every target in a folder and below it that is held to the project's own flags.
function(exporter_proxy_use_precompiled folder)
    get_directory_property(folders DIRECTORY ${folder} SUBDIRECTORIES)
    foreach(below IN LISTS folders)
        exporter_proxy_use_precompiled(${below})
    endforeach()
    get_directory_property(targets DIRECTORY ${folder} BUILDSYSTEM_TARGETS)
    foreach(target IN LISTS targets)
        get_target_property(type ${target} TYPE)
        if(NOT type MATCHES "^(EXECUTABLE|STATIC_LIBRARY)$")
            continue()
        endif()
        get_target_property(libraries ${target} LINK_LIBRARIES)
        if(libraries MATCHES "Qt6::|exporter-proxy-(common|daemon|gui)") # only with Qt is it -fPIC
            get_target_property(options ${target} COMPILE_OPTIONS)
            if("-O0" IN_LIST options)
                target_precompile_headers(${target} REUSE_FROM exporter-proxy-precompiled-O0)
            else()
                target_precompile_headers(${target} REUSE_FROM exporter-proxy-precompiled)
            endif()
        endif()
    endforeach()
endfunction()
exporter_proxy_use_precompiled(${PROJECT_SOURCE_DIR})
