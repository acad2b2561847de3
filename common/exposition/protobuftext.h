// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/rejection.h"

#include <memory>
#include <optional>
#include <QByteArray>
#include <QByteArrayView>

namespace ExporterProxy {

/// The Content-Type of metrics as delimited protobuf begins so.
inline constexpr char ProtobufType[] = "application/vnd.google.protobuf";

/// Writes metrics that were sent as delimited protobuf (`io.prometheus.client.MetricFamily`, each with its
/// size as a varint in front) in the text format 0.0.4, as Go's expfmt does: exemplars, native histograms'
/// buckets and start times have no place there. What only UTF-8 names may have becomes `_`. In steps, because
/// a large one takes a while. One thread.
///
/// Source: github.com/prometheus/client_model, io/prometheus/client/metrics.proto.
class ProtobufReader
{
public:
    /// `delimited` must outlive the reader. A text of more than `maxSize` bytes is refused: a label counts
    /// once in the message and at each sample in the text.
    ProtobufReader(QByteArrayView delimited, qint64 maxSize);
    ~ProtobufReader();
    ProtobufReader(const ProtobufReader &) = delete;
    ProtobufReader &operator=(const ProtobufReader &) = delete;

    /// Reads some `size` bytes more, give or take a family. Returns whether it is done.
    bool proceed(qsizetype size);

    /// When it is done: why there is no text; nothing if there is one.
    const std::optional<Rejection> &fault() const { return m_fault; }

    /// When it is done, once: the text.
    QByteArray take();

private:
    class Writer;

    QByteArrayView m_rest;
    const qint64 m_maxSize;
    const std::unique_ptr<Writer> m_writer;
    std::optional<Rejection> m_fault;
};

} // namespace ExporterProxy
