// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/rowactions.h"

#include "common/util/showntext.h"
#include "gui/model/apptexts.h"
#include "gui/window/appexport.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QGuiApplication>
#include <QMenu>

namespace ExporterProxy::Monitor {

RowActions::RowActions(AppsView &view, const Watchlist &watchlist, QObject *parent)
    : QObject(parent)
    , m_view(view)
    , m_filter(*static_cast<const AppFilter *>(view.model()))
    , m_watchlist(watchlist)
{
    add(tr("Copy &Name"), QKeySequence::Copy, &RowActions::copyNames);
    add(tr("Copy &Row"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), &RowActions::copyRows);
    add(tr("Copy &Metrics"), QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_C), &RowActions::copyMetrics);
    m_actions << nullptr;
    add(tr("&Open Metrics in Browser"), QKeySequence(Qt::CTRL | Qt::Key_O), &RowActions::openMetrics);
    add(tr("Open &Daemon’s Page in Browser"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O),
        &RowActions::openDaemonPage);
    connect(view.selectionModel(), &QItemSelectionModel::selectionChanged, this, &RowActions::updateEnabled);
    connect(&view, &AppsView::currentAppChanged, this, &RowActions::updateEnabled);
    updateEnabled();
}

void RowActions::add(const QString &text, const QKeySequence &shortcut, void (RowActions::*slot)())
{
    auto *action = new QAction(text, this);
    action->setShortcut(shortcut);
    // Only for the table, because Ctrl+C in a text field copies from there.
    action->setShortcutContext(Qt::WidgetShortcut);
    connect(action, &QAction::triggered, this, slot);
    m_view.addAction(action);
    m_actions << action;
}

void RowActions::addTo(QMenu &menu) const
{
    for (QAction *action : m_actions) {
        if (action)
            menu.addAction(action);
        else
            menu.addSeparator();
    }
}

void RowActions::updateEnabled()
{
    const bool any = m_view.currentIndex().isValid() && m_view.selectionModel()->hasSelection();
    for (QAction *action : m_actions)
        if (action && action->isEnabled() != any)
            action->setEnabled(any);
}

DaemonClient *RowActions::currentClient() const
{
    const int row = m_view.currentSourceRow();
    return row < 0 ? nullptr : m_watchlist.client(m_filter.appModel().daemon(row));
}

void RowActions::copyNames()
{
    QStringList names;
    for (const int row : m_view.selectedSourceRows())
        names << m_filter.appModel().record(row).name;
    QGuiApplication::clipboard()->setText(names.join(u'\n'));
    Q_EMIT said(names.size() == 1 ? tr("Copied the name") : tr("Copied %1 names").arg(names.size()));
}

void RowActions::copyRows()
{
    const QList<int> rows = m_view.selectedSourceRows();
    QGuiApplication::clipboard()->setText(
        rowsAsText(m_filter.appModel(), rows, shownColumns(*m_view.header())));
    Q_EMIT said(rows.size() == 1 ? tr("Copied the row") : tr("Copied %1 rows").arg(rows.size()));
}

void RowActions::copyMetrics()
{
    DaemonClient *client = currentClient();
    if (!client)
        return;
    const QString name = m_filter.appModel().record(m_view.currentSourceRow()).name;
    const QString shownName = escapedLine(name);
    m_fetch = client->fetchMetrics(name);
    Q_EMIT said(tr("Fetching the metrics of %1…").arg(shownName));
    connect(m_fetch.get(), &MetricsFetch::finished, this, [this, shownName] {
        const std::unique_ptr<MetricsFetch> fetch = std::move(m_fetch);
        if (!fetch->answer())
            return said(tr("Cannot fetch the metrics of %1: %2").arg(shownName, fetch->answer().error()));
        const MetricsText &text = fetch->answer().value();
        QGuiApplication::clipboard()->setText(QString::fromUtf8(text.bytes));
        const QString size = AppTexts::size(text.bytes.size());
        Q_EMIT said(text.isCut
                        ? tr("Copied the first %1 of the metrics of %2; there are more").arg(size, shownName)
                        : tr("Copied the metrics of %2, %1").arg(size, shownName));
    });
}

void RowActions::openMetrics()
{
    if (const DaemonClient *client = currentClient())
        open(client->address().metricsUrl(m_filter.appModel().record(m_view.currentSourceRow()).name));
}

void RowActions::openDaemonPage()
{
    if (const DaemonClient *client = currentClient())
        open(client->address().landingUrl());
}

void RowActions::open(const QUrl &url)
{
    if (!QDesktopServices::openUrl(url))
        Q_EMIT said(tr("No browser could be started"));
}

} // namespace ExporterProxy::Monitor
