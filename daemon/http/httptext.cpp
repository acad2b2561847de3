// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httptext.h"

#include "common/model/appmodel.h"
#include "common/util/showntext.h"

#include <algorithm>

namespace ExporterProxy {

QByteArray shownName(QByteArrayView name)
{
    return '"' + escapedLine(name.first(std::min(name.size(), MaxAppNameSize))) + '"';
}

bool isUsableHost(QByteArrayView host)
{
    // RFC 1035: a name has at most 255 bytes; and ":65535".
    if (host.isEmpty() || host.size() > 261)
        return false;
    const auto consistsOf = [](QByteArrayView text, QByteArrayView marks) {
        return !text.isEmpty() && std::all_of(text.begin(), text.end(), [marks](char c) {
            const char letter = char(c | 0x20);
            return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || marks.contains(c);
        });
    };
    const bool isBracketed = host.startsWith('[');
    const qsizetype end = isBracketed ? host.indexOf(']') + 1 : host.indexOf(':');
    const QByteArrayView name = end > 0 ? host.first(end) : host;
    const QByteArrayView port = end > 0 ? host.sliced(end) : QByteArrayView();
    if (isBracketed ? end < 3 || !consistsOf(name.sliced(1, name.size() - 2), ":.")
                    : !consistsOf(name, "-._"))
        return false;
    if (port.isEmpty())
        return true;
    return port.startsWith(':') && port.size() > 1 && port.size() <= 6
        && std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<QByteArray> formValue(QByteArrayView pair, QByteArrayView key)
{
    const auto decoded = [](QByteArrayView text) {
        return QByteArray::fromPercentEncoding(text.toByteArray().replace('+', ' '));
    };
    const qsizetype equals = pair.indexOf('=');
    if (decoded(equals < 0 ? pair : pair.first(equals)) != key)
        return std::nullopt;
    return equals < 0 ? QByteArray() : decoded(pair.sliced(equals + 1));
}

QByteArrayView reasonPhrase(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 417:
        return "Expectation Failed";
    case 431:
        return "Request Header Fields Too Large";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    }
    return ""; // a reason phrase may be empty
}

QByteArray htmlEscaped(QByteArrayView text)
{
    QByteArray out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '&':
            out += "&amp;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

} // namespace ExporterProxy
