# SPDX-License-Identifier: GPL-3.0-or-later
"""exposition.validation: text that Prometheus would refuse does not get onto the page."""

import json

from capnpmessage import encode
from harness import DaemonTest, eventually, main
from httpfixture import Endpoint, text

QUARANTINE = {"exporter": {"self_metrics": True}, "exposition": {"validation": "quarantine"}}
BROKEN = 'good_total 1\nqueue_length{queue="a} 7\n'
ANSWER = "app: line 2, column 20: the label value has no closing quote"


def pushed(**texts):
    return json.dumps(texts).encode()


class TestQuarantine(DaemonTest):
    def texts(self, daemon):
        return daemon.page().partition(b"# HELP exporter_proxy_")[0]

    def wait_errors(self, daemon, transport, expected):
        eventually(lambda: daemon.errors(transport) == expected, f"the errors counted are {expected}")

    def wait_up(self, daemon, expected):
        eventually(lambda: daemon.metric("exporter_proxy_app_up", app="app") == expected, f"up is {expected}")

    def repaired(self, daemon):
        return {kind: daemon.metric("exporter_proxy_repaired_total", kind=kind) for kind in ("bom", "crlf")}

    def test_a_broken_push_leaves_the_last_good_text(self):
        for daemon, transport in self.for_transports(QUARANTINE):
            self.assertEqual(b"", daemon.nc(transport, pushed(app="queue_length 1\n", other="other 1\n")))
            self.assertEqual(f"error: {ANSWER}\n".encode(), daemon.nc(transport, pushed(app=BROKEN)))
            self.assertEqual(b"queue_length 1\nother 1\n", self.texts(daemon))
            app = daemon.apps()["app"]
            self.assertEqual("rejected", app["state"])
            self.assertEqual(ANSWER, app["last_error"]["reason"])
            self.assertEqual((1, 1), (app["updates"], app["rejected"]))
            self.assertEqual("fresh", daemon.apps()["other"]["state"])
            self.wait_errors(daemon, transport, {"invalid_exposition": 1})
            self.assertIn(ANSWER, daemon.log())
            self.wait_up(daemon, 0)

            self.assertEqual(b"", daemon.nc(transport, pushed(app="queue_length 2\n")))
            self.assertEqual("fresh", daemon.apps()["app"]["state"])
            self.assertEqual(b"queue_length 2\nother 1\n", self.texts(daemon))
            self.wait_up(daemon, 1)

    def test_of_several_texts_all_are_taken_or_none(self):
        daemon = self.start(QUARANTINE)
        daemon.push_apps(a="a 1", b="b 1")
        answer = daemon.push("tcp", pushed(a="a 2", b="b two", c="c 2"))
        self.assertEqual(b'error: b: line 1, column 3: "two" is not a number that a sample can have\n', answer)
        self.assertEqual(b"a 1\nb 1\n", self.texts(daemon))
        states = {name: app["state"] for name, app in daemon.apps().items()}
        self.assertEqual({"a": "fresh", "b": "rejected"}, states)

    def test_messages_before_the_broken_one_count(self):
        daemon = self.start(QUARANTINE)
        answer = daemon.push("unix", pushed(a="a 1") + pushed(a="a{ 2") + pushed(a="a 3"))
        self.assertRegex(answer, rb"\Aerror: a: line 1, column 4: [^\n]+\n\Z")
        self.assertEqual(b"a 1\n", self.texts(daemon))

    def test_a_stranger_takes_no_place(self):
        daemon = self.start(QUARANTINE)
        answer = daemon.push("tcp", pushed(stranger="!"))
        self.assertRegex(answer, rb"\Aerror: stranger: line 1, column 1: [^\n]+\n\Z")
        self.assertEqual({}, daemon.apps())
        self.wait_errors(daemon, "tcp", {"invalid_exposition": 1})
        self.assertIn("stranger: line 1, column 1", daemon.log())

    def test_lines_of_windows_and_a_byte_order_mark_are_mended(self):
        for daemon, transport in self.for_transports(QUARANTINE):
            self.assertEqual({"bom": 0, "crlf": 0}, self.repaired(daemon))
            windows = "\ufeff# TYPE a gauge\r\na 1\r\n\r\na{b=\"c\"} 2\r\n"
            self.assertEqual(b"", daemon.push(transport, pushed(a=windows)))
            self.assertEqual(b'# TYPE a gauge\na 1\n\na{b="c"} 2\n', self.texts(daemon))
            self.assertEqual(b"", daemon.push(transport, pushed(b=["b 1\r", "b{c=\"d\"} 2\r"], c="c 1\n")))
            self.assertEqual(b'b 1\nb{c="d"} 2\nc 1\n', self.texts(daemon).partition(b"2\n")[2])
            eventually(lambda: self.repaired(daemon) == {"bom": 1, "crlf": 2}, "what was mended is counted")
            self.assertEqual({}, daemon.errors(transport))
            self.assertEqual("fresh", daemon.apps()["a"]["state"])

    def test_over_capnp(self):
        daemon = self.start({**QUARANTINE, "receiver": {"format": "capnp"}})
        for transport in ("unix", "tcp"):
            self.assertEqual(b"", daemon.push(transport, encode(("app", "a 1\r\n"))))
            answer = daemon.push(transport, encode(("app", BROKEN)))
            self.assertEqual(f"error: {ANSWER}\n".encode(), answer)
            self.assertEqual(b"a 1\n", self.texts(daemon))

    def test_a_large_text_is_judged_to_its_end(self):
        daemon = self.start(QUARANTINE)
        lines = [f'a{{n="{number}"}} {number}' for number in range(200_000)]
        self.assertEqual(b"", daemon.push("unix", pushed(a=lines)))
        answer = daemon.push("unix", pushed(a=[*lines, "a{n=1} 2"]))
        self.assertEqual(b"error: a: line 200001, column 5: expected a label value in double quotes\n", answer)
        self.assertEqual(200_000, daemon.apps()["a"]["series"])

    def test_by_default_everything_is_taken_as_it_is(self):
        daemon = self.start()
        page = "\ufeff!\r\nqueue_length{"
        self.assertEqual(b"", daemon.push("unix", pushed(a=page)))
        self.assertEqual(page.encode() + b"\n", daemon.page())

    def test_switched_on_by_a_reload_it_heals_the_page(self):
        daemon = self.start({"exporter": {"self_metrics": True}})
        daemon.push_apps(app=BROKEN, good="good 1", windows="a 1\r\nb 2\r\n")
        etag = daemon.request("/apps?format=json").headers["ETag"]
        log = daemon.reload({"exposition": {"validation": "quarantine"}})
        self.assertIn(f"the text of app leaves the page: {ANSWER.partition(': ')[2]}\n", daemon.log())
        self.assertIn("changed: exposition.validation", log)
        self.assertEqual(b"good 1\na 1\nb 2\n", self.texts(daemon))
        states = {name: app["state"] for name, app in daemon.apps().items()}
        self.assertEqual({"app": "rejected", "good": "fresh", "windows": "fresh"}, states)
        self.assertNotEqual(etag, daemon.request("/apps?format=json").headers["ETag"])

        # Off again it takes everything, and what has left does not come back by itself.
        daemon.reload({"exposition": {"validation": "off"}})
        self.assertEqual(b"good 1\na 1\nb 2\n", self.texts(daemon))
        daemon.push_apps(app=BROKEN)
        self.assertIn(BROKEN.encode(), self.texts(daemon))

    def test_switched_on_by_a_restart_it_judges_the_state(self):
        settings = {"exporter": {"self_metrics": True}, "state": {"file": f"{self.folder}/state"}}
        daemon = self.start(settings)
        daemon.push_apps(app=BROKEN, good="good 1")
        daemon.stop()
        daemon.configure({"exposition": {"validation": "quarantine"}})
        self.assertTrue(daemon.restart(self), daemon.log())
        self.assertIn("the text of app leaves the page: ", daemon.log())
        self.assertEqual(b"good 1\n", self.texts(daemon))
        self.assertEqual("rejected", daemon.apps()["app"]["state"])

    def test_a_reload_that_shows_them_otherwise_changes_the_entity_tag(self):
        daemon = self.start()
        daemon.push_apps(app="a 1")
        etag = daemon.request("/apps?format=json").headers["ETag"]
        self.assertEqual(304, daemon.request("/apps?format=json", headers={"If-None-Match": etag}).status)
        daemon.reload({"exposition": {"app_label": "app"}})
        self.assertEqual(200, daemon.request("/apps?format=json", headers={"If-None-Match": etag}).status)


