#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds, and runs the daemon in the foreground with the tree's config.toml.
#
#   packaging/run.sh [--no-install] [options of exporter-proxy…]      for example: --log-level debug
set -eu
cd "$(dirname "$0")/.."
caller_dir=$OLDPWD

if [ "${1:-}" = --no-install ]; then
    shift
else
    packaging/dependencies.sh build
fi

launcher=
if command -v ccache >/dev/null; then
    launcher=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache
fi
# A folder that a developer has configured keeps its choice; a new one need not have what the tests want.
tests=
[ -e build/release/CMakeCache.txt ] || tests=-DEXPORTER_PROXY_TESTS=OFF
echo "building build/release/daemon/exporter-proxy" >&2
# shellcheck disable=SC2086 # each is one word or none
cmake --preset release --log-level=WARNING $launcher $tests >&2
cmake --build --preset release --target exporter-proxy >&2

daemon=$PWD/build/release/daemon/exporter-proxy
own_config=no
for argument in "$@"; do
    case $argument in
        -c* | --config | --config=*) own_config=yes ;;
    esac
done
if [ "$own_config" = no ]; then
    # Only root can create the socket where the default is. What the caller sets comes later and wins.
    if [ "$(id -u)" -ne 0 ]; then
        socket=${XDG_RUNTIME_DIR:-/tmp}/exporter-proxy-receiver.sock
        echo "not root: the Unix socket is $socket" >&2
        set -- --set "receiver.receiver_unix_socket=$socket" "$@"
    fi
    set -- --config "$PWD/config.toml" "$@"
fi
cd "$caller_dir" # paths among the caller's options mean what they meant to the caller
exec "$daemon" "$@"
