// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/poll/responsereader.h"

#include "common/util/words.h"
#include "daemon/http/httptext.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

namespace ExporterProxy {

namespace {

/// A line between chunks: 16 digits, and extensions, which nobody sends.
constexpr qsizetype MaxChunkLine = 256;

/// How much of a wrong value is shown.
constexpr qsizetype MaxShownValue = 40;

bool isTokenCharacter(char c)
{
    const char letter = char(c | 0x20);
    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9')
        || (c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

/// Part of a field's value (RFC 9110, section 5.5): no control character but the tab.
bool isValueCharacter(char c)
{
    const auto code = static_cast<unsigned char>(c);
    return code >= ' ' ? code != 0x7f : c == '\t';
}

/// What a server sent, for the end of a sentence.
QByteArray shownValue(QByteArrayView value)
{
    QByteArray text = value.first(std::min(value.size(), MaxShownValue)).toByteArray();
    for (char &c : text) {
        if (c < ' ' || c == 0x7f)
            c = '?';
    }
    return text;
}

QByteArrayView withoutBlanksBehind(QByteArrayView text)
{
    while (text.endsWith(' ') || text.endsWith('\t'))
        text.chop(1);
    return text;
}

QByteArrayView withoutLineEnd(QByteArrayView line)
{
    return line.endsWith('\r') ? line.chopped(1) : line;
}

/// Makes one line of each field whose value goes on in the next line (RFC 9112, section 5.2).
void unfold(QByteArray &head)
{
    for (qsizetype at = head.indexOf('\n'); at >= 0 && at + 1 < head.size();
         at = head.indexOf('\n', at + 1)) {
        if (head[at + 1] != ' ' && head[at + 1] != '\t')
            continue;
        head[at] = ' ';
        if (head[at - 1] == '\r')
            head[at - 1] = ' ';
    }
}

} // namespace

QByteArrayView ResponseHead::field(QByteArrayView name) const
{
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [name](const Field &field) { return isNamed(field.name, name); });
    return found == fields.end() ? QByteArrayView() : found->value;
}

ResponseReader::Event ResponseReader::next(QByteArrayView &input)
{
    for (;;) {
        QByteArrayView line;
        switch (m_state) {
        case State::Head:
            if (const Event event = readHead(input); event != Event::Head || m_head.status >= 200
                || m_head.status == 101) // which ends HTTP on this connection
                return event;
            m_state = State::Head; // an interim response
            m_bytes.resize(0);
            break;
        case State::Body:
            return takeBody(input, State::End);
        case State::Chunk:
            return takeBody(input, State::ChunkEnd);
        case State::UntilClose:
            m_body = input;
            input = {};
            return m_body.isEmpty() ? Event::NeedMore : Event::Body;
        case State::End:
            return Event::End;
        case State::ChunkEnd: {
            static constexpr QByteArrayView LineEnd("\r\n");
            while (m_line.size() < LineEnd.size() && !input.isEmpty()) {
                if (input.front() != LineEnd[m_line.size()])
                    return refuse(QByteArrayLiteral("a chunk of the answer is not as long as it says"));
                m_line.append(input.front());
                input = input.sliced(1);
            }
            if (m_line.size() < LineEnd.size())
                return Event::NeedMore;
            m_line.resize(0);
            m_state = State::ChunkSize;
            break;
        }
        case State::ChunkSize:
            if (!takeLine(input, line)) {
                if (m_line.size() > MaxChunkLine)
                    return refuse(QByteArrayLiteral("the answer has an endless chunk size"));
                return Event::NeedMore;
            }
            if (!readChunkSize(line))
                return Event::Fault;
            m_line.resize(0);
            break;
        case State::Trailer:
            if (const bool isWhole = takeLine(input, line); !isWhole || !line.isEmpty()) {
                if (m_headsSize + m_line.size() > m_maxHeadSize)
                    return refuse("the answer's trailer is larger than " + exactSizeText(m_maxHeadSize));
                if (!isWhole)
                    return Event::NeedMore;
                QByteArrayView name;
                QByteArrayView value;
                if (!splitField(line, name, value))
                    return Event::Fault;
                m_headsSize += m_line.size();
            } else {
                m_state = State::End;
            }
            m_line.resize(0);
        }
    }
}

ResponseReader::Event ResponseReader::close()
{
    if (m_state == State::UntilClose || m_state == State::End) {
        m_state = State::End;
        return Event::End;
    }
    return refuse(QByteArrayLiteral("connection closed before the answer was complete"));
}

ResponseReader::Event ResponseReader::readHead(QByteArrayView &input)
{
    static constexpr QByteArrayView Begin("HTTP/");
    const qsizetype before = m_bytes.size();
    const qsizetype room = m_maxHeadSize - m_headsSize;
    m_bytes.append(input.first(std::min(input.size(), room + 1)));
    // At once: a server of another protocol may wait for us for as long as we wait for it.
    if (!Begin.startsWith(QByteArrayView(m_bytes).first(std::min(m_bytes.size(), Begin.size()))))
        return refuse(QByteArrayLiteral("the answer is not HTTP"));
    // The empty line may have begun in the bytes before.
    const qsizetype size = headSize(m_bytes, std::max(qsizetype(0), before - 2));
    const qsizetype taken = (size < 0 ? m_bytes.size() : size) - before;
    m_headsSize += taken;
    if (taken > room)
        return refuse("the answer's head is larger than " + exactSizeText(m_maxHeadSize));
    input = input.sliced(taken);
    if (size < 0)
        return Event::NeedMore;
    m_bytes.truncate(size);
    if (!parseHead())
        return Event::Fault;
    m_bodyLeft = m_head.contentLength;
    m_state = m_head.isChunked     ? State::ChunkSize
        : m_head.contentLength < 0 ? State::UntilClose
        : m_bodyLeft > 0           ? State::Body
                                   : State::End;
    return Event::Head;
}

bool ResponseReader::parseHead()
{
    m_head = {};
    unfold(m_bytes);
    QByteArrayView rest(m_bytes);
    for (bool isFirst = true;; isFirst = false) {
        const qsizetype end = rest.indexOf('\n');
        const QByteArrayView line = withoutLineEnd(rest.first(end));
        rest = rest.sliced(end + 1);
        if (line.isEmpty() && !isFirst)
            break;
        if (!(isFirst ? readStatusLine(line) : readField(line)))
            return false;
    }
    if (m_head.isChunked && m_head.contentLength >= 0)
        return isRefused(QByteArrayLiteral("the answer has a Content-Length, and is chunked as well"));
    if (m_head.status < 200 || m_head.status == 204 || m_head.status == 304) { // these have no body
        m_head.isChunked = false;
        m_head.contentLength = 0;
    }
    if (m_head.endsWithConnection())
        m_head.keepAlive = false;
    return true;
}

bool ResponseReader::readStatusLine(QByteArrayView line)
{
    const qsizetype space = line.indexOf(' ');
    const QByteArrayView version = line.first(std::max(qsizetype(0), space));
    const QByteArrayView rest = line.sliced(space + 1).trimmed();
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), m_head.status);
    const qsizetype digits = end - rest.data();
    const bool isStatus = error == std::errc() && digits == 3 && m_head.status >= 100
        && (rest.size() == digits || rest[digits] == ' ');
    if (!isStatus || version.size() != 8 || version[6] != '.')
        return isRefused("the answer begins with a malformed status line: " + shownValue(line));
    if (version[5] != '1')
        return isRefused("the answer is of another version of HTTP: " + shownValue(version));
    m_head.phrase = rest.sliced(digits).trimmed();
    m_head.keepAlive = version[7] != '0';
    return true;
}

