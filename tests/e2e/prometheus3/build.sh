#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds prometheus and promtool of the version that tests/differential/go.mod names, from Go's modules, into a folder.
# Does nothing where they are already there; where they cannot be had, says why, and ends with 3.
#
#   tests/e2e/prometheus3/build.sh DIR
#     DIR/prometheus, DIR/promtool    the programs
#     DIR/reason                      in their place: why they are not there
#
# The tests need scraping, queries and rules. What costs most to compile and has nothing to do with these is left out:
# service discoveries but those by HTTP and file (a tag of Prometheus' own), the sign-on of clouds at remote stores, the
# description of the API and Kubernetes' logging (left-out/ and the changes below). That, and a compiler that collects no
# garbage, writes no debugging information and inlines nothing, is 130 s of CPU in place of 420.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 DIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
module=$here/../../differential
mkdir -p "$1"
dir=$(cd "$1" && pwd)

# Whatever the result depends on.
made_of=$(cat "$0" "$module/go.mod" "$module/go.sum" | cksum)
if [ -x "$dir/promtool" ] && [ "$made_of" = "$(cat "$dir/made-of" 2>/dev/null)" ]; then
    exit 0
fi
rm -rf "$dir/source" "$dir/made-of" "$dir/reason" "$dir/prometheus" "$dir/promtool"

give_up() {
    printf '%s\n' "$*" >"$dir/reason"
    printf '%s\n' "prometheus3: $*" >&2
    exit 3
}

command -v go >/dev/null || give_up "Go is not installed"
export GOTOOLCHAIN=local GOGC=off GOMEMLIMIT=2GiB
cd "$module"
name=github.com/prometheus/prometheus
go mod download "$name" >"$dir/log" 2>&1 </dev/null || give_up "the module of Prometheus cannot be had: $(tail -n 1 "$dir/log")"
mkdir "$dir/source"
cp go.mod go.sum "$dir/source"
cp -r "$(go list -m -f '{{.Dir}}' "$name")" "$dir/source/prometheus"
chmod -R u+w "$dir/source"
cd "$dir/source"
go mod edit -replace "$name=./prometheus"
(
    cd prometheus
    rm web/api/v1/openapi*.go storage/remote/azuread/*.go storage/remote/googleiam/*.go cmd/prometheus/warnings.go
    cp -r "$here/left-out/." .
    sed -i "s|\"github.com/prometheus/sigv4\"|\"$name/storage/remote/sigv4\"|" \
        config/config.go storage/remote/client.go notifier/alertmanagerset.go
    sed -i '/"k8s.io\/client-go\/rest"/d; /rest\.SetDefaultWarningHandler/d' cmd/prometheus/main.go
    sed -i '/discovery\/kubernetes"/d; /case \*kubernetes\.SDConfig:/,+3d' cmd/promtool/main.go
)
go build -tags remove_all_sd -gcflags='all=-dwarf=false -l' -ldflags=-s -o "$dir/source/bin/" \
    "$name/cmd/prometheus" "$name/cmd/promtool" >"$dir/log" 2>&1 </dev/null \
    || give_up "Prometheus cannot be built: $(tail -n 3 "$dir/log" | tr '\n' ' ')"
mv bin/prometheus bin/promtool "$dir"
rm -rf "$dir/source"
printf '%s\n' "$made_of" >"$dir/made-of"
