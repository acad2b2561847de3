// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/acceptturn.h"
#include "daemon/receive/listensocket.h"
#include "tests/receive/sender.h"

#include <poll.h>
#include <QTest>
#include <sys/epoll.h>
#include <vector>

using namespace ExporterProxy;

namespace {

/// A table of some seats at a listening socket that somebody waits at, so that its holder's epoll set is
/// readable.
struct Table
{
    ListenResult listening = listenOnTcp({QStringLiteral("127.0.0.1"), 0});
    Sender waiting{listening.socket->name()};
    AcceptTurn turn{listening.socket->descriptor()};
    std::vector<int> epolls;

    explicit Table(int seats)
    {
        for (int i = 0; i < seats; ++i) {
            epolls.push_back(epoll_create1(EPOLL_CLOEXEC));
            turn.join(epolls.back());
        }
    }
    ~Table()
    {
        for (const int epoll : epolls)
            ::close(epoll);
    }

    /// The seats that are told of the connection.
    QList<int> holders() const
    {
        QList<int> holders;
        for (int i = 0; i < int(epolls.size()); ++i) {
            pollfd state{epolls[std::size_t(i)], POLLIN, 0};
            if (poll(&state, 1, 0) > 0)
                holders << i;
        }
        return holders;
    }
};

} // namespace

class TestAcceptTurn : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneIsToldAndPassesItOnAroundTheTable()
    {
        Table table(3);
        QTRY_COMPARE(table.holders(), QList<int>{0});
        QVERIFY(table.turn.offer(0));
        QCOMPARE(table.holders(), QList<int>{1});
        QVERIFY(!table.turn.offer(0)); // not its own any more
        QCOMPARE(table.holders(), QList<int>{1});
        QVERIFY(table.turn.offer(1));
        QVERIFY(table.turn.offer(2));
        QCOMPARE(table.holders(), QList<int>{0});
    }

    void aloneItStays()
    {
        Table table(1);
        QVERIFY(!table.turn.offer(0));
        QTRY_COMPARE(table.holders(), QList<int>{0});
    }

    void whoHasNoRoomIsLeftOut()
    {
        Table table(3);
        QVERIFY(table.turn.pause(1)); // somebody else has it
        QVERIFY(table.turn.offer(0));
        QTRY_COMPARE(table.holders(), QList<int>{2});
        QVERIFY(table.turn.pause(2)); // somebody else gets it
        QCOMPARE(table.holders(), QList<int>{0});
        QVERIFY(!table.turn.offer(0));
        QVERIFY(!table.turn.pause(0)); // the last one is told
        QVERIFY(!table.turn.pause(0));
        QCOMPARE(table.holders(), QList<int>{});
        QVERIFY(table.turn.resume(1)); // nobody had it: it is told at once
        QCOMPARE(table.holders(), QList<int>{1});
        QVERIFY(table.turn.resume(0)); // somebody has it
        QCOMPARE(table.holders(), QList<int>{1});
        QVERIFY(table.turn.offer(1));
        QCOMPARE(table.holders(), QList<int>{0});
    }
};

QTEST_GUILESS_MAIN(TestAcceptTurn)
#include "tst_acceptturn.moc"
