// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/sampletimes.h"
#include "common/exposition/textparser.h"

#include <optional>
#include <QByteArray>
#include <QByteArrayView>

namespace ExporterProxy {

/// Returns the size of a text up to the end of its closing `# EOF`, by which a text says that it is
/// OpenMetrics (openmetrics.io); 0 if it has none. Blanks and empty lines behind it do not count. Looks at
/// the end of the text only.
qsizetype openMetricsSize(QByteArrayView text);

/// What becomes of a sample whose time is not plausible (SampleTimes).
enum class OddTimes : quint8 { LeaveOut, Refuse };

struct ConvertedText
{
    QByteArray text; ///< in the text format, version 0.0.4
    /// Whether the server's parser of OpenMetrics, which is stricter than that of the text format, accepts
    /// the text that was converted.
    bool isStrict = false;
};

/// Converts a text of OpenMetrics to the text format, the way the client libraries do it: a counter `x`
/// becomes the family `x_total`, an info `x` the gauge `x_info`, a stateset a gauge, a gaugehistogram a
/// histogram with gauges `x_gsum` and `x_gcount`, `x_created` a gauge of its own, all with the HELP of `x`;
/// what has no type, or is "unknown", is untyped. Seconds become milliseconds, as the server calculates them.
/// Exemplars, units, comments and families without samples are dropped. Names, labels and values stay as they
/// are written. Each family is in one piece, wherever the text has its samples, in the order of their first
/// samples.
///
/// Accepts more than OpenMetrics does: all that the text format accepts, and no `# EOF` at the end. Returns
/// the first fault otherwise; then `to` has not changed. `times` gets the times of all samples. The text must
/// be UTF-8 without NUL.
///
/// Reads the text once. The result is larger by 32 bytes a line at most, and by the HELP of a family for each
/// of its names. Pure; safe on any thread.
std::optional<ExpositionFault> convertOpenMetrics(QByteArrayView text, OddTimes oddTimes, SampleTimes &times,
                                                  ConvertedText &to);

} // namespace ExporterProxy
