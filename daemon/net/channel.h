// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/descriptor.h"
#include "daemon/net/peer.h"

#include <cstddef>
#include <QByteArray>
#include <span>
#include <sys/uio.h>

namespace ExporterProxy {

/// The stream beneath a connection. Nothing else reads from, writes to or closes the connection's descriptor.
/// It is plain; encryption belongs here, because only here is a byte that a conversation means told from one
/// that goes over the wire. Nothing blocks. One thread.
class Channel
{
public:
    enum class Status {
        Ok, ///< `size` bytes were transferred
        WouldBlock, ///< nothing can be transferred now
        Ended, ///< the peer sends nothing more; only of a read
        Failed, ///< the connection is broken
    };
    struct Transfer
    {
        Status status = Status::Failed;
        std::size_t size = 0;
    };

    Channel() = default;

    /// Takes over a connected, non-blocking stream socket.
    void open(Descriptor descriptor)
    {
        m_descriptor = std::move(descriptor);
        m_mostUnsent = 0;
    }
    bool isOpen() const { return m_descriptor.isOpen(); }

    /// For the set of descriptors that are watched, and for nothing else.
    int descriptor() const { return m_descriptor.get(); }

    Transfer read(std::span<char> to);

    /// Writes the pieces one behind the other. Less than all of them says that the kernel takes no more.
    Transfer write(std::span<const iovec> pieces);

    /// Writes a few bytes that fit into an empty send buffer. What does not is lost; returns false then.
    bool writeOnce(QByteArrayView bytes);

    /// Says to the peer that nothing more will be sent. Returns false if the connection is broken.
    bool endOutput();

    void close() { m_descriptor = Descriptor(); }

    /// Closes so that the kernel drops at once what the peer has not taken.
    void reset();

    /// Whether a read would return something: bytes, the end, or an error.
    bool hasInput() const;

    /// Bytes that were written and that the peer's kernel has not acknowledged.
    qint64 unacknowledgedBytes() const;

    /// The most that the kernel may hold of what was written: at first all of it, then what kernelMemory()
    /// has found and what was written since.
    qint64 mostUnsent() const { return m_mostUnsent; }

    /// Bytes of memory that the kernel's buffers of this connection take up, in both directions.
    qint64 kernelMemory();

    /// The peer for a log: "127.0.0.1:43210", or "pid 123, uid 0" on a Unix socket.
    QByteArray peerName() const;

private:
    Descriptor m_descriptor;
    qint64 m_mostUnsent = 0;
};

/// Returns which peer the other end of a connected socket belongs to.
PeerKey peerKeyOf(int descriptor);

} // namespace ExporterProxy
