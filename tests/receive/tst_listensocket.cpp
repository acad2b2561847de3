// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/net/listensocket.h"
#include "tests/receive/sender.h"

#include <grp.h>
#include <pwd.h>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <sys/stat.h>
#include <sys/wait.h>

using namespace ExporterProxy;

namespace {

UnixSocketOptions optionsFor(const QString &path)
{
    return {path, QStringLiteral("current_user"), QStringLiteral("current_group"), 0660};
}

} // namespace

class TestListenSocket : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_path;

private Q_SLOTS:
    void init()
    {
        static int number = 0;
        m_path = m_folder.filePath(QStringLiteral("%1.sock").arg(++number));
    }

    void listensOnAFreePort()
    {
        const Result<std::unique_ptr<ListenSocket>> result =
            listenOnTcp({QStringLiteral("127.0.0.1"), 0}, FirstWord::AtOnce);
        QVERIFY2(result, qPrintable(result.error()));
        QVERIFY(!result.value()->name().endsWith(":0"));
        QVERIFY(Sender(result.value()->name()).isConnected());
    }

    void listensOnIPv6()
    {
        const Result<std::unique_ptr<ListenSocket>> result =
            listenOnTcp({QStringLiteral("::1"), 0}, FirstWord::AtOnce);
        if (!result)
            QSKIP("this machine has no IPv6");
        QVERIFY(result.value()->name().startsWith("[::1]:"));
    }

    void anAddressInUseIsNamed()
    {
        const Result<std::unique_ptr<ListenSocket>> first =
            listenOnTcp({QStringLiteral("127.0.0.1"), 0}, FirstWord::AtOnce);
        QVERIFY(first);
        const auto address = SocketAddress::parse(QString::fromLatin1(first.value()->name()));
        QVERIFY(address);
        const Result<std::unique_ptr<ListenSocket>> second = listenOnTcp(*address, FirstWord::AtOnce);
        QVERIFY(!second);
        QCOMPARE(second.error(),
                 QStringLiteral("cannot listen on 127.0.0.1:%1: address in use").arg(address->port));
    }

    void anAddressThatIsNotOursIsNamed()
    {
        const Result<std::unique_ptr<ListenSocket>> result =
            listenOnTcp({QStringLiteral("192.0.2.1"), 6554}, FirstWord::AtOnce);
        QVERIFY(!result);
        QCOMPARE(result.error(),
                 QStringLiteral("cannot listen on 192.0.2.1:6554: no interface has this address"));
    }

    void theFileHasItsModeAndGoesWithTheSocket()
    {
        for (const uint mode : {0600u, 0660u, 0666u}) {
            UnixSocketOptions options = optionsFor(m_path);
            options.mode = mode;
            Result<std::unique_ptr<ListenSocket>> result = listenOnUnix(options);
            QVERIFY2(result, qPrintable(result.error()));
            struct stat status
            {
            };
            QCOMPARE(stat(QFile::encodeName(m_path).constData(), &status), 0);
            QVERIFY(S_ISSOCK(status.st_mode));
            QCOMPARE(uint(status.st_mode & 07777), mode);
            QCOMPARE(status.st_uid, geteuid());
            QVERIFY(Sender(QFile::encodeName(m_path)).isConnected());
            result.value().reset();
            QVERIFY(!QFile::exists(m_path));
            QVERIFY(!QFile::exists(m_path + QStringLiteral(".lock")));
        }
    }

    void aSecondOneOnThePathIsRefusedAndTheFirstGoesOn()
    {
        const Result<std::unique_ptr<ListenSocket>> first = listenOnUnix(optionsFor(m_path));
        QVERIFY(first);
        const Result<std::unique_ptr<ListenSocket>> second = listenOnUnix(optionsFor(m_path));
        QVERIFY(!second);
        QCOMPARE(second.error(),
                 QStringLiteral("cannot listen on %1: another exporter-proxy listens there").arg(m_path));
        QVERIFY(Sender(QFile::encodeName(m_path)).isConnected());
    }

    void aForeignListenerIsNotReplaced()
    {
        const QByteArray path = QFile::encodeName(m_path);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.constData(), std::size_t(path.size()));
        const int foreign = socket(AF_UNIX, SOCK_STREAM, 0);
        QCOMPARE(bind(foreign, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
        QCOMPARE(listen(foreign, 1), 0);
        Result<std::unique_ptr<ListenSocket>> result = listenOnUnix(optionsFor(m_path));
        QVERIFY(!result);
        QCOMPARE(result.error(),
                 QStringLiteral("cannot listen on %1: another process listens there").arg(m_path));
        QVERIFY(QFile::exists(m_path));

        ::close(foreign); // as a crash leaves it: a file that nobody listens on
        QVERIFY(QFile::exists(m_path));
        result = listenOnUnix(optionsFor(m_path));
        QVERIFY2(result, qPrintable(result.error()));
        QVERIFY(Sender(path).isConnected());
    }

    void whatIsNotASocketStays()
    {
        QFile file(m_path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("precious");
        file.close();
        Result<std::unique_ptr<ListenSocket>> result = listenOnUnix(optionsFor(m_path));
        QCOMPARE(result.error(),
                 QStringLiteral("cannot listen on %1: there is a file that is not a socket").arg(m_path));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), "precious");

        const QString link = m_path + QStringLiteral(".link");
        QVERIFY(QFile::link(m_path, link));
        result = listenOnUnix(optionsFor(link));
        QCOMPARE(result.error(),
                 QStringLiteral("cannot listen on %1: there is a file that is not a socket").arg(link));
        QVERIFY(QFile::exists(link));
    }

    void aLinkInPlaceOfTheLockIsNotFollowed()
    {
        const QString target = m_path + QStringLiteral(".target");
        QVERIFY(QFile::link(target, m_path + QStringLiteral(".lock")));
        const Result<std::unique_ptr<ListenSocket>> result = listenOnUnix(optionsFor(m_path));
        QVERIFY(!result);
        QVERIFY2(result.error().contains(QStringLiteral("cannot create the lock file")),
                 qPrintable(result.error()));
        QVERIFY(!QFile::exists(target));
    }

    void aMissingFolderIsNamed()
    {
        const QString path = m_folder.filePath(QStringLiteral("missing/x.sock"));
        const Result<std::unique_ptr<ListenSocket>> result = listenOnUnix(optionsFor(path));
        QCOMPARE(result.error(),
                 QStringLiteral(
                     "cannot listen on %1: cannot create the lock file %1.lock: no such file or directory")
                     .arg(path));
    }

    void aPathTooLongIsNamed()
    {
        const Result<std::unique_ptr<ListenSocket>> result =
            listenOnUnix(optionsFor(u'/' + QString(200, u'x')));
        QVERIFY(!result);
        QVERIFY2(result.error().endsWith(QStringLiteral("the path must have 1 to 107 bytes")),
                 qPrintable(result.error()));
    }

    void unknownOwnersAreNamed()
    {
        UnixSocketOptions options = optionsFor(m_path);
        options.user = QStringLiteral("nobody-has-this-name");
        QCOMPARE(listenOnUnix(options).error(),
                 QStringLiteral(
                     "cannot listen on %1: unknown user \"nobody-has-this-name\" (receiver.unix_socket_user)")
                     .arg(m_path));
        options = optionsFor(m_path);
        options.group = QStringLiteral("nobody-has-this-name");
        QCOMPARE(
            listenOnUnix(options).error(),
            QStringLiteral(
                "cannot listen on %1: unknown group \"nobody-has-this-name\" (receiver.unix_socket_group)")
                .arg(m_path));
        QVERIFY(!QFile::exists(m_path));
        QVERIFY(!QFile::exists(m_path + QStringLiteral(".lock")));
    }

    void theOwnerIsSetByNameAndNumber()
    {
        if (geteuid() != 0)
            QSKIP("only root may give files away");
        const passwd *user = getpwnam("nobody");
        const group *members = getgrnam("daemon");
        QVERIFY(user && members);
        for (const bool byNumber : {false, true}) {
            UnixSocketOptions options = optionsFor(m_path);
            options.user = byNumber ? QString::number(user->pw_uid) : QStringLiteral("nobody");
            options.group = byNumber ? QString::number(members->gr_gid) : QStringLiteral("daemon");
            const Result<std::unique_ptr<ListenSocket>> result = listenOnUnix(options);
            QVERIFY2(result, qPrintable(result.error()));
            struct stat status
            {
            };
            QCOMPARE(stat(QFile::encodeName(m_path).constData(), &status), 0);
            QCOMPARE(status.st_uid, user->pw_uid);
            QCOMPARE(status.st_gid, members->gr_gid);
        }
    }

    void ownerAndModeChangeOnTheSocketItself()
    {
        const Result<std::unique_ptr<ListenSocket>> result = listenOnUnix(optionsFor(m_path));
        QVERIFY2(result, qPrintable(result.error()));
        const QByteArray path = QFile::encodeName(m_path);
        struct stat before
        {
        };
        struct stat after
        {
        };
        QCOMPARE(stat(path.constData(), &before), 0);
        UnixSocketOptions options = optionsFor(m_path);
        options.mode = 0640;
        QCOMPARE(result.value()->changePermissions(options).error(), QString());
        QCOMPARE(stat(path.constData(), &after), 0);
        QCOMPARE(after.st_ino, before.st_ino);
        QCOMPARE(after.st_mode & 07777, mode_t(0640));

        options.mode = 0666;
        options.user = QStringLiteral("nobody-has-this-name");
        QVERIFY(result.value()->changePermissions(options).error().contains(QStringLiteral("unknown user")));
        options.user = geteuid() == 0 ? QStringLiteral("nobody") : QStringLiteral("root");
        const QString error = result.value()->changePermissions(options).error();
        QCOMPARE(error.isEmpty(), geteuid() == 0);
        QCOMPARE(stat(path.constData(), &after), 0);
        QCOMPARE(after.st_mode & 07777, mode_t(geteuid() == 0 ? 0666 : 0640)); // all or nothing
        if (geteuid() == 0) {
            QCOMPARE(after.st_uid, getpwnam("nobody")->pw_uid);
            options.user = QStringLiteral("current_user");
            QCOMPARE(result.value()->changePermissions(options).error(), QString());
            QCOMPARE(stat(path.constData(), &after), 0);
            QCOMPARE(after.st_uid, uid_t(0));
        }
    }

    void aLinkInTheSocketsPlaceIsNotFollowed()
    {
        const Result<std::unique_ptr<ListenSocket>> result = listenOnUnix(optionsFor(m_path));
        QVERIFY2(result, qPrintable(result.error()));
        const QString target = m_folder.filePath(QStringLiteral("precious"));
        QFile file(target);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
        QVERIFY(QFile::remove(m_path));
        QVERIFY(QFile::link(target, m_path));
        UnixSocketOptions options = optionsFor(m_path);
        options.mode = 0666;
        QCOMPARE(result.value()->changePermissions(options).error(),
                 QStringLiteral("cannot change owner and mode of %1: it is no longer a socket").arg(m_path));
        struct stat status
        {
        };
        QCOMPARE(stat(QFile::encodeName(target).constData(), &status), 0);
        QCOMPARE(status.st_mode & 07777, mode_t(0600));
    }

    void manyStartersAtOnceAndOneWins()
    {
        // Each child tries, tells, and holds on to what it has until the test closes the second pipe.
        int outcomes[2];
        int end[2];
        QCOMPARE(pipe(outcomes), 0);
        QCOMPARE(pipe(end), 0);
        constexpr int Starters = 8;
        std::vector<pid_t> children;
        for (int i = 0; i < Starters; ++i) {
            const pid_t child = fork();
            if (child == 0) {
                ::close(end[1]);
                const Result<std::unique_ptr<ListenSocket>> result = listenOnUnix(optionsFor(m_path));
                const char outcome = result ? 'w' : 'l';
                char unused = 0;
                if (write(outcomes[1], &outcome, 1) == 1 && read(end[0], &unused, 1) == 0)
                    _exit(0);
                _exit(1);
            }
            children.push_back(child);
        }
        int winners = 0;
        for (int i = 0; i < Starters; ++i) {
            char outcome = 0;
            QCOMPARE(read(outcomes[0], &outcome, 1), ssize_t(1));
            winners += outcome == 'w' ? 1 : 0;
        }
        QCOMPARE(winners, 1);
        for (const int descriptor : {end[0], end[1], outcomes[0], outcomes[1]})
            ::close(descriptor);
        for (const pid_t child : children) {
            int status = -1;
            waitpid(child, &status, 0);
            QCOMPARE(status, 0);
        }
        unlink(QFile::encodeName(m_path).constData());
    }
};

QTEST_GUILESS_MAIN(TestListenSocket)
#include "tst_listensocket.moc"
