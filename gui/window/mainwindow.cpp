// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/mainwindow.h"

#include "common/util/version.h"
#include "gui/details/detailspane.h"
#include "gui/icons/colors.h"
#include "gui/icons/icons.h"
#include "gui/model/statecounts.h"
#include "gui/notify/notifier.h"
#include "gui/window/appexport.h"
#include "gui/window/appsview.h"
#include "gui/window/connectionbar.h"
#include "gui/window/emptypage.h"
#include "gui/window/filterbar.h"
#include "gui/window/monitorsettings.h"
#include "gui/window/narrowwindow.h"
#include "gui/window/rowactions.h"
#include "gui/window/watchlist.h"

#include <QCloseEvent>
#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QScrollArea>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QStatusBar>

namespace ExporterProxy::Monitor {

namespace {

using namespace std::chrono_literals;

/// The time for which a message stays in the status bar.
constexpr auto SentenceTime = 6s;

} // namespace

MainWindow::MainWindow(QSettings &settings, const QStringList &addresses, QWidget *parent)
    : QMainWindow(parent)
    , m_settings(settings)
    , m_filter(m_model)
    , m_watchlist(m_model)
    , m_metricsSource([this](const QString &daemon) { return m_watchlist.client(daemon); })
{
    m_watchlist.setInterval(m_settings.refreshInterval());
    layOut();
    makeMenus();
    connectParts();
    restoreSettings();
    startWatching(addresses);
    updateSummary();
    updateMiddle();
    if (!m_watchlist.clients().empty())
        m_middle->currentWidget()->setFocus();
}

MainWindow::~MainWindow()
{
    // The parts refer to members of the window. As its children they would be destroyed after these.
    m_second.stop();
    delete takeCentralWidget();
    delete m_rowActions;
    delete m_notifier;
}

void MainWindow::layOut()
{
    m_connectionBar = new ConnectionBar(m_watchlist, m_settings);
    m_filterBar = new FilterBar(m_filter);
    m_table = new AppsView(m_filter);
    m_emptyPage = new EmptyPage;
    m_middle = new QStackedWidget;
    m_middle->addWidget(m_table);
    m_middle->addWidget(m_emptyPage);
    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_middle);
    m_details = new DetailsPane(m_metricsSource);
    m_splitter->addWidget(m_details);
    m_splitter->setSizes({600, 300}); // the table is the main part
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    m_rowActions = new RowActions(*m_table, m_watchlist, this);
    m_notifier = new Notifier(*this, this);

    auto *bars = new QVBoxLayout;
    bars->setContentsMargins(6, 6, 6, 0);
    bars->setSpacing(6);
    bars->addWidget(m_connectionBar);
    bars->addWidget(m_filterBar);
    auto *central = new QWidget;
    auto *layout = new QVBoxLayout(central);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(bars);
    layout->addWidget(m_splitter, 1);
    setCentralWidget(central);

    m_summaryMark = new QLabel;
    m_summary = new ElidedLabel;
    m_summary->setObjectName(QStringLiteral("summary"));
    auto *line = new QWidget;
    auto *lineLayout = new QHBoxLayout(line);
    lineLayout->setContentsMargins(6, 0, 0, 0);
    lineLayout->addWidget(m_summaryMark);
    lineLayout->addWidget(m_summary, 1);
    // Permanent, so that a message does not replace it; but first in the row.
    statusBar()->insertPermanentWidget(0, line, 1);
}

void MainWindow::connectParts()
{
    connect(&m_filter, &AppFilter::countsChanged, this, &MainWindow::updateSummary);
    connect(&m_filter, &AppFilter::countsChanged, this, &MainWindow::updateMiddle);
    connect(&m_filter, &QAbstractItemModel::rowsInserted, this, &MainWindow::updateMiddle);
    connect(&m_filter, &QAbstractItemModel::rowsRemoved, this, &MainWindow::updateMiddle);
    connect(&m_watchlist, &Watchlist::stateChanged, this, &MainWindow::updateSummary);
    connect(&m_watchlist, &Watchlist::stateChanged, this, &MainWindow::updateMiddle);
    const auto watchedChanged = [this] {
        m_table->setDaemonColumnUseful(m_watchlist.clients().size() > 1);
        if (m_keepsWatchlist)
            m_settings.setWatched(m_watchlist.keys());
    };
    connect(&m_watchlist, &Watchlist::added, this, watchedChanged);
    connect(&m_watchlist, &Watchlist::removed, this, watchedChanged);
    connect(&m_watchlist, &Watchlist::added, this, &MainWindow::feedNotifier);
    connect(&m_watchlist, &Watchlist::removed, m_notifier, &Notifier::removeDaemon);
    connect(m_notifier, &Notifier::appActivated, this, &MainWindow::showApp);
    connect(m_notifier, &Notifier::windowWanted, this, &MainWindow::present);
    connect(m_notifier, &Notifier::told, this, &MainWindow::say);
    connect(m_filterBar, &FilterBar::left, m_table, qOverload<>(&QWidget::setFocus));
    connect(m_emptyPage, &EmptyPage::buttonClicked, this, &MainWindow::emptyPageButtonClicked);
    connect(m_table, &AppsView::menuWanted, this, &MainWindow::openRowMenu);
    connect(m_rowActions, &RowActions::said, this, &MainWindow::say);
    connect(m_table, &AppsView::currentAppChanged, this, &MainWindow::updateDetails);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &MainWindow::updateDetails);
    connect(m_table, &AppsView::detailsWanted, m_details, &DetailsPane::focusText);
    m_second.setInterval(1s);
    connect(&m_second, &QTimer::timeout, this, &MainWindow::tick);
}

