// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/appexport.h"

#include "common/util/words.h"

#include <QCoreApplication>
#include <QSaveFile>

namespace ExporterProxy::Monitor {

namespace {

QString rfc3339(Timestamp time)
{
    if (time == Never)
        return {};
    QByteArray text;
    appendUtcTime(text, time, UtcForm::Rfc3339);
    return QString::fromLatin1(text);
}

QString csvValue(const AppTableModel &model, int row, AppColumn column)
{
    const AppRecord &app = model.record(row);
    switch (column) {
    case AppColumn::State: {
        if (app.state == AppState::Unknown)
            return app.stateWord;
        const std::string_view name = appStateName(app.state);
        return QString::fromLatin1(name.data(), qsizetype(name.size()));
    }
    case AppColumn::Application:
        return app.name;
    case AppColumn::Source:
        return app.source;
    case AppColumn::Age:
        return rfc3339(app.lastUpdate);
    case AppColumn::Interval:
        return app.interval.count() > 0 ? QString::number(double(app.interval.count()) / 1000) : QString();
    case AppColumn::Size:
        return QString::number(app.bytes);
    case AppColumn::Series:
        return QString::number(app.series);
    case AppColumn::Updates:
        return QString::number(app.updates);
    case AppColumn::Rejected:
        return QString::number(app.rejected);
    case AppColumn::Daemon:
        return model.daemon(row);
    case AppColumn::History:
        break;
    }
    return {};
}

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

QList<AppColumn> shownColumns(const QHeaderView &header)
{
    QList<AppColumn> columns;
    for (int visual = 0; visual < header.count(); ++visual)
        if (const int column = header.logicalIndex(visual); !header.isSectionHidden(column))
            columns << AppColumn(column);
    return columns;
}

QByteArray tableAsCsv(const AppFilter &filter, const QList<AppColumn> &columns)
{
    QList<AppColumn> written = columns;
    written.removeAll(AppColumn::History);
    QStringList cells;
    for (const AppColumn column : written)
        cells << columnInfo(column).csvTitle;
    cells << QStringLiteral("last_error_at") << QStringLiteral("last_error");
    QByteArray csv = csvRecord(cells);
    const AppTableModel &model = filter.appModel();
    for (int shown = 0; shown < filter.rowCount(); ++shown) {
        const int row = filter.sourceRow(shown);
        cells.clear();
        for (const AppColumn column : written)
            cells << csvValue(model, row, column);
        const AppRecord &app = model.record(row);
        cells << rfc3339(app.lastErrorAt) << app.lastErrorReason;
        csv += csvRecord(cells);
    }
    return csv;
}

Result<> writeFile(const QString &fileName, const QByteArray &content)
{
    QSaveFile file(fileName);
    if (file.open(QIODevice::WriteOnly) && file.write(content) == content.size() && file.commit())
        return {};
    //: %1: a file, %2: why
    return Failure{
        QCoreApplication::translate("AppExport", "Cannot write %1: %2").arg(fileName, file.errorString())};
}

QString rowsAsText(const AppTableModel &model, const QList<int> &rows, const QList<AppColumn> &columns)
{
    QStringList lines;
    for (const int row : rows) {
        QStringList cells;
        for (const AppColumn column : columns)
            if (column != AppColumn::History)
                cells << model.index(row, int(column)).data().toString();
        lines << tabbedLine(cells);
    }
    return lines.join(u'\n');
}

QByteArray csvRecord(const QStringList &cells)
{
    QStringList written;
    for (const QString &cell : cells)
        written << csvCell(cell);
    return written.join(u',').toUtf8() + "\r\n";
}

QString tabbedLine(const QStringList &cells)
{
    QStringList written;
    for (QString cell : cells)
        written << cell.replace(u'\t', u' ').replace(u'\n', u' ').replace(u'\r', u' ');
    return written.join(u'\t');
}

} // namespace ExporterProxy::Monitor
