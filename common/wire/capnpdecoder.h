// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/wire/pushdecoder.h"

#include <memory>

namespace ExporterProxy {

/// Decodes pushes by Cap'n Proto: `InboundMetrics` messages (schema/metric_data.capnp) in the standard stream
/// framing (https://capnproto.org/encoding.html#serialization-over-a-stream), one after the other.
///
/// A message that is whole in the input is read in place. One that is not is gathered in a buffer that grows
/// as its bytes arrive, never by what its header claims.
class CapnpDecoder final : public PushDecoder
{
public:
    explicit CapnpDecoder(DecodeLimits limits);

    Status decode(QByteArrayView &input) override;
    Status finish() override;
    bool isMidMessage() const override { return m_size > 0; }
    void reset() override;
    /// Includes the copy that is made of the text in the end.
    qint64 heldBytes() const override
    {
        return m_capacity + m_size + (m_updateCount > 0 ? m_updates.front().text.capacity() : 0);
    }
    void releaseMemory() override { release(KeptWhenIdle); }
    unsigned phase() const override { return unsigned(m_size % qint64(sizeof(Word))); }
    std::span<char> directSpace() override;
    Status received(std::size_t bytes) override;

private:
    using Word = quint64;

    enum class Header { Incomplete, Complete, Bad };
    struct FreeMemory
    {
        void operator()(Word *memory) const noexcept;
    };

    void release(qint64 kept);
    Header readHeader(QByteArrayView bytes);
    Status decodeMessage(const Word *words, qint64 size);
    Status reject(RejectReason reason, const QByteArray &what, const QByteArray &app = {});
    char *buffer() { return reinterpret_cast<char *>(m_memory.get()); }
    void ensureCapacity(qint64 bytes);
    void append(QByteArrayView bytes);

    const DecodeLimits m_limits;
    std::unique_ptr<Word[], FreeMemory> m_memory; ///< a message that did not arrive in one piece
    qint64 m_capacity = 0; ///< bytes of it
    qint64 m_size = 0; ///< bytes of it that are in use
    qint64 m_messageSize = 0; ///< with its header; 0: the header is not whole yet
    qint64 m_offset = 0; ///< where the current message began on the connection
};

} // namespace ExporterProxy
