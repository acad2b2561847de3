#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the package does under a running systemd: called by test-packages.sh in a machine of systemd-nspawn, as root,
# with the network to itself. Installs, uses, upgrades and purges; a line on standard output for each thing that held.
#
#   service.sh FIRST.deb SECOND.deb      the dependencies are installed
set -eu
first=$1
second=$2
unit=exporter-proxy.service
socket=/run/exporter-proxy/receiver.sock

held() { printf '%s\n' "$*"; }
fail() {
    printf 'error: %s\n' "$*" >&2
    [ ! -s /tmp/log ] || tail -n 20 /tmp/log >&2
    systemctl --no-pager --full status $unit exporter-proxy.socket >&2 || true
    journalctl --no-pager -n 40 >&2
    exit 1
}
wait_until() {
    what=$1
    shift
    tries=300
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "waited in vain until $what"
        sleep 0.1
    done
}
property() { systemctl show --value --property="$1" $unit; }
page() { curl -sf http://127.0.0.1:6555/metrics; }
page_has() { page | grep -qF "$1"; }
status_is() { [ "$(property StatusText)" = "$1" ]; }
push() { echo "{\"$1\": \"$2\"}" | nc -N -U $socket; }
# logged PRIORITY TEXT: by the service, in the journal
logged() {
    journalctl --no-pager -u $unit -p "$1..$1" -o cat | grep -q "$2"
}
new_pid() { [ "$(property MainPID)" != "$1" ] && [ "$(property MainPID)" != 0 ] && systemctl -q is-active $unit; }

quietly() { "$@" >/tmp/log 2>&1 || { cat /tmp/log >&2; fail "\"$*\" failed"; }; }

quietly dpkg -i "$first"
systemctl -q is-active $unit || fail "installing did not start the service"
systemctl -q is-enabled $unit || fail "installing did not enable the service"
wait_until "the status is told" status_is "0 applications"
held "installed: started, enabled, status \"$(property StatusText)\""

pid=$(property MainPID)
awk '$1 == "CapEff:" && $2 !~ /^0+$/ || $1 == "NoNewPrivs:" && $2 != 1 { exit 1 }
    $1 == "Seccomp:" && $2 != 2 || $1 == "Uid:" && $2 == 0 { exit 1 }' "/proc/$pid/status" ||
    fail "the daemon has privileges: $(cat "/proc/$pid/status")"
figure=$(systemd-analyze security --no-pager $unit | sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p')
case $figure in 0.* | 1.*) ;; *) fail "systemd-analyze security says $figure" ;; esac
held "no capabilities, no new privileges, filtered system calls; systemd-analyze security: $figure"

useradd --system --groups exporter-proxy insider
useradd --system outsider
runuser -u insider -- sh -c "echo '{\"a\": \"inside 1\"}' | nc -N -U $socket" || fail "who is in the group cannot push"
! runuser -u outsider -- sh -c "echo '{\"b\": \"outside 1\"}' | nc -N -U $socket" 2>/dev/null || fail "anybody can push"
wait_until "the push is on the page" page_has "inside 1"
! page_has "outside 1" || fail "an outsider's push was taken"
wait_until "the status follows" status_is "1 application"
[ "$(stat -c '%U:%G %a' /etc/exporter-proxy/config.toml)" = 'root:exporter-proxy 640' ] ||
    fail "anybody can read the configuration"
held "pushes over the Unix socket: the group's are taken, others are kept out"

echo '{"broken"' | nc -N 127.0.0.1 6554 >/dev/null || true
wait_until "a refusal is logged as a warning" logged warning 'rejected a push'
echo 'nonsense = 1' >>/etc/exporter-proxy/config.toml
systemctl reload $unit
wait_until "a bad configuration is logged as an error" logged err nonsense
systemctl -q is-active $unit || fail "a bad configuration ended the service"
logged info . || fail "nothing is logged as information"
held "journal: refusals as warnings, a bad configuration as an error, the rest as information"

sed -i 's/^nonsense = 1$//; s|^file = ""|file = "/var/lib/exporter-proxy/state"|; s/^max_apps = .*/max_apps = 2/' \
    /etc/exporter-proxy/config.toml
