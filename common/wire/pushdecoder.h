// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appmodel.h"
#include "common/model/rejection.h"
#include "common/settings/settings.h"

#include <memory>
#include <span>
#include <vector>

namespace ExporterProxy {

/// Turns the bytes of one connection into updates. Pure: bytes in, updates or a rejection out; no sockets, no
/// clock.
///
/// Incremental: the bytes may be cut anywhere, the result does not depend on where, and the cost is linear in
/// the bytes. Used by one thread at a time. Libraries' exceptions do not leave it.
class PushDecoder
{
public:
    enum class Status {
        NeedMore, ///< all input is consumed; a message may have begun
        Complete, ///< updates() holds one whole message; the rest of the input waits for the next call
        Rejected, ///< rejection() says why; only reset() may be called next
    };

    virtual ~PushDecoder() = default;

    /// Consumes from the front of `input`, up to the end of one message. The memory that `input` views must
    /// have its first byte at an address that is phase() modulo 8.
    virtual Status decode(QByteArrayView &input) = 0;

    /// Ends the input: returns NeedMore if it ended between two messages, otherwise Rejected.
    virtual Status finish() = 0;

    /// Returns true if a message has begun and not ended.
    virtual bool isMidMessage() const = 0;

    /// Returns to the state after construction; buffers of a usual size are kept.
    virtual void reset() = 0;

    /// Returns the bytes of memory that the message which has begun takes up, or soon will: more than has
    /// arrived of it. After a message, those of its updates as well.
    virtual qint64 heldBytes() const = 0;

    /// Frees memory that a connection should not keep while it waits for its next message: there are
    /// thousands of connections. Must be called between two messages only.
    virtual void releaseMemory() = 0;

    /// Returns the address modulo 8 that the next byte must have, so that messages can be read in place.
    virtual unsigned phase() const { return 0; }

    /// Returns memory for the rest of a large message that has begun: the caller may read from the socket
    /// into the front of it and then call received() in place of decode(). Empty if there is none. Valid
    /// until the next call on this object.
    virtual std::span<char> directSpace() { return {}; }
    virtual Status received(std::size_t) { return Status::NeedMore; }

    /// Returns the updates of the message that was completed last. The caller takes their texts, or clears
    /// them. Valid until the next call on this object.
    std::span<AppUpdate> updates() { return {m_updates.data(), m_updateCount}; }

    const Rejection &rejection() const { return m_rejection; }

protected:
    PushDecoder() = default;
    PushDecoder(const PushDecoder &) = delete;
    PushDecoder &operator=(const PushDecoder &) = delete;

    /// Adds an update. Its name keeps its memory from message to message: a push allocates its text and
    /// nothing else.
    AppUpdate &addUpdate();

    /// Frees all texts, and the room for more than a few applications.
    void releaseUpdates();

    /// Bytes that releaseMemory() leaves to a decoder; small, because each connection keeps them.
    static constexpr qsizetype KeptWhenIdle = 4 * 1024;

    std::vector<AppUpdate> m_updates;
    std::size_t m_updateCount = 0; ///< of m_updates, those that belong to the current message
    Rejection m_rejection;
};

/// Limits of one message.
struct DecodeLimits
{
    qint64 maxMessageSize = qint64{64} << 20; ///< bytes as they come over the wire
    qint64 maxApps = 10'000; ///< texts in one message: each costs many times the few bytes that ask for it
};

std::unique_ptr<PushDecoder> makePushDecoder(PushFormat format, DecodeLimits limits);

} // namespace ExporterProxy
