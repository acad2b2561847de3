// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/state/stateformat.h"
#include "schema/state.capnp.h"
#include "tests/state/states.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <functional>
#include <QRandomGenerator>
#include <QtEndian>
#include <QTest>
#include <zlib.h>

using namespace ExporterProxy;

namespace {

using SavedApps = std::vector<std::shared_ptr<AppSnapshot>>;
using Fill = std::function<void(Schema::StateRecord::Builder)>;

/// What reading bytes, cut into pieces of that size, comes to.
struct Outcome
{
    bool good = false;
    QByteArray fault;
    SavedApps apps;
    std::size_t leftOut = 0;
    Timestamp writtenAt = Never;
};

Outcome readState(const QByteArray &bytes, qsizetype pieceSize = 1 << 20, StateReader::Limits limits = {})
{
    StateReader reader(limits);
    bool good = true;
    for (qsizetype at = 0; good && at < bytes.size(); at += pieceSize) {
        // In memory of its own, so that a sanitizer sees any read beyond it.
        const QByteArray piece = bytes.mid(at, pieceSize);
        good = reader.read(piece);
    }
    good = reader.finish() && good;
    return {good, reader.fault(), reader.takeApps(), reader.leftOut(), reader.writtenAt()};
}

/// A file of records that a writer would not write, with checksums as they should be.
QByteArray forgedState(const std::vector<Fill> &records)
{
    QByteArray bytes(StateFormat::Magic.data(), qsizetype(StateFormat::Magic.size()));
    bytes.append("\1\0\0\0\0\0\0\0", 8);
    auto checksum = crc32(0, reinterpret_cast<const Bytef *>(bytes.constData()), uInt(bytes.size()));
    for (const Fill &fill : records) {
        capnp::MallocMessageBuilder message;
        fill(message.initRoot<Schema::StateRecord>());
        const auto words = capnp::messageToFlatArray(message);
        const auto content = words.asBytes();
        QByteArray size(4, '\0');
        qToLittleEndian(quint32(content.size()), size.data());
        checksum = crc32(checksum, reinterpret_cast<const Bytef *>(size.constData()), 4);
        checksum = crc32(checksum, content.begin(), uInt(content.size()));
        QByteArray sum(4, '\0');
        qToLittleEndian(quint32(checksum), sum.data());
        bytes += size + sum
            + QByteArray(reinterpret_cast<const char *>(content.begin()), qsizetype(content.size()));
    }
    return bytes;
}

capnp::Data::Reader data(QByteArrayView bytes)
{
    return {reinterpret_cast<const kj::byte *>(bytes.data()), std::size_t(bytes.size())};
}

void header(Schema::StateRecord::Builder record)
{
    record.initHeader().setWrittenAt(1);
}

Fill app(const QByteArray &name, const QByteArray &text, quint64 textSize,
         const std::function<void(Schema::StateApp::Builder)> &more = {})
{
    return [=](Schema::StateRecord::Builder record) {
        auto saved = record.initApp();
        saved.setName(data(name));
        saved.setText(data(text));
        saved.setTextSize(textSize);
        if (more)
            more(saved);
    };
}

Fill text(const QByteArray &piece)
{
    return [=](Schema::StateRecord::Builder record) { record.setText(data(piece)); };
}

Fill trailer(quint64 apps, quint64 textSize)
{
    return [=](Schema::StateRecord::Builder record) {
        auto end = record.initTrailer();
        end.setApps(apps);
        end.setTextSize(textSize);
    };
}

} // namespace