grep -q '^file = "/var/lib' /etc/exporter-proxy/config.toml || fail "config.toml has no state.file to set"
systemctl reload $unit
wait_until "the limit is in force" sh -c "echo '{\"b\": \"b 1\", \"c\": \"c 1\"}' | nc -N -U $socket | grep -q ^error"
[ "$(property MainPID)" = "$pid" ] || fail "a reload started another process"
sed -i 's/^max_apps = 2$/max_apps = 10000/' /etc/exporter-proxy/config.toml
systemctl restart $unit
push kept 'kept 1'
systemctl restart $unit
page_has "kept 1" || fail "the state file did not outlive a restart"
held "reload changes a limit in the same process; the state file keeps applications over a restart"

mkdir -p /run/systemd/system/$unit.d
printf '[Service]\nWatchdogSec=2s\n' >/run/systemd/system/$unit.d/watchdog.conf
systemctl daemon-reload
systemctl restart $unit
pid=$(property MainPID)
kill -STOP "$pid"
wait_until "the watchdog has replaced a hanging daemon" new_pid "$pid"
rm -r /run/systemd/system/$unit.d
systemctl daemon-reload
held "the watchdog replaces a daemon that hangs"

# systemd starts a unit five times in ten seconds and no more; this script does so more often.
restart() {
    systemctl reset-failed $unit
    systemctl restart $unit
}
systemctl reset-failed $unit
systemctl stop $unit
systemctl -q enable --now exporter-proxy.socket
systemctl start $unit
rm -f /tmp/refused /tmp/enough
for sender in 1 2 3 4; do
    case $sender in [12]) to="-U $socket" ;; *) to="127.0.0.1 6554" ;; esac
    (
        count=0
        while [ ! -e /tmp/enough ]; do
            count=$((count + 1))
            # shellcheck disable=SC2086 # one word or two
            if ! answer=$(echo "{\"load$sender\": \"load$sender $count\"}" | nc -N $to 2>&1) || [ -n "$answer" ]; then
                echo "$to, push $count: $answer" >>/tmp/refused
                break
            fi
            echo $count >"/tmp/taken$sender"
        done
    ) &
done
for restart in 1 2 3 4 5; do
    sleep 1 # under load: what is counted below shows that there was some
    restart
done
pid=$(property MainPID)
systemctl reset-failed $unit
quietly dpkg -i "$second"
new_pid "$pid" || fail "the upgrade did not restart the service"
grep -q '^file = "/var/lib' /etc/exporter-proxy/config.toml || fail "the upgrade overwrote the configuration"
sleep 1
touch /tmp/enough
wait
total=0
for sender in 1 2 3 4; do
    count=$(cat /tmp/taken$sender)
    page_has "load$sender $count" || fail "the last push of sender $sender is not on the page"
    total=$((total + count))
done
[ "$total" -gt 100 ] || fail "only $total pushes in all"
held "with the .socket unit: $restart restarts and an upgrade under load, none of $total pushes refused or lost"

echo 'nonsense = 1' >>/etc/exporter-proxy/config.toml
! systemctl restart $unit 2>/dev/null || fail "the service starts with a bad configuration"
sleep 3 # longer than RestartSec
systemctl -q is-failed $unit || fail "a bad configuration is tried again and again"
[ "$(property ExecMainStatus)" = 2 ] || fail "a bad configuration ends with $(property ExecMainStatus)"
sed -i 's/^nonsense = 1$//' /etc/exporter-proxy/config.toml
systemctl reset-failed $unit
systemctl start $unit
held "a bad configuration fails once, with status 2, and is not tried again"

systemctl reset-failed $unit
quietly dpkg --remove exporter-proxy
! pgrep -x exporter-proxy >/dev/null || fail "removed, the daemon runs on"
[ ! -e $socket ] || fail "removed, the socket is left behind"
quietly dpkg -i "$second"
systemctl -q is-active $unit || fail "installed again, the service does not run"
systemctl -q is-active exporter-proxy.socket || fail "installed again, the socket unit that was enabled is not"
push again 'again 1' || fail "installed again, it takes no push"
held "removed and installed again: what was enabled runs again"

quietly dpkg --purge exporter-proxy
! pgrep -x exporter-proxy >/dev/null || fail "purged, the daemon runs on"
! systemctl cat $unit >/dev/null 2>&1 || fail "purged, the unit is left behind"
left=$(find /etc /usr /var /run -xdev -name '*exporter?proxy*' ! -path '/var/log/*' ! -path '/run/systemd/*')
[ -z "$left" ] || fail "purged, there is left: $left"
held "purged: stopped, nothing is left"
