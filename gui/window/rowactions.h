// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/window/appsview.h"
#include "gui/window/watchlist.h"

#include <memory>
#include <QAction>

namespace ExporterProxy::Monitor {

/// What can be done with the rows that are selected: one set of actions for the menu bar, the context menu
/// and the keyboard.
class RowActions : public QObject
{
    Q_OBJECT

public:
    /// Both must outlive it.
    RowActions(AppsView &view, const Watchlist &watchlist, QObject *parent = nullptr);

    /// In the order of a menu; null stands for a separator.
    const QList<QAction *> &actions() const { return m_actions; }
    void addTo(QMenu &menu) const;

    void copyNames();
    void copyRows();
    /// Fetches the metrics of the current application for the clipboard.
    void copyMetrics();
    void openMetrics();
    void openDaemonPage();

Q_SIGNALS:
    /// A sentence about what was done or could not be.
    void said(const QString &sentence);

private:
    QAction *add(const QString &text, const QKeySequence &shortcut, void (RowActions::*slot)());
    void updateEnabled();
    DaemonClient *currentClient() const; ///< of the current row; null: none

    AppsView &m_view;
    const AppFilter &m_filter;
    const Watchlist &m_watchlist;
    QList<QAction *> m_actions;
    std::unique_ptr<MetricsFetch> m_fetch; ///< on its way to the clipboard
};

} // namespace ExporterProxy::Monitor
