// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/model/appfilter.h"

#include <chrono>
#include <QPersistentModelIndex>
#include <QPointer>
#include <QTimer>
#include <QTreeView>
#include <QWidget>
#include <vector>

QT_BEGIN_NAMESPACE
class QMenu;
QT_END_NAMESPACE

namespace ExporterProxy::Monitor {

/// Keeps rows in their places while somebody is about to click one: while the mouse has moved over them
/// lately, a button is down, or a menu on a row is open. Rows that jump away under the mouse make one act on
/// the wrong application.
class RowHold : public QObject
{
    Q_OBJECT

public:
    /// From the last move to letting go: longer than the pause between seeing a row and clicking it.
    static constexpr std::chrono::milliseconds RestTime{1500};

    /// Watches the mouse on `viewport`, which must outlive it. The filter may go first, as it does when a
    /// window is taken apart: nothing is held then.
    RowHold(QWidget &viewport, AppFilter &filter, QObject *parent = nullptr);

    void setMenuOpen(bool open);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void update();

    QPointer<AppFilter> m_filter;
    QTimer m_rest; ///< runs: the mouse has moved lately
    bool m_pressed = false;
    bool m_menuOpen = false;
};

/// The table of applications. What its user has chosen, rows and columns and where it is scrolled to,
/// survives every refresh.
class AppsView : public QTreeView
{
    Q_OBJECT

public:
    /// `filter` must outlive it.
    explicit AppsView(AppFilter &filter, QWidget *parent = nullptr);
    ~AppsView() override;

    /// Order, widths and visibility of the columns, and what the table is sorted by.
    QByteArray columnState() const;
    /// False, and nothing changes, if it is not one of this version's.
    bool restoreColumnState(const QByteArray &state);
    void resetColumns();

    /// The column of daemons says nothing while there is one.
    void setDaemonColumnUseful(bool useful);

    /// Fills the menu with a switch for each column and what else is to be done to them.
    void fillColumnMenu(QMenu &menu);

    /// To be called each second: lets the ages of the rows that can be seen go on.
    void tick();

    /// The model's rows of the selection, in the order of the table; and the one with the keyboard, or -1.
    QList<int> selectedSourceRows() const;
    int currentSourceRow() const;
    /// Selects the application and brings it into view; false if the filter does not show it.
    bool selectApp(const QString &daemon, const QString &name);

    /// Opens the menu over the table, and keeps the rows in place until it closes.
    void execMenu(QMenu &menu, const QPoint &globalPosition);

    void keyboardSearch(const QString &search) override;

Q_SIGNALS:
    /// Another application has the keyboard, or none, or what is known of it has changed.
    void currentAppChanged();
    /// A menu for the selected rows is wanted.
    void menuWanted(const QPoint &globalPosition);
    /// A row was double-clicked, or Enter was pressed on it. Not activated(), which some desktops have at
    /// each click: that would take the keyboard away from the table.
    void detailsWanted();

protected:
    void currentChanged(const QModelIndex &current, const QModelIndex &previous) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void rowsAboutToBeRemoved(const QModelIndex &parent, int start, int end) override;
    void rowsInserted(const QModelIndex &parent, int start, int end) override;
    void changeEvent(QEvent *event) override;

private:
    void keepPlace();
    void restorePlace();
    void setColumnShown(AppColumn column, bool shown);
    void setUpColumns();
    int firstWidth(AppColumn column) const; ///< until somebody changes it
    void applyRowHeight();

    AppFilter &m_filter;
    RowHold *m_hold = nullptr;
    /// A row that could be seen, and where: pixels from the viewport's top.
    struct SeenRow
    {
        QPersistentModelIndex index;
        int top;
    };
    std::vector<SeenRow> m_seen; ///< before the update, from the top; empty but while restorePlace() is due
    bool m_daemonColumnUseful = false;
    bool m_daemonColumnWanted = true; ///< by the user, where it is useful
};

} // namespace ExporterProxy::Monitor
