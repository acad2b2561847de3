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

class QMenu;

namespace ExporterProxy::Monitor {

/// Keeps rows in their places while the user is about to click one: while the mouse has moved over them
/// lately, a button is down, or a menu on a row is open. If rows moved under the mouse, the user would act on
/// the wrong application.
class RowHold : public QObject
{
    Q_OBJECT

public:
    /// The time from the last move to the release of the rows: longer than a user takes to click a row.
    static constexpr std::chrono::milliseconds RestTime{1500};

    /// Watches the mouse on `viewport`, which must outlive this object. The filter may be destroyed first, as
    /// when a window is destroyed.
    RowHold(QWidget &viewport, AppFilter &filter, QObject *parent = nullptr);

    void setMenuOpen(bool open);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void update();

    QPointer<AppFilter> m_filter;
    QTimer m_rest; ///< active while the mouse has moved lately
    bool m_pressed = false;
    bool m_menuOpen = false;
};

/// The table of applications. Selection, columns and scroll position survive every refresh.
class AppsView : public QTreeView
{
    Q_OBJECT

public:
    /// `filter` must outlive this object.
    explicit AppsView(AppFilter &filter, QWidget *parent = nullptr);

    /// The order, widths and visibility of the columns, and the sorting.
    QByteArray columnState() const;
    /// Returns false and changes nothing if the state is of another version.
    bool restoreColumnState(const QByteArray &state);
    void resetColumns();

    /// Shows the column of daemons, which is useless while only one is watched, unless the user has hidden
    /// it.
    void setDaemonColumnUseful(bool useful);

    /// Adds a switch for each column, and the other actions on columns, to the menu.
    void fillColumnMenu(QMenu &menu);

    /// Updates the ages of the visible rows; to be called each second.
    void tick();

    /// The selected rows of the model, in the order of the table; and the current one, or -1.
    QList<int> selectedSourceRows() const;
    int currentSourceRow() const;
    /// Selects the application and scrolls to it. Returns false if the filter does not show it.
    bool selectApp(const QString &daemon, const QString &name);

    /// Opens the menu and keeps the rows in their places until it closes.
    void execMenu(QMenu &menu, const QPoint &globalPosition);

    void keyboardSearch(const QString &search) override;

Q_SIGNALS:
    /// Emitted if the current application, or its record, has changed.
    void currentAppChanged();
    /// Emitted if the user requests a menu for the selected rows.
    void menuWanted(const QPoint &globalPosition);
    /// Emitted on a double click or Enter. Not activated(), which some desktops emit at each click: that
    /// would take the keyboard focus away from the table.
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
    int firstWidth(AppColumn column) const; ///< before the user changes it
    void applyRowHeight();

    AppFilter &m_filter;
    RowHold *m_hold = nullptr;
    /// A row that was visible, and its distance from the viewport's top in pixels.
    struct SeenRow
    {
        QPersistentModelIndex index;
        int top;
    };
    std::vector<SeenRow> m_seen; ///< before the update, from the top; empty unless restorePlace() is due
    bool m_daemonColumnUseful = false;
    bool m_daemonColumnWanted = true; ///< the choice of the user
};

} // namespace ExporterProxy::Monitor
