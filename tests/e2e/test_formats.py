# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of OpenMetrics beside others, in every mode: no format that one application speaks costs the page."""

import time

from harness import DaemonTest, document, eventually, main
from httpfixture import Endpoint, text
from prometheusserver import promtools, start_prometheus

MODES = {
    "as they are": {},
    "with a label": {"app_label": "app"},
    "quarantine": {"validation": "quarantine"},
    "quarantine, with a label": {"validation": "quarantine", "app_label": "app"},
    "merged": {"mode": "merge"},
    "merged, with a label": {"mode": "merge", "app_label": "app"},
}

ACCEPT = {"Accept": "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4"}
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=0.0.4; charset=utf-8"

PLAIN = """# HELP http_requests_total Requests
# TYPE http_requests_total counter
http_requests_total{svc="a"} 7
"""
SDK = """# HELP http_requests Requests
# TYPE http_requests counter
http_requests_total{svc="b"} 9 # {trace_id="7f"} 1.0
http_requests_created{svc="b"} 1.7e9
# TYPE jvm info
jvm_info{version="17"} 1
# TYPE lat histogram
lat_bucket{le="0.5"} 1 # {span="x"} 0.3 1.7e9
lat_bucket{le="+Inf"} 2
lat_sum 1.5
lat_count 2
# TYPE seen gauge
seen 3 %d
# EOF
"""
POLLED = b'# TYPE polled_jobs counter\npolled_jobs_total 5 # {t="1"} 1\n# TYPE b info\nb_info{v="1"} 1\n# EOF\n'
BEHIND_THE_END = {
    "carriage return": "# TYPE jobs counter\njobs_total 5 # {t=\"1\"} 1\n# EOF\r\n",
    "blank": "# TYPE jobs2 counter\njobs2_total 5 # {t=\"1\"} 1\n# EOF \n",
    "lines": "# TYPE jobs3 counter\njobs3_total 5 # {t=\"1\"} 1\n# EOF\n\n \n",
}


