// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <QByteArray>

namespace ExporterProxy {

/// Collects the body of an HTTP message, plain or gzip (RFC 1952), up to a limit on the decoded size.
///
/// Decodes while the bytes come in and stops at the first byte over the limit, so that a body which expands a
/// thousandfold costs the limit and no more. Cost and memory are linear however the bytes are cut. Pure; used
/// by one thread at a time.
class BodyBuffer
{
public:
    enum class Encoding { Identity, Gzip };
    enum class Status { Good, TooLarge, Corrupt };

    explicit BodyBuffer(qint64 maxSize);
    ~BodyBuffer();

    BodyBuffer(const BodyBuffer &) = delete;
    BodyBuffer &operator=(const BodyBuffer &) = delete;

    /// Begins another body and forgets the last. `expectedSize`: of the decoded body in bytes, a guess; 0 if
    /// there is none. What a sender announces only costs address space until it really comes.
    void start(Encoding encoding, qint64 expectedSize);

    /// Takes another limit, at any time.
    void setMaxSize(qint64 maxSize) { m_maxSize = maxSize; }

    /// Takes bytes as they came over the wire. After anything but Good the body is lost.
    Status append(QByteArrayView bytes);

    /// Told that nothing more will come: Corrupt if that is in the middle of a compressed body.
    Status finish() const;

    bool isCompressed() const { return m_inflater != nullptr; }

    /// Bytes of the decoded body so far.
    qint64 size() const { return m_bytes.size(); }

    /// The memory that is held for it, in bytes.
    qint64 capacity() const { return m_bytes.capacity(); }

    /// The decoded body, without much memory to spare, because it may be kept for long.
    QByteArray take();

private:
    struct Inflater;

    Status appendPlain(QByteArrayView bytes);
    Status appendGzip(QByteArrayView bytes);
    void makeRoom(qsizetype size);

    qint64 m_maxSize;
    QByteArray m_bytes;
    std::unique_ptr<Inflater> m_inflater; ///< null: the body is plain
};

} // namespace ExporterProxy
