# SPDX-License-Identifier: GPL-3.0-or-later
"""What the senders of a soak know: what was sent, what was taken, and so what a page must show."""

import time

# A page's clock and ours are the same one, but the daemon counts in milliseconds.
MARGIN = 0.02


class App:
    """One application. A value counts as taken when its connection ended without an error. One thread writes it."""

    def __init__(self, name, of, expires=False, exact=True):
        self.name = name
        self.of = of  # names it in the labels of its text, free of what would have to be escaped
        self.expires = expires
        self.exact = exact  # False: nobody tells what was taken, or what its sender gives up may arrive later
        self.ordered = True  # no older value ever follows a newer one
        self.sent = 0  # the highest value that may have arrived
        self.taken = (0, 0.0)  # the highest that was taken, and when its push began
        self.documents_sent = 0
        self.documents_taken = 0
        self.busy = False
        self.ended = 0.0  # when the last push ended, whatever became of it

    def begin(self, values=1):
        self.busy = True
        self.sent += values
        self.documents_sent += values
        return time.monotonic()

    def end(self, begun=None, values=1):
        """`begun`: it was taken, in a push that began then."""
        if begun is not None:
            self.taken = (self.sent, begun)
            self.documents_taken += values
        self.ended = time.monotonic()
        self.busy = False


class Expectation:
    """What one page must show, by what was known when it was asked for."""

    def __init__(self, ledger, apps=None):
        self.ledger = ledger
        self.asked = time.monotonic()
        self.apps = list(ledger.apps.values()) if apps is None else apps
        self.before = {app.of: (*app.taken, app.sent, app.busy, app.ended, app.documents_taken) for app in self.apps}

    def faults(self, values):
        """`values` are those on the page, by the `of` of the application."""
        answered = time.monotonic()
        for app in self.apps:
            taken, begun, sent, busy, ended, _ = self.before[app.of]
            shown = values.get(app.of)
            if shown is None:
                if taken and not (app.expires and answered - begun >= self.ledger.expire_min - MARGIN):
                    yield f"{app.of}: {taken} was taken {answered - begun:.3f} s ago and is not on the page"
                continue
            if shown > app.sent:
                yield f"{app.of}: {shown} is on the page, but only {app.sent} were sent"
            if app.exact and shown < taken:
                yield f"{app.of}: {shown} is on the page after {taken} was taken"
            age = self.asked - ended
            is_old = app.exact and app.expires and ended and not busy and shown <= sent
            if is_old and age > self.ledger.expire_max + MARGIN:
                yield f"{app.of}: on the page {age:.3f} s after its last push"

    def update_faults(self, updates):
        """`updates` are the counts of /apps by name; for applications that are never forgotten."""
        for app in self.apps:
            if app.expires or not app.exact or not app.taken[0]:
                continue
            count = updates.get(app.name, 0)
            if not self.before[app.of][5] <= count <= app.documents_sent:
                yield (
                    f"{app.of}: /apps counts {count} updates where {self.before[app.of][5]} had been taken "
                    f"and {app.documents_sent} sent"
                )


class Ledger:
    """All applications of a soak, and the shortest and longest that a text may stay by any of its configurations."""

    def __init__(self, expire_min, expire_max):
        self.expire_min = expire_min
        self.expire_max = expire_max
        self.apps = {}
        self.pairs = []  # of applications that are pushed in one message, with the same value

    def add(self, app):
        self.apps[app.of] = app
        return app

    def expect(self, apps=None):
        return Expectation(self, apps)
