// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/tomldepth.h"

#include <QTest>

using namespace ExporterProxy;

namespace {

QByteArray key(int parts)
{
    QByteArray text = "a";
    for (int i = 1; i < parts; ++i)
        text += ".a";
    return text;
}

} // namespace

class TestTomlDepth : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void texts_data()
    {
        QTest::addColumn<QByteArray>("toml");
        QTest::addColumn<unsigned>("line");
        QTest::addColumn<unsigned>("column");
        const QByteArray deep = key(17) + " = 1\n";
        const auto good = [](const char *name, const QByteArray &toml) {
            QTest::newRow(name) << toml << 0u << 0u;
        };
        const auto bad = [](const char *name, const QByteArray &toml, unsigned line, unsigned column) {
            QTest::newRow(name) << toml << line << column;
        };
        good("nothing", "");
        good("as deep as allowed", key(16) + " = 1\n");
        bad("a part more", deep, 1, 32);
        bad("a table's header", "[" + key(17) + "]", 1, 33);
        bad("with spaces", "a . a . a . a . a . a . a . a . a . a . a . a . a . a . a . a . a = 1", 1, 63);
        bad("quoted parts", "'a'.\"a\".\"\"." + deep, 1, 37);
        bad("after wide characters", "# größe\n\"ö\"." + deep, 2, 34);
        good("many keys", key(16) + " = 1\n" + key(16) + " = 1\n");
        good("many in an inline table", "x = {" + key(16) + "=1," + key(16) + "=[" + key(16) + "]}");
        bad("deep in an inline table", "x = {" + deep, 1, 37);
        good("dots in a string", "a = \"...................\"");
        good("dots in a literal string", "a = '...................'");
        good("dots in a comment", "a = 1 # ................... \"\n");
        bad("after a comment with a quote", "# don't\n" + deep, 2, 32);
        bad("after an escaped quote", "a = \"\\\"\"\n" + deep, 2, 32);
        bad("after a backslash in a literal string", "a = '\\'\n" + deep, 2, 32);
        bad("after an empty string", "a = \"\"\n" + deep, 2, 32);
        bad("after a string that is not closed", "a = \"\n" + deep, 2, 32);
        good("in a string of several lines", "a = \"\"\"\n" + deep + "\"\"\"");
        good("in a literal string of several lines", "a = '''\n" + deep + "\"\"\"'''");
        bad("after such a string", "a = \"\"\"\nx\"\"\"\n" + deep, 3, 32);
        bad("after such a string that is empty", "a = \"\"\"\"\"\"\n" + deep, 2, 32);
        bad("after such a string with quotes at its end", "a = {b = \"\"\"x\"\"\"\"\", " + deep, 1, 52);
        bad("after such a string with one quote at its end", "a = {b = '''x'''', " + deep, 1, 51);
        bad("after such a string with quotes inside", "a = '''x''y''', " + deep, 1, 48);
        good("a string that ends in a backslash", "a = \"\\");
    }
    void texts()
    {
        QFETCH(QByteArray, toml);
        QFETCH(unsigned, line);
        QFETCH(unsigned, column);
        const auto found = findTooDeepKey({toml.constData(), std::size_t(toml.size())});
        QCOMPARE(found ? found->line : 0u, line);
        QCOMPARE(found ? found->column : 0u, column);
    }
};

QTEST_APPLESS_MAIN(TestTomlDepth)
#include "tst_tomldepth.moc"
