// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/sampletimes.h"
#include "common/exposition/textparser.h"
#include "common/util/bytebuilder.h"
#include "common/util/keyedhash.h"

#include <optional>
#include <QByteArray>
#include <QByteArrayView>
#include <string_view>
#include <vector>

namespace ExporterProxy {

/// Returns the size of a text up to the end of its closing `# EOF`, by which a text says that it is
/// OpenMetrics (openmetrics.io); 0 if it has none. Blanks and empty lines behind it do not count. Looks at
/// the end of the text only.
qsizetype openMetricsSize(QByteArrayView text);

/// What becomes of a sample whose time is not plausible (SampleTimes).
enum class OddTimes : quint8 { LeaveOut, Refuse };

/// What a family of OpenMetrics is in the text format; in the source file.
struct FamilyRule;

/// Converts a text of OpenMetrics to the text format, the way the client libraries do it: a counter `x`
/// becomes the family `x_total`, an info `x` the gauge `x_info`, a stateset a gauge, a gaugehistogram a
/// histogram with gauges `x_gsum` and `x_gcount`, `x_created` a gauge of its own, all with the HELP of `x`;
/// what has no type, or is "unknown", is untyped. Seconds become milliseconds, as the server calculates them.
/// Exemplars, units, comments and families without samples are dropped. Names, labels and values stay as they
/// are written. Each family is in one piece, wherever the text has its samples, in the order of their first
/// samples.
///
/// Accepts more than OpenMetrics does: all that the text format accepts, and no `# EOF` at the end. The text
/// must be UTF-8 without NUL.
///
/// In steps, because a large text takes its time. Reads the text once. The result is larger by 32 bytes a
/// line at most, and by the HELP of a family for each of its names. One thread at a time.
class OpenMetricsConversion
{
public:
    /// The text must outlive it. `arrival` is when it arrived, by the wall clock.
    OpenMetricsConversion(QByteArrayView text, OddTimes oddTimes, Timestamp arrival);

    OpenMetricsConversion(const OpenMetricsConversion &) = delete;
    OpenMetricsConversion &operator=(const OpenMetricsConversion &) = delete;

    /// Goes on with some `size` bytes, give or take an event of ExpositionParser. Returns how many bytes that
    /// were, of what was read or written.
    qsizetype proceed(qsizetype size);

    /// Returns whether nothing is left to do: the text is converted, or has a fault.
    bool isDone() const { return m_stage == Stage::Done; }
    const std::optional<ExpositionFault> &fault() const { return m_fault; }

    /// Returns the text in the text format, version 0.0.4, once it is done without a fault.
    QByteArray takeText() { return m_out.take(); }
    /// Returns whether the server's parser of OpenMetrics, which is stricter than that of the text format,
    /// accepts the text that was converted.
    bool isStrict() const { return m_isStrict && m_hasEnded; }
    QByteArrayList notes() const { return m_times.notes(); }

    /// Returns about how many bytes it holds.
    qint64 heldBytes() const;

private:
    enum class Stage : quint8 { Read, Assign, Write, Done };
    static constexpr std::size_t None = ~std::size_t{0};

    /// All that is known of a name in the text.
    struct Name
    {
        QByteArrayView name;
        QByteArrayView help; ///< as it is written; empty: none
        const FamilyRule *rule = nullptr; ///< by its TYPE, if it has one
        std::size_t family = None;
    };
    /// Samples of one name, one behind the other.
    struct Run
    {
        std::size_t name;
        qsizetype begin; ///< in the lines; it ends where the next one begins
        std::size_t next = None; ///< of the family
    };
    struct Family
    {
        QByteArrayView name;
        QByteArrayView help;
        std::string_view type;
        std::size_t first = None; ///< its runs
        std::size_t last = None;
    };

    void read();
    void readSample();
    void fail(ExpositionFault fault);
    std::size_t nameIndex(QByteArrayView name);
    std::size_t familyOf(std::size_t index);
    std::size_t addFamily(Name &name, std::string_view type, QByteArrayView help);
    void assign();
    void write();
    void writeHead(const Family &family);
    void writeHelp(const Family &family);

    ExpositionParser m_parser;
    const OddTimes m_oddTimes;
    SampleTimes m_times;
    ByteBuilder m_lines; ///< the samples, in the order of the text
    std::vector<Name> m_names;
    KeyedMap<std::string_view, std::size_t> m_index;
    std::vector<Run> m_runs;
    std::vector<Family> m_families;
    QByteArray m_read; ///< the lines, when all are read
    ByteBuilder m_out{0};
    std::size_t m_family = 0; ///< that is written next
    std::size_t m_run = 0; ///< that is assigned or written next; None: the head of its family is
    std::optional<ExpositionFault> m_fault;
    Stage m_stage = Stage::Read;
    bool m_isStrict = true;
    bool m_hasEnded = false;
};

} // namespace ExporterProxy
