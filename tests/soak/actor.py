# SPDX-License-Identifier: GPL-3.0-or-later
"""A thread of a soak: takes its turn again and again until the end, counts, and says what went wrong."""

import collections
import random
import threading
import time
import traceback

from pagecheck import Fault


class Actor(threading.Thread):
    pause = 0.1  # seconds between two turns, on average

    def __init__(self, soak, seed):
        super().__init__(name=type(self).__name__, daemon=True)
        self.soak = soak
        self.random = random.Random(seed)
        self.count = collections.Counter()  # of this thread alone: added up where it is told

    def run(self):
        while not self.soak.ending.is_set():
            try:
                self.turn()
            except Fault as fault:
                self.soak.fault(f"{self.name}: {fault}")
            except Exception:  # a thread's own exception would only be printed
                self.soak.fault(f"{self.name}: {traceback.format_exc()}")
            self.rest(self.pause * self.random.uniform(0.2, 1.8))
        self.close()

    def turn(self):
        raise NotImplementedError

    def close(self):
        pass

    def rest(self, seconds):
        self.soak.ending.wait(seconds)


class Patience:
    """Ends what would otherwise hold a thread for the rest of the soak."""

    def __init__(self, seconds=60.0):
        self.end = time.monotonic() + seconds

    def check(self, what):
        if time.monotonic() > self.end:
            raise Fault(f"waited in vain until {what}")
