// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/contentnegotiation.h"

#include <algorithm>
#include <optional>

namespace ExporterProxy {

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

bool prefersJson(QByteArrayView accept)
{
    // Of the ranges that cover a type the most specific one counts, not the heaviest.
    std::optional<int> json, anyApplication, plain, anyText, any;
    while (!accept.isEmpty()) {
        const Element element = takeElement(accept);
        if (!element.weight)
            continue;
        if (same(element.name, "application/json"))
            json = element.weight;
        else if (same(element.name, "application/*"))
            anyApplication = element.weight;
        else if (same(element.name, "text/plain"))
            plain = element.weight;
        else if (same(element.name, "text/*"))
            anyText = element.weight;
        else if (element.name == "*/*")
            any = element.weight;
    }
    const int jsonWeight = json ? *json : anyApplication.value_or(0);
    const int textWeight = plain ? *plain : anyText ? *anyText : any.value_or(0);
    return jsonWeight > 0 && jsonWeight >= textWeight;
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

} // namespace ExporterProxy
