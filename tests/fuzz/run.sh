#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the fuzz targets that build/fuzz holds, two at a time.
#
#   tests/fuzz/run.sh SECONDS [target…]      for so long each; without targets all of them
#
# What is learnt stays in build/fuzz/corpus/<target>. A finding is written to build/fuzz/findings; mend it, and put the
# file into tests/fuzz/corpus/<target>/ under a name that says what it is.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:?"how many seconds for each target?"}
shift
if [ $# -eq 0 ]; then
    for binary in build/fuzz/tests/fuzz/fuzz_*; do
        [ ! -x "$binary" ] || [ -d "$binary" ] || set -- "$@" "${binary##*fuzz_}"
    done
fi
[ $# -gt 0 ] || { echo "no targets in build/fuzz: cmake --preset fuzz && cmake --build --preset fuzz" >&2; exit 2; }
mkdir -p build/fuzz/findings
export QT_NO_GLIB=1 UBSAN_OPTIONS=print_stacktrace=1
# shellcheck disable=SC2016 # the inner shell expands them
printf '%s\n' "$@" | xargs -P 2 -I '{}' sh -c '
    mkdir -p "build/fuzz/corpus/$1"
    if build/fuzz/tests/fuzz/fuzz_$1 -max_total_time="$2" -timeout=25 -rss_limit_mb=2048 -max_len=4096 \
        -artifact_prefix=build/fuzz/findings/"$1"- "build/fuzz/corpus/$1" "tests/fuzz/corpus/$1" \
        >"build/fuzz/$1.log" 2>&1; then
        echo "== fuzz: $1: $(tail -n 1 "build/fuzz/$1.log")"
    else
        cat "build/fuzz/$1.log"
        echo "== fuzz: $1 FAILED"
        exit 1
    fi' sh '{}' "$seconds"
