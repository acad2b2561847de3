// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httptext.h"

#include "common/model/appmodel.h"
#include "common/util/showntext.h"

#include <algorithm>
#include <optional>

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
    case 202:
        return "Accepted";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 417:
        return "Expectation Failed";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    case 507:
        return "Insufficient Storage";
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

namespace {

constexpr int FullWeight = 1000; ///< weights have three decimals

bool same(QByteArrayView a, QByteArrayView b)
{
    return a.compare(b, Qt::CaseInsensitive) == 0;
}

/// Takes the part before the first separator out of the list, trimmed.
QByteArrayView takeFirst(QByteArrayView &list, char separator)
{
    const qsizetype end = list.indexOf(separator);
    const QByteArrayView first = end < 0 ? list : list.first(end);
    list = end < 0 ? QByteArrayView() : list.sliced(end + 1);
    return first.trimmed();
}

/// "0.7" in thousandths; decimals beyond the third do not count.
std::optional<int> parseWeight(QByteArrayView text)
{
    if (text.isEmpty() || text.size() > 16)
        return std::nullopt;
    int value = 0;
    int unit = FullWeight;
    bool fraction = false;
    for (const char c : text) {
        if (c == '.' && !fraction) {
            fraction = true;
        } else if (c < '0' || c > '9') {
            return std::nullopt;
        } else if (fraction) {
            unit /= 10;
            value += (c - '0') * unit;
        } else {
            value = std::min(FullWeight, value * 10 + (c - '0') * FullWeight);
        }
    }
    return std::min(value, FullWeight);
}

struct Element
{
    QByteArrayView name;
    std::optional<int> weight = FullWeight;
};

Element takeElement(QByteArrayView &list)
{
    QByteArrayView parameters = takeFirst(list, ',');
    Element element;
    element.name = takeFirst(parameters, ';');
    while (!parameters.isEmpty()) {
        QByteArrayView value = takeFirst(parameters, ';');
        if (same(takeFirst(value, '='), "q"))
            element.weight = parseWeight(value.trimmed());
    }
    return element;
}

} // namespace

bool acceptsGzip(QByteArrayView acceptEncoding)
{
    std::optional<int> gzip;
    std::optional<int> any;
    while (!acceptEncoding.isEmpty()) {
        const Element element = takeElement(acceptEncoding);
        if (!element.weight)
            continue;
        if (same(element.name, "gzip") || same(element.name, "x-gzip"))
            gzip = std::max(gzip.value_or(0), *element.weight);
        else if (element.name == "*")
            any = element.weight;
    }
    return gzip ? *gzip > 0 : any.value_or(0) > 0;
}

namespace {

/// Returns whether a type of `application/` weighs no less than `text/plain`, and is named, by itself or, if
/// `isAnyNamed`, by `application/*`.
bool prefers(QByteArrayView accept, QByteArrayView type, bool isAnyNamed)
{
    // Of the ranges that cover a type the most specific one counts, not the heaviest.
    std::optional<int> wanted, anyApplication, plain, anyText, any;
    while (!accept.isEmpty()) {
        const Element element = takeElement(accept);
        if (!element.weight)
            continue;
        if (same(element.name, type)) // which may be there in several versions
            wanted = std::max(wanted.value_or(0), *element.weight);
        else if (same(element.name, "application/*"))
            anyApplication = element.weight;
        else if (same(element.name, "text/plain"))
            plain = std::max(plain.value_or(0), *element.weight);
        else if (same(element.name, "text/*"))
            anyText = element.weight;
        else if (element.name == "*/*")
            any = element.weight;
    }
    const int weight = wanted ? *wanted : isAnyNamed ? anyApplication.value_or(0) : 0;
    const int textWeight = plain ? *plain : anyText ? *anyText : any.value_or(0);
    return weight > 0 && weight >= textWeight;
}

} // namespace

bool prefersJson(QByteArrayView accept)
{
    return prefers(accept, "application/json", true);
}

bool prefersOpenMetrics(QByteArrayView accept)
{
    return prefers(accept, "application/openmetrics-text", false);
}

bool etagMatches(QByteArrayView ifNoneMatch, QByteArrayView etag)
{
    while (!ifNoneMatch.isEmpty()) {
        QByteArrayView candidate = takeFirst(ifNoneMatch, ',');
        if (candidate.startsWith("W/"))
            candidate = candidate.sliced(2);
        if (!etag.isEmpty() && (candidate == etag || candidate == "*"))
            return true;
    }
    return false;
}

bool listHolds(QByteArrayView list, QByteArrayView token)
{
    while (!list.isEmpty()) {
        if (same(takeFirst(list, ','), token))
            return true;
    }
    return false;
}

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

} // namespace ExporterProxy
