// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/details/metricslexer.h"

#include <array>
#include <QColor>

QT_BEGIN_NAMESPACE
class QPalette;
QT_END_NAMESPACE

namespace ExporterProxy {

/// What the metrics text is painted with. Made from a palette, light or dark; every colour of text can be
/// read (contrast 4.5:1 at least) on its ground and on that of a match.
struct MetricsColors
{
    explicit MetricsColors(const QPalette &palette);

    const QColor &of(TokenKind kind) const { return tokens[std::size_t(kind)]; }

    std::array<QColor, TokenKindCount> tokens;
    QColor ground;
    QColor margin; ///< ground of the line numbers
    QColor marginText;
    QColor currentLine; ///< ground of the line with the cursor
    QColor match; ///< ground of a found text
    QColor currentMatch; ///< ground of the one that next and previous go from
    QColor currentMatchText;
    QColor selection;
    QColor selectionText;
};

} // namespace ExporterProxy