class TestFormats(DaemonTest):
    def start_mode(self, exposition, *urls):
        settings = {"exposition": exposition}
        if urls:
            settings["poll_external"] = {
                "poll_other_scrape_endpoints": True, "poll_interval": 0.2, "other_scrape_endpoints": list(urls),
            }  # fmt: skip
        return self.start(settings)

    def check_strictly(self, page):
        """Exit code 3 is promtool's opinion on names and the like; 1 means that it could not read the page."""
        for result in promtools("check", "metrics", input=page):
            self.assertIn(result.returncode, (0, 3), result.stderr.decode() + page.decode())
            self.assertNotIn(b"error while", result.stderr)

    def own_page(self, daemon, name, headers=None):
        answer = daemon.request("/apps/" + name.replace(" ", "%20") + "/metrics", headers=headers)
        self.assertEqual(200, answer.status, answer.body)
        return answer.headers["Content-Type"], answer.body

    def test_on_the_page_in_every_mode(self):
        endpoint = Endpoint(self, text(POLLED, content_type=OPEN_METRICS))
        polled = f"external_poll: 127.0.0.1:{endpoint.port}"
        texts = {"a": PLAIN, "b": SDK % (time.time() - 1), "z": "other_app_alive 1\n", **BEHIND_THE_END}
        jobs = []
        for mode, exposition in MODES.items():
            with self.subTest(mode):
                daemon = self.start_mode(exposition, endpoint.url())
                for name, content in texts.items():
                    self.assertEqual(b"", daemon.push("unix", document(**{name: content})), name)
                eventually(lambda daemon=daemon: daemon.apps()[polled]["state"] == "fresh", "it polls")
                page = daemon.page()
                for part in (b"# EOF", b"# {", b" info\n"):
                    self.assertNotIn(part, page)
                apps = daemon.apps()
                self.assertEqual(
                    {name: "text" if name in ("a", "z") else "openmetrics" for name in (*texts, polled)},
                    {name: app["format"] for name, app in apps.items()},
                )
                if exposition.get("mode") == "merge":
                    self.check_strictly(page)
                for name in apps:
                    self.check_strictly(self.own_page(daemon, name)[1])
                address = f"127.0.0.1:{daemon.http_port}"
                jobs.append({"job_name": mode, "static_configs": [{"targets": [address]}]})
                discovery = {"url": f"http://{address}/sd", "refresh_interval": "1s"}
                jobs.append({"job_name": f"{mode}, one by one", "http_sd_configs": [discovery]})

        query = start_prometheus(self, *jobs)
        targets = len(MODES) * (1 + len(texts) + 1)
        eventually(lambda: list(query("sum(up)").values()) == [targets], "all pages are read")
        on_the_page = {
            'http_requests_total{svc="a"}': 7,
            'http_requests_total{svc="b"}': 9,
            'http_requests_created{svc="b"}': 1.7e9,
            'jvm_info{version="17"}': 1,
            'lat_bucket{le="0.5"}': 1,
            "seen": 3,
            "jobs_total": 5,
            "jobs2_total": 5,
            "jobs3_total": 5,
            "polled_jobs_total": 5,
            "b_info": 1,
            "other_app_alive": 1,
        }
        for mode in MODES:
            for series, value in on_the_page.items():
                name, _, labels = series.partition("{")
                for job in (mode, f"{mode}, one by one"):
                    asked = f'{name}{{job="{job}",{labels or "}"}'
                    self.assertEqual([value], list(query(asked).values()), asked)

    def test_the_own_target_has_what_was_sent(self):
        endpoint = Endpoint(self, text(POLLED, content_type=OPEN_METRICS))
        polled = f"external_poll: 127.0.0.1:{endpoint.port}"
        daemon = self.start_mode({}, endpoint.url())
        daemon.push_apps(a=PLAIN, **{"loose one": "a  1\n# EOF\n", "lines": BEHIND_THE_END["lines"]})
        eventually(lambda: daemon.apps()[polled]["state"] == "fresh", "it polls")
        converted = b'# TYPE polled_jobs_total counter\npolled_jobs_total 5\n# TYPE b_info gauge\nb_info{v="1"} 1\n'
        self.assertEqual((OPEN_METRICS, POLLED), self.own_page(daemon, polled, ACCEPT))
        self.assertEqual((TEXT, converted), self.own_page(daemon, polled))
        self.assertEqual((TEXT, converted), self.own_page(daemon, polled, {"Accept": "text/plain, */*"}))
        # Without what the server would refuse behind the end.
        self.assertEqual(
            (OPEN_METRICS, b'# TYPE jobs3 counter\njobs3_total 5 # {t="1"} 1\n# EOF\n'),
            self.own_page(daemon, "lines", ACCEPT),
        )
        # The server's parser of OpenMetrics would refuse two blanks.
        self.assertEqual((TEXT, b"# TYPE a untyped\na  1\n"), self.own_page(daemon, "loose one", ACCEPT))
        self.assertEqual((TEXT, PLAIN.encode()), self.own_page(daemon, "a", ACCEPT))

    def test_what_cannot_be_converted_is_refused(self):
        bodies = [b"good_total 1\n# EOF\n"]
        endpoint = Endpoint(self, text(lambda: bodies[0], content_type=OPEN_METRICS))
        polled = f"external_poll: 127.0.0.1:{endpoint.port}"
        for mode in ("as they are", "quarantine", "merged"):
            with self.subTest(mode):
                bodies[0] = b"good_total 1\n# EOF\n"
                daemon = self.start_mode(MODES[mode], endpoint.url())
                daemon.push_apps(a="x 1\n# EOF\n")
                eventually(lambda daemon=daemon: daemon.apps()[polled]["state"] == "fresh", "it polls")
                page = daemon.page()
                answer = daemon.push("unix", document(a='x 1\n{"b.c"} 2\n# EOF\n'))
                self.assertEqual(
                    b"error: a: line 2, column 1: a name in quotes, which only Prometheus 3 reads\n", answer
                )
                bodies[0] = b"good_total 1\ngood_total{ 2\n# EOF\n"
                app = eventually(
                    lambda daemon=daemon: (app := daemon.apps()[polled])["state"] == "failing" and app, "it fails"
                )
                self.assertEqual(
                    "line 2, column 13: expected a label name or a closing brace", app["last_error"]["reason"]
                )
                self.assertEqual(page, daemon.page())
                daemon.stop()

    def test_it_survives_a_restart(self):
        state = f"{self.folder}/state"
        daemon = self.start({"state": {"file": state}})
        daemon.push_apps(a="# TYPE x info\nx_info 1\n# EOF\n")
        before = daemon.page(), self.own_page(daemon, "a", ACCEPT)
        self.assertEqual((b"# TYPE x_info gauge\nx_info 1\n"), before[0])
        daemon.stop()
        daemon.restart(self)
        self.assertEqual(before, (daemon.page(), self.own_page(daemon, "a", ACCEPT)))
        self.assertEqual("openmetrics", daemon.apps()["a"]["format"])

    def test_times(self):
        now = int(time.time())
        old = "had a time more than an hour old when the text arrived"
        ahead = "had a time more than ten minutes ahead of this host's clock when the text arrived"
        gone = "left out: a time before March 1973 or beyond the year 5138, which no server stores"
        for mode in ("as they are", "quarantine", "merged"):
            is_judged = mode != "as they are"
            with self.subTest(mode):
                daemon = self.start_mode(MODES[mode])
                fine = f"backup_size_bytes 4096 {now}000\n"
                daemon.push_apps(a=fine)
                answer = daemon.push("unix", document(a=f"backup_size_bytes 4096 {now}\n"))
                self.assertEqual(
                    f'error: a: line 1, column 24: "{now}" in milliseconds is before March 1973: a server would drop '
                    "the sample\n" if is_judged else "",
                    answer.decode(),
                )  # fmt: skip
                daemon.push_apps(a=fine, b=f"x 1 {now}\n# EOF\n", c=f"y 1 {now - 7200}000\n", d=f"z 1 {now + 900}000\n")
                daemon.push_apps(e=f"v 1 {now - 7200}\n# EOF\n")
                answer = daemon.push("unix", document(f="u 1 -5\nu 2\n# EOF\n"))
                self.assertEqual(
                    'error: f: line 1, column 5: "-5" in seconds is before March 1973: a server would drop the '
                    "sample\n" if is_judged else "",
                    answer.decode(),
                )  # fmt: skip
                page = daemon.page()
                for line in (fine, f"x 1 {now}000\n", f"y 1 {now - 7200}000\n", f"z 1 {now + 900}000\n"):
                    self.assertIn(line.encode(), page)
                apps = daemon.apps()
                notes = {name: app["notes"] for name, app in apps.items() if "notes" in app}
                expected = {"e": old}
                expected |= {"c": old, "d": ahead} if is_judged else {"f": gone}
                self.assertEqual(expected.keys(), notes.keys())
                for name, words in expected.items():
                    self.assertEqual(1, len(notes[name]))
                    self.assertTrue(notes[name][0].startswith("one sample (line 1) " + words), notes[name][0])
                daemon.push_apps(**{name: "x 1\n" for name in notes})
                self.assertFalse([name for name, app in daemon.apps().items() if "notes" in app])
                daemon.stop()


if __name__ == "__main__":
    main()