void MainWindow::feedNotifier(DaemonClient *client)
{
    connect(client, &DaemonClient::listingArrived, m_notifier,
            [this, client](const std::shared_ptr<const AppsListing> &listing) {
                m_notifier->update(client->key(), listing->apps);
            });
    connect(client, &DaemonClient::stateChanged, m_notifier, [this, client] {
        m_notifier->setSilent(client->key(), client->state().isSilent(), client->state().reason);
    });
}

void MainWindow::startWatching(const QStringList &addresses)
{
    QStringList wanted = addresses;
    if (wanted.isEmpty())
        wanted = m_settings.watched();
    if (wanted.isEmpty())
        wanted << DaemonAddress().key();
    for (const QString &address : std::as_const(wanted))
        m_connectionBar->watch(address);
    m_keepsWatchlist = addresses.isEmpty();
    if (m_watchlist.clients().empty())
        m_connectionBar->askForAddress();
}

void MainWindow::restoreSettings()
{
    if (!restoreGeometry(m_settings.windowGeometry()))
        resize(fontMetrics().averageCharWidth() * 150, fontMetrics().height() * 40);
    m_table->restoreColumnState(m_settings.columns());
    m_splitter->restoreState(m_settings.splitter());
    m_details->restoreLayout(m_settings.detailsLayout());
    m_details->setCollapsed(!m_settings.detailsShown());
    m_filterBar->setRegularExpression(m_settings.filterIsRegularExpression());
}

void MainWindow::saveSettings()
{
    m_settings.setWindowGeometry(saveGeometry());
    m_settings.setColumns(m_table->columnState());
    m_settings.setSplitter(m_splitter->saveState());
    m_settings.setDetailsLayout(m_details->saveLayout());
    m_settings.setDetailsShown(!m_details->isCollapsed());
    m_settings.setFilterIsRegularExpression(m_filterBar->isRegularExpression());
}

void MainWindow::tick()
{
    m_table->tick();
    m_connectionBar->updateWords();
}

void MainWindow::updateTicking()
{
    const bool seen = isVisible() && !isMinimized();
    m_watchlist.setHidden(!seen);
    if (seen == m_second.isActive())
        return;
    if (seen) {
        tick();
        m_second.start();
    } else {
        m_second.stop();
    }
}

void MainWindow::updateSummary()
{
    const StateCounts &counts = m_model.counts();
    const int silent = m_watchlist.silentDaemons();
    m_summary->setFullText(summaryText(counts, silent));
    const std::optional<AppState> worst = silent > 0 ? AppState::Failing : worstState(counts);
    const int side = fontMetrics().height();
    m_summaryMark->setVisible(worst.has_value());
    if (worst)
        m_summaryMark->setPixmap(stateIcon(*worst, paletteOn(QPalette::Window, palette()))
                                     .pixmap(QSize(side, side), devicePixelRatio()));
    const QString alarms = alarmText(counts, silent);
    //: The window's title; %1: what is wrong, "1 failing, 2 late"
    setWindowTitle(alarms.isEmpty() ? tr("exporter-proxy monitor")
                                    : tr("%1 – exporter-proxy monitor").arg(alarms));
    m_notifier->showWorst(worst, m_summary->fullText());
}

void MainWindow::updateMiddle()
{
    const std::optional<EmptyReason> reason = emptyReason(m_filter, m_watchlist);
    if (reason)
        m_emptyPage->setWords(emptyWords(*reason, m_filter, m_watchlist));
    QWidget *wanted = reason ? static_cast<QWidget *>(m_emptyPage) : m_table;
    if (m_middle->currentWidget() == wanted)
        return;
    const bool hadFocus = m_middle->isAncestorOf(focusWidget());
    m_middle->setCurrentWidget(wanted);
    if (hadFocus)
        wanted->setFocus();
}

