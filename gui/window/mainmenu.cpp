// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/version.h"
#include "gui/details/detailspane.h"
#include "gui/notify/notifier.h"
#include "gui/window/appsview.h"
#include "gui/window/connectionbar.h"
#include "gui/window/filterbar.h"
#include "gui/window/mainwindow.h"
#include "gui/window/notifymenu.h"
#include "gui/window/rowactions.h"

#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QScrollArea>
#include <QShortcut>
#include <QStandardPaths>

// The menus of the MainWindow, and what they open.

namespace ExporterProxy {

QAction *MainWindow::addMenuAction(QMenu &menu, const QString &text, const QKeySequence &shortcut,
                                   std::function<void()> run)
{
    QAction *action = menu.addAction(text);
    action->setShortcut(shortcut);
    connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    return action;
}

void MainWindow::makeMenus()
{
    makeFileMenu();
    makeEditMenu();
    makeViewMenu();
    makeNotifyMenu();
    makeHelpMenu();
    // As in a pager or a browser. A box of text keeps its '/' for itself.
    auto *slash = new QShortcut(QKeySequence(Qt::Key_Slash), this);
    connect(slash, &QShortcut::activated, m_filterBar, &FilterBar::focusBox);
}

void MainWindow::makeFileMenu()
{
    QMenu &menu = *menuBar()->addMenu(tr("&File"));
    addMenuAction(menu, tr("&Add Daemon…"), QKeySequence(Qt::CTRL | Qt::Key_L),
                  [this] { m_connectionBar->askForAddress(); });
    menu.addSeparator();
    addMenuAction(menu, tr("&Refresh Now"), QKeySequence(Qt::Key_F5), [this] { m_watchlist.refreshNow(); });
    menu.addMenu(m_connectionBar->intervalMenu());
    menu.addSeparator();
    addMenuAction(menu, tr("&Export as CSV…"), QKeySequence(Qt::CTRL | Qt::Key_S),
                  [this] { askWhereToExport(); });
    menu.addSeparator();
    addMenuAction(menu, tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [this] {
        close();
        QCoreApplication::quit();
    });
}

void MainWindow::makeEditMenu()
{
    QMenu &menu = *menuBar()->addMenu(tr("&Edit"));
    addMenuAction(menu, tr("&Filter"), QKeySequence(Qt::CTRL | Qt::Key_F),
                  [this] { m_filterBar->focusBox(); });
    addMenuAction(menu, tr("C&lear Filter"), {}, [this] { m_filterBar->clear(); });
    menu.addSeparator();
    m_rowActions->addTo(menu);
    menu.addSeparator();
    QAction *selectAll = addMenuAction(menu, tr("Select &All"), QKeySequence(QKeySequence::SelectAll),
                                       [this] { m_table->selectAll(); });
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
    QAction *details = addMenuAction(menu, tr("&Details"), QKeySequence(Qt::CTRL | Qt::Key_D),
                                     [this] { m_details->setCollapsed(!m_details->isCollapsed()); });
    details->setCheckable(true);
    details->setChecked(!m_details->isCollapsed());
    connect(m_details, &DetailsPane::collapsedChanged, details,
            [details](bool collapsed) { details->setChecked(!collapsed); });
    addMenuAction(menu, tr("&Find in Metrics"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F), [this] {
        m_details->setCollapsed(false);
        m_details->focusSearch();
    });
}

void MainWindow::makeNotifyMenu()
{
    fillNotifyMenu(*menuBar()->addMenu(tr("&Notifications")), *m_notifier, m_settings);
    auto *trayMenu = new QMenu(this);
    addMenuAction(*trayMenu, tr("&Show Window"), {}, [this] { present(); });
    addMenuAction(*trayMenu, tr("&Quit"), {}, [this] {
        close();
        QCoreApplication::quit();
    });
    m_notifier->setTrayMenu(trayMenu);
}

void MainWindow::makeHelpMenu()
{
    QMenu &menu = *menuBar()->addMenu(tr("&Help"));
    addMenuAction(menu, tr("&Keyboard Shortcuts"), QKeySequence(Qt::Key_F1), [this] { showShortcuts(); });
    menu.addSeparator();
    addMenuAction(menu, tr("&About"), {}, [this] { showAbout(); });
    addMenuAction(menu, tr("About &Qt"), {}, [this] { QMessageBox::aboutQt(this); });
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
    // Not exec(): the table goes on while one looks for a folder.
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

} // namespace ExporterProxy
