// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>
#include <vector>

namespace ExporterProxy::Monitor {

/// What a stretch of a line of metrics is.
enum class TokenKind : quint8 {
    Punctuation, ///< braces, commas, white space; whatever fits nowhere else
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

/// Takes a line of Prometheus' text format (or OpenMetrics) apart for the eye: any bytes are taken, and the
/// tokens cover the line without gaps. `tokens` is emptied first. Linear in the line's length.
/// Format: prometheus.io/docs/instrumenting/exposition_formats.
void lexMetricsLine(QByteArrayView line, std::vector<Token> &tokens);

/// What a line says about which family it belongs to.
struct LineSummary
{
    enum class Kind : quint8 { Other, Header, Sample };
    Kind kind = Kind::Other;
    bool isHelp = false; ///< of a Header
    QByteArrayView name; ///< of the family that a Header names, or of the sample's metric
};

LineSummary summarizeMetricsLine(QByteArrayView line);

/// Whether a sample of that name is one of a family: the name itself or with a suffix of histograms,
/// summaries and OpenMetrics (`_bucket`, `_sum`, `_count`, `_total`, `_created`, `_info`, …).
bool belongsToFamily(QByteArrayView sample, QByteArrayView family);

} // namespace ExporterProxy::Monitor