bool ResponseReader::splitField(QByteArrayView line, QByteArrayView &name, QByteArrayView &value)
{
    const qsizetype colon = line.indexOf(':');
    name = withoutBlanksBehind(line.first(std::max(qsizetype(0), colon))); // RFC 9112, section 5.1
    if (name.isEmpty() || !std::all_of(name.begin(), name.end(), isTokenCharacter))
        return isRefused("the answer has a malformed header line: " + shownValue(line));
    value = line.sliced(colon + 1);
    if (!std::all_of(value.begin(), value.end(), isValueCharacter))
        return isRefused("the answer has a control character in its header " + shownValue(name));
    value = value.trimmed();
    return true;
}

bool ResponseReader::readField(QByteArrayView line)
{
    QByteArrayView name;
    QByteArrayView value;
    if (!splitField(line, name, value))
        return false;
    m_head.fields.push_back({name, value});

    const bool isHttp10 = m_bytes.startsWith("HTTP/1.0");
    if (isNamed(name, "content-length"))
        return readContentLength(value);
    if (isNamed(name, "connection")) {
        if (listHolds(value, "close"))
            m_head.keepAlive = false;
        else if (isHttp10 && listHolds(value, "keep-alive"))
            m_head.keepAlive = true;
    } else if (isNamed(name, "transfer-encoding")) {
        if (m_head.isChunked || isHttp10 || !isNamed(value, "chunked"))
            return isRefused("the answer has a Transfer-Encoding that is not understood: "
                             + shownValue(value));
        m_head.isChunked = true;
    }
    return true;
}

