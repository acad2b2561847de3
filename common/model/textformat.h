// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <QtGlobal>
#include <string_view>

namespace ExporterProxy {

/// The exposition formats that a text comes in, and that a page can be written in: the text format 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats) and OpenMetrics 1.0 (openmetrics.io).
enum class Format : quint8 { Text, OpenMetrics };
inline constexpr std::size_t FormatCount = 2;

/// The word for a format in `/apps`.
constexpr std::string_view formatName(Format format)
{
    constexpr std::array<std::string_view, FormatCount> Names = {"text", "openmetrics"};
    return Names[std::size_t(format)];
}

} // namespace ExporterProxy
