// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/keyedhash.h"
#include "tests/collidingnames.h"

#include <algorithm>
#include <QCoreApplication>
#include <QProcess>
#include <QTest>

using namespace ExporterProxy;

namespace {

/// Set in the process that only prints a value.
constexpr char PrintVariable[] = "EXPORTER_PROXY_TEST_PRINT_HASH";

} // namespace

class tst_KeyedHash : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void namesOfOneStdHashHaveValuesOfTheirOwn();
    void eachByteCounts();
    void theSameBytesHaveTheSameValue();
    void eachProcessHasItsOwnSecret();
};

void tst_KeyedHash::namesOfOneStdHashHaveValuesOfTheirOwn()
{
    const std::vector<QByteArray> names = collidingNames(10'000);
    if (stdHash(names[0]) != stdHash(names[1]))
        QSKIP("this standard library has another hash");
    QVERIFY(std::ranges::all_of(names,
                                [&](const QByteArray &name) { return stdHash(name) == stdHash(names[0]); }));
    KeyedSet<QByteArray> set(names.begin(), names.end());
    QCOMPARE(set.size(), names.size());
    // 10,000 balls in as many buckets: more than 16 in one of them happens once in a thousand million runs.
    std::size_t largest = 0;
    for (std::size_t i = 0; i < set.bucket_count(); ++i)
        largest = std::max(largest, set.bucket_size(i));
    QVERIFY2(largest <= 16, qPrintable(QString::number(largest)));
}

void tst_KeyedHash::eachByteCounts()
{
    for (const int size : {1, 3, 4, 8, 9, 16, 17, 64, 128, 129, 240, 241, 1000}) {
        const QByteArray zeros(size, '\0');
        QVERIFY(KeyedHash{}(zeros) != KeyedHash{}(QByteArray(size + 1, '\0')));
        for (int i = 0; i < size; ++i) {
            QByteArray other = zeros;
            other[i] = 1;
            QVERIFY2(KeyedHash{}(other) != KeyedHash{}(zeros), qPrintable(QString::number(i)));
        }
    }
}

void tst_KeyedHash::theSameBytesHaveTheSameValue()
{
    const QByteArray name("requests_total");
    QCOMPARE(KeyedHash{}(std::string_view("requests_total")), KeyedHash{}(name));
    QCOMPARE(KeyedHash{}(QByteArrayView("{requests_total}").sliced(1, 14)), KeyedHash{}(name));
    QCOMPARE(KeyedHash{}(QByteArrayView()), KeyedHash{}(QByteArray("")));
    KeyedMap<QByteArray, int> map{{name, 1}};
    QCOMPARE(map.find(QByteArrayView("requests_total"))->second, 1);
}

void tst_KeyedHash::eachProcessHasItsOwnSecret()
{
    const QByteArray value = QByteArray::number(quint64(KeyedHash{}(QByteArrayView("a name"))));
    if (qEnvironmentVariableIsSet(PrintVariable)) {
        QVERIFY2(false, value.constData()); // in the other process, whose output is read below
        return;
    }
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QString::fromLatin1(PrintVariable), QStringLiteral("1"));
    QProcess other;
    other.setProcessEnvironment(environment);
    other.start(QCoreApplication::applicationFilePath(), {QString::fromLatin1(__func__)});
    QVERIFY(other.waitForFinished());
    const QByteArray output = other.readAllStandardOutput();
    QVERIFY2(output.contains("FAIL!"), output.constData());
    QVERIFY2(!output.contains(value), output.constData());
}

QTEST_GUILESS_MAIN(tst_KeyedHash)
#include "tst_keyedhash.moc"