bool ResponseReader::readContentLength(QByteArrayView value)
{
    qint64 length = -1;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (value.isEmpty() || value.front() == '-' || end != value.data() + value.size() || error != std::errc())
        return isRefused("the answer has a malformed Content-Length: " + shownValue(value));
    if (m_head.contentLength >= 0 && m_head.contentLength != length)
        return isRefused("the answer has two lengths: " + QByteArray::number(m_head.contentLength) + " and "
                         + QByteArray::number(length));
    m_head.contentLength = length;
    return true;
}

ResponseReader::Event ResponseReader::takeBody(QByteArrayView &input, State afterwards)
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

/// Returns whether `line` is a whole line, without its end. Valid until m_line changes.
bool ResponseReader::takeLine(QByteArrayView &input, QByteArrayView &line)
{
    const qsizetype newline = input.indexOf('\n');
    const qsizetype size = newline < 0 ? input.size() : newline + 1;
    const qsizetype limit = m_state == State::Trailer ? m_maxHeadSize : MaxChunkLine;
    m_line.append(input.first(std::min(size, limit + 1 - m_line.size())));
    input = input.sliced(size);
    if (newline < 0 || !m_line.endsWith('\n'))
        return false;
    line = withoutLineEnd(QByteArrayView(m_line).chopped(1));
    return true;
}

bool ResponseReader::readChunkSize(QByteArrayView line)
{
    const qsizetype semicolon = line.indexOf(';');
    const QByteArrayView digits = semicolon < 0 ? withoutBlanksBehind(line) : line.first(semicolon);
    quint64 size = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
    const bool isNumber = !digits.isEmpty() && end == digits.data() + digits.size() && error == std::errc();
    // A size that ends in a lone LF is refused: readers do not agree on it.
    if (!isNumber || !m_line.endsWith("\r\n") || !std::all_of(line.begin(), line.end(), isValueCharacter)
        || size > quint64(std::numeric_limits<qint64>::max()))
        return isRefused("the answer has a malformed chunk size: " + shownValue(line));
    m_bodyLeft = qint64(size);
    m_state = size == 0 ? State::Trailer : State::Chunk;
    return true;
}

ResponseReader::Event ResponseReader::refuse(const QByteArray &message)
{
    m_fault = message;
    return Event::Fault;
}

bool ResponseReader::isRefused(const QByteArray &message)
{
    refuse(message);
    return false;
}

} // namespace ExporterProxy