class TestPolledQuarantine(DaemonTest):
    def start_polling(self, *endpoints):
        polling = {
            "poll_other_scrape_endpoints": True,
            "other_scrape_endpoints": [endpoint.url() for endpoint in endpoints],
            "poll_interval": 0.1,
        }
        return self.start({**QUARANTINE, "poll_external": polling})

    def test_a_broken_page_fails_the_poll(self):
        page = b"polled 1\n"
        exporter = Endpoint(self, text(lambda: page))
        rubbish = Endpoint(self, text(b"9 lives\n"))
        daemon = self.start_polling(exporter, rubbish)
        name = f"external_poll: 127.0.0.1:{exporter.port}"
        other = f"external_poll: 127.0.0.1:{rubbish.port}"
        eventually(lambda: daemon.apps()[name]["updates"], "the good page is taken")
        eventually(lambda: daemon.apps()[other]["rejected"], "the other one is refused")
        self.assertTrue(daemon.page().startswith(b"polled 1\n# HELP exporter_proxy_"))
        app = daemon.apps()[other]
        self.assertEqual(("failing", 0), (app["state"], app["updates"]))
        self.assertEqual(
            "line 1, column 1: expected a metric name, a comment or a blank line", app["last_error"]["reason"]
        )

        page = b"polled 2\npolled{ 3\n"
        eventually(lambda: daemon.apps()[name]["state"] == "failing", "the broken page is refused")
        self.assertTrue(daemon.page().startswith(b"polled 1\n# HELP exporter_proxy_"))
        eventually(
            lambda: daemon.metric("exporter_proxy_poll_errors_total", app=name, reason="invalid_exposition"),
            "it is counted",
        )
        self.assertIn("line 2, column 9: expected a label name or a closing brace", daemon.log())

        page = b"\xef\xbb\xbfpolled 4\r\n"
        eventually(lambda: daemon.apps()[name]["state"] == "fresh", "the page is good again")
        self.assertTrue(daemon.page().startswith(b"polled 4\n# HELP exporter_proxy_"))
        eventually(lambda: daemon.metric("exporter_proxy_repaired_total", kind="bom"), "what was mended is counted")


if __name__ == "__main__":
    main()
