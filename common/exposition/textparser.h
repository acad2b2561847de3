// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <QByteArray>
#include <QByteArrayView>
#include <span>
#include <vector>

namespace ExporterProxy {

/// What of OpenMetrics is taken beside the text format.
enum class ExpositionDialect : quint8 {
    /// The text format, version 0.0.4, as the Prometheus server reads it: `# EOF` and `# UNIT` are comments;
    /// an
    /// exemplar, a timestamp that is not digits, and the types that only OpenMetrics has fail the scrape.
    Prometheus,
    /// The same, and these: exemplars, timestamps such as `-1.5e3`, the types unknown, info, stateset and
    /// gaugehistogram. For a reader who makes a text page of it; the server would refuse it as it is.
    WithOpenMetrics,
};

/// The first thing in a text that fails the scrape of the whole page.
struct ExpositionFault
{
    qsizetype line = 1; ///< from 1
    qsizetype column = 1; ///< from 1, in bytes
    qsizetype offset = 0; ///< from 0, in bytes
    QByteArray reason; ///< "expected a value after the metric name"; printable ASCII, one line

    /// "line 3, column 7: expected a value after the metric name"
    QByteArray message() const;
};

/// A label as it stands in the text. Two values that mean the same may be written differently: `\n` is a
/// newline, `\\` and `\"` are the character itself, any other `\x` stays as it is, a newline may be bare.
struct ExpositionLabel
{
    QByteArrayView name;
    QByteArrayView value; ///< without the quotes, still escaped
};

/// Reads a page in the Prometheus text format 0.0.4, event by event, in one pass, and accepts exactly what
/// the server's scrape does: not what the format's page says, and less than the strict parser of promtool and
/// the client libraries demands. Known to be taken: a second HELP or TYPE line, TYPE after samples, no
/// newline at the end, `a{x="1"y="2",}3`, `a-1`, a bare newline inside a label's value. Known to fail: CR LF,
/// two blanks before a type, `1e999`, a label twice, `__name__` as a label, hexadecimal and underscored
/// numbers.
///
/// The server is 2.42. Newer ones, up to 3.5, refuse nothing of what it takes. They take names in quotes
/// beside that, and 3.x makes blanks before a name part of it: both are refused here, because a page must be
/// good for whichever server reads it.
///
/// One thing more is refused: a sample with more than 100'000 labels, which would cost many times its size.
///
/// The text must be UTF-8 without NUL (textFault()); otherwise the verdict may be another one than the
/// server's, and nothing worse. Views point into the text and into the parser; those into the parser hold
/// until the next call. Memory is reused from line to line. One thread at a time.
class ExpositionParser
{
public:
    enum class Event : quint8 {
        Help, ///< name(), text()
        Type, ///< name(), text() is one of the types
        Unit, ///< name(), text(); to the server a comment
        Comment, ///< text()
        EndMarker, ///< `# EOF`; to the server a comment like others: what follows is read
        Blank,
        Sample, ///< name(), hasLabelBlock(), labelBlock(), labels(), value(), timestamp(), exemplar()
        End, ///< of the text; again and again
        Fault, ///< fault(); again and again
    };

    explicit ExpositionParser(QByteArrayView text,
                              ExpositionDialect dialect = ExpositionDialect::Prometheus) noexcept;

    /// Goes on to the next event. Also a line of blanks is one.
    Event next();

    /// Of the last event: the number of its first line, from 1.
    qsizetype line() const { return m_eventLine; }
    /// All of it, without its newline. Has newlines only within labels' values.
    QByteArrayView raw() const { return view(m_eventBegin, m_eventEnd); }

    /// The metric's name.
    QByteArrayView name() const { return m_name; }
    /// HELP, UNIT: what follows the name and one more byte, still escaped (`\\` and `\n`). Type: "counter",
    /// "gauge", "histogram", "summary", "untyped", or in the other dialect one of its own. Comment: what
    /// follows the `#`, blanks included.
    QByteArrayView text() const { return m_text; }

    bool hasLabelBlock() const { return m_hasLabelBlock; }
    /// What stands between the braces.
    QByteArrayView labelBlock() const { return m_labelBlock; }
    /// In the order of the text. No name is twice in it, unless one of the values is empty: the server then
    /// takes all labels of that name as not there.
    std::span<const ExpositionLabel> labels() const { return m_labels; }
    /// A number as Go's strconv.ParseFloat takes it, but no hexadecimal one and without underscores: decimal
    /// with an optional exponent, within the range of a double; `Inf`, `Infinity` with an optional sign,
    /// `NaN` without one, in any case of letters.
    QByteArrayView value() const { return m_value; }
    /// Milliseconds since 1970, digits only, fits an int64; empty if there is none. In a text of OpenMetrics
    /// (one that has an EndMarker) it is seconds instead, and may be any decimal number.
    QByteArrayView timestamp() const { return m_timestamp; }
    /// `{trace_id="1"} 0.5 1.6e9`, only in the dialect that takes it; else empty.
    QByteArrayView exemplar() const { return m_exemplar; }

    const ExpositionFault &fault() const { return m_fault; }

private:
    static QByteArrayView view(const char *begin, const char *end) { return {begin, end - begin}; }

    Event readComment(const char *at);
    Event readMetadata(const char *at, Event event);
    Event readSample(const char *at);
    const char *readLabels(const char *at);
    const char *readTail(const char *at);
    const char *readExemplar(const char *at);
    bool checkLabels();
    Event endLine(const char *at, Event event);
    Event fail(const char *at, const char *reason);
    Event fail(const char *at, QByteArray reason);

    const char *const m_begin;
    const char *const m_end;
    const char *m_at; ///< where the next event begins
    const char *m_eventBegin;
    const char *m_eventEnd;
    qsizetype m_line = 1; ///< at m_at
    qsizetype m_eventLine = 1;
    QByteArrayView m_name;
    QByteArrayView m_text;
    QByteArrayView m_labelBlock;
    QByteArrayView m_value;
    QByteArrayView m_timestamp;
    QByteArrayView m_exemplar;
    std::vector<ExpositionLabel> m_labels;
    std::vector<const ExpositionLabel *> m_byName; ///< only where two of them may have the same
    ExpositionFault m_fault;
    const ExpositionDialect m_dialect;
    bool m_hasLabelBlock = false;
    bool m_hasFailed = false;
};

/// What of a text fails a scrape; nothing if the server takes it. The same parser, the events thrown away.
std::optional<ExpositionFault> expositionFault(QByteArrayView text,
                                               ExpositionDialect dialect = ExpositionDialect::Prometheus);

/// Whether the server takes this as a sample's value: what Go's strconv.ParseFloat takes, but for hexadecimal
/// and underscored numbers, which the server refuses. A number too large for a double is refused, one too
/// small is 0. Knows no locale.
bool isSampleValue(QByteArrayView text) noexcept;

/// Whether the server takes this as a timestamp: digits only, within an int64.
bool isTimestamp(QByteArrayView text) noexcept;

/// Whether a text says of itself that it is OpenMetrics (openmetrics.io), which demands `# EOF` as the last
/// line.
bool isOpenMetrics(QByteArrayView text);

/// The dialect that such a text is to be read in.
inline ExpositionDialect dialectOf(QByteArrayView text)
{
    return isOpenMetrics(text) ? ExpositionDialect::WithOpenMetrics : ExpositionDialect::Prometheus;
}

} // namespace ExporterProxy
