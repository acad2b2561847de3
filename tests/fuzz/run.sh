#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the fuzz targets that build/asan holds, as many at a time as there are processors.
#
#   tests/fuzz/run.sh SECONDS [target…]      for so long each; without targets all of them
#
# What is learnt stays in build/asan/fuzz/<target>/corpus and is where the next run begins. A finding is a file in
# build/asan/fuzz/<target>/findings; mend it, and put the file into tests/fuzz/corpus/<target>/ under a name that says
# what it is.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:?"how many seconds for each target?"}
shift
if [ $# -eq 0 ]; then
    for binary in build/asan/tests/fuzz/fuzz_*; do
        [ ! -x "$binary" ] || [ -d "$binary" ] || set -- "$@" "${binary##*fuzz_}"
    done
fi
[ $# -gt 0 ] || { echo "no targets in build/asan: cmake --preset asan && cmake --build --preset asan" >&2; exit 2; }
export QT_NO_GLIB=1 UBSAN_OPTIONS=print_stacktrace=1

# A run takes longer than it was told to: it first goes through all that is in the corpus.
#   fuzz SECONDS target
fuzz() {
    work=build/asan/fuzz/$2
    log=$work/log
    mkdir -p "$work/corpus" "$work/findings"
    set -- "$1" "$2" "$work/corpus" "tests/fuzz/corpus/$2"
    [ ! -e "tests/fuzz/$2.dict" ] || set -- "$@" "-dict=tests/fuzz/$2.dict"
    target=$2
    seconds=$1
    shift 2
    # 25 s, hundreds of times what the slowest input takes; 2 GiB, of which the sanitizer has most.
    if "build/asan/tests/fuzz/fuzz_$target" "-max_total_time=$seconds" -timeout=25 -rss_limit_mb=2048 -max_len=4096 \
        -print_final_stats=1 "-artifact_prefix=$work/findings/" "$@" >"$log" 2>&1; then
        awk -v target="$target" '
            / cov: / { for (i = 1; i < NF; ++i) if ($i == "cov:") coverage = $(i + 1) }
            /^stat::number_of_executed_units:/ { runs = $2 }
            /^stat::average_exec_per_sec:/ { speed = $2 }
            END { printf "== fuzz: %s: %d runs, %d a second, %d edges\n", target, runs, speed, coverage }' "$log"
    else
        cat "$log"
        echo "== fuzz: $target FAILED: the log is above and in $log, its input is the last file in $work/findings"
        return 1
    fi
}

# xargs, because sh cannot wait for whichever of several ends first; it calls this script for one target each.
if [ $# -eq 1 ]; then
    fuzz "$seconds" "$1"
else
    printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 "$0" "$seconds"
fi