class TestStateFormat : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everythingComesBack()
    {
        SavedApps apps = {savedApp("a", "x 1\n"), savedApp("größer", QByteArray(3'500'000, 'x') + '\n'),
                          savedApp("empty", "")};
        apps[0]->rejected = 7;
        apps[0]->updates = quint64(-1);
        apps[0]->interval = std::chrono::milliseconds(1500);
        apps[0]->lastErrorAt = Timestamp(std::chrono::nanoseconds(1'653'263'512'000'000'001));
        apps[0]->lastErrorReason = "a NUL byte";
        apps[0]->lastFailed = true;
        const Outcome read = readState(stateOf(apps));
        QCOMPARE(read.fault, QByteArray());
        QVERIFY(read.good);
        QCOMPARE(read.writtenAt.time_since_epoch().count(), 1'653'263'600'000'000'000);
        QCOMPARE(read.apps.size(), apps.size());
        for (std::size_t i = 0; i < apps.size(); ++i) {
            QCOMPARE(read.apps[i]->name, apps[i]->name);
            QVERIFY(read.apps[i]->text == apps[i]->text);
            QCOMPARE(read.apps[i]->source, apps[i]->source);
            QCOMPARE(read.apps[i]->lastUpdate, apps[i]->lastUpdate);
            QCOMPARE(read.apps[i]->updates, apps[i]->updates);
            QCOMPARE(read.apps[i]->rejected, apps[i]->rejected);
            QCOMPARE(read.apps[i]->interval, apps[i]->interval);
            QCOMPARE(read.apps[i]->lastErrorAt, apps[i]->lastErrorAt);
            QCOMPARE(read.apps[i]->lastErrorReason, apps[i]->lastErrorReason);
            QCOMPARE(read.apps[i]->lastFailed, apps[i]->lastFailed);
            QCOMPARE(read.apps[i]->kind, SourceKind::Push);
        }
    }

    void noApplicationsAreAStateToo()
    {
        const Outcome read = readState(stateOf(SavedApps()));
        QVERIFY2(read.good, read.fault.constData());
        QVERIFY(read.apps.empty());
    }

    void howTheBytesAreCutDoesNotMatter_data()
    {
        QTest::addColumn<int>("pieceSize");
        for (const int size : {1, 3, 8, 17, 4096})
            QTest::addRow("pieces of %d bytes", size) << size;
    }
    void howTheBytesAreCutDoesNotMatter()
    {
        QFETCH(int, pieceSize);
        const Outcome read =
            readState(stateOf(SavedApps{savedApp("a", "x 1\n"), savedApp("b", "y 1\n")}), pieceSize);
        QVERIFY2(read.good, read.fault.constData());
        QCOMPARE(namesOf(read.apps), QByteArrayList({"a", "b"}));
        QCOMPARE(read.apps[1]->text, "y 1\n");
    }

    void everyChangedByteIsSeen()
    {
        const QByteArray good = stateOf(SavedApps{savedApp("a", "x 1\n"), savedApp("b", "y 1\n")});
        QVERIFY(readState(good).good);
        for (qsizetype at = 0; at < good.size(); ++at) {
            for (const char bit : {'\1', '\x80'}) {
                QByteArray bad = good;
                bad[at] = char(bad[at] ^ bit);
                // The last four bytes of the preamble are zeros that the checksum covers.
                QVERIFY2(!readState(bad).good, QByteArray::number(at).constData());
            }
        }
    }

    void everyCutIsSeen()
    {
        const QByteArray good = stateOf(SavedApps{savedApp("a", "x 1\n"), savedApp("b", "y 1\n")});
        for (qsizetype size = 0; size < good.size(); ++size) {
            const Outcome read = readState(good.first(size));
            QVERIFY2(!read.good, QByteArray::number(size).constData());
            QVERIFY2(read.fault.endsWith("at byte " + QByteArray::number(size)), read.fault.constData());
        }
        QVERIFY(!readState(good + '\0').good);
        QVERIFY(!readState(good + good).good);
    }

    void noiseIsRefused()
    {
        QRandomGenerator random(42);
        const QByteArray good = stateOf(SavedApps{savedApp("a", "x 1\n")});
        for (int round = 0; round < 2000; ++round) {
            QByteArray noise = good.first(round % 2 ? 16 : 0);
            for (int i = 0; i < 200; ++i)
                noise += char(random.generate());
            QVERIFY(!readState(noise, 1 + round % 50).good);
        }
    }

    void whatIsOverTheLimitsIsLeftOut_data()
    {
        QTest::addColumn<qint64>("maxApps");
        QTest::addColumn<qint64>("maxTotalSize");
        QTest::addColumn<QByteArrayList>("names");
        QTest::newRow("room for all") << qint64(3) << qint64(2'000'012) << QByteArrayList({"a", "b", "c"});
        QTest::newRow("room for two") << qint64(2) << qint64(2'000'012) << QByteArrayList({"a", "b"});
        QTest::newRow("no room for the large one")
            << qint64(3) << qint64(2'000'007) << QByteArrayList({"a", "c"});
        QTest::newRow("room for nothing") << qint64(3) << qint64(3) << QByteArrayList();
    }
    void whatIsOverTheLimitsIsLeftOut()
    {
        QFETCH(qint64, maxApps);
        QFETCH(qint64, maxTotalSize);
        QFETCH(QByteArrayList, names);
        const SavedApps apps = {savedApp("a", "x 1\n"), savedApp("b", QByteArray(2'000'003, 'x') + '\n'),
                                savedApp("c", "y 1\n")};
        const Outcome read = readState(stateOf(apps), 1 << 20, {maxApps, maxTotalSize});
        QVERIFY2(read.good, read.fault.constData());
        QCOMPARE(namesOf(read.apps), names);
        QCOMPARE(read.leftOut, 3 - std::size_t(names.size()));
    }

    void whatAPushCouldNotBringInAFileCannot_data()
    {
        QTest::addColumn<QByteArray>("state");
        QTest::addColumn<QByteArray>("fault");
        const auto one = [](const Fill &record) { return forgedState({header, record, trailer(1, 4)}); };
        const auto with = [&](const std::function<void(Schema::StateApp::Builder)> &more) {
            return one(app("a", "x 1\n", 4, more));
        };
        const QByteArray name = "a name is none that can be pushed";
        QTest::newRow("a name with a control character") << one(app("a\n", "x 1\n", 4)) << name;
        QTest::newRow("no name") << one(app("", "x 1\n", 4)) << name;
        QTest::newRow("a name of 257 bytes") << one(app(QByteArray(257, 'a'), "x 1\n", 4)) << name;
        QTest::newRow("a name that is not UTF-8") << one(app("\xff", "x 1\n", 4)) << name;
        const QByteArray badText = "a text is none that can be pushed";
        QTest::newRow("a NUL in the text") << one(app("a", QByteArray("x\0 1", 4), 4)) << badText;
        QTest::newRow("a text that is not UTF-8") << one(app("a", "x \xC3\n", 4)) << badText;
        QTest::newRow("a source with a NUL") << with([](auto saved) {
            saved.setSource(data({"a\0b", 3}));
        }) << QByteArray("a source or reason is not a line of text");
        QTest::newRow("a reason that is not UTF-8")
            << with([](auto saved) { saved.setLastErrorReason(data("\xff")); })
            << QByteArray("a source or reason is not a line of text");
        const QByteArray time = "a time is impossible";
        QTest::newRow("a time before 1970") << with([](auto saved) { saved.setLastUpdate(-1); }) << time;
        QTest::newRow("an error before 1970")
            << with([](auto saved) { saved.setLastErrorAt(std::numeric_limits<qint64>::min()); }) << time;
        QTest::newRow("a rhythm of a thousand years")
            << with([](auto saved) { saved.setIntervalMs(qint64{1} << 45); }) << time;
    }
    void whatAPushCouldNotBringInAFileCannot()
    {
        QFETCH(QByteArray, state);
        QFETCH(QByteArray, fault);
        QVERIFY(readState(forgedState({header, app("a", "x 1\n", 4), trailer(1, 4)})).good);
        const Outcome read = readState(state);
        QVERIFY(!read.good);
        QVERIFY2(read.fault.startsWith(fault + ", at byte "), read.fault.constData());
    }

    void recordsInAnotherOrderAreRefused_data()
    {
        QTest::addColumn<QByteArray>("state");
        QTest::addColumn<QByteArray>("fault");
        QTest::newRow("no header") << forgedState({app("a", "x", 1)}) << QByteArray("there is no header");
        QTest::newRow("two headers") << forgedState({header, header})
                                     << QByteArray("there is a second header");
        QTest::newRow("text of nobody")
            << forgedState({header, text("x")}) << QByteArray("there is more text than was announced");
        QTest::newRow("more text than was announced") << forgedState({header, app("a", "xx", 1)})
                                                      << QByteArray("there is more text than was announced");
        QTest::newRow("more text later") << forgedState({header, app("a", "x", 2), text("yy")})
                                         << QByteArray("there is more text than was announced");
        QTest::newRow("an application inside a text")
            << forgedState({header, app("a", "x", 2), app("b", "x", 1)}) << QByteArray("a text is not whole");
        QTest::newRow("the end inside a text")
            << forgedState({header, app("a", "x", 2), trailer(1, 2)}) << QByteArray("a text is not whole");
        QTest::newRow("an empty piece of a text")
            << forgedState({header, app("a", "x", 2), text("")}) << QByteArray("a piece of a text is empty");
        QTest::newRow("a text of 2^64 - 1 bytes that does not come")
            << forgedState({header, app("a", "x", quint64(-1)), trailer(1, 1)})
            << QByteArray("a text is not whole");
        QTest::newRow("a trailer that counts other applications")
            << forgedState({header, app("a", "x", 1), trailer(2, 1)})
            << QByteArray("the trailer counts something else");
        QTest::newRow("a trailer that counts other bytes")
            << forgedState({header, app("a", "x", 1), trailer(1, 2)})
            << QByteArray("the trailer counts something else");
        QTest::newRow("something behind the trailer") << forgedState({header, trailer(0, 0), header})
                                                      << QByteArray("there is something behind the trailer");
    }
    void recordsInAnotherOrderAreRefused()
    {
        QFETCH(QByteArray, state);
        QFETCH(QByteArray, fault);
        const Outcome read = readState(state);
        QVERIFY(!read.good);
        QVERIFY2(read.fault.startsWith(fault + ", at byte "), read.fault.constData());
    }

    void anotherFormatIsSaidToBeOne()
    {
        QByteArray state = stateOf(SavedApps());
        state[8] = 2;
        QCOMPARE(readState(state).fault, "it is of format 2, this version reads format 1, at byte 0");
        QCOMPARE(readState(QByteArray(100, 'x')).fault,
                 "it is not a state file of exporter-proxy, at byte 0");
    }

    void aSinkThatFailsEndsTheWriting()
    {
        int calls = 0;
        StateWriter writer([&calls](QByteArrayView) { return ++calls < 5; });
        QVERIFY(writer.begin(Never)); // preamble, and a record in two pieces
        QVERIFY(!writer.add(*savedApp("a", QByteArray(9'000'000, 'x'))));
        QCOMPARE(calls, 5);
    }
};

QTEST_GUILESS_MAIN(TestStateFormat)
#include "tst_stateformat.moc"
