// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/monitorsettings.h"

#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;
using namespace std::chrono_literals;

class TestMonitorSettings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatWasSetIsThereAtTheNextStart()
    {
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("settings.ini"));
        const QStringList watched{QStringLiteral("http://a:6555"), QStringLiteral("https://b/prefix")};
        {
            QSettings kept(file, QSettings::IniFormat);
            MonitorSettings settings(kept);
            settings.setWatched(watched);
            settings.setRefreshInterval(5s);
            settings.setFilterIsRegularExpression(true);
            settings.setDetailsShown(false);
            settings.setColumns("columns");
        }
        QSettings kept(file, QSettings::IniFormat);
        const MonitorSettings settings(kept);
        QCOMPARE(settings.watched(), watched);
        QVERIFY(settings.refreshInterval() == 5s);
        QVERIFY(settings.filterIsRegularExpression());
        QVERIFY(!settings.detailsShown());
        QCOMPARE(settings.columns(), "columns");
    }

    void aFileOfNonsenseGivesTheDefaults()
    {
        const QTemporaryDir folder;
        QSettings kept(folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
        kept.setValue(QStringLiteral("daemons/watched"), QStringLiteral("http://[broken"));
        kept.setValue(QStringLiteral("daemons/refreshMilliseconds"), QStringLiteral("soon"));
        const MonitorSettings settings(kept);
        QCOMPARE(settings.watched(), QStringList());
        QVERIFY(settings.refreshInterval() == 1s);
        QVERIFY(settings.detailsShown());
    }

    void anIntervalBeyondReasonIsBroughtBack()
    {
        const QTemporaryDir folder;
        QSettings kept(folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
        const MonitorSettings settings(kept);
        kept.setValue(QStringLiteral("daemons/refreshMilliseconds"), 1);
        QVERIFY(settings.refreshInterval() >= 100ms);
        kept.setValue(QStringLiteral("daemons/refreshMilliseconds"), 2'000'000'000);
        QVERIFY(settings.refreshInterval() <= 1h);
    }

    void theLatestAddressComesFirstAndOnce()
    {
        const QTemporaryDir folder;
        QSettings kept(folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
        MonitorSettings settings(kept);
        for (int i = 0; i < 2 * int(MonitorSettings::MaxAddresses); ++i)
            settings.rememberAddress(QStringLiteral("http://host%1:6555").arg(i));
        settings.rememberAddress(QStringLiteral("http://host50:6555"));
        QCOMPARE(settings.addresses().size(), MonitorSettings::MaxAddresses);
        QCOMPARE(settings.addresses().front(), QStringLiteral("http://host50:6555"));
        QCOMPARE(settings.addresses().count(QStringLiteral("http://host50:6555")), 1);
        settings.forgetAddress(QStringLiteral("http://host50:6555"));
        QVERIFY(!settings.addresses().contains(QStringLiteral("http://host50:6555")));
    }
};

QTEST_GUILESS_MAIN(TestMonitorSettings)
#include "tst_monitorsettings.moc"
