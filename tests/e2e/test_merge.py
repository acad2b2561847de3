# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of texts on a merged page: every strict reader takes it, and a server reads from it what it would read
from the parts."""

import os
import random
import re
import threading
import time
import urllib.request

from expositioncases import KNOWN
from harness import DEADLINE, DaemonTest, Process, document, eventually, free_port, main, tool
from prometheusserver import installations, promtools, start_prometheus
from test_exposition_verdicts import PageServer, is_same, our_verdicts

MERGE = {"exposition": {"mode": "merge"}}
LABEL = {"exposition": {"mode": "merge", "app_label": "app"}}

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

CLIENT = b"""# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{code="200",path="/"} %d
# HELP http_seconds Time.
# TYPE http_seconds histogram
http_seconds_bucket{le="0.1"} 1
http_seconds_bucket{le="+Inf"} 2
http_seconds_sum 0.75
http_seconds_count 2
"""

# How long two applications push the same counter; a minute by hand.
COUNTER_SECONDS = float(os.environ.get("EXPORTER_PROXY_TEST_COUNTER_SECONDS", "12"))

COUNTERS = """# TYPE work_total counter
work_total {value}
# TYPE took_seconds histogram
took_seconds_bucket{{le="{bound}"}} {value}
took_seconds_bucket{{le="+Inf"}} {value}
took_seconds_sum {value}
took_seconds_count {value}
"""

# Texts that each can stand on a page, and together cannot.
HOSTILE = {
    "says gauge": b"# HELP http_seconds Seconds.\n# TYPE http_seconds gauge\nhttp_seconds 5\n",
    "says counter of a part": b"# HELP http_seconds_count N\n# TYPE http_seconds_count counter\n"
    b'http_seconds_count{a="1"} 5\n# TYPE http_seconds_sum gauge\nhttp_seconds_sum{a="1"} 2\n',
    "an le that is no number": b'http_seconds_bucket{le="much"} 7\n',
    "another HELP": b'# HELP http_requests_total Other.\nhttp_requests_total{code="500"} 1\n',
    "TYPE after samples": b"late 1\n# TYPE late counter\n",
    "in pieces": b'first{a="1"} 1\nother 2\nfirst{a="2"} 3\n# TYPE other gauge\n# TYPE other gauge\n',
    "a summary's quantile that is no number": b'# TYPE s summary\ns{quantile="median"} 1\ns_sum 2\ns_count 3\n',
    "a HELP with odd escapes": b"# HELP odd \\x and \\\nodd 1\n",
}

OPEN_METRICS = b"""# HELP jobs Jobs.
# TYPE jobs counter
# UNIT jobs jobs
jobs_total{queue="a"} 5 # {trace_id="1"} 1 1.5
jobs_created{queue="a"} 1.6e9
# TYPE build info
build_info{version="1"} 1
# TYPE mode stateset
mode{mode="on"} 1
# EOF
"""


def owners_by_series(texts, verdicts):
    """Which of the texts, in the order of their names, owns each series: the first that has it, or that has a line of the
    same histogram or summary."""
    histograms, summaries = (
        {
            name
            for text, samples in zip(texts, verdicts, strict=True)
            for name in re.findall(r"^# TYPE (\S+) %s$" % kind, text.decode(), re.MULTILINE)
            if any(re.fullmatch(name + "(_bucket|_sum|_count)?", dict(key)["__name__"]) for key in samples)
        }
        for kind in ("histogram", "summary")
    )

    def unit(key):
        labels = dict(key)
        base = re.sub("_(bucket|sum|count)$", "", labels["__name__"])
        if base == labels["__name__"]:
            is_part = "quantile" in labels and base in histograms | summaries
        else:
            is_part = base in histograms or (base in summaries and not labels["__name__"].endswith("_bucket"))
        if not is_part:
            return key
        return base, *((name, value) for name, value in key[1:] if name not in ("le", "quantile"))

    first = {}
    owners = {}
    for number, samples in enumerate(verdicts):
        for key in samples:
            if first.setdefault(unit(key), number) == number:
                owners[key] = number
    return owners


class TestMerge(DaemonTest):
    def real_exporter(self):
        """A page of node_exporter."""
        for _ in range(5):
            port = free_port()
            exporter = Process(
                self,
                "node_exporter",
                [tool("prometheus-node-exporter"), f"--web.listen-address=127.0.0.1:{port}"],
                cwd=self.folder,
            )

            def page():
                try:
                    with opener.open(f"http://127.0.0.1:{port}/metrics", timeout=DEADLINE) as response:
                        return response.read()
                except OSError:
                    return None

            text = eventually(lambda: not exporter.is_running() or page(), "node_exporter answers")
            if text is not True:
                return text
        return self.fail("node_exporter does not start")

    def texts(self):
        texts = {name: page for name, (page, is_taken) in KNOWN.items() if is_taken and self.can_be_pushed(page)}
        # Those with times are refused: the times are long ago.
        verdicts = zip(texts.items(), our_verdicts(list(texts.values())), strict=True)
        texts = dict(text for text, samples in verdicts if not any(has_time for _, has_time in samples.values()))
        node = self.real_exporter()
        return {
            **texts,
            "node": node,
            "node as its twin": node.replace(b"# HELP node_", b"# HELP node_arp_entries Other.\n# HELP node_", 1),
            "client 1": CLIENT % 1,
            "client 2": CLIENT % 2,
            **HOSTILE,
        }

    @staticmethod
    def can_be_pushed(page):
        try:
            return b"\0" not in page and page.decode() is not None
        except UnicodeDecodeError:
            return False

    def push_in_order(self, daemon, texts):
        for name, text in texts.items():
            self.assertEqual(b"", daemon.push("unix", document(**{name: text.decode()})), name)

    def check_strictly(self, page):
        """Exit code 3 is promtool's opinion on names and the like; 1 means that it could not read the page."""
        for result in promtools("check", "metrics", input=page):
            self.assertIn(result.returncode, (0, 3), result.stderr.decode() + page.decode())
            self.assertNotIn(b"error while", result.stderr)

    def check_headings(self, page):
        families = re.findall(r"^# (HELP|TYPE) (\S+)", page.decode(), re.MULTILINE)
        self.assertEqual(len(families), len(set(families)))
        order = list(dict.fromkeys(name for _, name in families))
        self.assertEqual(sorted(order), order)
        self.assertNotRegex(page, rb"(?m)^#(?! HELP | TYPE )")

    def test_strict_readers_take_what_they_would_refuse_of_the_parts(self):
        daemon = self.start({**MERGE, "exporter": {"self_metrics": True}})
        texts = self.texts()
        self.push_in_order(daemon, texts)
        page = daemon.page()
        self.check_strictly(page)
        self.check_headings(page[: page.index(b"# HELP exporter_proxy_apps ")])
        together = b"".join(text if text.endswith(b"\n") else text + b"\n" for text in texts.values())
        with self.assertRaises(AssertionError):
            self.check_strictly(together)

    def test_a_server_reads_what_it_reads_from_the_parts(self):
        daemon = self.start(MERGE)
        texts = self.texts()
        self.push_in_order(daemon, texts)
        parts = [texts[name] for name in sorted(texts)]
        owners = owners_by_series(parts, our_verdicts(parts))
        pages = [daemon.page(), *parts]
        for server in [PageServer(self, pages, program) for program in installations("prometheus")]:
            with self.subTest(server.program):
                merged, *servers = server.verdicts()
                expected = {key: servers[number][key] for key, number in owners.items() if key in servers[number]}
                self.assertGreater(len(expected), 300)
                self.assertEqual(sorted(expected), sorted(merged))
                different = {key for key in expected if not is_same(expected[key], merged[key])}
                self.assertEqual(set(), different)

    def test_with_a_label_every_series_of_every_application_is_there(self):
        daemon = self.start(LABEL)
        texts = self.texts()
        self.push_in_order(daemon, texts)
        page = daemon.page()
        self.check_strictly(page)
        merged = our_verdicts([page])[0]
        self.assertEqual(sum(len(samples) for samples in our_verdicts(list(texts.values()))), len(merged))
        self.assertTrue(all(dict(key).get("app") for key in merged))

    def test_a_label_without_merging(self):
        daemon = self.start({"exposition": {"app_label": "app"}})
        daemon.push("unix", document(**{'a "b"': 'x 1 # no\n'}))  # cannot be parsed: stays
        self.assertEqual(b"x 1 # no\n", daemon.page())
        daemon.push("unix", document(**{'a "b"': '# a comment\nx{app="c"}1\n\ny 2 3\n'}))
        self.assertEqual(
            b'# a comment\nx{app="a \\"b\\"",exported_app="c"} 1\n\ny{app="a \\"b\\""} 2 3\n', daemon.page()
        )

    def test_open_metrics_is_made_to_fit(self):
        daemon = self.start(MERGE)
        self.push_in_order(daemon, {"open": OPEN_METRICS, "client": CLIENT % 1})
        page = daemon.page()
        self.check_strictly(page)
        self.assertIn(b'# TYPE jobs_total counter\njobs_total{queue="a"} 5\n', page)
        self.assertIn(b"# TYPE build_info gauge\n", page)
        self.assertIsInstance(our_verdicts([page])[0], dict)

    def test_what_cannot_be_parsed_is_refused(self):
        daemon = self.start(MERGE)
        daemon.push("unix", document(a="x 1"))
        self.assertRegex(daemon.push("unix", document(a="x{ 1")), rb"\Aerror: .*line 1, column ")
        self.assertEqual(b"# TYPE x untyped\nx 1\n", daemon.page())

    def test_conflicts_are_reported(self):
        daemon = self.start({**MERGE, "exporter": {"self_metrics": True}})
        daemon.push("unix", document(one="# HELP x One\n# TYPE x gauge\nx 1"))
        daemon.push("unix", document(two="# HELP x Two\n# TYPE x counter\nx 2"))
        self.assertEqual(1, daemon.metric("exporter_proxy_merge_conflicts", app="two", kind="type"))
        self.assertEqual(1, daemon.metric("exporter_proxy_merge_conflicts", app="two", kind="help"))
        self.assertEqual(1, daemon.metric("exporter_proxy_merge_dropped_series", app="two"))
        self.assertIsNone(daemon.metric("exporter_proxy_merge_dropped_series", app="one"))
        self.check_strictly(daemon.page())
        apps = daemon.apps()
        self.assertEqual(3, len(apps["two"]["conflicts"]))
        self.assertTrue(all('"one"' in conflict for conflict in apps["two"]["conflicts"]))
        self.assertRegex(apps["two"]["conflicts"][0], r"\A1 series are not shown, because .* of x, \"one\"\Z")
        self.assertNotIn("conflicts", apps["one"])
        eventually(lambda: 'application "two"' in daemon.log(), "the log tells of it")

    def test_a_shared_counter_is_reset_only_when_its_owner_is(self):
        """Two applications push the same counter and histogram in jittered turns; the owner begins anew halfway."""
        daemon = self.start(MERGE)
        begin = time.monotonic()
        stop = threading.Event()

        def push(name, bound, value):
            chance = random.Random(name)
            restarts = name == "first"
            while not stop.is_set():
                value += chance.randrange(1, 5)
                if restarts and time.monotonic() - begin > COUNTER_SECONDS / 2:
                    restarts = False
                    value = 0
                text = f"{name}_total {value}\n" + COUNTERS.format(value=value, bound=bound)
                daemon.push("unix", document(**{name: text}))
                stop.wait(chance.uniform(0.02, 0.2))

        threads = [
            threading.Thread(target=push, args=("first", "1", 1000)),
            threading.Thread(target=push, args=("second", "1.0", 5)),
        ]
        for thread in threads:
            thread.start()
        try:
            eventually(lambda: len(daemon.apps()) == 2, "both have pushed")
            target = {"targets": [f"127.0.0.1:{daemon.http_port}"]}
            query = start_prometheus(self, {"job_name": "merged", "static_configs": [target]})
            window = f"[{COUNTER_SECONDS + 60:.0f}s]"

            def value(function, series):
                return list(query(f"{function}({series}{window})").values())

            eventually(
                lambda: time.monotonic() - begin > COUNTER_SECONDS and value("resets", "first_total") == [1],
                "the server has seen the owner's restart",
                COUNTER_SECONDS + DEADLINE,
            )
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual([0], value("resets", "second_total"))
        for series in ("work_total", "took_seconds_count", 'took_seconds_bucket{le="1"}'):
            self.assertEqual([1], value("resets", series), series)
            # In one query, for one moment: what the owner alone has counted.
            both = f"scalar(increase({series}{window})) - scalar(increase(first_total{window}))"
            self.assertEqual([0], list(query(f"vector({both})").values()), series)
        self.assertEqual([], value("resets", 'took_seconds_bucket{le="1.0"}'), "the other's histogram is not mixed in")


if __name__ == "__main__":
    main()
