#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds, and runs every test: once optimised, once under the address and undefined-behaviour
# sanitizers. Stops at the first preset that fails, with its status.
#
#   tests/run.sh [options] [options of ctest…]      for example: -L e2e, -R receiver, --repeat until-fail:10
#     --quick          without the sanitizers
#     --tsan           with the thread sanitizer as well
#     --clang          with Clang as well
#     --fuzz SECONDS   before the tests, each fuzz target for so long; needs clang++ with libFuzzer
#     --only PRESET    this preset alone: ci, asan, tsan, clang or release
#     --no-install     installs nothing
set -eu
cd "$(dirname "$0")/.."

usage() { sed -n 's/^# \{0,1\}//; 3,12p' "$0"; }

presets='ci asan'
install=yes
fuzz=0
while [ $# -gt 0 ]; do
    case $1 in
        --quick) presets=ci ;;
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

if [ "$install" = yes ]; then
    packaging/dependencies.sh build test
fi

jobs=$(nproc)
launcher=
if command -v ccache >/dev/null; then
    launcher=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache
fi

# Ahead of the build, because a download that fails should be known before it.
tests/e2e/fetch-tools.sh build/tools

# Before the tests, whose summary is to stand at the end. Every build replays the targets' corpus as ordinary tests.
if [ "$fuzz" -gt 0 ]; then
    echo 'extern "C" int LLVMFuzzerTestOneInput(const char *, unsigned long) { return 0; }' |
        clang++ -x c++ -fsanitize=fuzzer - -o /dev/null 2>/dev/null || {
        echo "error: --fuzz needs clang++ with libFuzzer (Debian: clang, libclang-rt-14-dev)" >&2
        exit 1
    }
    echo "== fuzz: build"
    # shellcheck disable=SC2086 # one word or none
    cmake --preset fuzz --log-level=WARNING -DEXPORTER_PROXY_TESTS=ON -DEXPORTER_PROXY_GUI=OFF $launcher
    cmake --build --preset fuzz -j "$jobs"
    tests/fuzz/run.sh "$fuzz"
fi

for preset in $presets; do
    echo "== $preset: build"
    # shellcheck disable=SC2086 # one word or none
    cmake --preset "$preset" --log-level=WARNING -DEXPORTER_PROXY_TESTS=ON $launcher
    cmake --build --preset "$preset" -j "$jobs"
    echo "== $preset: test"
    ctest --preset "$preset" -j "$jobs" --no-tests=error "$@" </dev/null
done
