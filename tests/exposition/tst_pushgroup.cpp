// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/grouptext.h"
#include "common/exposition/pushgroup.h"

#include <QTest>

using namespace ExporterProxy;

namespace {

/// Reads in steps of a few bytes, so that what lies between two steps is tested too.
Result<GroupFamilies> read(const QByteArray &text, const PushGroup &group)
{
    GroupReader reader(text, group);
    while (!reader.proceed(10)) { }
    return reader.take();
}

GroupFamilies readBack(const QByteArray &text)
{
    GroupReader reader(text);
    while (!reader.proceed(10)) { }
    return reader.take().take();
}

} // namespace

class TestPushGroup : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void path_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("name"); ///< of the application; or what the error contains
        QTest::addColumn<bool>("isGood");
        const auto good = [](const char *title, const char *path, const char *name) {
            QTest::newRow(title) << QByteArray(path) << QByteArray(name) << true;
        };
        const auto bad = [](const char *title, const char *path, const char *error) {
            QTest::newRow(title) << QByteArray(path) << QByteArray(error) << false;
        };
        good("a job", "job/testjob", "job=testjob");
        good("a job with a slash behind it", "job/testjob/", "job=testjob");
        good("a job in base64", "job@base64/dGVzdC9qb2I=", "job=test/job");
        good("a job in base64 without padding", "job@base64/dGVzdC9qb2I", "job=test/job");
        good("a label", "job/j/instance/i", "job=j,instance=i");
        good("labels in any order are the same group", "job/j/z/1/a/2", "job=j,a=2,z=1");
        good("a label twice: the last one counts", "job/j/a/1/a/2", "job=j,a=2");
        good("an empty value in base64", "job/j/a@base64/=", "job=j,a=");
        good("an empty value", "job/j/a/", "job=j,a=");
        good("a value with a slash in base64", "job/j/path@base64/L3Zhci90bXA", "job=j,path=/var/tmp");
        good("base64 of the URL's alphabet", "job/j/a@base64/8J-kow", "job=j,a=\xf0\x9f\xa4\xa3");
        good("a value with an encoded slash", "job/j/path/%2Fvar%2Ftmp", "job=j,path=/var/tmp");
        good("a blank and a plus", "job/a%20b+c", "job=a b+c");
        good("what would end a label in the name", "job/a,b=c%25", "job=a%2Cb%3Dc%25");
        good("a label name of UTF-8", "job/j/U__a_2e_b__c/v", "job=j,a.b_c=v");
        good("what only looks like one stays", "job/j/U__a_zz_/v", "job=j,U__a_zz_=v");
        good("a job among the labels gives way to the job", "job/j/job/k", "job=j");
        bad("no job", "job/", "must not be empty");
        bad("an empty job in base64", "job@base64/=", "must not be empty");
        bad("a label without a value", "job/j/a", "\"a\" has no value");
        bad("a reserved label", "job/j/__name__/x", "\"__name__\" cannot be the name of a label");
        bad("a label without a name", "job/j//x", "cannot be the name of a label");
        bad("no base64", "job@base64/%%", "is not base64");
        bad("the other alphabet of base64", "job@base64/8J+kow", "is not base64");
        bad("two names that are one to most servers", "job/j/a.b/1/a_b/2", "have the same name");
        bad("a name that is the job's", "job/j/j%C3%B6b/1/j_b/2", "have the same name");
        bad("another first component", "xjob/j", "must begin with /metrics/job/");
        bad("no UTF-8", "job/%ff", "cannot be used");
        bad("no UTF-8 in base64", "job@base64/_w", "cannot be used");
    }

    void path()
    {
        QFETCH(const QByteArray, path);
        QFETCH(const QByteArray, name);
        QFETCH(const bool, isGood);
        const Result<PushGroup> group = PushGroup::ofPath(path);
        QCOMPARE(group.isOk(), isGood);
        if (!isGood) {
            QVERIFY2(group.error().contains(QString::fromUtf8(name)), qPrintable(group.error()));
            return;
        }
        QCOMPARE(group.value().appName(), name);
        const std::optional<PushGroup> back = PushGroup::ofAppName(name);
        QVERIFY(back.has_value());
        QCOMPARE(back->labels, group.value().labels);
    }

    void namesOfOtherApplicationsAreNoGroups()
    {
        for (const char *name : {"", "db", "job", "job=", "a=b", "job=a,z=1,b=2", "job=a,", "job=a=b"})
            QVERIFY2(!PushGroup::ofAppName(name), name);
    }

    void text_data()
    {
        QTest::addColumn<QByteArray>("sent");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("shown");
        QTest::newRow("labels of the group stand over the sample's own")
            << QByteArray("a{job=\"x\",b=\"c\"} 1\n") << QByteArray("job/j/instance/i")
            << QByteArray("# TYPE a untyped\na{job=\"j\",instance=\"i\",b=\"c\"} 1\n");
        QTest::newRow("no instance") << QByteArray("a 1\n") << QByteArray("job/j")
                                     << QByteArray("# TYPE a untyped\na{job=\"j\",instance=\"\"} 1\n");
        QTest::newRow("an instance of the sample's own")
            << QByteArray("a{instance=\"i\"} 1\n") << QByteArray("job/j")
            << QByteArray("# TYPE a untyped\na{job=\"j\",instance=\"i\"} 1\n");
        QTest::newRow("values that need an escape")
            << QByteArray("a 1\n") << QByteArray("job/a%22b%5Cc%0A/instance/i")
            << QByteArray("# TYPE a untyped\na{job=\"a\\\"b\\\\c\\n\",instance=\"i\"} 1\n");
        QTest::newRow("a label name of UTF-8")
            << QByteArray("a 1\n") << QByteArray("job/j/instance/i/U__x_2e_y/v")
            << QByteArray("# TYPE a untyped\na{job=\"j\",instance=\"i\",x_y=\"v\"} 1\n");
        QTest::newRow("families together, by name, with help and type")
            << QByteArray(
                   "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nb 2\nh_sum 3\n# HELP h x\\n\nh_count 1\n")
            << QByteArray("job/j/instance/i")
            << QByteArray(
                   "# TYPE b untyped\nb{job=\"j\",instance=\"i\"} 2\n"
                   "# HELP h x\\n\n# TYPE h histogram\nh_bucket{job=\"j\",instance=\"i\",le=\"+Inf\"} 1\n"
                   "h_sum{job=\"j\",instance=\"i\"} 3\nh_count{job=\"j\",instance=\"i\"} 1\n");
        QTest::newRow("a type without samples is not shown")
            << QByteArray("# TYPE a counter\n") << QByteArray("job/j") << QByteArray();
    }

    void text()
    {
        QFETCH(const QByteArray, sent);
        QFETCH(const QByteArray, path);
        QFETCH(const QByteArray, shown);
        const Result<PushGroup> group = PushGroup::ofPath(path);
        QVERIFY2(group.isOk(), qPrintable(group.error()));
        const Result<GroupFamilies> families = read(sent, group.value());
        QVERIFY2(families.isOk(), qPrintable(families.error()));
        QCOMPARE(families.value().text(), shown);
        QCOMPARE(readBack(shown).text(), shown);
    }

    void faults_data()
    {
        QTest::addColumn<QByteArray>("sent");
        QTest::addColumn<QString>("error");
        QTest::newRow("no value") << QByteArray("a 1\nb\n") << QStringLiteral("line 2, column");
        QTest::newRow("a timestamp") << QByteArray("a 1 1700000000000\n") << QStringLiteral("timestamp");
        QTest::newRow("a series twice")
            << QByteArray("a{x=\"1\"} 1\na{x=\"1\"} 2\n") << QStringLiteral("line 2: a second sample");
        QTest::newRow("a series twice by the group's labels")
            << QByteArray("a{job=\"x\"} 1\na{job=\"y\"} 2\n") << QStringLiteral("line 2: a second sample");
        QTest::newRow("a type twice")
            << QByteArray("# TYPE a gauge\n# TYPE a gauge\na 1\n") << QStringLiteral("line 2: a second TYPE");
        QTest::newRow("a type too late")
            << QByteArray("a 1\n# TYPE a gauge\n") << QStringLiteral("line 2: TYPE behind samples");
        QTest::newRow("help twice") << QByteArray("# HELP a x\n# HELP a x\na 1\n")
                                    << QStringLiteral("line 2: a second HELP");
    }

    void faults()
    {
        QFETCH(const QByteArray, sent);
        QFETCH(const QString, error);
        const Result<GroupFamilies> families = read(sent, PushGroup::ofPath("job/j").value());
        QVERIFY(!families.isOk());
        QVERIFY2(families.error().contains(error), qPrintable(families.error()));
    }

    void familiesOfTheSameNameAreReplaced()
    {
        const PushGroup group = PushGroup::ofPath("job/j/instance/i").value();
        GroupFamilies held = readBack(read("a{x=\"1\"} 1\na{x=\"2\"} 1\nb 1\n", group).value().text());
        held.replaceBy(read("# TYPE a gauge\na 5\nc 1\n", group).take());
        QCOMPARE(held.text(),
                 QByteArray("# TYPE a gauge\na{job=\"j\",instance=\"i\"} 5\n"
                            "# TYPE b untyped\nb{job=\"j\",instance=\"i\"} 1\n"
                            "# TYPE c untyped\nc{job=\"j\",instance=\"i\"} 1\n"));
    }

    void timeOfThePush()
    {
        const PushGroup group = PushGroup::ofPath("job/j").value();
        GroupFamilies families;
        families.setTime("push_time_seconds", "Last push.",
                         Timestamp(std::chrono::milliseconds(1'700'000'000'250)), group);
        QCOMPARE(families.text(),
                 QByteArray("# HELP push_time_seconds Last push.\n# TYPE push_time_seconds gauge\n"
                            "push_time_seconds{job=\"j\",instance=\"\"} 1700000000.25\n"));
    }
};

QTEST_APPLESS_MAIN(TestPushGroup)
#include "tst_pushgroup.moc"
