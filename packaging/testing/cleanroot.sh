# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Sourced by the scripts that try packages and image: a working folder, clean roots of Debian in it, and a report.
# What it makes is gone when the script ends, however it ends. The caller has set -eu, and is root.

say() { printf '%s == %s\n' "$(date -u +%H:%M:%S)" "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# need PROGRAM PACKAGE
need() { command -v "$1" >/dev/null || fail "$1 is missing: apt-get install $2"; }

# In a mount namespace of its own: no mount outlives the script. The caller has gone to the top of the tree.
if [ -z "${EXPORTER_PROXY_OWN_MOUNTS:-}" ]; then
    [ "$(id -u)" -eq 0 ] || fail "debootstrap and chroot need root"
    need debootstrap debootstrap
    EXPORTER_PROXY_OWN_MOUNTS=yes exec unshare --mount "$PWD/packaging/$(basename "$0")" "$@"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/exporter-proxy-packages.XXXXXX")
daemon=
# A caller overrides it with what it has to end besides.
end_more() { :; }
clean_up() {
    end_more
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    # Lazily: what was interrupted may not have ended yet.
    for root in "$work"/*/; do
        drop_mounts "${root%/}" --lazy
    done
    rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# drop_mounts ROOT [OPTION]
drop_mounts() {
    for mounted in "$1/proc" "$1/dev" "$1/root/.cache/ccache"; do
        # shellcheck disable=SC2086 # one word or none
        if mountpoint -q "$mounted"; then umount ${2:-} "$mounted"; fi
    done
}

# The archive of a release's minimal root.
root_archive() {
    if [ ! -e "$work/$1.tar" ]; then
        say "$1: debootstrap"
        quietly debootstrap --variant=minbase "$1" "$work/bootstrap"
        tar -C "$work/bootstrap" -cf "$work/$1.tar" .
        rm -rf --one-file-system "$work/bootstrap"
    fi
    printf '%s\n' "$work/$1.tar"
}

# make_root RELEASE ROOT
make_root() {
    root_archive "$1" >/dev/null
    mkdir "$2"
    tar -C "$2" -xf "$work/$1.tar"
    mount -t proc proc "$2/proc"
    mount --bind /dev "$2/dev"
    # What is in it need not outlive a power cut.
    echo force-unsafe-io >"$2/etc/dpkg/dpkg.cfg.d/unsafe-io"
    # How this machine reaches the network holds for the root as well.
    cp /etc/resolv.conf /etc/hosts "$2/etc/"
    for file in /etc/apt/apt.conf.d/*proxy*; do
        [ ! -e "$file" ] || cp "$file" "$2/etc/apt/apt.conf.d/"
    done
}

drop_root() {
    drop_mounts "$1"
    rm -rf --one-file-system "$1"
}

# inside ROOT COMMAND…
inside() {
    root=$1
    shift
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        "$@" </dev/null
}

# Silent unless it fails.
quietly() {
    "$@" >"$work/log" 2>&1 || { tail -n 60 "$work/log" >&2; fail "\"$*\" failed"; }
}

# wait_until WHAT COMMAND…: at most 30 s, because machines are slow at times.
wait_until() {
    what=$1
    shift
    tries=300
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { printf 'error: waited in vain until %s\n' "$what" >&2; return 1; }
        sleep 0.1
    done
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# checked SUBJECT WORD…: a line of the report that stands at the end.
checked() {
    subject=$1
    shift
    printf '%-9s  %s\n' "$subject" "$*" >>"$work/report"
}
print_report() { printf '\n'; cat "$work/report"; }
