#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the Debian packages in a clean root, checks them with lintian, and in another clean root installs, uses,
# upgrades, removes and purges them; then once more under a systemd of its own, where systemd-nspawn is installed. As
# root; needs debootstrap, and some 4 GB below $TMPDIR. What was checked stands at the end, a line each.
#
#   packaging/test-packages.sh [--packages FOLDER] [bookworm|trixie]…        without a name: both
#     --packages FOLDER   builds nothing, but tries those of the folder: revisions 1 and 2 of each, built on the release
#
# Where $CCACHE_DIR is set, what was compiled is kept there from one run to the next.
# shellcheck disable=SC2016 # what stands in single quotes is for dpkg-query to fill in
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=packaging/testing/cleanroot.sh
. packaging/testing/cleanroot.sh
built=
if [ "${1:-}" = --packages ]; then
    built=$(cd "${2:?"--packages needs a folder"}" && pwd)
    shift 2
fi
[ $# -gt 0 ] || set -- bookworm trixie
tree=$PWD

# A machine is ended by the end of the script that it runs; this is for an interruption.
machine=
end_more() { [ -z "$machine" ] || kill "$machine" 2>/dev/null || true; }

sizes_of() {
    for package in "$1"/*-1_*.deb; do
        printf '%s %d kB\n' "$(basename "$package")" $(($(stat -c %s "$package") / 1000))
    done | paste -s -d, | sed 's/,/, /g'
}

# What git knows, and not what earlier builds left here.
copy_tree() {
    mkdir "$build/src"
    git -C "$tree" ls-files -z --cached --others --exclude-standard | tar -C "$tree" --null -T - -cf - |
        tar -C "$build/src" -xf -
    if [ -n "${CCACHE_DIR:-}" ]; then
        quietly inside "$build" sh -c 'apt-get -q update && apt-get -q -y install --no-install-recommends ccache'
        mkdir -p "$CCACHE_DIR" "$build/root/.cache/ccache"
        mount --bind "$CCACHE_DIR" "$build/root/.cache/ccache"
    fi
}

# The README's first command and the pushes below it, on a machine that has nothing; on ports of their own.
run_tree() {
    say "$release: packaging/run.sh"
    http=$(free_port)
    tcp=$(free_port)
    begun=$(date +%s)
    chroot "$build" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 sh -c "cd /src && exec \
        packaging/run.sh --set exporter.scrape_expose_endpoint=127.0.0.1:$http \
        --set receiver.receiver_tcp_socket=127.0.0.1:$tcp" >"$work/daemon.log" 2>&1 </dev/null &
    daemon=$!
    until grep -qF "serving http://127.0.0.1:$http/metrics" "$work/daemon.log"; do
        kill -0 "$daemon" 2>/dev/null || { tail -n 40 "$work/daemon.log" >&2; fail "packaging/run.sh ended"; }
        sleep 1
    done
    seconds=$(($(date +%s) - begun))
    quietly inside "$build" apt-get -q -y install --no-install-recommends curl netcat-openbsd
    inside "$build" sh -c "echo '{\"a\": \"over_unix 1\"}' | nc -U -N /var/run/exporter-proxy-receiver.sock"
    inside "$build" sh -c "echo '{\"b\": \"over_tcp 1\"}' | nc -N 127.0.0.1 $tcp"
    page=$(inside "$build" curl -sf "http://127.0.0.1:$http/metrics" | head -n 2 | paste -s -d' ')
    [ "$page" = 'over_unix 1 over_tcp 1' ] || fail "the page begins with $page"
    kill "$daemon"
    wait "$daemon" || fail "packaging/run.sh did not stop in good order"
    daemon=
    [ ! -e "$build/run/exporter-proxy-receiver.sock" ] || fail "packaging/run.sh left its socket behind"
    checked "$release" "packaging/run.sh: served after $seconds s from a minimal root, took pushes of both kinds, stopped"
}

build_packages() {
    say "$release: building, with every warning of the compiler"
    quietly inside "$build" sh -c 'cd /src && packaging/dependencies.sh build package'
    begun=$(date +%s)
    quietly inside "$build" sh -c 'cd /src && packaging/build-packages.sh --no-install /packages'
    seconds=$(($(date +%s) - begun))
    ! grep -E 'warning: ' "$work/log" >&2 || fail "the compiler warns"
    quietly inside "$build" sh -c 'cd /src && packaging/build-packages.sh --no-install --release 2 /packages'
    checked "$release" "built in $seconds s, no warning of the compiler: $(sizes_of "$build/packages")"
}

check_packages() {
    say "$release: lintian"
    quietly inside "$build" apt-get -q -y install --no-install-recommends lintian
    inside "$build" sh -c 'lintian --allow-root --fail-on error /packages/*-1_*.deb' >"$work/lintian" ||
        { cat "$work/lintian" >&2; fail "lintian complains"; }
    # Newer versions have the metainfo's missing homepage for a warning, and older ones refuse to have it overridden.
    checked "$release" "lintian $(inside "$build" lintian --version | sed 's/.* v//'): no error," \
        "$(grep -c '^W:' "$work/lintian") warnings $(sed -n 's/^W: [^:]*: \([^ ]*\).*/(\1)/p' "$work/lintian" | xargs)"
}

# Each file that packaging/testing/PACKAGE.contents names, and none besides.
check_contents() {
    for package in exporter-proxy exporter-proxy-monitor; do
        grep -v '^#' "packaging/testing/$package.contents" | sort >"$work/wanted"
        dpkg-deb --fsys-tarfile "$build/packages/${package}"_*-1_*.deb | tar -t | sed 's/^\.//; /\/$/d' |
            sort >"$work/found"
        diff -u "$work/wanted" "$work/found" >&2 || fail "$package has not the files that it should have"
        checked "$release" "$package has its $(wc -l <"$work/found") files"
    done
}

serves() { inside "$use" curl -sf "http://127.0.0.1:$http/-/ready"; }

use_packages() {
    say "$release: installing"
    before=$(inside "$use" dpkg-query -W | wc -l)
    quietly inside "$use" sh -c 'apt-get -q -y install --no-install-recommends /root/exporter-proxy_*-1_*.deb'
    inside "$use" id exporter-proxy >/dev/null || fail "the package made no user"
    ! inside "$use" dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'libqt6widgets*' 2>/dev/null |
        grep '^installed' || fail "a server pulls in Widgets"
    conffiles=$(inside "$use" dpkg-query -W -f '${Conffiles}' exporter-proxy | awk '{ print $1 }' | xargs)
    [ "$conffiles" = /etc/exporter-proxy/config.toml ] || fail "the conffiles are $conffiles"
    quietly inside "$use" exporter-proxy --check-config
    more=$(($(inside "$use" dpkg-query -W | wc -l) - before - 1))
    checked "$release" "installed, with $more packages that a minimal root lacks, no Widgets"

    say "$release: using, as the unit does"
    http=$(free_port)
    tcp=$(free_port)
    inside "$use" install -d -o exporter-proxy -g exporter-proxy /run/exporter-proxy
    chroot --userspec=exporter-proxy:exporter-proxy "$use" /usr/bin/exporter-proxy \
        --set "exporter.scrape_expose_endpoint=127.0.0.1:$http" --set "receiver.receiver_tcp_socket=127.0.0.1:$tcp" \
        >"$work/daemon.log" 2>&1 &
    daemon=$!
    wait_until "the daemon serves" serves || { cat "$work/daemon.log" >&2; exit 1; }
    inside "$use" sh -c "echo '{\"a\": \"over_unix 1\"}' | nc -N -U /run/exporter-proxy/receiver.sock"
    inside "$use" sh -c "echo '{\"b\": \"over_tcp 1\"}' | nc -N 127.0.0.1 $tcp"
    page=$(inside "$use" curl -sf "http://127.0.0.1:$http/metrics")
    case $page in *over_unix\ 1*over_tcp\ 1*) ;; *) fail "pushes are not on the page" ;; esac
    kill "$daemon"
    wait "$daemon" || fail "the daemon did not stop in good order"
    daemon=
    [ ! -e "$use/run/exporter-proxy/receiver.sock" ] || fail "the socket is left behind"
    checked "$release" "used: pushed over Unix socket and TCP, scraped, stopped"

    say "$release: upgrading"
    echo '# changed by hand' >>"$use/etc/exporter-proxy/config.toml"
    # Without a word on conffiles: where the package's own did not change, nobody is to be asked.
    quietly inside "$use" sh -c 'apt-get -q -y install --no-install-recommends /root/exporter-proxy_*-2_*.deb'
    version=$(inside "$use" dpkg-query -W -f '${Version}' exporter-proxy)
    case $version in *-2) ;; *) fail "after the upgrade the version is $version" ;; esac
    grep -q 'changed by hand' "$use/etc/exporter-proxy/config.toml" || fail "the upgrade overwrote the configuration"
    checked "$release" "upgraded to $version, the changed conffile is kept"
}

