#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what building, running and testing need and this machine lacks. The one place that names Debian's packages.
#
#   packaging/dependencies.sh build|test|package…    installs what is missing of these groups
#   packaging/dependencies.sh --list build|test|…    prints the groups' packages, one a line
#
# Debian 12 and later, Ubuntu 24.04 and later; as root or with sudo. Where nothing is missing, nothing is asked of
# the network and no privilege is needed.
set -eu

# qt6-httpserver-dev does not depend on qt6-websockets-dev, but its CMake package asks for it. capnproto has the schema
# compiler, qt6-l10n-tools that of translations. pkgconf finds libutf8proc and libsystemd; the CMake package of
# libcapnp-dev needs it as well, and depends only on OpenSSL.
build_packages='
    cmake g++ ninja-build pkgconf
    qt6-base-dev qt6-httpserver-dev qt6-websockets-dev
    qt6-l10n-tools
    capnproto libcapnp-dev libprotozero-dev libsimdjson-dev libsystemd-dev libtomlplusplus-dev libutf8proc-dev
    libxxhash-dev zlib1g-dev'

# The tools that the end-to-end tests drive. What Debian packages as a service is not here: tests/e2e/fetch-tools.sh
# unpacks it, so that testing leaves no service on the machine. ca-certificates is for pip. The build with sanitizers is
# Clang's, for libFuzzer; libclang-rt-dev is its runtime, of whichever version clang is, and llvm has what puts names
# into the sanitizers' reports.
test_packages='
    appstream ca-certificates clang curl desktop-file-utils faketime groff libclang-rt-dev llvm man-db netcat-openbsd openssl
    python3 python3-venv'

# What building the Debian packages needs beside.
package_packages='dpkg-dev file'

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }

list_only=no
wanted=
for argument in "$@"; do
    case $argument in
        --list) list_only=yes ;;
        build) wanted="$wanted $build_packages" ;;
        test) wanted="$wanted $test_packages" ;;
        package) wanted="$wanted $package_packages" ;;
        *) fail "unknown argument $argument; usage: $0 [--list] build|test…" ;;
    esac
done
# Unquoted on purpose, here and below: the lists are words.
# shellcheck disable=SC2086
set -- $wanted
[ $# -gt 0 ] || fail "nothing asked for; usage: $0 [--list] build|test…"

if [ "$list_only" = yes ]; then
    printf '%s\n' "$@"
    exit 0
fi

is_supported() {
    [ -r /etc/os-release ] || return 1
    # shellcheck source=/dev/null
    distribution=$(. /etc/os-release && printf '%s %s' "${ID:-}" "${VERSION_ID:-999}") # testing has no version
    major=${distribution#* }
    major=${major%%.*}
    case $distribution in
        debian\ *) [ "$major" -ge 12 ] ;;
        ubuntu\ *) [ "$major" -ge 24 ] ;;
        *) return 1 ;;
    esac
}

missing=
for package in "$@"; do
    # "Status" and not the mere presence of a record: a removed package keeps one.
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

is_supported || fail "this is neither Debian (12 or later) nor Ubuntu (24.04 or later)." \
    "Install what these packages of Debian's hold, then call again with --no-install:$missing"

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null; then
    as_root=sudo
else
    fail "these packages are missing, and without root or sudo they cannot be installed:$missing"
fi

say "installing$missing${as_root:+ (with sudo)}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Output only when it failed: a few hundred lines of unpacking tell nobody anything.
quietly() {
    "$@" >"$log" 2>&1 </dev/null || {
        cat "$log" >&2
        fail "\"$*\" failed; its output is above"
    }
}
# sudo asks for the password on the terminal, which quietly() would hide.
[ -z "$as_root" ] || sudo -v || fail "sudo was refused; these packages are missing:$missing"
quietly $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update
# shellcheck disable=SC2086
quietly $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
    install --no-install-recommends $missing
