// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

namespace ExporterProxy {

/// The most parts, set apart by dots, that a key of a configuration may have. Ours have three.
inline constexpr int MaxKeyParts = 16;

/// A place in a TOML text, both counted from 1, the column in characters.
struct TomlPosition
{
    unsigned line = 1;
    unsigned column = 1;
};

/// Where a TOML text has a key of more than MaxKeyParts parts; nothing if it has none.
///
/// toml++ bounds how deep values nest but not how many parts a dotted key has, and it frees tables
/// recursively: some ten thousand parts overflow the stack. So such a text must not be parsed at all.
std::optional<TomlPosition> findTooDeepKey(std::string_view toml);

} // namespace ExporterProxy