asked_for_apps() { grep -q '^GET /apps' "$work/asked"; }

use_monitor() {
    say "$release: the monitor"
    quietly inside "$use" sh -c 'apt-get -q -y install --no-install-recommends /root/exporter-proxy-monitor_*-2_*.deb'
    version=$(inside "$use" exporter-proxy-monitor --version)
    # Its window is open, and it asks a daemon, when something asks where a daemon would be.
    http=$(free_port)
    inside "$use" timeout 60 nc -l 127.0.0.1 "$http" >"$work/asked" &
    inside "$use" env QT_QPA_PLATFORM=offscreen timeout 60 exporter-proxy-monitor "http://127.0.0.1:$http" \
        >"$work/monitor.log" 2>&1 &
    daemon=$!
    wait_until "the monitor asks for applications" asked_for_apps || { cat "$work/monitor.log" >&2; exit 1; }
    kill "$daemon"
    { wait "$daemon" || true; } 2>/dev/null
    daemon=
    checked "$release" "$version opens its window (offscreen) and asks its daemon"
}

remove_packages() {
    say "$release: removing and purging"
    quietly inside "$use" apt-get -q -y remove exporter-proxy exporter-proxy-monitor
    for program in exporter-proxy exporter-proxy-monitor; do
        [ ! -e "$use/usr/bin/$program" ] || fail "$program is left behind"
    done
    grep -q 'changed by hand' "$use/etc/exporter-proxy/config.toml" || fail "removing took the configuration"
    install -d "$use/var/lib/exporter-proxy"
    echo state >"$use/var/lib/exporter-proxy/state"
    quietly inside "$use" apt-get -q -y purge exporter-proxy
    left=$(cd "$use" && find . -xdev -name '*exporter?proxy*' ! -path './root/*')
    [ -z "$left" ] || fail "purging left behind: $left"
    inside "$use" id exporter-proxy >/dev/null || fail "the user is gone, whose files may be anywhere"
    checked "$release" "removed: programs gone, configuration kept; purged: nothing left but the user, as policy has it"
}

