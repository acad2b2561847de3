# SPDX-License-Identifier: GPL-3.0-or-later
"""/apps: the text table to the character, the JSON key by key, and what a reader may keep."""

import datetime
import re
import time

import appstable
from harness import DaemonTest, document, eventually, main

TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3}(?:\d{3}(?:\d{3})?)?)? UTC"
JSON_TIME = r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3}(?:\d{3}(?:\d{3})?)?)?Z\Z"


class TestTable(DaemonTest):
    def check(self, daemon, names):
        """The table against the one drawn from the JSON."""
        before = time.time()
        response = daemon.request("/apps")
        after = time.time()
        table = response.body.decode("utf-8")
        self.assertEqual(200, response.status)
        self.assertRegex(response.headers["Content-Type"], r"\Atext/plain; ?charset=utf-8\Z")

        now = re.search(rf"Current time: ({TIME}) +\|", table)[1]
        self.assertLess(before - 1e-3, seconds(now))
        self.assertLess(seconds(now), after + 1e-3)

        apps = daemon.request("/apps?format=json").json()["apps"]
        self.assertEqual(sorted(names, key=str.encode), [app["name"] for app in apps])
        rows = [(app["name"], appstable.time_text(app["last_update"]), app["source"]) for app in apps]
        for row in rows:
            self.assertRegex(row[1], rf"\A{TIME}\Z")
        self.assertEqual(appstable.draw(now, rows), table)

    def test_the_drawing_is_that_of_the_design(self):
        """The drawing that the rest is compared with, held to a table that was not made by it."""
        self.assertEqual(
            """\
+---------------------------------------------------------------------------------------------------------------+
| Current time: 2022-05-22 23:51:52.939898700 UTC                                                               |
+---------------------------------------------------------------------------------------------------------------+
| +-------------------------------+-----------------------------------+---------------------------------------+ |
| | App Name                      | Last Update Time (UTC)            | Source                                | |
| +-------------------------------+-----------------------------------+---------------------------------------+ |
| | external_poll: 127.0.0.1:1027 | 2022-05-22 23:51:47.971181300 UTC | external_poll: 127.0.0.1:1027         | |
| +-------------------------------+-----------------------------------+---------------------------------------+ |
| | foo_bar_app1_metrics          | 2022-05-22 23:51:07.406709200 UTC | /var/run/exporter-proxy-receiver.sock | |
| +-------------------------------+-----------------------------------+---------------------------------------+ |
+---------------------------------------------------------------------------------------------------------------+
""",
            appstable.draw(
                "2022-05-22 23:51:52.939898700 UTC",
                [
                    ("external_poll: 127.0.0.1:1027", "2022-05-22 23:51:47.971181300 UTC",
                     "external_poll: 127.0.0.1:1027"),
                    ("foo_bar_app1_metrics", "2022-05-22 23:51:07.406709200 UTC",
                     "/var/run/exporter-proxy-receiver.sock"),
                ],
            ),
        )

    def test_no_application(self):
        self.check(self.start(), [])

    def test_one_application(self):
        daemon = self.start()
        daemon.push("unix", document(foo_bar_app1_metrics="x 1\n"))
        self.check(daemon, ["foo_bar_app1_metrics"])

    def test_many_applications(self):
        daemon = self.start()
        names = [f"app_{i}" for i in range(300)]
        for i in range(0, len(names), 10):
            daemon.push("tcp" if i % 20 else "unix", document(**{name: "x 1\n" for name in names[i : i + 10]}))
        self.check(daemon, names)

    def test_long_names(self):
        daemon = self.start()
        names = ["n" * 256, "x", "a name with spaces", "ä" * 128]
        daemon.push("tcp", document(**{name: "x 1\n" for name in names}))
        self.check(daemon, names)

    def test_names_that_are_not_ascii(self):
        daemon = self.start()
        names = ["größe", "测试应用", "アプリ", "앱", "ａｂｃ", "🙂", "e\u0301", "Ελλάδα", "x|y", "\u00a0"]
        for name in names:
            daemon.push("tcp", document(**{name: "x 1\n"}))
        self.check(daemon, names)

    def test_digits_of_the_time_are_as_few_as_lose_nothing(self):
        """Of a few hundred times of nanoseconds, some end in 000, and all are written in groups of three digits."""
        daemon = self.start()
        daemon.push("unix", document(a="x 1\n"))
        for _ in range(300):
            now = re.search(rf"Current time: ({TIME})", daemon.request("/apps").body.decode())[1]
            fraction = now[:-4].partition(".")[2]
            self.assertFalse(fraction.endswith("000"), now)


