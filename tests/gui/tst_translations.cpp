// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/notify/statealerts.h"
#include "gui/translations/translations.h"

#include <QCoreApplication>
#include <QLocale>
#include <QTest>
#include <QTranslator>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;

class TestTranslations : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theApplicationSpeaksTheUsersLanguage_data()
    {
        QTest::addColumn<QString>("locale");
        QTest::addColumn<QString>("one");
        QTest::addColumn<QString>("two");
        const auto row = [](const char *name, const char *locale, const char *one, const char *two) {
            QTest::newRow(name) << QString::fromUtf8(locale) << QString::fromUtf8(one)
                                << QString::fromUtf8(two);
        };
        row("German", "de_DE", "1 Anwendung ist verstummt", "2 Anwendungen sind verstummt");
        row("German of Austria", "de_AT", "1 Anwendung ist verstummt", "2 Anwendungen sind verstummt");
        row("English", "en_GB", "1 application went quiet", "2 applications went quiet");
        row("none", "C", "1 application went quiet", "2 applications went quiet");
        row("a language without a translation", "fr_FR", "1 application went quiet",
            "2 applications went quiet");
    }

    void theApplicationSpeaksTheUsersLanguage()
    {
        QFETCH(QString, locale);
        QFETCH(QString, one);
        QFETCH(QString, two);
        installTranslations(*QCoreApplication::instance(), QLocale(locale));
        Alert alert;
        alert.apps.push_back({{}, QStringLiteral("a"), {}, AppState::Late});
        QCOMPARE(alertTitle(alert), one);
        alert.apps.push_back({{}, QStringLiteral("b"), {}, AppState::Late});
        QCOMPARE(alertTitle(alert), two);
    }

    void cleanup()
    {
        const auto translators = QCoreApplication::instance()->findChildren<QTranslator *>();
        QVERIFY(!translators.isEmpty());
        qDeleteAll(translators); // which takes them out
    }
};

QTEST_GUILESS_MAIN(TestTranslations)
#include "tst_translations.moc"
