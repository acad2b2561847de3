# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends InboundMetrics by pycapnp. Run by the Python that has it: SCHEMA, then unix:PATH or tcp:PORT, then JSON.

The JSON is a list of [name, text] pairs; each becomes a message of one connection.
"""

import json
import os
import socket
import sys

import capnp

capnp.remove_import_hook()
schema, target, messages = sys.argv[1:]
# The schema imports /capnp/c++.capnp, which pycapnp carries.
metric_data = capnp.load(schema, imports=[os.path.dirname(os.path.dirname(capnp.__file__))])
kind, _, address = target.partition(":")
if kind == "unix":
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
else:
    connection = socket.create_connection(("127.0.0.1", int(address)))
with connection, connection.makefile("wb", buffering=0) as stream:
    for name, text in json.loads(messages):
        metric_data.InboundMetrics.new_message(appName=name, data=text).write(stream)
    connection.shutdown(socket.SHUT_WR)
    sys.stdout.buffer.write(connection.recv(65536))
