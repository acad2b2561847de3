// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/apptablemodel.h"

#include "common/util/showntext.h"
#include "gui/client/daemonaddress.h"
#include "gui/model/apptexts.h"

#include <algorithm>
#include <limits>

namespace ExporterProxy::Monitor {

namespace {

using std::chrono::milliseconds;

/// With more runs than this, one signal for all rows is cheaper for the listeners.
constexpr std::size_t MaxChangedRuns = 256;
/// Each run of removed rows costs every listener the length of the table. With more runs than this the rows
/// are first moved together, by one change of layout.
constexpr std::size_t MaxRemovedRuns = 16;

/// A run of rows, by place among those of a daemon.
struct Run
{
    int first;
    int last;
};

/// Returns the runs of places for which `isIn(place)` is true, ascending.
template<typename Predicate>
std::vector<Run> runsOf(int count, Predicate isIn)
{
    std::vector<Run> runs;
    for (int place = 0; place < count; ++place) {
        if (!isIn(place))
            continue;
        if (!runs.empty() && runs.back().last == place - 1)
            runs.back().last = place;
        else
            runs.push_back({place, place});
    }
    return runs;
}

template<typename Value>
int threeWay(const Value &left, const Value &right)
{
    return left < right ? -1 : int(right < left);
}

/// A tooltip shows the first ones only; the details show all.
constexpr qsizetype MaxConflictsInToolTip = 5;

/// Makes each tooltip HTML, because Qt guesses whether a text is, and an application's name may look like it.
QString asToolTip(const QString &plain)
{
    if (plain.isEmpty())
        return {};
    return QStringLiteral("<qt>%1</qt>").arg(plain.toHtmlEscaped().replace(u'\n', QStringLiteral("<br>")));
}

} // namespace

void AppTableModel::setListing(const QString &key, const std::shared_ptr<const AppsListing> &listing)
{
    Q_ASSERT(listing);
    Q_EMIT updateBegan();
    Daemon &daemon = ensureDaemon(key);
    const bool wasOutdated = std::exchange(daemon.outdated, false);
    daemon.listing = listing;
    daemon.receivedAt = BootClock::now();

    // Usually the rows are in the listing's order, and each application follows the last one.
    std::vector<Row *> rowOfApp;
    std::vector<const AppRecord *> added;
    std::vector<bool> isListed(std::size_t(daemon.count), false);
    rowOfApp.reserve(listing->apps.size());
    int guess = daemon.first;
    for (const AppRecord &app : listing->apps) {
        Row *row = nullptr;
        if (guess < daemon.first + daemon.count && record(guess).name == app.name)
            row = m_rows[std::size_t(guess)].get();
        else
            row = daemon.rowOf.value(app.name);
        rowOfApp.push_back(row);
        if (row) {
            isListed[std::size_t(row->number - daemon.first)] = true;
            guess = row->number + 1;
        } else {
            added.push_back(&app);
        }
    }
    removeUnlisted(daemon, isListed);

    std::vector<ColumnSet> changed(std::size_t(daemon.count), wasOutdated ? ColumnSet().set() : ColumnSet());
    for (std::size_t i = 0; i < rowOfApp.size(); ++i) {
        if (Row *row = rowOfApp[i])
            changed[std::size_t(row->number - daemon.first)] |= update(*row, listing->apps[i]);
    }
    announce(daemon, changed);
    insertNew(daemon, added);
    Q_EMIT updateEnded();
}

void AppTableModel::setOutdated(const QString &key, bool outdated)
{
    Daemon *daemon = findDaemon(key);
    if (!daemon || daemon->outdated == outdated)
        return;
    Q_EMIT updateBegan();
    daemon->outdated = outdated;
    if (daemon->count > 0)
        announceRun(daemon->first, daemon->first + daemon->count - 1, ColumnSet().set());
    Q_EMIT updateEnded();
}

void AppTableModel::removeDaemon(const QString &key)
{
    Daemon *daemon = findDaemon(key);
    if (!daemon)
        return;
    Q_EMIT updateBegan();
    if (daemon->count > 0)
        removeRun(*daemon, 0, daemon->count - 1);
    std::erase_if(m_daemons, [daemon](const auto &other) { return other.get() == daemon; });
    Q_EMIT updateEnded();
}

QStringList AppTableModel::daemons() const
{
    QStringList keys;
    for (const auto &daemon : m_daemons)
        keys << daemon->key;
    return keys;
}

PaintedHistory AppTableModel::paintedHistory(int row) const
{
    return history(row).painted(record(row).interval, daemonNow(row));
}

std::optional<milliseconds> AppTableModel::age(int row) const
{
    const Timestamp last = record(row).lastUpdate;
    if (last == Never)
        return std::nullopt;
    return std::max(milliseconds(0), daemonNow(row) - std::chrono::floor<milliseconds>(last));
}

CoarseTime AppTableModel::daemonNow(int row) const
{
    const Daemon &daemon = daemonOf(row);
    return std::chrono::floor<milliseconds>(daemon.listing->now)
        + std::chrono::floor<milliseconds>(BootClock::now() - daemon.receivedAt);
}

std::shared_ptr<const AppsListing> AppTableModel::listing(const QString &key) const
{
    const Daemon *daemon = findDaemon(key);
    return daemon ? daemon->listing : nullptr;
}

QModelIndex AppTableModel::find(const QString &key, const QString &name) const
{
    const Daemon *daemon = findDaemon(key);
    const Row *row = daemon ? daemon->rowOf.value(name) : nullptr;
    return row ? index(row->number, 0) : QModelIndex();
}

int AppTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int AppTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : AppColumnCount;
}

