#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the Debian packages in a clean root, checks them with lintian, and in another clean root installs, uses, upgrades,
# removes and purges them. As root; needs debootstrap, and some 3 GB below $TMPDIR.
#
#   packaging/test-packages.sh [bookworm|trixie]…        without a name: both
set -eu
cd "$(dirname "$0")/.."
tree=$PWD

say() { printf '== %s\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || fail "debootstrap and chroot need root"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
[ $# -gt 0 ] || set -- bookworm trixie

work=$(mktemp -d "${TMPDIR:-/tmp}/exporter-proxy-packages.XXXXXX")
daemon=
clean_up() {
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    for mounted in "$work"/*/proc "$work"/*/dev; do
        if mountpoint -q "$mounted"; then umount "$mounted"; fi
    done
    rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

# A clean root of the release, from an archive of the first one made.
make_root() {
    release=$1
    root=$2
    if [ ! -e "$work/$release.tar" ]; then
        say "$release: debootstrap"
        debootstrap --variant=minbase "$release" "$work/$release" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; return 1; }
        tar -C "$work/$release" -cf "$work/$release.tar" .
        rm -rf --one-file-system "${work:?}/$release"
    fi
    mkdir "$root"
    tar -C "$root" -xf "$work/$release.tar"
    mount -t proc proc "$root/proc"
    mount --bind /dev "$root/dev"
    # How this machine reaches the network holds for the root as well.
    cp /etc/resolv.conf /etc/hosts "$root/etc/"
    for file in /etc/apt/apt.conf.d/*proxy*; do
        [ ! -e "$file" ] || cp "$file" "$root/etc/apt/apt.conf.d/"
    done
}

drop_root() {
    umount "$1/proc" "$1/dev"
    rm -rf --one-file-system "$1"
}

inside() {
    root=$1
    shift
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        "$@" </dev/null
}

# Quiet unless it fails.
quietly() {
    "$@" >"$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; fail "\"$*\" failed"; }
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

check_package() {
    release=$1
    build=$work/build-$release
    make_root "$release" "$build"
    say "$release: building"
    mkdir "$build/src"
    # What git knows, and not what earlier builds left here.
    git -C "$tree" ls-files -z | tar -C "$tree" --null -T - -cf - | tar -C "$build/src" -xf -
    quietly inside "$build" sh -c 'cd /src && packaging/build-packages.sh /packages && packaging/build-packages.sh --no-install --release 2 /packages'
    quietly inside "$build" apt-get -q -y install --no-install-recommends lintian
    say "$release: lintian"
    inside "$build" sh -c 'lintian --allow-root --fail-on error /packages/*-1_*.deb'
    mkdir "$work/packages-$release"
    cp "$build"/packages/*.deb "$work/packages-$release/"
    drop_root "$build"

    use=$work/use-$release
    make_root "$release" "$use"
    cp "$work/packages-$release"/*.deb "$use/root/"
    quietly inside "$use" apt-get -q update
    quietly inside "$use" apt-get -q -y install --no-install-recommends curl netcat-openbsd
    say "$release: installing"
    quietly inside "$use" sh -c 'apt-get -q -y install --no-install-recommends /root/exporter-proxy_*-1_*.deb'
    inside "$use" id exporter-proxy >/dev/null || fail "the package made no user"
    ! inside "$use" dpkg -l libqt6widgets6 2>/dev/null | grep -q '^ii' || fail "a server pulls in Widgets"
    inside "$use" exporter-proxy --check-config
    for file in lib/systemd/system/exporter-proxy.service lib/systemd/system/exporter-proxy.socket lib/sysusers.d/exporter-proxy.conf \
        share/bash-completion/completions/exporter-proxy share/exporter-proxy/prometheus/exporter-proxy.rules.yml; do
        [ -e "$use/usr/$file" ] || fail "/usr/$file is missing"
    done

    say "$release: using, as the unit does"
    http=$(free_port)
    tcp=$(free_port)
    inside "$use" install -d -o exporter-proxy -g exporter-proxy /run/exporter-proxy
    chroot --userspec=exporter-proxy:exporter-proxy "$use" /usr/bin/exporter-proxy \
        --set "exporter.scrape_expose_endpoint=127.0.0.1:$http" --set "receiver.receiver_tcp_socket=127.0.0.1:$tcp" \
        >"$work/daemon.log" 2>&1 &
    daemon=$!
    tries=100
    until inside "$use" curl -sf "http://127.0.0.1:$http/-/ready" >/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] && kill -0 "$daemon" || { cat "$work/daemon.log" >&2; fail "the daemon does not serve"; }
        sleep 0.1
    done
    inside "$use" sh -c "echo '{\"a\": \"over_unix 1\"}' | nc -N -U /run/exporter-proxy/receiver.sock"
    inside "$use" sh -c "echo '{\"b\": \"over_tcp 1\"}' | nc -N 127.0.0.1 $tcp"
    page=$(inside "$use" curl -sf "http://127.0.0.1:$http/metrics")
    case $page in *over_unix\ 1*over_tcp\ 1*) ;; *) fail "pushes are not on the page" ;; esac
    kill "$daemon"
    wait "$daemon" || fail "the daemon did not stop in good order"
    daemon=
    [ ! -e "$use/run/exporter-proxy/receiver.sock" ] || fail "the socket is left behind"

    say "$release: upgrading"
    echo '# changed by hand' >>"$use/etc/exporter-proxy/config.toml"
    quietly inside "$use" sh -c 'apt-get -q -y -o Dpkg::Options::=--force-confold install --no-install-recommends /root/exporter-proxy_*-2_*.deb'
    version=$(inside "$use" dpkg-query -W -f '${Version}' exporter-proxy)
    case $version in *-2) ;; *) fail "after the upgrade the version is $version" ;; esac
    grep -q 'changed by hand' "$use/etc/exporter-proxy/config.toml" || fail "the upgrade overwrote the configuration"

    if ls "$use"/root/exporter-proxy-monitor_*.deb >/dev/null 2>&1; then
        say "$release: the monitor"
        quietly inside "$use" sh -c 'apt-get -q -y install --no-install-recommends /root/exporter-proxy-monitor_*-2_*.deb'
        inside "$use" exporter-proxy-monitor --version
    fi

    say "$release: removing and purging"
    quietly inside "$use" apt-get -q -y remove exporter-proxy
    [ ! -e "$use/usr/bin/exporter-proxy" ] || fail "the program is left behind"
    [ -e "$use/etc/exporter-proxy/config.toml" ] || fail "removing took the configuration"
    mkdir -p "$use/var/lib/exporter-proxy"
    quietly inside "$use" apt-get -q -y purge exporter-proxy
    for left in etc/exporter-proxy var/lib/exporter-proxy usr/share/exporter-proxy; do
        [ ! -e "$use/$left" ] || fail "purging left /$left behind"
    done
    drop_root "$use"
    say "$release: good"
}

for release in "$@"; do
    check_package "$release"
done