class TestJson(DaemonTest):
    def test_keys(self):
        daemon = self.start()
        daemon.push("unix", document(**{"größe 漢": "x 1\n"}))
        answer = daemon.request("/apps?format=json")
        self.assertRegex(answer.headers["Content-Type"], r"\Aapplication/json(; ?charset=utf-8)?\Z")
        page = answer.json()
        self.assertEqual({"now", "generation", "version", "started", "apps"}, set(page))
        self.assertRegex(page["now"], JSON_TIME)
        self.assertRegex(page["started"], JSON_TIME)
        self.assertLessEqual(seconds(page["started"]), seconds(page["now"]))
        self.assertIsInstance(page["generation"], int)
        self.assertRegex(page["version"], r"\A\d+\.\d+\.\d+")
        (app,) = page["apps"]
        self.assertEqual(
            {
                "name", "source", "kind", "state", "last_update", "age_seconds", "interval_seconds", "bytes", "series",
                "format", "updates", "rejected", "last_error",
            },
            set(app),
        )
        self.assertEqual("größe 漢", app["name"])
        self.assertRegex(app["last_update"], JSON_TIME)
        self.assertAlmostEqual(seconds(page["now"]) - seconds(app["last_update"]), app["age_seconds"], delta=0.002)
        self.assertEqual(
            ("push", "fresh", 4, 1, 1, 0, None),
            tuple(app[key] for key in ("kind", "state", "bytes", "series", "updates", "rejected", "last_error")),
        )

    def test_asked_for_by_accept(self):
        daemon = self.start()
        answer = daemon.request("/apps", headers={"Accept": "application/json"})
        self.assertEqual([], answer.json()["apps"])
        for accept in ("*/*", "text/html,*/*;q=0.8", "text/plain"):
            self.assertIn("App Name", daemon.request("/apps", headers={"Accept": accept}).body.decode())

    def test_a_reader_may_keep_it_until_something_changes(self):
        daemon = self.start()
        daemon.push("unix", document(a="x 1\n"))
        first = daemon.request("/apps?format=json")
        tag = first.headers["ETag"]
        self.assertRegex(tag, r'\A(W/)?"[^"]+"\Z')
        again = daemon.request("/apps?format=json", headers={"If-None-Match": tag})
        self.assertEqual((304, b"", tag), (again.status, again.body, again.headers["ETag"]))
        self.assertEqual(200, daemon.request("/apps?format=json", headers={"If-None-Match": '"other"'}).status)
        self.assertEqual(304, daemon.request("/apps?format=json", headers={"If-None-Match": f'"o", {tag}'}).status)

        daemon.push("unix", document(a="x 1\n"))
        changed = daemon.request("/apps?format=json", headers={"If-None-Match": tag})
        self.assertEqual(200, changed.status)
        self.assertNotEqual(tag, changed.headers["ETag"])
        self.assertGreater(changed.json()["generation"], first.json()["generation"])

    def test_names_that_json_must_escape(self):
        daemon = self.start()
        name = 'a "quoted" \\ name / <b>&'
        daemon.push("unix", document(**{name: "x 1\n"}))
        self.assertEqual([name], list(daemon.apps()))

    def test_age_grows(self):
        daemon = self.start()
        daemon.push("unix", document(a="x 1\n"))
        first = daemon.apps()["a"]["age_seconds"]
        eventually(lambda: daemon.apps()["a"]["age_seconds"] > first, "the age grows")


def seconds(text):
    """Seconds since the epoch of a time as the table or the JSON writes it."""
    whole, _, fraction = re.sub(r"( UTC|Z)\Z", "", text).replace("T", " ").partition(".")
    parsed = datetime.datetime.strptime(whole, "%Y-%m-%d %H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return parsed.timestamp() + float(f"0.{fraction or 0}")


if __name__ == "__main__":
    main()