int AppTableModel::compare(AppColumn column, int leftRow, int rightRow) const
{
    const Row &left = *m_rows[std::size_t(leftRow)];
    const Row &right = *m_rows[std::size_t(rightRow)];
    const auto compareTexts = [](const QString &a, const QString &b) {
        const int order = a.compare(b, Qt::CaseInsensitive);
        return order != 0 ? order : a.compare(b);
    };
    switch (column) {
    case AppColumn::State:
        return threeWay(severity(left.record.state), severity(right.record.state));
    case AppColumn::Application:
        return compareTexts(left.record.name, right.record.name);
    case AppColumn::Source:
        return compareTexts(left.record.source, right.record.source);
    case AppColumn::Age:
    case AppColumn::History: {
        if (left.daemon == right.daemon || left.record.lastUpdate == Never
            || right.record.lastUpdate == Never)
            return threeWay(right.record.lastUpdate, left.record.lastUpdate);
        const auto onOurClock = [](const Row &row) {
            const Daemon &daemon = *row.daemon;
            return std::chrono::floor<milliseconds>(row.record.lastUpdate)
                - std::chrono::floor<milliseconds>(daemon.listing->now)
                + std::chrono::floor<milliseconds>(daemon.receivedAt.time_since_epoch());
        };
        return threeWay(onOurClock(right), onOurClock(left));
    }
    case AppColumn::Interval:
        return threeWay(left.record.interval, right.record.interval);
    case AppColumn::Size:
        return threeWay(left.record.bytes, right.record.bytes);
    case AppColumn::Series:
        return threeWay(left.record.series, right.record.series);
    case AppColumn::Updates:
        return threeWay(left.record.updates, right.record.updates);
    case AppColumn::Rejected:
        return threeWay(left.record.rejected, right.record.rejected);
    case AppColumn::Daemon:
        return compareTexts(left.daemon->shortName, right.daemon->shortName);
    }
    return 0;
}

AppTableModel::TextStamp AppTableModel::textStamp(int row) const
{
    const Row &found = *m_rows[std::size_t(row)];
    return {found.slot, found.textRevision};
}

