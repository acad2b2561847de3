// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/details/metricssource.h"
#include "gui/model/appfilter.h"
#include "gui/model/apptablemodel.h"
#include "gui/window/monitorsettings.h"
#include "gui/window/watchlist.h"

#include <QMainWindow>
#include <QTimer>

class QLabel;
class QSplitter;
class QStackedWidget;

namespace ExporterProxy::Monitor {

class AppsView;
class ConnectionBar;
class DetailsPane;
class ElidedLabel;
class EmptyPage;
class FilterBar;
class Notifier;
class RowActions;

/// The monitor's only window: the connection bar, the filter, the table of the applications of all daemons,
/// the details of one, and a summary. Shows errors in words at their place, and opens no dialog by itself.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    /// Watches the daemons at `addresses`, or without any those of the last time, or else the one of this
    /// host. `settings` must outlive this object.
    MainWindow(QSettings &settings, const QStringList &addresses, QWidget *parent = nullptr);
    ~MainWindow() override;

    Watchlist &watchlist() { return m_watchlist; }
    AppFilter &filter() { return m_filter; }
    AppsView &table() { return *m_table; }

    /// Brings the window to the front.
    void present();
    /// The same, and selects the application, also if the filter hid it.
    void showApp(const QString &daemon, const QString &name);
    /// Writes the table as it is shown, and says in the status bar whether that worked.
    void exportCsv(const QString &fileName);

protected:
    void changeEvent(QEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void layOut();
    void connectParts();
    void makeMenus();
    void makeFileMenu();
    void makeEditMenu();
    void makeViewMenu();
    void makeNotifyMenu();
    void makeHelpMenu();
    void quit();
    void feedNotifier(DaemonClient *client);
    void startWatching(const QStringList &addresses);
    void restoreSettings();
    void saveSettings();
    void tick();
    void updateTicking();
    void updateSummary();
    void updateMiddle();
    void updateDetails();
    void emptyPageButtonClicked();
    void openRowMenu(const QPoint &globalPosition);
    void askWhereToExport();
    void showShortcuts();
    void showAbout();
    void say(const QString &sentence);

    MonitorSettings m_settings;
    AppTableModel m_model;
    AppFilter m_filter;
    Watchlist m_watchlist;
    ClientMetrics m_metricsSource;
    ConnectionBar *m_connectionBar = nullptr;
    FilterBar *m_filterBar = nullptr;
    AppsView *m_table = nullptr;
    DetailsPane *m_details = nullptr;
    EmptyPage *m_emptyPage = nullptr;
    QStackedWidget *m_middle = nullptr; ///< the table or the empty page
    QSplitter *m_splitter = nullptr;
    RowActions *m_rowActions = nullptr;
    Notifier *m_notifier = nullptr;
    QLabel *m_summaryMark = nullptr;
    ElidedLabel *m_summary = nullptr;
    QTimer m_second; ///< ticks while the window is visible
    bool m_keepsWatchlist =
        false; ///< false if the daemons were given on the command line, which are not remembered
};

} // namespace ExporterProxy::Monitor
