// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingsfields.h"

#include <QElapsedTimer>
#include <QTest>

using namespace ExporterProxy;

class TestEditDistance : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void distances_data()
    {
        QTest::addColumn<QString>("a");
        QTest::addColumn<QString>("b");
        QTest::addColumn<qsizetype>("distance");
        const auto row = [](const char *name, const char *a, const char *b, qsizetype distance) {
            QTest::newRow(name) << QString::fromUtf8(a) << QString::fromUtf8(b) << distance;
        };
        row("nothing and nothing", "", "", 0);
        row("nothing and a word", "", "word", 4);
        row("the same", "format", "format", 0);
        row("a letter too many", "formaat", "format", 1);
        row("a letter missing", "frmat", "format", 1);
        row("another letter", "formal", "format", 1);
        row("two letters swapped", "fromat", "format", 1);
        row("two letters swapped at the end", "formta", "format", 1);
        row("two letters swapped twice", "ofrmta", "format", 2);
        row("swapped with one between", "cba", "abc", 2);
        row("the textbook's", "kitten", "sitting", 3);
        row("nothing in common", "abc", "xyz", 3);
        row("a letter of two bytes", "grosse", "große", 2);
    }
    void distances()
    {
        QFETCH(QString, a);
        QFETCH(QString, b);
        QFETCH(qsizetype, distance);
        QCOMPARE(editDistance(a, b), distance);
        QCOMPARE(editDistance(b, a), distance);
    }

    void proposals_data()
    {
        QTest::addColumn<QString>("word");
        QTest::addColumn<QString>("meant");
        const auto row = [](const char *name, const char *word, const char *meant) {
            QTest::newRow(name) << QString::fromUtf8(word) << QString::fromUtf8(meant);
        };
        row("a slip", "fromat", "format");
        row("upper case", "FORMAT", "format");
        row("a hyphen", "max-apps", "max_apps");
        row("camel case", "maxApps", "max_apps");
        row("two slips in a long word", "reciver_tcp_soket", "receiver_tcp_socket");
        row("the nearer of two", "max_appz", "max_apps");
        row("one letter of three", "uri", "url");
        row("two letters of three", "uno", "");
        row("one letter", "u", "");
        row("nothing", "", "");
        row("far from all", "interval", "");
        row("half a word", "forage", "");
    }
    void proposals()
    {
        QFETCH(QString, word);
        QFETCH(QString, meant);
        const QStringList known{QStringLiteral("format"), QStringLiteral("max_amps"),
                                QStringLiteral("max_apps"), QStringLiteral("receiver_tcp_socket"),
                                QStringLiteral("url")};
        QCOMPARE(nearestWord(word, known), meant);
    }

    void aMegabyteIsRefusedWithoutComparing()
    {
        const QString word(1 << 20, u'x');
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < 1000; ++i)
            QVERIFY(nearestWord(word, {QStringLiteral("format")}).isEmpty());
        QVERIFY(timer.elapsed() < 1000); // comparing would take minutes
    }
};

QTEST_APPLESS_MAIN(TestEditDistance)
#include "tst_editdistance.moc"
