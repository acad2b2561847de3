// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/requestreader.h"

#include "daemon/http/httptext.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

namespace ExporterProxy {

namespace {

/// A line between chunks: 16 digits, and extensions, which nobody sends.
constexpr qsizetype MaxChunkLine = 256;

/// What is kept of a head's memory between two requests: there are thousands of idle connections.
constexpr qsizetype MaxKeptHead = 2048;

/// What a byte may be part of, looked up for each byte of a head.
enum ByteClass : quint8 {
    Token = 1, ///< of a method and of a field's name (RFC 9110, section 5.6.2)
    Visible = 2, ///< of a target
    Value = 4, ///< of a field's value
};

constexpr std::array<quint8, 256> ByteClasses = [] {
    std::array<quint8, 256> classes{};
    for (int c = 0; c < 256; ++c) {
        const bool isAlphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (isAlphanumeric
            || (c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(char(c)) != std::string_view::npos))
            classes[std::size_t(c)] |= Token;
        if (c > ' ' && c < 0x7f)
            classes[std::size_t(c)] |= Visible;
        if (c >= ' ' ? c != 0x7f : c == '\t')
            classes[std::size_t(c)] |= Value;
    }
    return classes;
}();

bool consistsOf(QByteArrayView text, ByteClass wanted)
{
    quint8 common = wanted;
    for (const char c : text)
        common &= ByteClasses[static_cast<unsigned char>(c)];
    return common != 0;
}

bool isToken(QByteArrayView text)
{
    return !text.isEmpty() && consistsOf(text, Token);
}

HttpMethod methodOf(QByteArrayView name)
{
    constexpr std::pair<QByteArrayView, HttpMethod> Methods[] = {{"GET", HttpMethod::Get},
                                                                 {"HEAD", HttpMethod::Head},
                                                                 {"POST", HttpMethod::Post},
                                                                 {"PUT", HttpMethod::Put},
                                                                 {"DELETE", HttpMethod::Delete}};
    for (const auto &[known, method] : Methods) {
        if (name == known)
            return method;
    }
    return HttpMethod::Other;
}

} // namespace

QByteArrayView RequestHead::field(QByteArrayView name) const
{
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [name](const Field &field) { return isNamed(field.name, name); });
    return found == fields.end() ? QByteArrayView() : found->value;
}

RequestReader::Event RequestReader::next(QByteArrayView &input)
{
    if (m_state == State::Between) {
        // RFC 9112, section 2.2: empty lines before a request are to be ignored.
        while (!input.isEmpty() && (input.front() == '\r' || input.front() == '\n'))
            input = input.sliced(1);
        if (input.isEmpty())
            return Event::NeedMore;
        if (m_bytes.capacity() > MaxKeptHead)
            m_bytes = {};
        m_bytes.resize(0);
        m_isLineGood = false;
        m_head.method = HttpMethod::Other;
        m_head.isHttp10 = false;
        m_head.keepAlive = true;
        m_state = State::Head;
    }
    for (;;) {
        QByteArrayView line;
        switch (m_state) {
        case State::Between:
        case State::Head:
            return readHead(input);
        case State::Body:
            return takeBody(input, State::End);
        case State::Chunk:
            return takeBody(input, State::ChunkEnd);
        case State::End:
            m_state = State::Between;
            return Event::End;
        case State::ChunkEnd:
        case State::ChunkSize:
        case State::Trailer:
            if (!takeLine(input, line))
                return m_line.size() > MaxChunkLine ? refuse(400, "malformed chunk") : Event::NeedMore;
            if (line == "\n") // a bare LF ends no line here: other readers would not agree
                return refuse(400, "malformed chunk");
            if (m_state == State::ChunkSize) {
                if (readChunkSize(line) == Event::Fault)
                    return Event::Fault;
            } else if (m_state == State::ChunkEnd) {
                if (!line.isEmpty())
                    return refuse(400, "malformed chunk");
                m_state = State::ChunkSize;
            } else if (line.isEmpty()) {
                m_state = State::End;
            } else if ((m_trailerSize += line.size()) > m_maxHeadSize) {
                return refuse(431, "the request's trailer is too large");
            }
            m_line.resize(0);
        }
    }
}

RequestReader::Event RequestReader::readHead(QByteArrayView &input)
{
    const qsizetype before = m_bytes.size();
    m_bytes.append(input.first(std::min(input.size(), m_maxHeadSize + 1 - before)));
    // What is no request at all is told so although the rest is still to come: it may never do.
    if (const qsizetype end = m_isLineGood ? -1 : m_bytes.indexOf('\n', before); end >= 0) {
        QByteArrayView line = QByteArrayView(m_bytes).first(end);
        if (line.endsWith('\r'))
            line.chop(1);
        if (end < m_maxHeadSize && !readRequestLine(line))
            return Event::Fault;
        m_isLineGood = true;
    }
    // The empty line may have begun in the bytes before.
    const qsizetype size = headSize(m_bytes, std::max(qsizetype(0), before - 2));
    if (size < 0 && m_bytes.size() <= m_maxHeadSize) {
        input = {};
        return Event::NeedMore;
    }
    if (size < 0 || size > m_maxHeadSize)
        return refuse(431, "the request's head is too large");
    m_bytes.truncate(size);
    input = input.sliced(size - before);
    if (!parseHead())
        return Event::Fault;
    m_bodyLeft = m_head.contentLength;
    m_trailerSize = 0;
    m_state = m_head.isChunked ? State::ChunkSize : m_bodyLeft > 0 ? State::Body : State::End;
    return Event::Head;
}

