// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/jsondecoder.h"

#include "common/wire/jsonstring.h"
#include "common/wire/textcheck.h"

#include <cstring>
#include <QChar>

namespace ExporterProxy {

namespace {

/// Bytes that an application in a message takes up beside its name and text: its update, and the allocator's
/// and QByteArray's headers of both.
constexpr qint64 UpdateCost = qint64(sizeof(AppUpdate)) + 80;

/// Returns a byte as an error message shows it.
QByteArray shown(char c)
{
    if (c > 0x20 && c < 0x7f)
        return QByteArray("'") + c + '\'';
    return "byte 0x" + QByteArray::number(static_cast<unsigned char>(c), 16).rightJustified(2, '0').toUpper();
}

/// Returns the name of the JSON value that begins with `c`; null if none does.
const char *valueKind(char c)
{
    switch (c) {
    case '{':
        return "an object";
    case '[':
        return "an array";
    case '"':
        return "a string";
    case 't':
    case 'f':
        return "a boolean";
    case 'n':
        return "null";
    default:
        return c == '-' || (c >= '0' && c <= '9') ? "a number" : nullptr;
    }
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

char *appendUtf8(char *out, char32_t c)
{
    if (c < 0x80) {
        *out++ = char(c);
        return out;
    }
    if (c < 0x800) {
        *out++ = char(0xC0 | (c >> 6));
    } else {
        if (c < 0x10000) {
            *out++ = char(0xE0 | (c >> 12));
        } else {
            *out++ = char(0xF0 | (c >> 18));
            *out++ = char(0x80 | ((c >> 12) & 0x3F));
        }
        *out++ = char(0x80 | ((c >> 6) & 0x3F));
    }
    *out++ = char(0x80 | (c & 0x3F));
    return out;
}

/// Editors and scripts put it before a document; JSON has none.
constexpr char ByteOrderMark[] = {'\xEF', '\xBB', '\xBF'};

/// Bytes that reset() leaves to the buffer.
constexpr qsizetype KeptAfterReset = 64 * 1024;
/// Of the first piece of a buffer; enough for most keys.
constexpr qsizetype MinPiece = 512;
/// The most that a piece is made larger than is asked for.
constexpr qsizetype MaxGrowth = 4 * 1024 * 1024;

} // namespace

void TextBuffer::allocate(qsizetype capacity)
{
    m_last.bytes.reserve(capacity); // not cleared
    m_last.memory = m_last.bytes.data();
    m_last.capacity = capacity;
}

void TextBuffer::addPiece(qsizetype extra)
{
    const qsizetype growth = qMin(size(), MaxGrowth);
    if (size() + extra > LargeFrom) {
        view();
        m_last.bytes.resize(m_last.used); // what is written moves along
        allocate(m_last.used + extra + growth);
        return;
    }
    if (m_last.used > 0) {
        m_fullSize += m_last.used;
        m_fullCapacity += m_last.capacity;
        m_full.push_back(std::move(m_last));
    }
    m_last = {}; // before the new one is allocated
    // As much again as there is: the number of pieces grows with the logarithm of the size.
    allocate(qMax(extra, MinPiece) + growth);
}

QByteArrayView TextBuffer::view()
{
    if (!m_full.empty()) {
        QByteArray whole = take();
        char *const memory = whole.data();
        m_last = {std::move(whole), memory, 0, 0};
        m_last.used = m_last.bytes.size();
        m_last.capacity = m_last.bytes.capacity();
    }
    return {m_last.memory, m_last.used};
}

void TextBuffer::clear()
{
    m_full.clear();
    m_fullSize = m_fullCapacity = 0;
    m_last.used = 0;
}

void TextBuffer::release(qsizetype kept)
{
    clear();
    m_full.shrink_to_fit();
    if (m_last.capacity > kept)
        m_last = {};
}

QByteArray TextBuffer::take()
{
    QByteArray text;
    if (isLarge()) {
        text = std::move(m_last.bytes);
        text.resize(m_last.used + 1);
        text.squeeze();
        text.resize(m_last.used);
        m_last = {};
        return text;
    }
    text.reserve(size() + 1);
    for (Piece &piece : m_full) {
        text.append(piece.memory, piece.used);
        piece = {}; // a large text must not be in memory twice
    }
    text.append(m_last.memory, m_last.used);
    clear();
    return text;
}

JsonDecoder::JsonDecoder(DecodeLimits limits)
    : m_limits(limits)
{
}

void JsonDecoder::reset()
{
    m_buffer.release(KeptAfterReset);
    releaseUpdates();
    m_updatesHeld = 0;
    m_state = State::Start;
    m_escape = Escape::None;
    m_ascii = true;
    m_highSurrogate = 0;
    m_markBytes = 0;
    m_consumed = m_lines = m_lineStart = 0;
    m_inputBegin = nullptr;
}

void JsonDecoder::releaseMemory()
{
    m_buffer.release(KeptWhenIdle);
    releaseUpdates();
    m_updatesHeld = 0;
}

PushDecoder::Status JsonDecoder::decode(QByteArrayView &input)
{
    const char *at = input.begin();
    const char *const inputEnd = input.end();
    if (m_state == State::Start) {
        m_updateCount = 0;
        m_updatesHeld = 0;
        for (; at != inputEnd; ++at) {
            if (*at == ByteOrderMark[m_markBytes])
                m_markBytes = quint8((m_markBytes + 1U) % sizeof ByteOrderMark);
            else if (m_markBytes > 0 || (*at != ' ' && *at != '\n' && *at != '\r' && *at != '\t'))
                break;
        }
        m_consumed = m_lines = m_lineStart = 0;
        if (at == inputEnd) {
            input = {};
            return Status::NeedMore;
        }
        if (m_markBytes > 0) {
            reject(RejectReason::Malformed, "malformed JSON: expected '{', found a part of a byte-order mark",
                   nullptr);
            return Status::Rejected;
        }
    }
    m_inputBegin = at;

    const qint64 allowed = m_limits.maxMessageSize - m_consumed;
    const char *const end = inputEnd - at > allowed ? at + allowed : inputEnd;
    do {
        if (at == end) {
            if (end != inputEnd) {
                reject(RejectReason::MessageTooLarge,
                       "the message is larger than limits.max_message_size ("
                           + QByteArray::number(m_limits.maxMessageSize) + " bytes)",
                       at);
                return Status::Rejected;
            }
            m_consumed += at - m_inputBegin;
            m_inputBegin = nullptr;
            input = {};
            return Status::NeedMore;
        }
        if (!consume(at, end))
            return Status::Rejected;
    } while (m_state != State::Start);
    input = input.sliced(at - input.begin());
    m_inputBegin = nullptr;
    return Status::Complete;
}

PushDecoder::Status JsonDecoder::finish()
{
    if (!isMidMessage())
        return Status::NeedMore;
    m_rejection = {RejectReason::Incomplete,
                   "the connection ended inside a message, after " + QByteArray::number(m_consumed)
                       + " bytes, before its closing '}'",
                   currentApp()};
    return Status::Rejected;
}

/// Consumes a token, or as much of a string as there is. Returns false if it is rejected.
bool JsonDecoder::consume(const char *&at, const char *end)
{
    if (m_state == State::Key || m_state == State::Text || m_state == State::Item)
        return consumeString(at, end);
    return consumeToken(at, end);
}

bool JsonDecoder::consumeToken(const char *&at, const char *end)
{
    const char c = *at;
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        do {
            if (*at == '\n') {
                ++m_lines;
                m_lineStart = m_consumed + (at + 1 - m_inputBegin);
            }
            ++at;
        } while (at != end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'));
        return true;
    }
    switch (m_state) {
    case State::Start:
        if (c != '{') {
            if (const char *kind = valueKind(c))
                return reject(
                    RejectReason::WrongType,
                    QByteArray("a message must be an object {\"application\": \"text\"}, not ") + kind, at);
            return rejectToken("'{'", at);
        }
        m_state = State::FirstKey;
        break;
    case State::FirstKey:
    case State::NextKey:
        if (c == '}' && m_state == State::FirstKey) {
            m_state = State::Start;
            break;
        }
        if (c != '"')
            return rejectToken(m_state == State::FirstKey ? "'\"' before an application's name, or '}'"
                                                          : "'\"' before an application's name",
                               at);
        if (qint64(m_updateCount) == m_limits.maxApps)
            return reject(RejectReason::TooManyApps,
                          "one message names more applications than limits.max_apps ("
                              + QByteArray::number(m_limits.maxApps) + ")",
                          at);
        m_ascii = true;
        m_state = State::Key;
        break;
    case State::Colon:
        if (c != ':')
            return rejectToken("':' after an application's name", at);
        m_state = State::Value;
        break;
    case State::Value:
        if (!beginValue(at))
            return false;
        break;
    case State::FirstItem:
    case State::NextItem:
        if (c == ']' && m_state == State::FirstItem) {
            current().text = m_buffer.take();
            m_state = State::AfterValue;
            break;
        }
        if (c != '"') {
            if (const char *kind = valueKind(c))
                return reject(RejectReason::WrongType,
                              "the lines of \"" + currentApp() + "\" must be strings, not " + kind, at);
            return rejectToken(
                m_state == State::FirstItem ? "'\"' before a line, or ']'" : "'\"' before a line", at);
        }
        m_state = State::Item;
        break;
    case State::AfterItem:
        if (c == ',') {
            m_state = State::NextItem;
        } else if (c == ']') {
            if (!endString(at))
                return false;
        } else {
            return rejectToken("',' or ']' after a line", at);
        }
        break;
    case State::AfterValue:
        if (c == ',')
            m_state = State::NextKey;
        else if (c == '}')
            m_state = State::Start;
        else
            return rejectToken("',' or '}' after an application's text", at);
        break;
    case State::Key:
    case State::Text:
    case State::Item:
        Q_UNREACHABLE();
    }
    ++at;
    return true;
}

bool JsonDecoder::beginValue(const char *at)
{
    m_ascii = true;
    if (*at == '"')
        m_state = State::Text;
    else if (*at == '[')
        m_state = State::FirstItem;
    else if (const char *kind = valueKind(*at))
        return reject(
            RejectReason::WrongType,
            "the value of \"" + currentApp() + "\" must be a string or an array of strings, not " + kind, at);
    else
        return rejectToken("a string or an array of strings", at);
    return true;
}

bool JsonDecoder::consumeString(const char *&at, const char *end)
{
    if (m_escape != Escape::None)
        return consumeEscape(at, end);

    // No escape makes a text longer, and each line of an array brings two quotes for its one newline.
    char *const out = m_buffer.reserve(end - at + UnescapeSlack);
    const RunResult run =
        unescapeRun(at, end, out, m_state == State::Item ? StringKind::Lines : StringKind::Single);
    m_ascii = m_ascii && run.ascii;
    if (m_highSurrogate != 0 && (run.in != at || run.end != RunEnd::Escape))
        return reject(RejectReason::InvalidUtf8, "the first half of a surrogate pair stands alone",
                      *at == '\\' ? at + 1
                                  : at); // where it is noticed when the input is cut after the backslash
    at = run.in;
    m_buffer.commit(run.out);
    switch (run.end) {
    case RunEnd::Input:
        return true;
    case RunEnd::Control:
        return reject(RejectReason::Malformed,
                      "a string must not hold " + shown(*at) + " as it is; write it as an escape", at);
    case RunEnd::Escape:
        ++at;
        m_escape = Escape::Backslash;
        return at == end || consumeEscape(at, end);
    case RunEnd::Quote:
        break;
    }
    if (m_state == State::Item) {
        *run.out = '\n';
        m_buffer.commit(run.out + 1);
        m_state = State::AfterItem;
    } else if (!endString(at)) {
        return false;
    }
    ++at;
    return true;
}

/// Continues after a backslash, which is consumed already.
bool JsonDecoder::consumeEscape(const char *&at, const char *end)
{
    if (m_escape == Escape::Backslash) {
        if (*at != 'u') {
            // An escape of two characters that the input cut in the middle: let the fast path see it whole.
            const char whole[2] = {'\\', *at};
            char *out = m_buffer.reserve(UnescapeSlack + 2);
            const RunResult run = unescapeRun(whole, whole + 2, out, StringKind::Single);
            if (run.end != RunEnd::Input)
                return reject(RejectReason::Malformed, "JSON has no escape \\ followed by " + shown(*at), at);
            if (m_highSurrogate != 0)
                return reject(RejectReason::InvalidUtf8, "the first half of a surrogate pair stands alone",
                              at);
            m_buffer.commit(run.out);
            m_escape = Escape::None;
            ++at;
            return true;
        }
        m_escape = Escape::Hex;
        m_hexDigits = 0;
        m_hexValue = 0;
        ++at;
    }
    while (at != end && m_hexDigits < 4) {
        const int digit = hexDigit(*at);
        if (digit < 0)
            return reject(RejectReason::Malformed, "\\u wants four hexadecimal digits, found " + shown(*at),
                          at);
        m_hexValue = char16_t(m_hexValue << 4 | digit);
        ++m_hexDigits;
        ++at;
    }
    return m_hexDigits < 4 || endHex(at - 1);
}

bool JsonDecoder::endHex(const char *at)
{
    m_escape = Escape::None;
    char32_t c = m_hexValue;
    if (m_highSurrogate != 0) {
        if (!QChar::isLowSurrogate(c))
            return reject(RejectReason::InvalidUtf8, "the first half of a surrogate pair stands alone", at);
        c = QChar::surrogateToUcs4(m_highSurrogate, m_hexValue);
        m_highSurrogate = 0;
    } else if (QChar::isHighSurrogate(c)) {
        m_highSurrogate = m_hexValue;
        return true;
    } else if (QChar::isLowSurrogate(c)) {
        return reject(RejectReason::InvalidUtf8, "the second half of a surrogate pair stands alone", at);
    }
    if (c == 0 && m_state != State::Key)
        return reject(RejectReason::NulByte, "a NUL byte in the text of \"" + currentApp() + '"', at);
    m_buffer.commit(appendUtf8(m_buffer.reserve(4), c));
    return true;
}

/// Ends a key or a whole text, at `at`.
bool JsonDecoder::endString(const char *at)
{
    const bool isKey = m_state == State::Key;
    if (!isKey)
        current().text = m_buffer.take();
    if (!m_ascii) {
        const std::optional<Rejection> fault = textFault(isKey ? m_buffer.view() : current().text);
        // A NUL in a name is a control character to nameFault(), which also sees names that are ASCII.
        if (fault && !(isKey && fault->reason == RejectReason::NulByte))
            return reject(
                fault->reason,
                fault->message
                    + (isKey ? " of an application's name" : " of the text of \"" + currentApp() + '"'),
                nullptr);
    }
    if (isKey) {
        if (const std::optional<QByteArray> fault = nameFault(m_buffer.view()))
            return reject(RejectReason::BadName, *fault, at);
        AppUpdate &update = addUpdate();
        update.name.resize(0);
        update.name.append(m_buffer.view());
        m_buffer.clear();
        m_updatesHeld += UpdateCost + update.name.size();
        m_state = State::Colon;
    } else {
        m_updatesHeld += current().text.capacity();
        m_state = State::AfterValue;
    }
    return true;
}

bool JsonDecoder::reject(RejectReason reason, const QByteArray &what, const char *at)
{
    m_rejection = {reason, at ? what + position(at) : what, currentApp()};
    return false;
}

bool JsonDecoder::rejectToken(const char *expected, const char *at)
{
    return reject(RejectReason::Malformed,
                  QByteArray("malformed JSON: expected ") + expected + ", found " + shown(*at), at);
}

QByteArray JsonDecoder::position(const char *at) const
{
    const qint64 offset = m_consumed + (at - m_inputBegin);
    return ", at byte " + QByteArray::number(offset) + " (line " + QByteArray::number(m_lines + 1)
        + ", column " + QByteArray::number(offset - m_lineStart + 1) + ')';
}

/// Returns the application whose value is being read; none before its name is complete and after its value.
QByteArray JsonDecoder::currentApp() const
{
    switch (m_state) {
    case State::Start:
    case State::FirstKey:
    case State::NextKey:
    case State::Key:
    case State::AfterValue:
        return {};
    default:
        return m_updates[m_updateCount - 1].name;
    }
}

} // namespace ExporterProxy
