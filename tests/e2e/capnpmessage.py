# SPDX-License-Identifier: GPL-3.0-or-later
"""Cap'n Proto messages of InboundMetrics, made by the project's own tool and, for what no tool would make, by hand.

The layout: https://capnproto.org/encoding.html
"""

import struct
import subprocess

from harness import DEADLINE, SCHEMA, tool


def encode(*messages):
    """Bytes of (name, text) pairs from the capnp tool, one message after the other.

    One call for each, because between messages the tool of Debian 12 takes a # in a text for a comment.
    """
    return b"".join(_encode_one(name, data) for name, data in messages)


def _encode_one(name, data):
    result = subprocess.run(
        [tool("capnp"), "encode", SCHEMA, "InboundMetrics"],
        input=f"(appName = {_quoted(name)}, data = {_quoted(data)})".encode("utf-8"),
        capture_output=True,
        timeout=DEADLINE,
        check=False,
    )
    if result.returncode:
        raise AssertionError(f"capnp encode: {result.stderr.decode()}")
    return result.stdout


def _quoted(text):
    """The tool's string syntax is C's."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def by_hand(name, data):
    """A message of bytes that need not be valid UTF-8."""
    name += b"\0"
    data += b"\0"
    padded_name = name + bytes(-len(name) % 8)
    padded_data = data + bytes(-len(data) % 8)
    # The root points to a struct without data and with two pointers, which follows at once.
    root = struct.pack("<IHH", 0, 0, 2)
    name_pointer = struct.pack("<II", (1 << 2) | 1, (len(name) << 3) | 2)
    data_pointer = struct.pack("<II", ((len(padded_name) // 8) << 2) | 1, (len(data) << 3) | 2)
    segment = root + name_pointer + data_pointer + padded_name + padded_data
    return struct.pack("<II", 0, len(segment) // 8) + segment
