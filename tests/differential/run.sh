#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds and runs the comparison with Prometheus' own readers; main.go says what is compared. Ends with 3, and says why,
# where it cannot be built.
#
#   tests/differential/run.sh PROGRAM DIR [options of it…]
#     PROGRAM    the exporter-proxy to try
#     DIR        where what is built and what is found is put
#   for example: tests/differential/run.sh build/quick/daemon/exporter-proxy build/quick --seconds 300 --seed 7
set -eu
[ $# -ge 2 ] || { echo "usage: $0 PROGRAM DIR [--seconds N] [--seed S] [FILE…]" >&2; exit 2; }
program=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
shift 2

skip() { printf '%s\n' "differential: $*" >&2; exit 3; }

command -v go >/dev/null || skip "Go is not installed"
# The flags are those of tests/e2e/prometheus3/build.sh, so that most has been compiled already.
reason=$(cd "$(dirname "$0")" && GOTOOLCHAIN=local GOGC=off GOMEMLIMIT=2GiB go build -gcflags='all=-dwarf=false -l' \
    -o "$dir/differential" . 2>&1 </dev/null) || skip "it cannot be built: $reason"
exec "$dir/differential" --binary "$program" --findings "$dir" "$@"
