#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves a folder over HTTP, or HTTPS with a certificate and key, on a free port of 127.0.0.1; prints the port.

With an authority it wants a certificate of the client, with a version ("1.2") it speaks none above it.

Usage: fileserver.py FOLDER [CERTIFICATE KEY [AUTHORITY [VERSION]]]
"""
import functools
import http.server
import ssl
import sys


class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=sys.argv[1]))
server.daemon_threads = True
server.handle_error = lambda request, address: None  # clients that leave are what the tests are about
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    if len(sys.argv) > 4:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(sys.argv[4])
    if len(sys.argv) > 5:
        context.maximum_version = ssl.TLSVersion["TLSv" + sys.argv[5].replace(".", "_")]
    # The handshake belongs to the connection's thread: a client that refuses the certificate stops nobody else.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_address[1], flush=True)
server.serve_forever()
