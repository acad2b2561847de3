// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/window/appsview.h"
#include "gui/window/watchlist.h"

#include <memory>
#include <QAction>

namespace ExporterProxy::Monitor {

/// The actions on the selected rows, shared by the menu bar, the context menu and the keyboard.
class RowActions : public QObject
{
    Q_OBJECT

public:
    /// Both must outlive this object.
    RowActions(AppsView &view, const Watchlist &watchlist, QObject *parent = nullptr);

    /// In the order of a menu; null is a separator.
    const QList<QAction *> &actions() const { return m_actions; }
    void addTo(QMenu &menu) const;

    void copyNames();
    void copyRows();
    /// Fetches the metrics of the current application and copies them to the clipboard.
    void copyMetrics();
    void openMetrics();
    void openDaemonPage();

Q_SIGNALS:
    /// Emitted with a sentence about the result of an action.
    void said(const QString &sentence);

private:
    void add(const QString &text, const QKeySequence &shortcut, void (RowActions::*slot)());
    void open(const QUrl &url);
    void updateEnabled();
    DaemonClient *currentClient() const; ///< null if there is no current row

    AppsView &m_view;
    const AppFilter &m_filter;
    const Watchlist &m_watchlist;
    QList<QAction *> m_actions;
    std::unique_ptr<MetricsFetch> m_fetch; ///< running for copyMetrics()
};

} // namespace ExporterProxy::Monitor
