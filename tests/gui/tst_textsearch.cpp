// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/metricsdocument.h"

#include <QRandomGenerator>
#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;

namespace {

QList<qsizetype> places(QByteArrayView text, const QString &wanted, Qt::CaseSensitivity sensitivity)
{
    QList<qsizetype> found;
    for (const TextMatch &match : findAll(text, wanted, sensitivity))
        found << qsizetype(match.from);
    return found;
}

} // namespace

class TestTextSearch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void allPlacesAreFound_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("wanted");
        QTest::addColumn<bool>("matchCase");
        QTest::addColumn<QList<qsizetype>>("found");
        using Places = QList<qsizetype>;
        const auto row = [](const char *name, const QByteArray &text, const QString &wanted, bool matchCase,
                            const Places &found) {
            QTest::newRow(name) << text << wanted << matchCase << found;
        };
        row("nothing for an empty text", "abc", QString(), false, {});
        row("nothing in an empty text", "", QStringLiteral("a"), false, {});
        row("one letter", "abca", QStringLiteral("a"), true, {0, 3});
        row("matches do not overlap", "aaaa", QStringLiteral("aa"), true, {0, 2});
        row("at the end", "xxab", QStringLiteral("ab"), true, {2});
        row("longer than the text", "ab", QStringLiteral("abc"), true, {});
        row("case matters", "Up uP up", QStringLiteral("up"), true, {6});
        row("case does not matter", "Up uP up", QStringLiteral("UP"), false, {0, 3, 6});
        row("behind a NUL", QByteArray("a\0b", 3), QStringLiteral("b"), true, {2});
        row("beyond ASCII", "Z\xc3\xbcrich", QStringLiteral("zürich"), false, {0});
        row("beyond ASCII, the other case", "x Z\xc3\x9cRICH", QStringLiteral("zürich"), false, {2});
        row("beyond ASCII, on several lines", "\xc3\xa4\nb\xc3\x84\n", QStringLiteral("ä"), false, {0, 4});
        row("not in the middle of what is not UTF-8", "\xff\xc3\xa4", QStringLiteral("Ä"), false, {});
    }

    void allPlacesAreFound()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, wanted);
        QFETCH(bool, matchCase);
        QFETCH(QList<qsizetype>, found);
        QCOMPARE(places(text, wanted, matchCase ? Qt::CaseSensitive : Qt::CaseInsensitive), found);
    }

    void aMatchHasItsOwnSize()
    {
        const auto matches = findAll("\xc3\x9c", QStringLiteral("ü"), Qt::CaseInsensitive);
        QCOMPARE(matches.size(), 1u);
        QCOMPARE(matches.front().size, 2u);
    }

    void findsWhatQtFinds()
    {
        QRandomGenerator random(5);
        for (int i = 0; i < 2000; ++i) {
            QByteArray text;
            for (int k = 0; k < 60; ++k)
                text += "abAB"[random.bounded(4)];
            QString wanted;
            for (int k = random.bounded(1, 5); k > 0; --k)
                wanted += QLatin1Char("abAB"[random.bounded(4)]);
            const auto sensitivity = random.bounded(2) ? Qt::CaseSensitive : Qt::CaseInsensitive;
            const QString decoded = QString::fromLatin1(text);
            QList<qsizetype> expected;
            for (qsizetype at = 0; (at = decoded.indexOf(wanted, at, sensitivity)) >= 0; at += wanted.size())
                expected << at;
            QCOMPARE(places(text, wanted, sensitivity), expected);
        }
    }
};

QTEST_MAIN(TestTextSearch)
#include "tst_textsearch.moc"
