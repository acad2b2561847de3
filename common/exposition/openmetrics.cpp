// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/openmetrics.h"

namespace ExporterProxy {

bool isOpenMetrics(QByteArrayView text)
{
    static const QByteArrayView marker("# EOF");
    while (text.endsWith('\n'))
        text.chop(1);
    return text.endsWith(marker) && (text.size() == marker.size() || text[text.size() - 6] == '\n');
}

} // namespace ExporterProxy
