// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <functional>
#include <QByteArrayView>

namespace ExporterProxy {

/// Writes a state file (schema/state.capnp) piece by piece, using a few MiB of memory however large the texts
/// are. One thread at a time.
///
/// Call begin(), then add() for each application, then end(). Each returns false if the sink has failed.
class StateWriter
{
public:
    /// Writes the next bytes of the file. Returns false if it fails.
    using Sink = std::function<bool(QByteArrayView)>;

    explicit StateWriter(Sink sink);

    bool begin(Timestamp writtenAt);
    bool add(const AppSnapshot &app);
    bool end();

    qint64 size() const { return m_size; } ///< bytes written so far
    quint64 apps() const { return m_apps; }

private:
    bool put(QByteArrayView bytes);
    /// Fills a record by `fill(builder)` and writes it.
    template<typename Fill>
    bool putRecord(Fill fill);

    const Sink m_sink;
    quint32 m_checksum = 0;
    qint64 m_size = 0;
    quint64 m_apps = 0;
    quint64 m_textSize = 0;
};

} // namespace ExporterProxy
