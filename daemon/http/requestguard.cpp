// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/requestguard.h"

#include "daemon/http/contentnegotiation.h"

#include <algorithm>

namespace ExporterProxy {

namespace {

/// The size of the head that begins the bytes, its empty line included; -1 if that line has not come.
qsizetype headSize(QByteArrayView bytes, qsizetype from)
{
    for (qsizetype at = bytes.indexOf('\n', from); at >= 0; at = bytes.indexOf('\n', at + 1)) {
        if (bytes.sliced(at + 1).startsWith('\n'))
            return at + 2;
        if (bytes.sliced(at + 1).startsWith("\r\n"))
            return at + 3;
    }
    return -1;
}

bool isTokenCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
        || (c != '\0' && QByteArrayView("!#$%&'*+-.^_`|~").contains(c));
}

bool isToken(QByteArrayView text)
{
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), isTokenCharacter);
}

bool isVisible(char c)
{
    return c > ' ' && c < 0x7f;
}

bool mayStandInValue(char c)
{
    return static_cast<unsigned char>(c) >= ' ' ? c != 0x7f : c == '\t';
}

bool isNamed(QByteArrayView name, QByteArrayView wanted)
{
    return name.size() == wanted.size() && name.compare(wanted, Qt::CaseInsensitive) == 0;
}

} // namespace

RequestGuard::RequestGuard(qsizetype maxRequestSize)
    : m_maxRequestSize(maxRequestSize)
{
}

RequestGuard::State RequestGuard::feed(QByteArrayView bytes)
{
    if (m_bodyLeft > 0) {
        m_bodyLeft -= std::min(m_bodyLeft, bytes.size());
        m_within = m_bodyLeft > 0;
        return m_within ? State::Incomplete : State::Complete;
    }
    m_within = true;
    if (m_head.isEmpty()) { // mostly the whole head is there at once, and is not copied
        if (const qsizetype size = headSize(bytes, 0); size >= 0)
            return readHead(bytes.first(size), bytes.size() - size);
    }
    // The empty line may have begun in the bytes before.
    const qsizetype from = std::max(qsizetype(0), m_head.size() - 2);
    m_head.append(bytes);
    if (const qsizetype size = headSize(m_head, from); size >= 0) {
        const QByteArray head = std::exchange(m_head, {});
        return readHead(QByteArrayView(head).first(size), head.size() - size);
    }
    if (m_head.size() < m_maxRequestSize)
        return State::Incomplete;
    m_head.clear();
    refuse(431, "the request's head is too large");
    return State::Refused;
}

RequestGuard::State RequestGuard::readHead(QByteArrayView head, qsizetype behind)
{
    m_facts = {};
    m_contentLength.reset();
    m_hosts = 0;
    const qsizetype size = head.size();
    if (size > m_maxRequestSize) {
        refuse(431, "the request's head is too large");
        return State::Refused;
    }
    for (bool first = true;; first = false) {
        const qsizetype end = head.indexOf('\n');
        QByteArrayView line = head.first(end);
        head = head.sliced(end + 1);
        if (line.endsWith('\r'))
            line.chop(1);
        if (line.isEmpty())
            break;
        if (!(first ? readRequestLine(line) : readHeader(line)))
            return State::Refused;
    }
    if (m_facts.http10 ? m_hosts > 1 : m_hosts != 1) {
        refuse(400, "an HTTP/1.1 request needs one Host header");
        return State::Refused;
    }
    const qsizetype body = m_contentLength.value_or(0);
    if (body > m_maxRequestSize - size) {
        refuse(413, "the request's body is too large");
        return State::Refused;
    }
    m_bodyLeft = body - std::min(body, behind);
    m_within = m_bodyLeft > 0;
    return m_within ? State::Incomplete : State::Complete;
}

bool RequestGuard::readRequestLine(QByteArrayView line)
{
    const qsizetype first = line.indexOf(' ');
    const qsizetype last = line.lastIndexOf(' ');
    if (first <= 0 || last <= first + 1)
        return refuse(400, "malformed request line");
    const QByteArrayView target = line.sliced(first + 1, last - first - 1);
    const QByteArrayView version = line.sliced(last + 1);
    if (!isToken(line.first(first)) || !std::all_of(target.begin(), target.end(), isVisible)
        || !version.startsWith("HTTP/"))
        return refuse(400, "malformed request line");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    m_facts.http10 = version.endsWith('0');
    m_facts.keepAlive = !m_facts.http10;
    return true;
}

bool RequestGuard::readHeader(QByteArrayView line)
{
    const qsizetype colon = line.indexOf(':');
    const QByteArrayView name = line.first(std::max(qsizetype(0), colon));
    if (!isToken(name)) // nor a folded line, which begins with white space
        return refuse(400, "malformed header line");
    const QByteArrayView value = line.sliced(colon + 1).trimmed();
    if (!std::all_of(value.begin(), value.end(), mayStandInValue))
        return refuse(400, "control character in a header line");

    if (isNamed(name, "host")) {
        ++m_hosts;
    } else if (isNamed(name, "connection")) {
        if (listHolds(value, "close"))
            m_facts.keepAlive = false;
        else if (m_facts.http10 && listHolds(value, "keep-alive"))
            m_facts.keepAlive = true;
    } else if (isNamed(name, "content-length")) {
        const bool digits = !value.isEmpty()
            && std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!digits || m_contentLength)
            return refuse(400, "malformed Content-Length");
        // More digits than a length that is ever taken has: too large, whatever they say.
        m_contentLength = value.size() > 12 ? m_maxRequestSize : qsizetype(value.toLongLong());
    } else if (isNamed(name, "transfer-encoding")) {
        return refuse(411, "a request with a body needs a Content-Length");
    } else if (isNamed(name, "expect")) {
        // QHttpServer of 6.4 never answers it and the client waits; 6.8 writes its answer into the middle of
        // the response that is under way.
        return refuse(417, "expectations are not met here");
    } else if (isNamed(name, "upgrade")) {
        // QHttpServer warns in the log and closes, before anybody is asked.
        if (listHolds(value, "websocket"))
            return refuse(501, "WebSocket is not spoken here");
    }
    return true;
}

bool RequestGuard::refuse(int status, const char *message)
{
    m_fault = {status, message};
    return false;
}

} // namespace ExporterProxy
