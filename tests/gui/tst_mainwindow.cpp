// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/appsview.h"
#include "gui/window/emptypage.h"
#include "gui/window/mainwindow.h"
#include "gui/window/narrowwindow.h"
#include "tests/apps/newerlisting.h"
#include "tests/gui/daemonprocess.h"
#include "tests/poll/rawserver.h"

#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QSettings>
#include <QStatusBar>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;

namespace {

QString settingsFile(const QTemporaryDir &folder)
{
    return folder.filePath(QStringLiteral("settings.ini"));
}

QString wordsOf(const MainWindow &window)
{
    const auto *label = window.findChild<ElidedLabel *>(QStringLiteral("connectionWords"));
    return label ? label->fullText() : QString();
}

QString summaryOf(const MainWindow &window)
{
    return window.findChild<ElidedLabel *>(QStringLiteral("summary"))->fullText();
}

const EmptyPage &emptyPageOf(const MainWindow &window)
{
    return *window.findChild<EmptyPage *>();
}

QString cell(MainWindow &window, int row, AppColumn column)
{
    return window.filter().index(row, int(column)).data().toString();
}

/// The index of an application in the table; invalid: not there.
QModelIndex findApp(MainWindow &window, const QString &name)
{
    for (int row = 0; row < window.filter().rowCount(); ++row)
        if (const QModelIndex index = window.filter().index(row, 0); index.data(NameRole) == name)
            return index;
    return {};
}

void press(QWidget &window, const char *objectName)
{
    window.findChild<QToolButton *>(QString::fromLatin1(objectName))->click();
}

} // namespace

class TestMainWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_settings = std::make_unique<QSettings>(settingsFile(*m_folder), QSettings::IniFormat);
        m_daemon = std::make_unique<DaemonProcess>();
        QVERIFY(m_daemon->start());
    }

    void cleanup()
    {
        m_window.reset();
        m_daemon.reset();
    }

    void whatIsPushedAppears()
    {
        open();
        QTRY_COMPARE(emptyPageOf(*m_window).words().title, QStringLiteral("No applications yet"));
        QVERIFY(emptyPageOf(*m_window).words().command.contains(QStringLiteral("nc -N")));
        QCOMPARE(m_daemon->push("{\"shop\":[\"sold_total 3\",\"returned_total 1\"]}"), "");
        QTRY_COMPARE(m_window->filter().rowCount(), 1);
        QCOMPARE(cell(*m_window, 0, AppColumn::Application), QStringLiteral("shop"));
        QCOMPARE(cell(*m_window, 0, AppColumn::Series), QStringLiteral("2"));
        QCOMPARE(cell(*m_window, 0, AppColumn::State), QStringLiteral("fresh"));
        QVERIFY(m_window->table().isVisible());
        QCOMPARE(summaryOf(*m_window), QStringLiteral("1 application · all fresh"));
        QCOMPARE(wordsOf(*m_window), QStringLiteral("connected"));
    }

    void aRefusedPushShowsInRowSummaryAndTitle()
    {
        m_daemon->push("{\"good\":\"a 1\"}");
        m_daemon->push("{\"bad\":\"a 1\"}");
        QVERIFY(m_daemon->push("{\"bad\":7}").startsWith("error: "));
        open();
        QTRY_COMPARE(cell(*m_window, 0, AppColumn::State), QStringLiteral("rejected")); // the worst on top
        QCOMPARE(cell(*m_window, 0, AppColumn::Application), QStringLiteral("bad"));
        QCOMPARE(summaryOf(*m_window), QStringLiteral("2 applications · 1 rejected"));
        QVERIFY(m_window->windowTitle().startsWith(QStringLiteral("1 rejected")));
    }

    void aListingFromANewerDaemonIsShownByItsWords()
    {
        RawServer newer(RawServer::always(RawServer::ok(NewerListing, "Content-Type: application/json\r\n")));
        m_window = std::make_unique<MainWindow>(*m_settings, QStringList{QString::fromUtf8(newer.url({}))});
        m_window->show();
        QTRY_COMPARE(m_window->filter().rowCount(), 4);
        QCOMPARE(wordsOf(*m_window), QStringLiteral("connected"));
        const auto states = [this] {
            QStringList shown;
            for (int row = 0; row < m_window->filter().rowCount(); ++row)
                shown << cell(*m_window, row, AppColumn::Application) + u'='
                        + cell(*m_window, row, AppColumn::State);
            return shown.join(u' ');
        };
        // The worst on top: what is known to be bad before what is not known.
        QCOMPARE(states(), QStringLiteral("backup=failing disk=muted-thing novel=muted-thing shop=fresh"));
        QCOMPARE(summaryOf(*m_window), QStringLiteral("4 applications · 1 failing · 2 muted-thing"));
        auto *chip = m_window->findChild<QToolButton *>(QStringLiteral("chip6"));
        QVERIFY(chip->isVisible());
        QCOMPARE(chip->text(), QStringLiteral("muted-thing 2"));
        QVERIFY(!chip->icon().isNull());
        chip->click();
        QCOMPARE(states(), QStringLiteral("disk=muted-thing novel=muted-thing"));
        QVERIFY(m_window->table().selectApp(QString::fromUtf8(newer.url({})), QStringLiteral("novel")));
        const auto facts = [this] {
            QStringList texts;
            for (const QLabel *label : m_window->findChildren<QLabel *>())
                texts << label->text();
            return texts;
        };
        QTRY_VERIFY(facts().contains(QStringLiteral("future"))); // its kind
        QVERIFY(facts().contains(QStringLiteral("novel – muted-thing")));
    }

    void selectionSurvivesEveryRefresh()
    {
        for (int i = 0; i < 50; ++i)
            m_daemon->push("{\"app" + QByteArray::number(100 + i) + "\":\"a 1\"}");
        open();
        QTRY_COMPARE(m_window->filter().rowCount(), 50);
        QVERIFY(m_window->table().selectApp(m_daemon->url(), QStringLiteral("app120")));
        for (int i = 0; i < 3; ++i) {
            m_daemon->push("{\"aaa" + QByteArray::number(i) + "\":\"a 1\",\"app120\":\"a 2\"}");
            QTRY_COMPARE(m_window->filter().rowCount(), 51 + i);
            QCOMPARE(m_window->table().currentIndex().data(NameRole).toString(), QStringLiteral("app120"));
            QCOMPARE(m_window->table().selectedSourceRows().size(), 1);
        }
    }

    void aDaemonThatDiesLeavesItsRowsGreyAndComesBack()
    {
        m_daemon->push("{\"shop\":\"a 1\"}");
        open();
        QTRY_COMPARE(m_window->filter().rowCount(), 1);
        QVERIFY(!m_window->filter().index(0, 0).data(OutdatedRole).toBool());
        m_daemon->kill();
        QTRY_VERIFY(m_window->filter().index(0, 0).data(OutdatedRole).toBool());
        QCOMPARE(m_window->filter().rowCount(), 1);
        QVERIFY2(wordsOf(*m_window).contains(QStringLiteral("refused")), qPrintable(wordsOf(*m_window)));
        QVERIFY2(wordsOf(*m_window).contains(QStringLiteral("last answer")), qPrintable(wordsOf(*m_window)));
        QVERIFY(summaryOf(*m_window).contains(QStringLiteral("does not answer")));

        QVERIFY(m_daemon->start());
        m_daemon->push("{\"shop\":\"a 1\",\"new\":\"a 1\"}");
        press(*m_window, "retryButton");
        QTRY_COMPARE(m_window->filter().rowCount(), 2);
        QVERIFY(!m_window->filter().index(0, 0).data(OutdatedRole).toBool());
        QTRY_COMPARE(wordsOf(*m_window), QStringLiteral("connected"));
    }

    void nobodyThereIsSaidInWords()
    {
        const QString url = m_daemon->url();
        m_daemon->stop();
        open();
        QTRY_COMPARE(emptyPageOf(*m_window).words().title, QStringLiteral("Cannot reach ") + url);
        const QString explanation = emptyPageOf(*m_window).words().explanation;
        QVERIFY2(explanation.contains(QStringLiteral("refused")), qPrintable(explanation));
        QVERIFY2(explanation.contains(QStringLiteral("Is the daemon running?")), qPrintable(explanation));
        QVERIFY(QGuiApplication::topLevelWindows().size() <= 1); // and not in a dialog
    }

    void twoDaemonsShareATable()
    {
        DaemonProcess second;
        QVERIFY(second.start());
        m_daemon->push("{\"one\":\"a 1\"}");
        second.push("{\"two\":\"a 1\"}");
        open();
        QTRY_COMPARE(m_window->filter().rowCount(), 1);
        QVERIFY(m_window->table().isColumnHidden(int(AppColumn::Daemon)));

        trigger(QKeySequence(Qt::CTRL | Qt::Key_L));
        auto *box = m_window->findChild<QComboBox *>(QStringLiteral("addressBox"));
        QTRY_VERIFY(box->isVisible());
        box->lineEdit()->setText(second.url().mid(int(qstrlen("http://"))));
        QTest::keyClick(box->lineEdit(), Qt::Key_Return);
        QTRY_COMPARE(m_window->filter().rowCount(), 2);
        QVERIFY(!m_window->table().isColumnHidden(int(AppColumn::Daemon)));
        QCOMPARE(findApp(*m_window, QStringLiteral("two")).data(DaemonRole).toString(), second.url());

        m_window->watchlist().remove(second.url());
        QCOMPARE(m_window->filter().rowCount(), 1);
        QVERIFY(m_window->table().isColumnHidden(int(AppColumn::Daemon)));
    }

    void aWrongAddressIsASentenceBelowTheBox()
    {
        open();
        trigger(QKeySequence(Qt::CTRL | Qt::Key_L));
        auto *box = m_window->findChild<QComboBox *>(QStringLiteral("addressBox"));
        box->lineEdit()->setText(QStringLiteral("http://[not an address"));
        QTest::keyClick(box->lineEdit(), Qt::Key_Return);
        const auto *fault = m_window->findChild<QLabel *>(QStringLiteral("addressFault"));
        QVERIFY(fault->isVisible());
        QVERIFY(!fault->text().isEmpty());
        QCOMPARE(m_window->watchlist().clients().size(), 1u);
    }

    void whatIsWatchedIsWatchedAgain()
    {
        m_daemon->push("{\"shop\":\"a 1\"}");
        m_settings->setValue(QStringLiteral("daemons/watched"), QStringList{m_daemon->url()});
        m_window = std::make_unique<MainWindow>(*m_settings, QStringList());
        m_window->show();
        QTRY_COMPARE(m_window->filter().rowCount(), 1);
        m_window->table().setColumnWidth(int(AppColumn::Source), 321);
        m_window->close();
        m_window = std::make_unique<MainWindow>(*m_settings, QStringList());
        QCOMPARE(m_window->watchlist().keys(), QStringList{m_daemon->url()});
        QCOMPARE(m_window->table().columnWidth(int(AppColumn::Source)), 321);
    }

    void theKeyboardFindsAndFilters()
    {
        for (const char *name : {"alpha", "beta", "gamma"})
            m_daemon->push(QByteArray("{\"") + name + "\":\"a 1\"}");
        open();
        QTRY_COMPARE(m_window->filter().rowCount(), 3);
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        m_window->table().setFocus();
        QTest::keyClick(m_window.get(), Qt::Key_Slash);
        auto *box = m_window->findChild<QLineEdit *>(QStringLiteral("filterBox"));
        QTRY_VERIFY(box->hasFocus());
        QTest::keyClicks(box, QStringLiteral("be/"));
        QCOMPARE(box->text(), QStringLiteral("be/")); // in the box a slash is a slash
        QTest::keyClick(box, Qt::Key_Backspace);
        QTRY_COMPARE(m_window->filter().rowCount(), 1);
        QTest::keyClick(box, Qt::Key_Escape);
        QTRY_VERIFY(m_window->table().hasFocus());
        QCOMPARE(m_window->filter().rowCount(), 3);
        QTest::keyClick(m_window.get(), Qt::Key_2, Qt::AltModifier); // late: none is
        QTRY_COMPARE(emptyPageOf(*m_window).words().title, QStringLiteral("Nothing matches the filter"));
        QVERIFY(emptyPageOf(*m_window).isVisible());
        QTest::keyClick(m_window.get(), Qt::Key_2, Qt::AltModifier);
        QTRY_COMPARE(m_window->filter().rowCount(), 3);
        QVERIFY(m_window->table().isVisible());
    }

    void namesRowsAndMetricsAreCopied()
    {
        m_daemon->push("{\"alpha\":\"a 1\",\"beta\":\"b 2\"}");
        open();
        QTRY_COMPARE(m_window->filter().rowCount(), 2);
        QVERIFY(m_window->table().selectApp(m_daemon->url(), QStringLiteral("beta")));
        const QClipboard &clipboard = *QGuiApplication::clipboard();
        trigger(QKeySequence(QKeySequence::Copy));
        QCOMPARE(clipboard.text(), QStringLiteral("beta"));
        trigger(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C));
        QVERIFY(clipboard.text().startsWith(QStringLiteral("fresh\tbeta\t127.0.0.1:")));
        QCOMPARE(clipboard.text().count(u'\n'), 0);
        trigger(QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_C));
        QTRY_COMPARE(clipboard.text(), QStringLiteral("b 2\n"));
        m_window->table().selectAll();
        trigger(QKeySequence(QKeySequence::Copy));
        QCOMPARE(clipboard.text(), QStringLiteral("alpha\nbeta"));
    }

    void theTableIsExportedAsItIsShown()
    {
        m_daemon->push("{\"=cmd\":\"a 1\",\"x,y\":\"a 1\\nb 2\"}");
        open();
        QTRY_COMPARE(m_window->filter().rowCount(), 2);
        m_window->table().sortByColumn(int(AppColumn::Application), Qt::DescendingOrder);
        m_window->table().setColumnHidden(int(AppColumn::Source), true);
        const QString fileName = m_folder->filePath(QStringLiteral("out.csv"));
        m_window->exportCsv(fileName);
        QFile file(fileName);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArrayList lines = file.readAll().split('\n');
        QCOMPARE(lines.size(), 4);
        QCOMPARE(lines[0],
                 "state,application,last_update,interval_seconds,bytes,series,updates,rejected,"
                 "last_error_at,last_error\r");
        QVERIFY2(lines[1].startsWith("fresh,\"x,y\",2"), lines[1].constData());
        QVERIFY2(lines[1].endsWith("Z,,8,2,1,0,,\r"), lines[1].constData());
        QVERIFY2(lines[2].startsWith("fresh,'=cmd,2"), lines[2].constData());
    }

    void aFileThatCannotBeWrittenIsSaid()
    {
        open();
        m_window->exportCsv(QStringLiteral("/nowhere/out.csv"));
        QVERIFY(m_window->statusBar()->currentMessage().contains(QStringLiteral("/nowhere/out.csv")));
    }

    void aClickOnANotificationShowsItsApplicationThroughAnyFilter()
    {
        m_daemon->push("{\"alpha\":\"a 1\",\"beta\":\"b 2\"}");
        open();
        QTRY_COMPARE(m_window->filter().rowCount(), 2);
        auto *box = m_window->findChild<QLineEdit *>(QStringLiteral("filterBox"));
        box->setText(QStringLiteral("alpha"));
        QTest::keyClick(box, Qt::Key_Return);
        QCOMPARE(m_window->filter().rowCount(), 1);
        m_window->showApp(m_daemon->url(), QStringLiteral("beta"));
        QCOMPARE(m_window->table().currentIndex().data(NameRole).toString(), QStringLiteral("beta"));
    }

    void pausedNobodyIsAsked()
    {
        m_daemon->push("{\"alpha\":\"a 1\"}");
        open();
        QTRY_COMPARE(m_window->filter().rowCount(), 1);
        m_window->watchlist().setPaused(true);
        QCOMPARE(wordsOf(*m_window).section(QStringLiteral(" ·"), 0, 0), QStringLiteral("paused"));
        QVERIFY(m_window->filter().index(0, 0).data(OutdatedRole).toBool());
        m_daemon->push("{\"beta\":\"a 1\"}");
        MainWindow other(*m_settings,
                         QStringList{m_daemon->url()}); // which is not paused, and asks a second time
        other.show();
        QTRY_COMPARE(other.filter().rowCount(), 2);
        m_daemon->push("{\"gamma\":\"a 1\"}");
        QTRY_COMPARE(other.filter().rowCount(), 3);
        QCOMPARE(m_window->filter().rowCount(), 1);
        m_window->watchlist().setPaused(false);
        QTRY_COMPARE(m_window->filter().rowCount(), 3);
    }

private:
    void open()
    {
        m_window = std::make_unique<MainWindow>(*m_settings, QStringList{m_daemon->url()});
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }

    void trigger(const QKeySequence &keys)
    {
        for (QAction *action : m_window->findChildren<QAction *>())
            if (action->shortcut() == keys)
                return action->trigger();
        QFAIL("no action has these keys");
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<DaemonProcess> m_daemon;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(TestMainWindow)
#include "tst_mainwindow.moc"
