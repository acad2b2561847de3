// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/messages.h"

#include <bit>
#include <cstdint>
#include <cstdio>

namespace ExporterProxy::Bench {

namespace {

constexpr int SeriesOfAFamily = 10;

void appendQuoted(std::string &out, std::string_view text)
{
    out += '"';
    for (const char c : text) {
        if (c == '\n')
            out += "\\n";
        else if (c == '"' || c == '\\')
            (out += '\\') += c;
        else
            out += c;
    }
    out += '"';
}

std::string jsonArray(std::string_view text)
{
    std::string array = "[";
    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        if (array.size() > 1)
            array += ',';
        appendQuoted(array, text.substr(0, newline));
        text.remove_prefix(newline == text.npos ? text.size() : newline + 1);
    }
    return array + ']';
}

/// https://capnproto.org/encoding.html: a message of one segment, which holds the root's pointer, a struct of
/// two pointers, and the two texts with their NUL, padded to words.
std::string capnpMessage(std::string_view app, std::string_view text)
{
    static_assert(std::endian::native == std::endian::little, "the words are written as they lie in memory");
    const auto words = [](std::string_view bytes) { return std::uint64_t{bytes.size() + 1 + 7} / 8; };
    std::string message;
    const auto append = [&](std::uint64_t word) {
        message.append(reinterpret_cast<const char *>(&word), sizeof word);
    };
    const auto appendText = [&](std::string_view bytes) {
        const std::size_t end = message.size() + words(bytes) * 8;
        message.append(bytes).resize(end, '\0');
    };
    // A list's pointer: kind 1, words to skip from its own end, element size 2 (a byte), elements.
    const auto textPointer = [](std::uint64_t skip, std::string_view bytes) {
        return 1 | skip << 2 | std::uint64_t{2} << 32 | std::uint64_t{bytes.size() + 1} << 35;
    };
    append((3 + words(app) + words(text)) << 32); // one segment, of so many words
    append(std::uint64_t{2} << 48); // the root: a struct right here, no data, two pointers
    append(textPointer(1, app));
    append(textPointer(words(app), text));
    appendText(app);
    appendText(text);
    return message;
}

} // namespace

std::string appName(long number)
{
    char name[32];
    std::snprintf(name, sizeof name, "bench_%05ld", number);
    return name;
}

std::string metricsText(std::string_view app, std::size_t size, unsigned salt)
{
    std::string text;
    text.reserve(size);
    for (unsigned series = 0;; ++series) {
        const unsigned family = series / SeriesOfAFamily;
        const std::string name = std::string(app) + "_requests_" + std::to_string(family) + "_total";
        std::string lines;
        if (series % SeriesOfAFamily == 0)
            lines =
                "# HELP " + name + " Requests served, by method and status.\n# TYPE " + name + " counter\n";
        // A multiplicative hash: digits that compress as those of real counters do, not as a run of numbers.
        const unsigned value = (series + 1) * 2654435761U + salt * 40503U;
        lines += name + "{method=\"get\",code=\"200\",path=\"/api/v1/item/" + std::to_string(series) + "\"} "
            + std::to_string(value % 10'000'000) + '\n';
        if (text.size() + lines.size() > size)
            break;
        text += lines;
    }
    const std::size_t missing = size - text.size();
    if (missing == 1)
        text += '\n';
    else if (missing > 1)
        text += '#' + std::string(missing - 2, ' ') + '\n';
    return text;
}

std::string encodePush(MessageFormat format, std::string_view app, std::string_view text)
{
    std::string message;
    switch (format) {
    case MessageFormat::JsonString:
    case MessageFormat::JsonArray:
        message = '{';
        appendQuoted(message, app);
        message += ':';
        if (format == MessageFormat::JsonArray)
            message += jsonArray(text);
        else
            appendQuoted(message, text);
        return message + '}';
    case MessageFormat::CapnProto:
        return capnpMessage(app, text);
    case MessageFormat::HttpPut:
        return "PUT /metrics/job/" + std::string(app)
            + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: "
            + std::to_string(text.size()) + "\r\n\r\n" + std::string(text);
    }
    return message;
}

} // namespace ExporterProxy::Bench
