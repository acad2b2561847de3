// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <functional>
#include <QByteArrayView>

namespace ExporterProxy {

/// Makes the bytes of a state file (schema/state.capnp), piece by piece: no more than some MiB are held,
/// however much text there is. Pure; used by one thread at a time.
///
///     begin(), add() for each application, end()
///
/// Each returns whether it goes on: false after the sink returned false.
class StateWriter
{
public:
    /// Takes the next bytes of the file; false if that failed.
    using Sink = std::function<bool(QByteArrayView)>;

    explicit StateWriter(Sink sink);

    bool begin(Timestamp writtenAt);
    bool add(const AppSnapshot &app);
    bool end();

    qint64 size() const { return m_size; } ///< bytes so far
    quint64 apps() const { return m_apps; }

private:
    bool put(QByteArrayView bytes);
    /// Fills a record by `fill(builder)` and puts it.
    template<typename Fill>
    bool putRecord(Fill fill);

    const Sink m_sink;
    quint32 m_checksum = 0;
    qint64 m_size = 0;
    quint64 m_apps = 0;
    quint64 m_textSize = 0;
};

} // namespace ExporterProxy
