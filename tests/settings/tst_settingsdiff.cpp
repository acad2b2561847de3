// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingsfields.h"

#include <QTest>

using namespace ExporterProxy;

class TestSettingsDiff : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equalSettingsDifferInNothing() { QCOMPARE(changedSettings({}, {}), QStringList()); }

    void whatDiffersIsNamedInTheOrderOfTheTable()
    {
        Settings to;
        to.log.level = LogLevel::Debug;
        to.exporter.workerThreads = 3;
        to.state.file = QStringLiteral("x");
        to.pollExternal.endpoints.append(PollEndpoint());
        const QStringList changed = changedSettings({}, to);
        QCOMPARE(changed,
                 QStringList({QStringLiteral("exporter.worker_threads"),
                              QStringLiteral("poll_external.other_scrape_endpoints"),
                              QStringLiteral("state.file"), QStringLiteral("log.level")}));
        QCOMPARE(settingsThatNeedRestart(changed),
                 QStringList({QStringLiteral("exporter.worker_threads"), QStringLiteral("state.file")}));
    }

    void onlySettingsThatExistNeedARestart()
    {
        QStringList all;
        for (const auto &field : settingsFields())
            all << field.name();
        QCOMPARE(settingsThatNeedRestart(all).size(), 3);
    }
};

QTEST_APPLESS_MAIN(TestSettingsDiff)
#include "tst_settingsdiff.moc"
