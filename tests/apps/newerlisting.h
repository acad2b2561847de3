// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace ExporterProxy {

/// A listing from a daemon that is newer than its reader: kinds, states and members at every level that are
/// not known yet.
inline const QByteArray NewerListing = R"({
"now":"2022-05-22T23:51:52Z","generation":7,"version":"99.0","started":"2022-05-22T23:00:00Z",
"host":{"name":"h","load":[0.1,2e-3,{"deep":[[null]]}]},
"apps":[
{"name":"backup","source":"command: backup","kind":"command","state":"failing","last_update":"2022-05-22T23:51:00Z",
 "interval_seconds":60,"bytes":4,"series":1,"updates":3,"rejected":1,
 "last_error":{"at":null,"reason":"exit status 1","exit":{"status":1,"signal":null}},"labels":[{"k":"v"}]},
{"name":"disk","source":"disk.prom","kind":"file","state":"muted-thing","last_update":"2022-05-22T23:51:50Z",
 "muted":{"until":"2022-05-23T00:00:00Z","reason":"maintenance","by":"ops"},"format":"openmetrics"},
{"name":"novel","kind":"future","state":"muted-thing","last_update":null,"history":[[1,2],[3,4]]},
{"name":"shop","source":"127.0.0.1:6554","kind":"push","state":"fresh","last_update":"2022-05-22T23:51:51Z"}],
"more":1e5})";

} // namespace ExporterProxy
