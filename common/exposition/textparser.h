// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <QByteArray>
#include <QByteArrayView>
#include <span>
#include <vector>

namespace ExporterProxy {

/// How much of OpenMetrics is accepted besides the text format.
enum class ExpositionDialect : quint8 {
    /// The text format, version 0.0.4, as the Prometheus server reads it: `# EOF` and `# UNIT` are comments;
    /// an exemplar, a timestamp that is not digits, and the types that only OpenMetrics has fail the scrape.
    Prometheus,
    /// The same, and these: exemplars, timestamps such as `-1.5e3`, the types unknown, info, stateset and
    /// gaugehistogram. For a reader that converts the text (openmetrics.h); the server would reject it on a
    /// page of the text format.
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

/// A label as it is written in the text. Two values that mean the same may be written differently: `\n` is a
/// newline, `\\` and `\"` are the character itself, any other `\x` stays as it is, a newline may be bare.
struct ExpositionLabel
{
    QByteArrayView name;
    QByteArrayView value; ///< without the quotes, still escaped
};

/// Reads a page in the Prometheus text format 0.0.4, event by event, in one pass, and accepts exactly what
/// the server's scrape does: not what the format's page says, and less than the strict parser of promtool and
/// the client libraries demands. Accepted, for example: a second HELP or TYPE line, TYPE after samples, no
/// newline at the end, `a{x="1"y="2",}3`, `a-1`, a bare newline inside a label's value. Rejected, for
/// example: CR LF, two blanks before a type, `1e999`, a label twice, `__name__` as a label, hexadecimal and
/// underscored numbers.
///
/// The server is 2.42. Newer ones, up to 3.16, accept everything that it accepts. They also accept names in
/// quotes, and 3.x makes blanks before a name part of it: both are rejected here, because a page must be
/// valid for every server that reads it.
///
/// Two more things are rejected, because no server could do anything with them, and so that no event takes
/// more than a few milliseconds: a sample with more than MaxLabels labels, and a line, or a sample over
/// several lines, of more than MaxEventSize bytes.
///
/// The text must be UTF-8 without NUL (textFault()); otherwise the result may differ from the server's, and
/// nothing worse happens. Views point into the text and into the parser; those into the parser are valid
/// until the next call. Memory is reused from line to line. One thread at a time.
class ExpositionParser
{
public:
    static constexpr std::size_t MaxLabels = 10'000;
    static constexpr qsizetype MaxEventSize = 1024 * 1024;

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

    /// Proceeds to the next event. A line of blanks is an event too.
    Event next();

    /// Returns the number of the first line of the last event, from 1.
    qsizetype line() const { return m_eventLine; }
    /// Returns the whole event without its final newline. Contains newlines only within labels' values.
    QByteArrayView raw() const { return view(m_eventBegin, m_eventEnd); }

    /// Returns the metric's name.
    QByteArrayView name() const { return m_name; }
    /// HELP, UNIT: what follows the name and one more byte, still escaped (`\\` and `\n`). Type: "counter",
    /// "gauge", "histogram", "summary", "untyped", or in the other dialect one of its own. Comment: what
    /// follows the `#`, blanks included.
    QByteArrayView text() const { return m_text; }

    bool hasLabelBlock() const { return m_hasLabelBlock; }
    /// Returns the text between the braces.
    QByteArrayView labelBlock() const { return m_labelBlock; }
    /// In the order of the text. No name is twice in it, unless one of the values is empty: the server then
    /// ignores all labels of that name.
    std::span<const ExpositionLabel> labels() const { return m_labels; }
    /// A number as Go's strconv.ParseFloat accepts it, but neither hexadecimal nor with underscores: decimal
    /// with an optional exponent, within the range of a double; `Inf`, `Infinity` with an optional sign,
    /// `NaN` without one, in any case of letters.
    QByteArrayView value() const { return m_value; }
    /// Milliseconds since 1970, digits only, fits an int64; empty if there is none. In the other dialect it
    /// is seconds instead, and may be any decimal number.
    QByteArrayView timestamp() const { return m_timestamp; }
    /// `{trace_id="1"} 0.5 1.6e9`, only in the dialect that accepts it; else empty.
    QByteArrayView exemplar() const { return m_exemplar; }

    const ExpositionFault &fault() const { return m_fault; }

    /// Returns a fault of the last event at a place in it, for a reader that finds more than the parser does.
    ExpositionFault faultAt(const char *at, QByteArray reason) const;

private:
    static QByteArrayView view(const char *begin, const char *end) { return {begin, end - begin}; }

    static constexpr const char *QuotedName = "a name in quotes, which only Prometheus 3 reads";

    /// Whether a quote comes next, after blanks. Only where a name is expected.
    bool isQuotedName(const char *at) const;
    Event read();
    bool isTooLong(const char *at) const;
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
    const char *const m_textEnd;
    const char *m_end; ///< how far the current event may be read
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

/// Returns the first fault that fails the scrape of a text, or nullopt if the server accepts it. Runs the
/// parser and ignores its events.
std::optional<ExpositionFault> expositionFault(QByteArrayView text,
                                               ExpositionDialect dialect = ExpositionDialect::Prometheus);

/// Returns whether the server accepts the text as a sample's value: everything that Go's strconv.ParseFloat
/// accepts, except hexadecimal and underscored numbers. A number too large for a double is rejected, one too
/// small is 0. Independent of the locale.
bool isSampleValue(QByteArrayView text) noexcept;

/// Returns whether the server accepts the text as a timestamp: digits only, within an int64.
bool isTimestamp(QByteArrayView text) noexcept;

} // namespace ExporterProxy
