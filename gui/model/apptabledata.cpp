// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/apptablemodel.h"
#include "gui/model/apptexts.h"

#include <algorithm>
#include <limits>

// What the cells of AppTableModel say; how the rows come and go is in apptablemodel.cpp.

namespace ExporterProxy {

namespace {

/// A tooltip is no list to read through; the details have all of them.
constexpr qsizetype MaxConflictsInToolTip = 5;

bool isNumeric(AppColumn column)
{
    switch (column) {
    case AppColumn::Age:
    case AppColumn::Interval:
    case AppColumn::Size:
    case AppColumn::Series:
    case AppColumn::Updates:
    case AppColumn::Rejected:
        return true;
    default:
        return false;
    }
}

/// Tooltips guess whether a text is HTML, and an application's name may look like it. So they always are.
QString asToolTip(const QString &plain)
{
    if (plain.isEmpty())
        return {};
    return QStringLiteral("<qt>%1</qt>").arg(plain.toHtmlEscaped().replace(u'\n', QStringLiteral("<br>")));
}

} // namespace

QVariant AppTableModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row &row = *m_rows[std::size_t(index.row())];
    const auto column = AppColumn(index.column());
    switch (role) {
    case Qt::DisplayRole:
        return display(row, column);
    case Qt::ToolTipRole:
        return asToolTip(toolTip(row, column));
    case Qt::AccessibleTextRole:
        return accessible(row, column);
    case Qt::TextAlignmentRole:
        return int((isNumeric(column) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case SortRole:
        return sortValue(row, column);
    case StateRole:
        return int(row.record.state);
    case NameRole:
        return row.record.name;
    case DaemonRole:
        return row.daemon->key;
    case ConflictsRole:
        return !row.record.conflicts.isEmpty();
    case OutdatedRole:
        return row.daemon->outdated;
    default:
        return {};
    }
}

QVariant AppTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= AppColumnCount)
        return {};
    const auto column = AppColumn(section);
    switch (role) {
    case Qt::DisplayRole:
        return AppTexts::columnTitle(column);
    case Qt::ToolTipRole:
        return asToolTip(AppTexts::columnMeaning(column));
    case Qt::TextAlignmentRole:
        return int((isNumeric(column) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default:
        return {};
    }
}

QString AppTableModel::display(const Row &row, AppColumn column) const
{
    const AppRecord &app = row.record;
    switch (column) {
    case AppColumn::State:
        return AppTexts::state(app.state, app.stateWord);
    case AppColumn::Application:
        return AppTexts::oneLine(app.name);
    case AppColumn::Source:
        return AppTexts::oneLine(app.source);
    case AppColumn::Age: {
        const auto since = age(row.number);
        return since ? AppTexts::age(*since) : tr("never");
    }
    case AppColumn::Interval:
        return AppTexts::interval(app.interval);
    case AppColumn::Size:
        return AppTexts::size(app.bytes);
    case AppColumn::Series:
        return AppTexts::number(app.series);
    case AppColumn::Updates:
        return AppTexts::number(app.updates);
    case AppColumn::Rejected:
        return AppTexts::number(app.rejected);
    case AppColumn::History:
        return {}; // painted
    case AppColumn::Daemon:
        return AppTexts::oneLine(row.daemon->shortName);
    }
    return {};
}

QString AppTableModel::toolTip(const Row &row, AppColumn column) const
{
    const AppRecord &app = row.record;
    const auto lastError = [&app] {
        if (app.lastErrorReason.isEmpty())
            return QString();
        const QString reason = AppTexts::oneLine(app.lastErrorReason);
        return app.lastErrorAt == Never
            ? tr("Last error: %1").arg(reason)
            : tr("Last error, %1: %2").arg(AppTexts::localTime(app.lastErrorAt), reason);
    };
    const auto join = [](const QString &above, const QString &below) {
        return above.isEmpty() || below.isEmpty() ? above + below : above + u'\n' + below;
    };
    switch (column) {
    case AppColumn::State: {
        const QString state = join(AppTexts::stateMeaning(app.state), lastError());
        return row.daemon->outdated
            ? join(tr("The daemon does not answer; this is what it said last."), state)
            : state;
    }
    case AppColumn::Application: {
        QString lines = display(row, column);
        for (const QString &conflict :
             app.conflicts.first(std::min(app.conflicts.size(), MaxConflictsInToolTip)))
            lines = join(lines, AppTexts::oneLine(conflict));
        const qsizetype more = app.conflicts.size() - MaxConflictsInToolTip;
        return more > 0 ? join(lines, tr("and %n more conflict(s)", nullptr, int(more))) : lines;
    }
    case AppColumn::Source:
        return display(row, column);
    case AppColumn::Age:
        return app.lastUpdate == Never
            ? tr("No update yet")
            : join(AppTexts::localTime(app.lastUpdate), AppTexts::utcTime(app.lastUpdate));
    case AppColumn::Interval:
        return app.interval.count() == 0 ? tr("Its rhythm is not known yet") : QString();
    case AppColumn::Size:
        return tr("%1 bytes").arg(AppTexts::number(app.bytes));
    case AppColumn::Rejected:
        return lastError();
    case AppColumn::History:
        return accessible(row, column);
    case AppColumn::Daemon:
        return AppTexts::oneLine(row.daemon->key);
    default:
        return {};
    }
}

QString AppTableModel::accessible(const Row &row, AppColumn column) const
{
    if (column == AppColumn::State && row.daemon->outdated)
        return tr("%1, outdated").arg(AppTexts::state(row.record.state, row.record.stateWord));
    if (column == AppColumn::Application && !row.record.conflicts.isEmpty())
        return tr("%1, with conflicts").arg(display(row, column));
    if (column != AppColumn::History)
        return display(row, column);
    if (row.history.size() == 0)
        return tr("No update seen yet");
    const PaintedHistory painted = paintedHistory(row.number);
    return tr("%n update(s) in the last %1", nullptr, int(painted.arrivals.size()))
        .arg(AppTexts::duration(painted.span));
}

QVariant AppTableModel::sortValue(const Row &row, AppColumn column) const
{
    const AppRecord &app = row.record;
    switch (column) {
    case AppColumn::State:
        return severity(app.state);
    case AppColumn::Application:
        return app.name;
    case AppColumn::Source:
        return app.source;
    case AppColumn::Age:
    case AppColumn::History: {
        const auto since = age(row.number);
        return since ? qint64(since->count()) : std::numeric_limits<qint64>::max();
    }
    case AppColumn::Interval:
        return qint64(app.interval.count());
    case AppColumn::Size:
        return app.bytes;
    case AppColumn::Series:
        return app.series;
    case AppColumn::Updates:
        return app.updates;
    case AppColumn::Rejected:
        return app.rejected;
    case AppColumn::Daemon:
        return row.daemon->shortName;
    }
    return {};
}

} // namespace ExporterProxy
