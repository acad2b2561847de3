#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the Debian packages of this tree for the release it runs on, into build/packages (or the folder given).
#
#   packaging/build-packages.sh [--no-install] [--no-monitor] [--release N] [FOLDER]
#     --no-install    installs nothing
#     --no-monitor    without the monitor's package
#     --release N     the packages' Debian revision, 1 without it
set -eu
cd "$(dirname "$0")/.."

install=yes
monitor=ON
release=1
folder=build/packages
while [ $# -gt 0 ]; do
    case $1 in
        --no-install) install=no ;;
        --no-monitor) monitor=OFF ;;
        --release) release=${2:?"--release needs a number"}; shift ;;
        -*) sed -n 's/^# \{0,1\}//; 3,8p' "$0" >&2; exit 2 ;;
        *) folder=$1 ;;
    esac
    shift
done

if [ "$install" = yes ]; then
    packaging/dependencies.sh build package
fi
launcher=
if command -v ccache >/dev/null; then
    launcher=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache
fi
# What Debian builds its own packages with, for hardening; CMake adds -O3 behind it.
export DEB_BUILD_MAINT_OPTIONS=hardening=+bindnow
compile_flags="$(dpkg-buildflags --get CXXFLAGS) $(dpkg-buildflags --get CPPFLAGS)"
# shellcheck disable=SC2086 # one word or none
cmake --preset release -B build/package --log-level=WARNING $launcher \
    -DEXPORTER_PROXY_TESTS=OFF -DEXPORTER_PROXY_GUI=$monitor \
    -DCMAKE_CXX_FLAGS="$compile_flags" -DCMAKE_EXE_LINKER_FLAGS="$(dpkg-buildflags --get LDFLAGS)" \
    -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_SYSCONFDIR=/etc >&2
cmake --build build/package >&2
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
rm -rf "$folder/_CPack_Packages"
(cd build/package && cpack -G DEB -D CPACK_DEBIAN_PACKAGE_RELEASE="$release" -B "$folder" >&2)
rm -rf "$folder/_CPack_Packages"
ls "$folder"/*-"$release"_*.deb