AppTableModel::Daemon *AppTableModel::findDaemon(const QString &key) const
{
    const auto found = std::ranges::find(m_daemons, key, [](const auto &daemon) { return daemon->key; });
    return found != m_daemons.end() ? found->get() : nullptr;
}

AppTableModel::Daemon &AppTableModel::ensureDaemon(const QString &key)
{
    if (Daemon *known = findDaemon(key))
        return *known;
    Daemon &daemon = *m_daemons.emplace_back(std::make_unique<Daemon>());
    daemon.key = key;
    daemon.shortName = DaemonAddress::shortName(key);
    daemon.first = rowCount();
    return daemon;
}

void AppTableModel::removeUnlisted(Daemon &daemon, const std::vector<bool> &isListed)
{
    const auto runs = runsOf(daemon.count, [&](int place) { return !isListed[std::size_t(place)]; });
    if (runs.size() > MaxRemovedRuns) {
        moveToEnd(daemon, isListed);
        const auto listed = int(std::count(isListed.begin(), isListed.end(), true));
        return removeRun(daemon, listed, daemon.count - 1);
    }
    for (auto run = runs.rbegin(); run != runs.rend(); ++run)
        removeRun(daemon, run->first, run->last);
}

void AppTableModel::removeRun(Daemon &daemon, int first, int last)
{
    const int firstRow = daemon.first + first;
    const int lastRow = daemon.first + last;
    beginRemoveRows({}, firstRow, lastRow);
    for (int row = firstRow; row <= lastRow; ++row) {
        m_counts.remove(record(row));
        m_freeSlots.push_back(m_rows[std::size_t(row)]->slot);
        daemon.rowOf.remove(record(row).name);
    }
    m_rows.erase(m_rows.begin() + firstRow, m_rows.begin() + lastRow + 1);
    daemon.count -= last - first + 1;
    renumber(firstRow);
    endRemoveRows();
}

/// Moves the rows that are not listed behind those that are, and keeps the order otherwise.
void AppTableModel::moveToEnd(Daemon &daemon, const std::vector<bool> &isListed)
{
    Q_EMIT layoutAboutToBeChanged();
    const QModelIndexList before = persistentIndexList();
    std::vector<const Row *> rowOf;
    rowOf.reserve(std::size_t(before.size()));
    for (const QModelIndex &index : before)
        rowOf.push_back(m_rows[std::size_t(index.row())].get());

    const auto begin = m_rows.begin() + daemon.first;
    std::stable_partition(begin, begin + daemon.count,
                          [&](const auto &row) { return isListed[std::size_t(row->number - daemon.first)]; });
    renumber(daemon.first);

    QModelIndexList after;
    after.reserve(before.size());
    for (qsizetype i = 0; i < before.size(); ++i)
        after << index(rowOf[std::size_t(i)]->number, before[i].column());
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged();
}

/// Stores the new record of an application and returns the columns that look different.
AppTableModel::ColumnSet AppTableModel::update(Row &row, const AppRecord &app)
{
    ColumnSet changed;
    const auto note = [&changed](AppColumn column, bool differs) {
        if (differs)
            changed.set(std::size_t(column));
    };
    AppRecord &old = row.record;
    const bool hasNewReason = old.lastErrorReason != app.lastErrorReason;
    const bool hasNewArrival = old.lastUpdate != app.lastUpdate;
    note(AppColumn::State,
         old.state != app.state || old.stateWord != app.stateWord || hasNewReason
             || old.lastErrorAt != app.lastErrorAt);
    note(AppColumn::Application, old.conflicts != app.conflicts);
    note(AppColumn::Source, old.source != app.source || old.kind != app.kind);
    note(AppColumn::Age, hasNewArrival);
    note(AppColumn::Interval, old.interval != app.interval);
    note(AppColumn::Size, old.bytes != app.bytes);
    note(AppColumn::Series, old.series != app.series);
    note(AppColumn::Updates, old.updates != app.updates);
    note(AppColumn::Rejected, old.rejected != app.rejected);
    note(AppColumn::History, hasNewArrival || old.interval != app.interval);
    if (changed.none())
        return changed;
    if (hasNewReason || old.source != app.source)
        row.textRevision = ++m_lastTextRevision;
    m_counts.remove(old);
    m_counts.add(app);
    row.history.note(app.updates, app.lastUpdate);
    old = app;
    return changed;
}

