// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/wire/pushdecoder.h"

#include <memory>

namespace ExporterProxy {

/// A key or a text in the making, of unknown size. It is written in pieces, so that nothing is copied while
/// it grows, and copied once in the end, into memory of exactly its size: texts are kept for long, and one
/// that is replaced must leave a hole that the next one fits into. A text of more than LargeFrom is in one
/// piece, which is never copied: the allocator has a mapping of its own for it, moves its pages when it
/// grows, and leaves no hole (tuneAllocator()).
class TextBuffer
{
public:
    /// Makes room for `extra` more bytes and returns where they go; valid until the next call but commit().
    /// The cost stays linear for any sequence of small requests.
    char *reserve(qsizetype extra)
    {
        if (m_last.capacity - m_last.used < extra)
            addPiece(extra);
        return m_last.memory + m_last.used;
    }

    /// Takes over what was written up to `end`, which is within what reserve() gave.
    void commit(const char *end) { m_last.used = end - m_last.memory; }

    qsizetype size() const { return m_fullSize + m_last.used; }

    /// Bytes of memory behind it, and of the copy that take() makes.
    qsizetype held() const { return m_fullCapacity + m_last.capacity + (isLarge() ? 0 : size()); }

    /// All of it in one place; valid until the next call.
    QByteArrayView view();

    /// Empties it. The last piece is kept for what comes next.
    void clear();

    /// Empties it, and gives the memory back if it is more than `kept` bytes.
    void release(qsizetype kept);

    /// Returns the content in memory of its size, with room for the newline that the model may add; it is
    /// empty afterwards.
    QByteArray take();

private:
    struct Piece
    {
        QByteArray bytes; ///< what has been written is beyond its size until it is needed
        char *memory = nullptr; ///< of the bytes
        qsizetype capacity = 0;
        qsizetype used = 0;
    };

    static constexpr qsizetype LargeFrom = 4 * 1024 * 1024;

    bool isLarge() const { return m_full.empty() && m_last.used > LargeFrom; }
    void addPiece(qsizetype extra);
    void allocate(qsizetype capacity);

    std::vector<Piece> m_full; ///< before the last one
    qsizetype m_fullSize = 0; ///< bytes written to them
    qsizetype m_fullCapacity = 0;
    Piece m_last;
};

/// Decodes pushes in JSON (RFC 8259): objects {"app": "text"} or {"app": ["line", …]}, any number of
/// applications in one object, any number of objects back to back.
///
/// A state machine of its own in place of a general parser: the shape is fixed and flat, so the texts can be
/// unescaped in the one pass that also finds where they end, however the bytes are cut. A general parser
/// needs the whole document first and then passes over it twice more. tests/wire compares the results of the
/// two; tests/bench their times.
class JsonDecoder final : public PushDecoder
{
public:
    explicit JsonDecoder(DecodeLimits limits);

    Status decode(QByteArrayView &input) override;
    Status finish() override;
    bool isMidMessage() const override { return m_state != State::Start || m_markBytes > 0; }
    void reset() override;
    qint64 heldBytes() const override { return m_buffer.held() + m_updatesHeld; }
    void releaseMemory() override;

private:
    enum class State : quint8 {
        Start, ///< between two documents
        FirstKey, ///< after '{'
        NextKey, ///< after ',' between two applications
        Key, ///< inside a key
        Colon,
        Value,
        Text, ///< inside a text
        FirstItem, ///< after '['
        NextItem, ///< after ',' between two items
        Item, ///< inside an array's item
        AfterItem,
        AfterValue,
    };

    /// The part of an escape at which the last input ended: it may be cut anywhere.
    enum class Escape : quint8 { None, Backslash, Hex };

    bool consume(const char *&at, const char *end);
    bool consumeToken(const char *&at, const char *end);
    bool consumeString(const char *&at, const char *end);
    bool consumeEscape(const char *&at, const char *end);
    bool endHex(const char *at);
    bool endString(const char *quote);
    bool beginValue(const char *at);
    /// Always false. Unless `at` is null, its position is added to the message.
    bool reject(RejectReason reason, const QByteArray &what, const char *at);
    bool rejectToken(const char *expected, const char *at);
    QByteArray position(const char *at) const;
    QByteArray currentApp() const;
    AppUpdate &current() { return m_updates[m_updateCount - 1]; }

    const DecodeLimits m_limits;
    TextBuffer m_buffer; ///< the key, or the text
    qint64 m_updatesHeld = 0; ///< bytes behind the updates of the current message
    State m_state = State::Start;
    Escape m_escape = Escape::None;
    bool m_ascii = true; ///< so far in the current text
    quint8 m_markBytes = 0; ///< read of a byte-order mark between two documents
    quint8 m_hexDigits = 0; ///< read of the current \u escape
    char16_t m_hexValue = 0;
    char16_t m_highSurrogate = 0; ///< waits for its other half; 0: none
    qint64 m_consumed = 0; ///< bytes of the current document that earlier inputs brought
    const char *m_inputBegin = nullptr; ///< what m_consumed counts up to; only during decode()
    qint64 m_lines = 0; ///< newlines before the current byte of the document
    qint64 m_lineStart = 0; ///< offset of the current line in the document
};

} // namespace ExporterProxy
