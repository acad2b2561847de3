#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""push.py [--confirm] ADDRESS APPLICATION [SCHEMA] < metrics: pushes to exporter-proxy at HOST:PORT or the path of a
Unix socket.

As JSON, with nothing but Python; or as Cap'n Proto, with pycapnp, if SCHEMA (metric_data.capnp) is given. With --confirm
it fails unless the proxy says that it has stored the push, which it does with receiver.answer = "always"."""
import json
import socket
import sys


def encode(application, text, schema=None):
    if not schema:
        return json.dumps({application: text}).encode()
    import capnp  # pycapnp; the schema imports /capnp/c++.capnp, which it carries

    capnp.remove_import_hook()
    loaded = capnp.load(schema, imports=[capnp.__path__[0] + "/.."])
    return loaded.InboundMetrics.new_message(appName=application, data=text).to_bytes()


def push(address, message, timeout=10, confirm=False):
    """Returns when the push is in. Raises OSError, or ValueError with the proxy's words when it refuses the push, or,
    with `confirm`, when it does not say that it has stored it."""
    is_unix = "/" in address
    with socket.socket(socket.AF_UNIX if is_unix else socket.AF_INET) as connection:
        connection.settimeout(timeout)
        connection.connect(address if is_unix else (address.split(":")[0], int(address.split(":")[1])))
        connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile().read()  # "ok 1", or nothing but the end, once the push is in
        if not answer.startswith("ok ") and (answer or confirm):
            raise ValueError(answer.strip() or "the push is not confirmed")


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--confirm"]
    message = encode(arguments[1], sys.stdin.read(), *arguments[2:])
    push(arguments[0], message, confirm="--confirm" in sys.argv)
