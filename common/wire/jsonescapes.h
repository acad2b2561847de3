// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/wire/jsonstring.h"

#include <array>

namespace ExporterProxy {

// What the implementations of unescapeRun() share.

/// Bytes that are looked at in one step.
inline constexpr std::size_t BlockSize = 64;

/// What the character after a backslash stands for (RFC 8259, section 7); 0 for \u and for what JSON does not
/// know.
inline constexpr std::array<char, 256> jsonEscapes = [] {
    std::array<char, 256> table{};
    table['"'] = '"';
    table['\\'] = '\\';
    table['/'] = '/';
    table['b'] = '\b';
    table['f'] = '\f';
    table['n'] = '\n';
    table['r'] = '\r';
    table['t'] = '\t';
    return table;
}();

constexpr bool isSpecialInJson(unsigned char c)
{
    return c == '"' || c == '\\' || c < 0x20;
}

/// Whether a line's closing quote is here and the next line's opening one right behind a comma.
inline bool startsNextLine(const char *at)
{
    return at[0] == '"' && at[1] == ',' && at[2] == '"';
}

/// unescapeRun() byte by byte, for the last few; `ascii` is what the bytes before were.
RunResult unescapeTail(const char *in, const char *inEnd, char *out, StringKind kind, bool ascii);

} // namespace ExporterProxy
