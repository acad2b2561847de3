// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/csv.h"

namespace ExporterProxy {

namespace {

bool looksLikeFormula(const QString &cell)
{
    if (cell.isEmpty() || !QStringView(u"=+-@\t\r").contains(cell.front()))
        return false;
    bool number = false;
    cell.toDouble(&number);
    return !number;
}

QString csvCell(QString cell)
{
    if (looksLikeFormula(cell))
        cell.prepend(u'\'');
    for (const QChar needsQuotes : {u',', u'"', u'\r', u'\n'})
        if (cell.contains(needsQuotes))
            return u'"' + cell.replace(u'"', QStringLiteral("\"\"")) + u'"';
    return cell;
}

} // namespace

QByteArray csvRecord(const QStringList &cells)
{
    QStringList written;
    written.reserve(cells.size());
    for (const QString &cell : cells)
        written << csvCell(cell);
    return written.join(u',').toUtf8() + "\r\n";
}

QString tabbedLine(const QStringList &cells)
{
    QStringList written;
    written.reserve(cells.size());
    for (QString cell : cells) {
        for (QChar &character : cell)
            if (character == u'\t' || character == u'\n' || character == u'\r')
                character = u' ';
        written << cell;
    }
    return written.join(u'\t');
}

} // namespace ExporterProxy
