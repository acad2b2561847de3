# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of a soak's daemon, and the thread that changes it while everything else goes on."""

import http.client
import os
import signal

from actor import Actor, Patience
from harness import DEADLINE, free_port
from pagecheck import Fault, check_page

EXPIRE = (2.0, 3.0)
FORGET = (4.0, 6.0)

LAST_RELOAD = "exporter_proxy_config_last_reload_success_timestamp_seconds"


class Config:
    """What holds now. While the epoch is odd it is being changed, and the former or the next may hold."""

    def __init__(self, soak, folder):
        self.epoch = 0
        self.http_ports = (free_port(), free_port())
        self.tcp_ports = (free_port(), free_port())
        self.unix_paths = tuple(os.path.join(folder, f"push-{letter}.sock") for letter in "ab")
        self.soak = soak
        self.settings = {
            "exporter": {"self_metrics": True, "scrape_expose_endpoint": f"127.0.0.1:{self.http_ports[0]}"},
            "receiver": {
                "format": "json",
                "receiver_unix_socket": self.unix_paths[0],
                "receiver_tcp_socket": f"127.0.0.1:{self.tcp_ports[0]}",
                "message_timeout": 20,
            },
            "exposition": {},
            "limits": {},
            "freshness": {"expire_after": EXPIRE[0], "forget_after": FORGET[0]},
            "poll_external": {"poll_other_scrape_endpoints": True},
            "log": {"level": "info"},
            "state": {"file": os.path.join(folder, "state")},
        }
        self.adopt()

    def adopt(self):
        """The settings hold from here on."""
        receiver = self.settings["receiver"]
        exposition = self.settings["exposition"]
        self.http_port = int(self.settings["exporter"]["scrape_expose_endpoint"].rpartition(":")[2])
        self.unix_path = receiver["receiver_unix_socket"]
        self.tcp_port = int(receiver["receiver_tcp_socket"].rpartition(":")[2])
        self.format = receiver["format"]
        self.is_merged = exposition.get("mode") == "merge"
        self.is_judged = self.is_merged or exposition.get("validation") == "quarantine"

    def keep_forever(self, apps):
        for app in apps:
            quoted = app.name.replace("\\", "\\\\").replace('"', '\\"')
            self.settings[f'freshness.app."{quoted}"'] = {"expire_after": 0, "forget_after": 0}

    def moment(self):
        return self.epoch

    def is_quiet_since(self, moment):
        return moment % 2 == 0 and moment == self.epoch

    def tolerate(self, moment, actor, what):
        """A failure that a change of the configuration explains; a fault in quiet times."""
        if not self.is_quiet_since(moment) or self.soak.ending.is_set() or self.soak.stopping.is_set():
            actor.count["tolerated"] += 1
            return
        raise Fault(what)


class Changer(Actor):
    """Reloads with other settings every few seconds, now and then with a file that is no good."""

    def __init__(self, soak, seed, pause, exporters):
        super().__init__(soak, seed)
        self.pause = pause
        self.exporters = exporters
        self.config = soak.config

    def turn(self):
        if self.random.random() < 0.1:
            self.reload_badly()
            return
        changed = self.random.sample(
            (
                self.limits, self.freshness, self.level, self.addresses, self.http, self.targets, self.exposition,
                self.format, self.permissions,
            ),
            self.random.randrange(1, 4),
        )  # fmt: skip
        for change in changed:
            change()
            self.count["changed " + change.__name__] += 1
        self.reload()

    def other(self, section, key, *values):
        """One of these values that is not the one that holds, so that something changes."""
        now = self.config.settings[section].get(key)
        self.config.settings[section][key] = self.random.choice([value for value in values if value != now])

    def limits(self):
        self.other("limits", "max_apps", 10_000, 45)
        self.other("limits", "max_message_size", "64MiB", "40KiB")
        self.other("limits", "max_total_size", "1GiB", "384MiB")
        self.other("receiver", "message_timeout", 20, 30)

    def freshness(self):
        self.other("freshness", "stale_after", 0.5, 1.0, 0)
        self.other("freshness", "expire_after", *EXPIRE)
        self.other("freshness", "forget_after", *FORGET)

    def level(self):
        self.other("log", "level", "debug", "info", "warning", "error")

    def addresses(self):
        if self.random.random() < 0.7:
            self.other("receiver", "receiver_unix_socket", *self.config.unix_paths)
        if self.random.random() < 0.7:
            self.other("receiver", "receiver_tcp_socket", *(f"127.0.0.1:{port}" for port in self.config.tcp_ports))

    def http(self):
        self.other("exporter", "scrape_expose_endpoint", *(f"127.0.0.1:{port}" for port in self.config.http_ports))

    def targets(self):
        steady, faulty = self.exporters
        targets = [steady.target(self.random.choice((0.3, 1.0)), 2)]
        if self.random.random() < 0.7:
            targets.append(faulty.target(self.random.choice((0.1, 0.4)), self.random.choice((0.2, 1.0))))
        self.config.settings["poll_external"]["endpoint"] = targets
        self.other("poll_external", "poll_interval", 0.5, 5)

    def exposition(self):
        self.other("exposition", "mode", "concatenate", "merge")
        self.other("exposition", "validation", "off", "quarantine")
        self.config.settings["exposition"]["app_label"] = self.random.choice(("", "app"))

    def format(self):
        self.other("receiver", "format", "json", "capnp")

    def permissions(self):
        self.other("receiver", "unix_socket_mode", "0660", "0600", "0666")

    def reload(self):
        daemon = self.soak.daemon
        before = self.wait(bool, "it tells when it was configured").get(LAST_RELOAD, 0)
        self.config.epoch += 1
        daemon.configure(self.config.settings)
        daemon.popen.send_signal(signal.SIGHUP)
        self.wait(
            lambda own: own[LAST_RELOAD] > before,
            "the configuration is taken over",
        )
        self.config.adopt()
        self.config.epoch += 1
        self.count["reloads"] += 1

    def reload_badly(self):
        """Nothing changes, so nothing that anybody meets meanwhile is tolerated."""
        daemon = self.soak.daemon
        with open(daemon.config_path, "a", encoding="utf-8") as file:
            file.write(self.random.choice(("\n[nonsense]\n", "\n[limits.more]\nx = 1\n", "]]")))
        daemon.popen.send_signal(signal.SIGHUP)
        self.wait(lambda own: own["exporter_proxy_config_last_reload_successful"] == 0, "the bad file is refused")
        self.count["bad reloads"] += 1
        self.reload()

    def wait(self, condition, what):
        patience = Patience()
        while not self.soak.ending.is_set():
            own = self.own_figures()
            if own and condition(own):
                if self.config.epoch % 2 and not own["exporter_proxy_config_last_reload_successful"]:
                    raise Fault("a good configuration was refused")
                return own
            patience.check(what)
            self.rest(0.01)
        return {}

    def own_figures(self):
        """By a new connection to whichever port it serves on now; nothing while it changes over."""
        next_port = int(self.config.settings["exporter"]["scrape_expose_endpoint"].rpartition(":")[2])
        for port in (next_port, self.config.http_port):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
            try:
                connection.request("GET", "/-/metrics")
                return check_page(connection.getresponse().read())[1]
            except (OSError, http.client.HTTPException):
                continue
            finally:
                connection.close()
        return {}
