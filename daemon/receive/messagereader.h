// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/wire/pushdecoder.h"
#include "daemon/intake.h"
#include "daemon/receive/connectionlist.h"
#include "daemon/receive/messagememory.h"

#include <chrono>
#include <memory>

namespace ExporterProxy {

/// What the connections of one receiver have in common.
struct ReceiverSettings
{
    PushFormat format = PushFormat::Json;
    DecodeLimits limits;
    std::chrono::milliseconds messageTimeout{30'000};
    int maxConnections = 2048; ///< of each set of connections
    QByteArray source; ///< what the applications' `source` says: the listening address, or the socket's path
};

/// Reads what the connections of one receiver (on one thread) send, decodes it, and hands it to the Intake.
class MessageReader
{
public:
    /// What becomes of a connection.
    enum class After { KeepOpen, Close };

    /// All references must outlive the reader.
    MessageReader(const ReceiverSettings &settings, const Intake &intake, Source &source,
                  MessageMemory &memory);

    /// To be called when `settings` have changed. A message that has begun ends by the old ones.
    void noteSettings() { ++m_settingsSerial; }

    /// Gives a new connection its decoder.
    void equip(Connection &connection);

    /// Reads what there is, up to a turn's worth.
    After readFrom(Connection &connection);

    /// Counts, logs and answers. The connection stays until the sender has had a chance to read the answer.
    After refuse(Connection &connection, const Rejection &rejection);

private:
    After account(Connection &connection);
    After consume(Connection &connection, PushDecoder::Status status);
    After endOfInput(Connection &connection);
    After discard(Connection &connection);

    const ReceiverSettings &m_settings;
    unsigned m_settingsSerial = 0;
    const Intake &m_intake;
    Source &m_source;
    MessageMemory &m_memory;
    /// Shared by all connections: what they must keep, their decoders keep.
    const std::unique_ptr<char[]> m_buffer;
};

} // namespace ExporterProxy
