// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/daemonstrip.h"

#include "gui/window/narrowwindow.h"
#include "tests/poll/rawserver.h"
#include "tests/wire/json.h"

#include <QLineEdit>
#include <QTest>
#include <QToolButton>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;
using namespace Qt::StringLiterals;

namespace {

constexpr int Patience = 30'000;

/// A daemon behind a door, and its strip.
struct Guarded
{
    RawServer server{[](QTcpSocket *socket, const QByteArray &head) {
        if (head.contains("Authorization: Basic " + QByteArray("anna:s:ecret").toBase64() + "\r\n"))
            socket->write(RawServer::ok(json("{'now':'2022-05-22T23:51:52Z','apps':[]}")));
        else
            socket->write("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"<b>the shop</b>\"\r\n"
                          "Content-Length: 0\r\n\r\n");
    }};
    ListingParser parser;
    DaemonClient client{DaemonAddress::parse(QString::fromLatin1(server.url(""))).value(), parser};
    DaemonStrip strip{client};

    Guarded()
    {
        strip.resize(600, 80);
        strip.show();
        client.start();
    }

    template<typename Type>
    Type &child(const char *name)
    {
        return *strip.findChild<Type *>(QString::fromLatin1(name));
    }
    bool asks() { return child<QWidget>("credentialsRow").isVisible(); }
    QString words() { return child<ElidedLabel>("connectionWords").fullText(); }
    QString question()
    {
        for (const QLabel *const label : child<QWidget>("credentialsRow").findChildren<QLabel *>())
            if (label->textFormat() == Qt::PlainText)
                return label->text();
        return {};
    }
    void type(const QString &user, const QString &password)
    {
        child<QLineEdit>("userEdit").setText(user);
        child<QLineEdit>("passwordEdit").setText(password);
    }
};

} // namespace

class TestDaemonStrip : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aNameAndAPasswordAreAskedForAndSent()
    {
        Guarded g;
        QVERIFY(!g.asks());
        QTRY_VERIFY_WITH_TIMEOUT(g.asks(), Patience);
        QCOMPARE(g.words(), u"401: it wants a user name and password"_s);
        // The server's own name for it stays a text, and that it travels in the clear is said.
        QVERIFY2(g.question().startsWith(u"“<b>the shop</b>” wants"_s), qUtf8Printable(g.question()));
        QVERIFY2(g.question().contains(u"unencrypted"_s), qUtf8Printable(g.question()));
        g.type(u"anna"_s, u"s:ecret"_s);
        QTest::keyClick(&g.child<QLineEdit>("passwordEdit"), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(g.words(), u"connected"_s, Patience);
        QVERIFY(!g.asks());
        QVERIFY(g.child<QLineEdit>("passwordEdit").text().isEmpty()); // so that it cannot be shown again
    }

    void aWrongPasswordIsAskedForAgain()
    {
        Guarded g;
        QTRY_VERIFY_WITH_TIMEOUT(g.asks(), Patience);
        g.type(u"anna"_s, u"guess"_s);
        g.child<QToolButton>("signInButton").click();
        QVERIFY(!g.asks());
        QTRY_VERIFY_WITH_TIMEOUT(g.asks(), Patience);
        QCOMPARE(g.words(), u"401: user name or password are wrong"_s);
        QCOMPARE(g.child<QLineEdit>("userEdit").text(), u"anna"_s);
        QCOMPARE(g.child<QLineEdit>("passwordEdit").echoMode(), QLineEdit::Password);
        g.type(u"anna"_s, u"s:ecret"_s);
        g.child<QToolButton>("signInButton").click();
        QTRY_COMPARE_WITH_TIMEOUT(g.words(), u"connected"_s, Patience);
    }

    void withoutANameNothingIsSent()
    {
        Guarded g;
        QTRY_VERIFY_WITH_TIMEOUT(g.asks(), Patience);
        const auto questions = g.server.heads.size();
        g.child<QToolButton>("signInButton").click();
        QVERIFY(g.asks());
        QCOMPARE(g.server.heads.size(), questions);
    }
};

QTEST_MAIN(TestDaemonStrip)
#include "tst_daemonstrip.moc"
