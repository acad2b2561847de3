#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the image of packaging/Containerfile with podman, runs it, pushes, scrapes and stops it. Its base images are
# made by debootstrap, so that no registry is needed; images and containers live in a folder of their own. As root;
# needs debootstrap, podman, curl and nc, and some 4 GB below $TMPDIR.
#
#   packaging/test-container.sh
#
# Where podman needs other settings (another runtime, lower limits), it reads them from the file that $CONTAINERS_CONF
# names.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=packaging/testing/cleanroot.sh
. packaging/testing/cleanroot.sh
need podman podman
need curl curl
need nc netcat-openbsd

# Apart, because podman wants a short path.
running=$(mktemp -d /run/exporter-proxy.XXXXXX)
engine() { podman --root "$work/images" --runroot "$running" --cgroup-manager cgroupfs "$@"; }
end_more() {
    engine rm --all --force --time 2 >/dev/null 2>&1 || true
    # podman keeps its storage mounted.
    umount -R "$work/images/overlay" 2>/dev/null || true
    rm -rf --one-file-system "$running"
}

release=$(sed -n 's/^FROM debian:\([0-9]*\) AS build$/\1/p' packaging/Containerfile)
case $release in
    12) name=bookworm ;;
    13) name=trixie ;;
    *) fail "the recipe begins with another image than one of Debian" ;;
esac
archive=$(root_archive "$name")
for image in "debian:$release" "debian:$release-slim"; do
    quietly engine import "$archive" "$image"
done

say "podman build"
begun=$(date +%s)
# The host's network, here and below: a bridge wants more of the machine than the image does.
engine build --pull=never --network host -f packaging/Containerfile -t exporter-proxy . >"$work/log" 2>&1 ||
    { tail -n 60 "$work/log" >&2; fail "the image cannot be built"; }
seconds=$(($(date +%s) - begun))
megabytes() { echo $(($(engine image inspect --format '{{.Size}}' "$1") / 1000000)) MB; }
checked build "$(megabytes exporter-proxy), of which the base has $(megabytes "debian:$release-slim"), in $seconds s"

say "podman run"
http=$(free_port)
tcp=$(free_port)
# As few privileges as a cluster grants.
container=$(engine run --detach --network host --read-only --cap-drop all --security-opt no-new-privileges \
    --volume sockets:/run/exporter-proxy exporter-proxy \
    --set "exporter.scrape_expose_endpoint=127.0.0.1:$http" --set "receiver.receiver_tcp_socket=127.0.0.1:$tcp")
answers() { curl -sf "http://127.0.0.1:$http$1"; }
wait_until "the container serves" answers /-/ready || { engine logs "$container" >&2; exit 1; }
pid=$(engine inspect --format '{{.State.Pid}}' "$container")
awk '$1 == "Uid:" && $2 * $3 == 0 || $1 == "CapEff:" && $2 !~ /^0+$/ { exit 1 }' "/proc/$pid/status" ||
    fail "the daemon runs as root or with capabilities"
user=$(engine inspect --format '{{.Config.User}}' "$container")
checked run "as user $user, without capabilities, on a read-only root"

sockets=$(engine volume inspect --format '{{.Mountpoint}}' sockets)
echo '{"a": "over_unix 1"}' | nc -N -U "$sockets/receiver.sock"
echo '{"b": "over_tcp 1"}' | nc -N 127.0.0.1 "$tcp"
page=$(answers /metrics)
case $page in *over_unix\ 1*over_tcp\ 1*exporter_proxy_apps*) ;; *) fail "pushes are not on the page" ;; esac
checked use "pushed over TCP and through the volume's Unix socket, scraped"

engine stop --time 20 "$container" >/dev/null
status=$(engine inspect --format '{{.State.ExitCode}}' "$container")
[ "$status" = 0 ] || fail "stopped by its stop signal, it ended with $status"
[ ! -e "$sockets/receiver.sock" ] || fail "the socket is left behind"
checked stop "by its stop signal, with status 0; its socket is gone"
print_report
