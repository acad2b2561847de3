// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/responsewriter.h"

#include <QTest>
#include <sys/socket.h>

using namespace ExporterProxy;

namespace {

using State = ResponseWriter::State;

/// A channel and its peer, between which the kernel holds little.
struct Pair
{
    Pair()
    {
        int ends[2] = {-1, -1};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
            qFatal("cannot make a pair of sockets");
        const int small = 4096;
        ::setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        peer = Descriptor(ends[0]);
        channel.open(Descriptor(ends[1]));
    }

    /// What the peer takes in, `size` bytes at most.
    QByteArray read(qsizetype size) const
    {
        QByteArray bytes(size, Qt::Uninitialized);
        const ssize_t got = ::recv(peer.get(), bytes.data(), std::size_t(size), 0);
        return bytes.first(qMax(qsizetype(0), qsizetype(got)));
    }

    Descriptor peer;
    Channel channel;
};

std::shared_ptr<Page> pageOf(const QByteArrayList &parts)
{
    auto page = std::make_shared<Page>();
    for (const QByteArray &part : parts)
        page->append(part);
    return page;
}

/// Parts of these sizes, no two bytes beside each other alike.
QByteArrayList partsOf(const QList<qsizetype> &sizes)
{
    QByteArrayList parts;
    unsigned value = 1;
    for (const qsizetype size : sizes) {
        QByteArray part(size, Qt::Uninitialized);
        for (char &c : part) {
            value = value * 1664525 + 1013904223;
            c = char(value >> 24);
        }
        parts << part;
    }
    return parts;
}

} // namespace

class TestResponseWriter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatFitsIsWrittenAtOnce()
    {
        Pair pair;
        ResponseWriter writer;
        auto page = pageOf({"one ", "two"});
        const std::weak_ptr<const Page> kept = page;
        writer.begin("head ", std::move(page));
        QCOMPARE(writer.body(), kept.lock());
        QVERIFY(writer.body());
        QCOMPARE(writer.write(pair.channel), State::Done);
        QVERIFY(!writer.body());
        QVERIFY(kept.expired());
        QCOMPARE(pair.read(100), "head one two");
        QCOMPARE(writer.bytesWritten(), 12);
        QCOMPARE(writer.write(pair.channel), State::Done); // and nothing more
        QVERIFY(pair.read(100).isEmpty());
    }

    void responsesFollowEachOther()
    {
        Pair pair;
        ResponseWriter writer;
        writer.begin("first ", pageOf({"page "}));
        QCOMPARE(writer.write(pair.channel), State::Done);
        writer.begin("head alone ", nullptr);
        QCOMPARE(writer.write(pair.channel), State::Done);
        writer.begin("last ", pageOf({"one"}));
        QCOMPARE(writer.write(pair.channel), State::Done);
        QCOMPARE(pair.read(100), "first page head alone last one");
        QCOMPARE(writer.bytesWritten(), 30);
    }

    void aPeerThatIsGoneBreaksIt()
    {
        Pair pair;
        ResponseWriter writer;
        writer.begin("head", pageOf({QByteArray(1'000'000, 'x')}));
        QCOMPARE(writer.write(pair.channel), State::Waiting);
        const qint64 written = writer.bytesWritten();
        QVERIFY(written > 4);
        QCOMPARE(writer.write(pair.channel), State::Waiting); // the kernel takes no more
        QCOMPARE(writer.bytesWritten(), written);
        pair.peer = Descriptor();
        QCOMPARE(writer.write(pair.channel), State::Broken);
    }

    void aSlowReaderGetsEveryByte_data()
    {
        QTest::addColumn<QList<qsizetype>>("sizes");
        QTest::newRow("one large part") << QList<qsizetype>{100'000};
        QTest::newRow("thousands of small ones") << QList<qsizetype>(5'000, 7);
        QTest::newRow("a part more than one write gathers") << QList<qsizetype>(256, 1);
        QList<qsizetype> mixed;
        for (qsizetype i = 0; i < 400; ++i)
            mixed << 1 + i * i % 3'001;
        QTest::newRow("of all sizes") << mixed;
    }
    void aSlowReaderGetsEveryByte()
    {
        QFETCH(QList<qsizetype>, sizes);
        for (const qsizetype step : {777, 4096, 1'000'000}) {
            Pair pair;
            const QByteArrayList parts = partsOf(sizes);
            const QByteArray expected = "head" + parts.join();
            ResponseWriter writer;
            writer.begin("head", pageOf(parts));
            QByteArray received;
            int waits = 0;
            State state = writer.write(pair.channel);
            for (; state == State::Waiting; state = writer.write(pair.channel)) {
                ++waits;
                QVERIFY(writer.body());
                const QByteArray some = pair.read(step);
                QVERIFY(!some.isEmpty()); // who waits has written all that the kernel takes
                received += some;
            }
            QCOMPARE(state, State::Done);
            QVERIFY(!writer.body());
            QCOMPARE(writer.bytesWritten(), expected.size());
            QCOMPARE(waits > 0, expected.size() > 10'000);
            for (QByteArray some = pair.read(step); !some.isEmpty(); some = pair.read(step))
                received += some;
            QVERIFY(received == expected);
        }
    }
};

QTEST_APPLESS_MAIN(TestResponseWriter)
#include "tst_responsewriter.moc"
