#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""push.py ADDRESS APPLICATION [SCHEMA] < metrics: pushes to exporter-proxy at HOST:PORT or the path of a Unix socket.

As JSON, with nothing but Python; or as Cap'n Proto, with pycapnp, if SCHEMA (metric_data.capnp) is given."""
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


def push(address, message, timeout=10):
    """Returns when the push is in. Raises OSError, or ValueError with the proxy's words when it refuses the push."""
    is_unix = "/" in address
    with socket.socket(socket.AF_UNIX if is_unix else socket.AF_INET) as connection:
        connection.settimeout(timeout)
        connection.connect(address if is_unix else (address.split(":")[0], int(address.split(":")[1])))
        connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)
        if refusal := connection.makefile().read():  # nothing but the end, once the push is in
            raise ValueError(refusal.strip())


if __name__ == "__main__":
    push(sys.argv[1], encode(sys.argv[2], sys.stdin.read(), *sys.argv[3:]))
