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

    /// Begins another body and drops the last. `expectedSize` is a guess at the decoded body's size in bytes,
    /// 0 if there is none. An announced size only costs address space until the bytes arrive.
    void start(Encoding encoding, qint64 expectedSize);

    /// Changes the limit, at any time.
    void setMaxSize(qint64 maxSize) { m_maxSize = maxSize; }

    /// Adds bytes as they came over the wire. If the result is not Good the body is lost.
    Status append(QByteArrayView bytes);

    /// Ends the body: returns Corrupt if that is in the middle of a compressed one.
    Status finish() const;

    bool isCompressed() const { return m_inflater != nullptr; }

    /// Returns the bytes of the decoded body so far.
    qint64 size() const { return m_bytes.size(); }

    /// Returns the bytes of memory behind it.
    qint64 capacity() const { return m_bytes.capacity(); }

    /// Returns the decoded body, in memory of its size, because it may be kept for long.
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