bool RequestReader::parseHead()
{
    m_head.contentLength = 0;
    m_head.isChunked = m_head.expectsContinue = false;
    m_head.fields.clear();
    m_hasLength = false;
    m_hosts = 0;
    QByteArrayView rest(m_bytes);
    for (bool isFirst = true;; isFirst = false) {
        const qsizetype end = rest.indexOf('\n');
        QByteArrayView line = rest.first(end);
        rest = rest.sliced(end + 1);
        if (line.endsWith('\r'))
            line.chop(1);
        if (line.isEmpty())
            break;
        if (!(isFirst ? readRequestLine(line) : readField(line)))
            return false;
    }
    if (m_head.isHttp10 ? m_hosts > 1 : m_hosts != 1)
        return isRefused(400, "an HTTP/1.1 request needs one Host header");
    if (m_head.isChunked && (m_hasLength || m_head.isHttp10))
        return isRefused(400, "a chunked request has no Content-Length, and is not of HTTP/1.0");
    return true;
}

bool RequestReader::readRequestLine(QByteArrayView line)
{
    const qsizetype first = line.indexOf(' ');
    const qsizetype last = line.lastIndexOf(' ');
    if (first <= 0 || last <= first + 1)
        return isRefused(400, "malformed request line");
    const QByteArrayView version = line.sliced(last + 1);
    m_head.target = line.sliced(first + 1, last - first - 1);
    if (!isToken(line.first(first)) || !consistsOf(m_head.target, Visible) || !version.startsWith("HTTP/"))
        return isRefused(400, "malformed request line");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return isRefused(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    m_head.method = methodOf(line.first(first));
    m_head.isHttp10 = version.endsWith('0');
    m_head.keepAlive = !m_head.isHttp10;
    return true;
}

bool RequestReader::readField(QByteArrayView line)
{
    const qsizetype colon = line.indexOf(':');
    const QByteArrayView name = line.first(std::max(qsizetype(0), colon));
    if (!isToken(name)) // nor a folded line, which begins with white space
        return isRefused(400, "malformed header line");
    QByteArrayView value = line.sliced(colon + 1);
    if (!consistsOf(value, Value)) // before trimmed(), to which a vertical tab is white space
        return isRefused(400, "control character in a header line");
    value = value.trimmed();
    m_head.fields.push_back({name, value});

    if (isNamed(name, "host")) {
        ++m_hosts;
    } else if (isNamed(name, "connection")) {
        if (listHolds(value, "close"))
            m_head.keepAlive = false;
        else if (m_head.isHttp10 && listHolds(value, "keep-alive"))
            m_head.keepAlive = true;
    } else if (isNamed(name, "content-length")) {
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), m_head.contentLength);
        const bool isNumber = !value.isEmpty() && value.front() != '-' && end == value.data() + value.size();
        if (!isNumber || error == std::errc::invalid_argument || m_hasLength)
            return isRefused(400, "malformed Content-Length");
        if (error != std::errc())
            return isRefused(413, "the request's body is too large");
        m_hasLength = true;
    } else if (isNamed(name, "transfer-encoding")) {
        if (m_head.isChunked || !isNamed(value, "chunked"))
            return isRefused(501, "no transfer coding but chunked is understood here");
        m_head.isChunked = true;
    } else if (isNamed(name, "expect")) {
        if (!isNamed(value, "100-continue"))
            return isRefused(417, "no expectation but 100-continue is met here");
        m_head.expectsContinue = !m_head.isHttp10;
    } else if (isNamed(name, "upgrade")) {
        if (listHolds(value, "websocket"))
            return isRefused(501, "WebSocket is not spoken here");
    }
    return true;
}

RequestReader::Event RequestReader::takeBody(QByteArrayView &input, State afterwards)
{
    if (input.isEmpty())
        return Event::NeedMore;
    m_body = input.first(qsizetype(std::min<qint64>(input.size(), m_bodyLeft)));
    input = input.sliced(m_body.size());
    m_bodyLeft -= m_body.size();
    if (m_bodyLeft == 0)
        m_state = afterwards;
    return Event::Body;
}

/// Returns whether `line` is a whole line: without its CRLF, or "\n" if it ends in a bare LF. Valid until
/// m_line changes.
bool RequestReader::takeLine(QByteArrayView &input, QByteArrayView &line)
{
    const qsizetype newline = input.indexOf('\n');
    const qsizetype size = newline < 0 ? input.size() : newline + 1;
    m_line.append(input.first(std::min(size, MaxChunkLine + 1 - m_line.size())));
    input = input.sliced(size);
    if (newline < 0 || !m_line.endsWith('\n'))
        return false;
    line = m_line;
    line.chop(1);
    if (line.endsWith('\r'))
        line.chop(1);
    else
        line = QByteArrayView("\n");
    return true;
}

RequestReader::Event RequestReader::readChunkSize(QByteArrayView line)
{
    const qsizetype semicolon = line.indexOf(';');
    const QByteArrayView digits = (semicolon < 0 ? line : line.first(semicolon)).trimmed();
    quint64 size = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
    const bool isNumber = !digits.isEmpty() && end == digits.data() + digits.size() && error == std::errc();
    if (!isNumber || !consistsOf(line, Value) || size > quint64(std::numeric_limits<qint64>::max()))
        return refuse(400, "malformed chunk size");
    m_bodyLeft = qint64(size);
    m_state = size == 0 ? State::Trailer : State::Chunk;
    return Event::NeedMore;
}

RequestReader::Event RequestReader::refuse(int status, const char *message)
{
    m_fault = {status, message};
    return Event::Fault;
}

bool RequestReader::isRefused(int status, const char *message)
{
    refuse(status, message);
    return false;
}

} // namespace ExporterProxy
