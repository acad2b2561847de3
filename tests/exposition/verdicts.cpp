// SPDX-License-Identifier: GPL-3.0-or-later
// What the parser makes of many texts, for tests that compare it with the server: reads texts from standard
// input, each behind its size in decimal and a newline, and writes a line for each.
//
//   refused TAB line TAB column TAB reason
//   taken TAB series SPACE value SPACE timestamp TAB series …
//
// A series is name{label="value",…}, labels sorted by name, those without a value left out; every byte of a
// label's value that is not an ASCII letter or digit is %XX.
#include "common/exposition/textparser.h"
#include "common/wire/textcheck.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>
#include <set>
#include <string>

using namespace ExporterProxy;

namespace {

std::string text(QByteArrayView view)
{
    return {view.data(), std::size_t(view.size())};
}

std::string unescaped(QByteArrayView value)
{
    std::string plain;
    for (qsizetype i = 0; i < value.size(); ++i) {
        const char next = i + 1 < value.size() ? value[i + 1] : '\0';
        if (value[i] != '\\' || (next != 'n' && next != '\\' && next != '"')) {
            plain += value[i];
            continue;
        }
        plain += next == 'n' ? '\n' : next;
        ++i;
    }
    return plain;
}

std::string shown(const std::string &value)
{
    std::string line;
    for (const char c : value) {
        const bool isPlain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        char hex[4] = {c};
        if (!isPlain)
            std::snprintf(hex, sizeof hex, "%%%02x", unsigned(static_cast<unsigned char>(c)));
        line += hex;
    }
    return line;
}

std::string sample(const ExpositionParser &parser)
{
    std::map<std::string, std::string> labels;
    std::set<std::string> empty;
    for (const ExpositionLabel &label : parser.labels()) {
        if (label.value.isEmpty())
            empty.insert(text(label.name));
        labels[text(label.name)] = unescaped(label.value);
    }
    std::string line = text(parser.name()) + '{';
    for (const auto &[name, value] : labels) {
        if (!empty.contains(name))
            line += name + "=\"" + shown(value) + "\",";
    }
    return line + "} " + text(parser.value()) + ' ' + text(parser.timestamp());
}

std::string verdict(QByteArrayView page)
{
    if (const auto fault = textFault(page))
        return "refused\t0\t0\t" + fault->message.toStdString();
    std::string line = "taken";
    for (ExpositionParser parser(page);;) {
        switch (parser.next()) {
        case ExpositionParser::Event::Sample:
            line += '\t' + sample(parser);
            break;
        case ExpositionParser::Event::Fault:
            return "refused\t" + std::to_string(parser.fault().line) + '\t'
                + std::to_string(parser.fault().column) + '\t' + parser.fault().reason.toStdString();
        case ExpositionParser::Event::End:
            return line;
        default:
            break;
        }
    }
}

} // namespace

int main()
{
    std::ios::sync_with_stdio(false);
    std::string page;
    for (std::size_t size = 0; std::cin >> size && std::cin.get() == '\n';) {
        page.resize(size);
        if (!std::cin.read(page.data(), std::streamsize(size)))
            return 1;
        std::cout << verdict(QByteArrayView(page.data(), qsizetype(size))) << '\n';
    }
    return std::cin.eof() ? 0 : 1;
}
