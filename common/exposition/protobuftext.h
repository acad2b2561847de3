// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/rejection.h"

#include <optional>
#include <QByteArray>
#include <QByteArrayView>

namespace ExporterProxy {

/// The Content-Type of metrics as delimited protobuf begins so.
inline constexpr char ProtobufType[] = "application/vnd.google.protobuf";

/// Writes metrics that were sent as delimited protobuf (`io.prometheus.client.MetricFamily`, each with its
/// size as a varint in front) in the text format 0.0.4, as Go's expfmt does: exemplars, native histograms'
/// buckets and start times have no place there. What only UTF-8 names may have becomes `_`. Fails with a
/// rejection if the bytes are not such a message, or if the text would have more than `maxSize` bytes: a
/// label counts once in the message and at each sample in the text.
///
/// Pure. Source: github.com/prometheus/client_model, io/prometheus/client/metrics.proto.
struct ProtobufText
{
    QByteArray text;
    std::optional<Rejection> fault; ///< then there is no text
};
ProtobufText textOfProtobuf(QByteArrayView delimited, qint64 maxSize);

} // namespace ExporterProxy
