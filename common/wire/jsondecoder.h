// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/wire/pushdecoder.h"
#include "common/wire/textbuffer.h"

namespace ExporterProxy {

/// Decodes pushes in JSON (RFC 8259): objects {"app": "text"} or {"app": ["line", …]}, any number of
/// applications in one object, any number of objects back to back.
///
/// A machine of its own in place of a general parser: the shape is fixed and flat, so the texts can be
/// unescaped in the one pass that also finds where they end, straight from the read buffer into their final
/// memory, however the bytes are cut. A general parser needs the whole document first and then passes over it
/// twice more. tests/wire compares the two, result by result; tests/bench in time.
class JsonDecoder final : public PushDecoder
{
public:
    explicit JsonDecoder(DecodeLimits limits);

    Status decode(QByteArrayView &input) override;
    Status finish() override;
    bool isMidMessage() const override { return m_state != State::Start; }
    void reset() override;
    qint64 heldBytes() const override { return m_buffer.capacity() + m_updatesHeld; }
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

    /// Where in a string the last input ended: an escape may be cut anywhere.
    enum class Escape : quint8 { None, Backslash, Hex };

    bool consume(const char *&at, const char *end);
    bool consumeToken(const char *&at, const char *end);
    bool consumeString(const char *&at, const char *end);
    bool consumeEscape(const char *&at, const char *end);
    bool endHex(const char *at);
    bool endString(const char *quote);
    bool beginValue(const char *at);
    /// With `at`, the place is added to what is said.
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
    quint8 m_hexDigits = 0; ///< read of the current \u escape
    char16_t m_hexValue = 0;
    char16_t m_highSurrogate = 0; ///< waits for its other half; 0: none
    qint64 m_consumed = 0; ///< bytes of the current document that earlier inputs brought
    const char *m_inputBegin = nullptr; ///< what m_consumed counts up to; only during decode()
    qint64 m_lines = 0; ///< newlines before the current byte of the document
    qint64 m_lineStart = 0; ///< offset of the current line in the document
};

} // namespace ExporterProxy
