// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <QByteArray>
#include <QByteArrayView>

namespace ExporterProxy {

/// The names of all of the proxy's own metrics begin like this.
inline constexpr QByteArrayView OwnPrefix("exporter_proxy_");

/// Returns "line 3: …" if a line of the text begins with a name of the proxy's own metrics: of a sample, also
/// in quotes within braces, or of a HELP, TYPE or UNIT line. On a page beside the real ones it could say that
/// a dead application is up. Searches the text for the bytes of the prefix and parses nothing, so it costs
/// little however large the text is. Looks at the lines from `from` to `to`, which are offsets of lines'
/// starts or the end. Any thread.
std::optional<QByteArray> ownPrefixFault(QByteArrayView text, qsizetype from, qsizetype to);
inline std::optional<QByteArray> ownPrefixFault(QByteArrayView text)
{
    return ownPrefixFault(text, 0, text.size());
}

} // namespace ExporterProxy