void AppTableModel::announce(const Daemon &daemon, const std::vector<ColumnSet> &changed)
{
    const auto runs = runsOf(daemon.count, [&](int place) { return changed[std::size_t(place)].any(); });
    if (runs.empty())
        return;
    const auto columnsOf = [&changed](int first, int last) {
        ColumnSet columns;
        for (int place = first; place <= last; ++place)
            columns |= changed[std::size_t(place)];
        return columns;
    };
    if (runs.size() > MaxChangedRuns) {
        const Run whole{runs.front().first, runs.back().last};
        return announceRun(daemon.first + whole.first, daemon.first + whole.last,
                           columnsOf(whole.first, whole.last));
    }
    for (const Run &run : runs)
        announceRun(daemon.first + run.first, daemon.first + run.last, columnsOf(run.first, run.last));
}

void AppTableModel::announceRun(int first, int last, const ColumnSet &columns)
{
    int left = 0;
    while (!columns.test(std::size_t(left)))
        ++left;
    int right = AppColumnCount - 1;
    while (!columns.test(std::size_t(right)))
        --right;
    Q_EMIT dataChanged(index(first, left), index(last, right));
}

void AppTableModel::insertNew(Daemon &daemon, const std::vector<const AppRecord *> &apps)
{
    if (apps.empty())
        return;
    std::vector<std::unique_ptr<Row>> rows;
    rows.reserve(apps.size());
    for (const AppRecord *app : apps) {
        Row &row = *rows.emplace_back(std::make_unique<Row>());
        row.record = *app;
        row.history.note(app->updates, app->lastUpdate);
        row.daemon = &daemon;
        row.textRevision = ++m_lastTextRevision;
        if (m_freeSlots.empty()) {
            row.slot = m_slotCount++;
        } else {
            row.slot = m_freeSlots.back();
            m_freeSlots.pop_back();
        }
    }
    const int first = daemon.first + daemon.count;
    beginInsertRows({}, first, first + int(rows.size()) - 1);
    for (const auto &row : rows) {
        daemon.rowOf.insert(row->record.name, row.get());
        m_counts.add(row->record);
    }
    daemon.count += int(rows.size());
    m_rows.insert(m_rows.begin() + first, std::make_move_iterator(rows.begin()),
                  std::make_move_iterator(rows.end()));
    renumber(first);
    endInsertRows();
}

/// Updates the row numbers from `fromRow` on, after rows were inserted, removed or moved.
void AppTableModel::renumber(int fromRow)
{
    for (int row = fromRow; row < rowCount(); ++row)
        m_rows[std::size_t(row)]->number = row;
    int first = 0;
    for (const auto &daemon : m_daemons) {
        daemon->first = first;
        first += daemon->count;
    }
}

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
        return int((columnInfo(column).isNumeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
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
        return columnInfo(column).title();
    case Qt::ToolTipRole:
        return asToolTip(columnInfo(column).meaning());
    case Qt::TextAlignmentRole:
        return int((columnInfo(column).isNumeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
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
        return escapedLine(app.name);
    case AppColumn::Source:
        return escapedLine(app.source);
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
        return escapedLine(row.daemon->shortName);
    }
    return {};
}

QString AppTableModel::toolTip(const Row &row, AppColumn column) const
{
    const AppRecord &app = row.record;
    const auto lastError = [&app] {
        if (app.lastErrorReason.isEmpty())
            return QString();
        const QString reason = escapedLine(app.lastErrorReason);
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
            lines = join(lines, escapedLine(conflict));
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
        return escapedLine(row.daemon->key);
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

} // namespace ExporterProxy::Monitor