void MainWindow::updateDetails()
{
    const int row = m_table->currentSourceRow();
    if (row < 0 || m_table->selectionModel()->selectedRows().size() != 1)
        return m_details->clearApp();
    const QString &daemon = m_model.daemon(row);
    m_details->showApp(daemon, m_model.record(row), m_model.daemonNow(row), m_model.isOutdated(row));
}

void MainWindow::emptyPageButtonClicked()
{
    const std::optional<EmptyReason> reason = emptyReason(m_filter, m_watchlist);
    if (reason == EmptyReason::NothingMatches)
        m_filterBar->clear();
    else if (reason == EmptyReason::NoAnswer)
        m_watchlist.refreshNow();
}

void MainWindow::showApp(const QString &daemon, const QString &name)
{
    if (!m_table->selectApp(daemon, name)) {
        m_filterBar->clear();
        m_table->selectApp(daemon, name);
    }
    present();
    m_table->setFocus();
}

void MainWindow::present()
{
    setWindowState(windowState() & ~Qt::WindowMinimized);
    show();
    raise();
    activateWindow();
}

void MainWindow::exportCsv(const QString &fileName)
{
    const Result<> written = writeFile(fileName, tableAsCsv(m_filter, shownColumns(*m_table->header())));
    say(!written ? written.error()
                 : tr("Wrote %1 rows to %2").arg(QString::number(m_filter.rowCount()), fileName));
}

void MainWindow::say(const QString &sentence)
{
    statusBar()->showMessage(sentence, int(std::chrono::milliseconds(SentenceTime).count()));
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::WindowStateChange)
        updateTicking();
    else if (event->type() == QEvent::PaletteChange && m_summary)
        updateSummary();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    saveSettings();
    QMainWindow::closeEvent(event);
}

void MainWindow::hideEvent(QHideEvent *event)
{
    QMainWindow::hideEvent(event);
    updateTicking();
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    updateTicking();
}

void MainWindow::makeMenus()
{
    makeFileMenu();
    makeEditMenu();
    makeViewMenu();
    makeNotifyMenu();
    makeHelpMenu();
    // As in a pager or a browser. A text field keeps its '/' for itself.
    auto *slash = new QShortcut(QKeySequence(Qt::Key_Slash), this);
    connect(slash, &QShortcut::activated, m_filterBar, &FilterBar::focusBox);
}

void MainWindow::makeFileMenu()
{
    QMenu &menu = *menuBar()->addMenu(tr("&File"));
    menu.addAction(tr("&Add Daemon…"), QKeySequence(Qt::CTRL | Qt::Key_L), m_connectionBar,
                   &ConnectionBar::askForAddress);
    menu.addSeparator();
    menu.addAction(tr("&Refresh Now"), QKeySequence(Qt::Key_F5), &m_watchlist, &Watchlist::refreshNow);
    menu.addMenu(m_connectionBar->intervalMenu());
    menu.addSeparator();
    menu.addAction(tr("&Export as CSV…"), QKeySequence(Qt::CTRL | Qt::Key_S), this,
                   &MainWindow::askWhereToExport);
    menu.addSeparator();
    menu.addAction(tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), this, &MainWindow::quit);
}

void MainWindow::makeEditMenu()
{
    QMenu &menu = *menuBar()->addMenu(tr("&Edit"));
    menu.addAction(tr("&Filter"), QKeySequence(Qt::CTRL | Qt::Key_F), m_filterBar, &FilterBar::focusBox);
    menu.addAction(tr("C&lear Filter"), m_filterBar, &FilterBar::clear);
    menu.addSeparator();
    m_rowActions->addTo(menu);
    menu.addSeparator();
    QAction *selectAll =
        menu.addAction(tr("Select &All"), QKeySequence::SelectAll, m_table, &QAbstractItemView::selectAll);
    selectAll->setShortcutContext(Qt::WidgetShortcut);
    m_table->addAction(selectAll);
}

void MainWindow::makeViewMenu()
{
    QMenu &menu = *menuBar()->addMenu(tr("&View"));
    QMenu *columns = menu.addMenu(tr("&Columns"));
    columns->setToolTipsVisible(true);
    connect(columns, &QMenu::aboutToShow, this, [this, columns] {
        columns->clear();
        m_table->fillColumnMenu(*columns);
    });
    menu.addSeparator();
    QAction *details = menu.addAction(tr("&Details"), QKeySequence(Qt::CTRL | Qt::Key_D), this,
                                      [this] { m_details->setCollapsed(!m_details->isCollapsed()); });
    details->setCheckable(true);
    details->setChecked(!m_details->isCollapsed());
    connect(m_details, &DetailsPane::collapsedChanged, details,
            [details](bool collapsed) { details->setChecked(!collapsed); });
    menu.addAction(tr("&Find in Metrics"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F), m_details,
                   &DetailsPane::focusSearch);
}

