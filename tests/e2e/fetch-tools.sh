#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Puts the tools that Debian packages as services, and pycapnp, into a folder: unpacked, never installed, so that testing
# leaves no service on the machine. Does nothing where they are already there; several at once wait for one another.
#
#   tests/e2e/fetch-tools.sh DIR
#     DIR/root/usr/bin/{prometheus,promtool,prometheus-node-exporter,prometheus-pushgateway}  from Debian's packages
#     DIR/venv/bin/python                                                  a Python that can import capnp
#     DIR/prometheus3/{prometheus,promtool}                                of version 3, built from Go's modules; where that
#                                                                          cannot be, DIR/prometheus3/reason says why
set -eu
[ $# -eq 1 ] || { echo "usage: $0 DIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
log=$dir/.log

say() { printf '%s\n' "fetch-tools: $*" >&2; }
fail() { say "error: $*"; exit 1; }
fail_with_log() { cat "$log" >&2; fail "$*; the output is above"; }

# The lock is on the script's own descriptor and so ends with it, however it ends.
exec 9>"$dir/.lock"
flock 9
: >"$log"

# As root, apt-get drops to the user _apt where that can write, and warns at length where it cannot.
apt() { (cd "$dir/debs" && apt-get -q -o APT::Sandbox::User=root "$@" >>"$log" 2>&1 9>&- </dev/null); }
own_lists=

download() {
    # shellcheck disable=SC2086 # words
    if apt $own_lists download "$@"; then
        return
    fi
    if [ -z "$own_lists" ]; then
        say "the package lists are missing or out of date: reading them anew"
        mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
        # A copy of our own needs no privilege and leaves the machine's as it is.
        own_lists="-o Dir::State::Lists=$dir/apt/lists -o Dir::Cache=$dir/apt/cache"
        # shellcheck disable=SC2086
        if apt $own_lists update && apt $own_lists download "$@"; then
            return
        fi
    fi
    fail_with_log "cannot download $*"
}

unpack() {
    rm -f "$dir"/debs/*.deb
    download "$@"
    for deb in "$dir"/debs/*.deb; do
        dpkg-deb -x "$deb" "$dir/root.new" || fail "cannot unpack $deb"
    done
}

programs='prometheus promtool prometheus-node-exporter prometheus-pushgateway'
have_programs() {
    for program in $programs; do
        "$dir/root/usr/bin/$program" --version >/dev/null 2>>"$log" || return 1
    done
}

if ! have_programs; then
    say "fetching $programs"
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "needs apt-get and dpkg-deb for that"
    case $dir in *[[:space:]]*) fail "the folder's path must be without white space: $dir" ;; esac
    rm -rf "$dir/root" "$dir/root.new"
    mkdir -p "$dir/root.new" "$dir/debs"
    unpack prometheus prometheus-node-exporter prometheus-pushgateway
    # In Debian 12 it comes with prometheus, since Debian 13 it is a package of its own.
    [ -x "$dir/root.new/usr/bin/promtool" ] || unpack promtool
    rm -rf "$dir/debs" "$dir/apt"
    mv "$dir/root.new" "$dir/root"
    have_programs || fail_with_log "the programs were unpacked but do not run"
fi

have_pycapnp() {
    cmp -s "$here/requirements.txt" "$dir/venv/requirements.txt" && "$dir/venv/bin/python" -c 'import capnp' 2>>"$log"
}

make_venv() {
    rm -rf "$dir/venv"
    python3 -m venv "$dir/venv" || return
    "$dir/venv/bin/python" -m pip install --quiet --no-input --only-binary :all: \
        --requirement "$here/requirements.txt" || return
    cp "$here/requirements.txt" "$dir/venv/requirements.txt" # last: it says that all before it went well
}

if ! have_pycapnp; then
    say "fetching pycapnp"
    make_venv >>"$log" 2>&1 9>&- </dev/null || fail_with_log "cannot make a Python environment with pycapnp"
    have_pycapnp || fail_with_log "pycapnp was installed but cannot be imported"
fi

# Without it the tests that it is for are skipped, or are with Debian's alone.
"$here/prometheus3/build.sh" "$dir/prometheus3" 9>&- || [ $? -eq 3 ] || fail "prometheus3/build.sh failed"
