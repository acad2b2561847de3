// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/textparser.h"

namespace ExporterProxy {

/// Whether a text says of itself that it is OpenMetrics (openmetrics.io), which demands `# EOF` as the last
/// line.
bool isOpenMetrics(QByteArrayView text);

/// The dialect that such a text is to be read in.
inline ExpositionDialect dialectOf(QByteArrayView text)
{
    return isOpenMetrics(text) ? ExpositionDialect::WithOpenMetrics : ExpositionDialect::Prometheus;
}

} // namespace ExporterProxy