void MainWindow::makeNotifyMenu()
{
    QMenu &menu = *menuBar()->addMenu(tr("&Notifications"));
    const auto addSwitch = [this, &menu](const QString &name, const QString &text, bool byDefault,
                                         void (Notifier::*apply)(bool)) {
        QAction *action = menu.addAction(text);
        action->setCheckable(true);
        action->setChecked(m_settings.notifySwitch(name, byDefault));
        (m_notifier->*apply)(action->isChecked());
        connect(action, &QAction::toggled, this, [this, name, apply](bool on) {
            (m_notifier->*apply)(on);
            m_settings.setNotifySwitch(name, on);
        });
    };
    addSwitch(QStringLiteral("trouble"), tr("&Notify of Trouble"), true, &Notifier::setEnabled);
    addSwitch(QStringLiteral("recovery"), tr("Notify of &Recovery"), false, &Notifier::setRecoveryTold);
    menu.addSeparator();
    addSwitch(QStringLiteral("trayIcon"), tr("Icon in the &Tray"), true, &Notifier::setTrayShown);
    addSwitch(QStringLiteral("worstOnIcon"), tr("&Worst State on the Icon"), true, &Notifier::setBadgeShown);

    auto *trayMenu = new QMenu(this);
    trayMenu->addAction(tr("&Show Window"), this, &MainWindow::present);
    trayMenu->addAction(tr("&Quit"), this, &MainWindow::quit);
    m_notifier->setTrayMenu(trayMenu);
}

void MainWindow::makeHelpMenu()
{
    QMenu &menu = *menuBar()->addMenu(tr("&Help"));
    menu.addAction(tr("&Keyboard Shortcuts"), QKeySequence(Qt::Key_F1), this, &MainWindow::showShortcuts);
    menu.addSeparator();
    menu.addAction(tr("&About"), this, &MainWindow::showAbout);
    menu.addAction(tr("About &Qt"), this, [this] { QMessageBox::aboutQt(this); });
}

void MainWindow::quit()
{
    close();
    QCoreApplication::quit();
}

void MainWindow::openRowMenu(const QPoint &globalPosition)
{
    QMenu menu;
    m_rowActions->addTo(menu);
    m_table->execMenu(menu, globalPosition);
}

void MainWindow::askWhereToExport()
{
    auto *dialog = new QFileDialog(this, tr("Export as CSV"),
                                   QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation),
                                   tr("CSV files (*.csv)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->selectFile(QStringLiteral("applications.csv"));
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::exportCsv);
    // Not exec(), so that the table is refreshed while the dialog is open.
    dialog->open();
}

void MainWindow::showShortcuts()
{
    auto *dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Keyboard Shortcuts"));
    auto *list = new QWidget;
    auto *form = new QFormLayout(list);
    const auto addRow = [form](const QString &keys, const QString &what) {
        auto *label = new QLabel(keys);
        QFont bold = label->font();
        bold.setBold(true);
        label->setFont(bold);
        form->addRow(label, new QLabel(what));
    };
    for (const QAction *menuAction : menuBar()->actions())
        for (const QAction *action : menuAction->menu()->actions())
            if (!action->shortcut().isEmpty())
                addRow(action->shortcut().toString(QKeySequence::NativeText),
                       QString(action->text()).remove(u'&').remove(u'…'));
    addRow(QStringLiteral("/"), tr("Filter"));
    addRow(tr("Esc"), tr("Clear the filter’s text, back to the table"));
    addRow(QKeySequence(Qt::ALT | Qt::Key_R).toString(QKeySequence::NativeText),
           tr("The filter is a regular expression"));
    //: Keys: Alt+1 to Alt+8
    addRow(tr("%1 … %2").arg(QKeySequence(Qt::ALT | Qt::Key_1).toString(QKeySequence::NativeText),
                             QKeySequence(Qt::ALT | Qt::Key_8).toString(QKeySequence::NativeText)),
           tr("Show only these states"));
    addRow(tr("Letters"), tr("In the table: the next name that begins so"));
    auto *area = new QScrollArea;
    area->setWidget(list);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    auto *layout = new QVBoxLayout(dialog);
    layout->addWidget(area);
    layout->addWidget(buttons);
    dialog->resize(list->sizeHint().width() + 60, std::min(list->sizeHint().height() + 80, 700));
    dialog->show();
}

void MainWindow::showAbout()
{
    auto *box = new QMessageBox(
        QMessageBox::NoIcon, tr("About exporter-proxy monitor"),
        tr("<b>exporter-proxy monitor %1</b><p>See at a glance which application went quiet, since when and "
           "why.</p><p>Free software under the GNU General Public License, version 3 or later. There is no "
           "warranty.</p>")
            .arg(QString::fromLatin1(VersionString)),
        QMessageBox::Close, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setIconPixmap(windowIcon().pixmap(QSize(64, 64), devicePixelRatio()));
    box->open();
}

} // namespace ExporterProxy::Monitor
