// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <QByteArray>
#include <QList>

namespace ExporterProxy {

/// The differences between an application's text as it was sent and as it is shown.
struct MergeReport
{
    QByteArray app;
    QByteArray fault; ///< why its text is not taken apart: "line 3, column 7: …"; empty: it is
    std::size_t hidden = 0; ///< series not shown, because others have them as well or it has them twice
    std::size_t types = 0; ///< families whose TYPE is another's
    std::size_t helps = 0; ///< families whose HELP is another's
    std::size_t reserved = 0; ///< samples left out because their names are the proxy's own
    QList<QByteArray> notes; ///< a sentence each for the first of all these, for people; UTF-8

    bool isClean() const { return notes.isEmpty(); }
};

} // namespace ExporterProxy
