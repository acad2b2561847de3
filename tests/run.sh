#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds, and runs every test: once optimised with GCC, once under the address and
# undefined-behaviour sanitizers with Clang, where the fuzz targets run before the tests. Stops at the first preset that
# fails, with its status.
#
#   tests/run.sh [options] [options of ctest…]      for example: -L e2e, -R receiver, --repeat until-fail:10
#     --quick          every test once, in a build for a developer's circle: the preset quick
#     --tsan           with the thread sanitizer as well
#     --clang          optimised with Clang as well
#     --fuzz SECONDS   each fuzz target for so long; 20 if not given, 0 where ctest has options
#     --only PRESET    this preset alone: ci, quick, asan, tsan, clang or release
#     --no-install     installs nothing
set -eu
cd "$(dirname "$0")/.."

usage() { sed -n 's/^# \{0,1\}//; 3,13p' "$0"; }

presets='ci asan'
install=yes
fuzz=
while [ $# -gt 0 ]; do
    case $1 in
        --quick) presets=quick ;;
        --tsan) presets="$presets tsan" ;;
        --clang) presets="$presets clang" ;;
        --fuzz) fuzz=${2:?"--fuzz needs a number of seconds"}; shift ;;
        --only) presets=${2:?"--only needs the name of a preset"}; shift ;;
        --no-install) install=no ;;
        -h | --help) usage; exit 0 ;;
        *) break ;;
    esac
    shift
done

if [ -z "$fuzz" ]; then
    [ $# -eq 0 ] && fuzz=20 || fuzz=0 # whoever asks for certain tests wants no others
fi

if [ "$install" = yes ]; then
    packaging/dependencies.sh build test
fi

jobs=$(nproc)
faster=
if command -v ccache >/dev/null; then
    faster=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache
fi
for linker in mold lld; do
    if command -v "ld.$linker" >/dev/null; then
        faster="$faster -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=$linker"
        break
    fi
done

# Ahead of the build, because a download that fails should be known before it.
tests/e2e/fetch-tools.sh build/tools

for preset in $presets; do
    echo "== $preset: build"
    # shellcheck disable=SC2086 # words or none
    cmake --preset "$preset" --log-level=WARNING -DEXPORTER_PROXY_TESTS=ON $faster
    cmake --build --preset "$preset" -j "$jobs"
    # Before the tests, whose summary is to stand at the end.
    if [ "$preset" = asan ] && [ "$fuzz" -gt 0 ]; then
        echo "== fuzz: each target for $fuzz s"
        tests/fuzz/run.sh "$fuzz"
    fi
    echo "== $preset: test"
    ctest --preset "$preset" -j "$jobs" --no-tests=error "$@" </dev/null
done
