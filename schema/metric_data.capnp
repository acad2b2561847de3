# SPDX-License-Identifier: GPL-3.0-or-later
# What an application sends when it pushes by Cap'n Proto. Senders in the field depend on the identifier,
# the ordinals and the types below: they never change. Messages travel in the standard stream framing,
# unpacked, any number of them on one connection (https://capnproto.org/encoding.html#serialization-over-a-stream).
@0xfb4ded7f739d5651;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ExporterProxy::Schema");

struct InboundMetrics {
  appName @0 :Text;  # the application's name: UTF-8, 1 to 256 bytes, no control characters
  data @1 :Text;     # its metrics in Prometheus' text format: replaces all it had before
}