# A unit of the machine runs service.sh and turns the machine off with its status.
use_service() {
    if ! command -v systemd-nspawn >/dev/null; then
        checked "$release" "NOT checked under systemd: systemd-nspawn is missing (apt-get install systemd-container)"
        return
    fi
    say "$release: under systemd"
    quietly inside "$use" apt-get -q -y install --no-install-recommends systemd-sysv procps
    cp packaging/testing/service.sh "$use/root/"
    cat >"$use/etc/systemd/system/service-test.service" <<UNIT
[Unit]
After=basic.target
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
ExecStart=/root/service.sh /root/$1 /root/$2
TimeoutStartSec=600
StandardOutput=file:/root/service.report
StandardError=file:/root/service.log
[Install]
WantedBy=multi-user.target
UNIT
    quietly inside "$use" systemctl enable service-test.service
    drop_mounts "$use"
    systemd-nspawn --quiet --boot --directory="$use" --private-network --register=no --keep-unit \
        >"$work/machine.log" 2>&1 &
    machine=$!
    wait "$machine" || {
        tail -n 20 "$work/machine.log" >&2
        cat "$use/root/service.report" "$use/root/service.log" >&2
        fail "under systemd something is wrong"
    }
    machine=
    [ -s "$use/root/service.report" ] || fail "the machine did not run its test"
    while read -r line; do checked "$release" "systemd $version: $line"; done <"$use/root/service.report"
}

for release in "$@"; do
    build=$work/build-$release
    make_root "$release" "$build"
    if [ -n "$built" ]; then
        quietly inside "$build" apt-get -q update
        mkdir "$build/packages"
        cp "$built"/*.deb "$build/packages/"
        checked "$release" "not built here: $(sizes_of "$build/packages")"
    else
        copy_tree
        run_tree
        build_packages
    fi
    check_packages
    check_contents
    use=$work/use-$release
    make_root "$release" "$use"
    cp "$build"/packages/*.deb "$use/root/"
    drop_root "$build"
    quietly inside "$use" apt-get -q update
    quietly inside "$use" apt-get -q -y install --no-install-recommends curl netcat-openbsd
    use_packages
    use_monitor
    remove_packages
    version=$(inside "$use" dpkg-query -W -f '${Version}' systemd)
    use_service "$(basename "$use"/root/exporter-proxy_*-1_*.deb)" "$(basename "$use"/root/exporter-proxy_*-2_*.deb)"
    drop_root "$use"
done
print_report
