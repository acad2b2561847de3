// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>
#include <vector>

namespace ExporterProxy::Monitor {

/// The kind of a token in a line of metrics.
enum class TokenKind : quint8 {
    Punctuation, ///< braces, commas, white space and all other bytes
    Comment, ///< a comment, the text of a HELP line, an exemplar
    Keyword, ///< "# HELP", "# TYPE", "# UNIT", "# EOF"
    TypeWord, ///< counter, gauge …
    MetricName,
    LabelName,
    LabelValue, ///< with its quotes
    Value,
    SampleTime,
};

inline constexpr std::size_t TokenKindCount = 9;

struct Token
{
    TokenKind kind;
    qsizetype from; ///< byte in the line
    qsizetype to; ///< one past the last
    bool operator==(const Token &) const = default;
};

/// Splits a line of Prometheus' text format (or OpenMetrics) into tokens for highlighting. Accepts any bytes;
/// the tokens cover the line without gaps. Clears `tokens` first. Linear in the line's length. Format:
/// prometheus.io/docs/instrumenting/exposition_formats.
void lexMetricsLine(QByteArrayView line, std::vector<Token> &tokens);

/// The part of a line that says to which family it belongs.
struct LineSummary
{
    enum class Kind : quint8 { Other, Header, Sample };
    Kind kind = Kind::Other;
    bool isHelp = false; ///< for a Header
    QByteArrayView name; ///< the family's name in a Header, the metric's name in a Sample
};

LineSummary summarizeMetricsLine(QByteArrayView line);

/// Returns true if a sample of that name belongs to the family: the name itself or with a suffix of
/// histograms, summaries and OpenMetrics (`_bucket`, `_sum`, `_count`, `_total`, `_created`, `_info`, …).
bool belongsToFamily(QByteArrayView sample, QByteArrayView family);

} // namespace ExporterProxy::Monitor
