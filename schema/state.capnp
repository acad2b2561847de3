# SPDX-License-Identifier: GPL-3.0-or-later
# What the daemon keeps in its state file ([state] file) to survive a restart.
#
# The file begins with eight bytes that say what it is and a 32-bit version of the framing, then 32 bits of zero.
# Records follow, each as its size in bytes and a checksum, 32 bits each, little-endian, and one message StateRecord of
# that size in the standard stream framing, unpacked. The checksum is the CRC-32 of zlib over everything from the begin
# of the file to the end of the record, but for the checksums: a record that is changed, missing, twice there or in
# another's place is seen. The first record is a header, the last one a trailer, and nothing stands behind it.
#
# Fields are added, never changed or taken away: an older daemon ignores what it does not know, a newer one finds the
# defaults.
@0xd9c1a37f4be06b52;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ExporterProxy::Schema");

struct StateRecord {
  union {
    header @0 :StateHeader;
    app @1 :StateApp;
    text @2 :Data;  # what follows of the text of the application before it
    trailer @3 :StateTrailer;
  }
}

struct StateHeader {
  writtenAt @0 :Int64;       # nanoseconds since 1970-01-01 00:00:00 UTC, as all times here; 0: never
  daemonVersion @1 :Data;    # for people
}

# Names, sources and texts are UTF-8. Data and not Text, because a text may have more bytes than a list of Cap'n Proto.
struct StateApp {
  name @0 :Data;
  source @1 :Data;
  textSize @2 :UInt64;       # of the whole text
  text @3 :Data;             # how it begins; the records behind this one have the rest
  lastUpdate @4 :Int64;
  updates @5 :UInt64;
  rejected @6 :UInt64;
  intervalMs @7 :Int64;      # the application's rhythm; 0: not known
  lastErrorAt @8 :Int64;
  lastErrorReason @9 :Data;
  lastFailed @10 :Bool;
}

struct StateTrailer {
  apps @0 :UInt64;           # that stand in the file
  textSize @1 :UInt64;       # of all their texts together
}
