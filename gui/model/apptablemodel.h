// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"
#include "gui/client/boottime.h"
#include "gui/model/appcolumns.h"
#include "gui/model/arrivalhistory.h"
#include "gui/model/statecounts.h"

#include <bitset>
#include <memory>
#include <optional>
#include <QAbstractTableModel>
#include <QHash>
#include <vector>

namespace ExporterProxy::Monitor {

/// The roles of the model beside Qt's own.
enum AppRole : int {
    StateRole = Qt::UserRole, ///< int(AppState)
    NameRole, ///< QString: the application's name
    DaemonRole, ///< QString: the key of its daemon; identifies a row for ever, together with NameRole
    ConflictsRole, ///< bool: its metrics are not shown as they were sent, because they conflict with others
    OutdatedRole, ///< bool: the daemon does not answer at present, so the row may be out of date
};

/// The applications of all daemons that are watched, one a row. A new listing is applied as a difference:
/// `dataChanged` for contiguous runs of rows and no more columns than changed, rows inserted and removed in
/// runs, never a reset; so selection and scroll position survive. The rows of a daemon are
/// together, with a new application at their end. GUI thread only.
class AppTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    /// Applies the newest listing of the daemon with that key (DaemonAddress::key()), and marks its rows as
    /// up to date.
    void setListing(const QString &daemon, const std::shared_ptr<const AppsListing> &listing);
    /// Marks the rows of the daemon as out of date or up to date (OutdatedRole).
    void setOutdated(const QString &daemon, bool outdated);
    void removeDaemon(const QString &daemon);
    /// Keys in the order of their rows.
    QStringList daemons() const;

    // By row, 0 ≤ row < rowCount(). References are valid until the next change of the model.
    const AppRecord &record(int row) const { return m_rows[std::size_t(row)]->record; }
    const QString &daemon(int row) const { return daemonOf(row).key; }
    bool isOutdated(int row) const { return daemonOf(row).outdated; }
    const ArrivalHistory &history(int row) const { return m_rows[std::size_t(row)]->history; }
    PaintedHistory paintedHistory(int row) const; ///< until now
    /// The time since the last update by the daemon's clock, never negative; nullopt if there was none.
    std::optional<std::chrono::milliseconds> age(int row) const;
    /// The daemon's clock: that of its last listing plus the time since then.
    CoarseTime daemonNow(int row) const;
    std::shared_ptr<const AppsListing>
    listing(const QString &daemon) const; ///< the newest; null if there is none

    /// The index of an application in column 0, or an invalid one.
    QModelIndex find(const QString &daemon, const QString &name) const;
    /// Counts all rows, including those of outdated daemons.
    const StateCounts &counts() const { return m_counts; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    /// Compares the raw values of two rows in a column: negative, 0 or positive. Sorting uses this and not
    /// data(), because it compares a hundred thousand times and a QVariant is too slow for that.
    int compare(AppColumn column, int leftRow, int rightRow) const;
    /// Identifies the texts of a row: equal only if name, source and error are equal, so that results derived
    /// from them can be cached. The slot is a small number, one for each row.
    struct TextStamp
    {
        quint32 slot = 0;
        quint64 revision = 0;
    };
    TextStamp textStamp(int row) const;

Q_SIGNALS:
    /// Emitted around all the changes of one listing, outdating or removal, so that what depends on the whole
    /// model (order, counts, notifications) is updated once and not for each run of rows.
    void updateBegan();
    void updateEnded();

private:
    struct Row;
    struct Daemon
    {
        QString key;
        QString shortName;
        std::shared_ptr<const AppsListing> listing;
        BootClock::time_point receivedAt;
        QHash<QString, Row *> rowOf; ///< by name
        int first = 0; ///< the first row
        int count = 0;
        bool outdated = false;
    };
    struct Row
    {
        AppRecord record;
        ArrivalHistory history;
        Daemon *daemon = nullptr;
        quint64 textRevision = 0;
        quint32 slot = 0;
        int number = 0; ///< the index in m_rows
    };
    /// One bit for each column.
    using ColumnSet = std::bitset<std::size_t(AppColumnCount)>;

    const Daemon &daemonOf(int row) const { return *m_rows[std::size_t(row)]->daemon; }
    Daemon *findDaemon(const QString &key) const;
    Daemon &ensureDaemon(const QString &key);
    /// Removes the rows of the daemon for which `isListed`, by place among them, is false.
    void removeUnlisted(Daemon &daemon, const std::vector<bool> &isListed);
    void removeRun(Daemon &daemon, int first, int last);
    void moveToEnd(Daemon &daemon, const std::vector<bool> &isListed);
    ColumnSet update(Row &row, const AppRecord &app);
    void announce(const Daemon &daemon, const std::vector<ColumnSet> &changed);
    void announceRun(int first, int last, const ColumnSet &columns);
    void insertNew(Daemon &daemon, const std::vector<const AppRecord *> &apps);
    void renumber(int fromRow);

    QString display(const Row &row, AppColumn column) const;
    QString toolTip(const Row &row, AppColumn column) const;
    QString accessible(const Row &row, AppColumn column) const;

    std::vector<std::unique_ptr<Row>> m_rows;
    std::vector<std::unique_ptr<Daemon>> m_daemons; ///< in the order of their rows
    std::vector<quint32> m_freeSlots;
    quint32 m_slotCount = 0;
    quint64 m_lastTextRevision = 0;
    StateCounts m_counts;
};

} // namespace ExporterProxy::Monitor
