// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/http/httpservice.h"
#include "daemon/net/connectionset.h"

#include <map>
#include <QTcpSocket>
#include <QTest>
#include <QThread>

// What the tests of the HTTP service share: content to serve, and a client that says exactly the bytes it is
// told to.

namespace ExporterProxy::HttpTesting {

class FixedContent : public HttpContent
{
public:
    std::shared_ptr<const Page> plain = page({"a 1\n", "b 2\n"});
    std::shared_ptr<const Page> gzip; ///< null: always plain
    int gzipSteps = 0; ///< so often it is not ready yet
    int mergeSteps = 0; ///< so often no page is
    QByteArrayList known{"a", "b c", "x/y?z%20&+=#\"", "größe 🚀", "NAME", "open"};
    QByteArrayList asked; ///< of metricsOf(), the last time
    QByteArray table = "+---+\n";
    std::chrono::milliseconds discoveryTime{0}; ///< that it takes
    int jsonSteps = 0; ///< until the JSON of /apps is prepared
    int discoveries = 0; ///< how many have been asked for
    int tables = 0; ///< how often the table was asked for

    static std::shared_ptr<const Page> page(const std::vector<QByteArray> &parts)
    {
        auto made = std::make_shared<Page>();
        for (const QByteArray &part : parts)
            made->append(part);
        return made;
    }

    std::shared_ptr<const Page> metrics(Representation wanted, bool /*isLast*/) override
    {
        m_isCompressing = mergeSteps > 0;
        if (m_isCompressing) {
            --mergeSteps;
            return nullptr;
        }
        const bool wantGzip = wanted.encoding == Encoding::Gzip;
        m_isCompressing = wantGzip && gzipSteps > 0;
        if (m_isCompressing) {
            --gzipSteps;
            return nullptr;
        }
        return wantGzip ? gzip : plain;
    }
    bool isCompressing() const override { return m_isCompressing; }
    AppStanding standing(const QByteArray &app) override
    {
        if (app == "gone")
            return {true, "\"gone\" has expired"};
        return {known.contains(app), {}};
    }
    std::shared_ptr<const Page> metricsOf(const QByteArrayList &apps, Representation wanted) override
    {
        asked = apps;
        if (wanted.encoding == Encoding::Gzip)
            return gzip;
        auto made = std::make_shared<Page>(*page({"of " + apps.join(" and ") + '\n'}));
        if (apps.contains("open"))
            made->format = wanted.format;
        return made;
    }
    std::shared_ptr<const Page> ownMetrics(Representation wanted) override
    {
        return wanted.encoding == Encoding::Gzip ? gzip : page({"own 1\n"});
    }
    QByteArray discovery(QByteArrayView host) override
    {
        ++discoveries;
        QThread::msleep(ulong(discoveryTime.count()));
        return "[\"" + host.toByteArray() + "\"]\n";
    }
    QByteArray appsTable() override
    {
        ++tables;
        return table;
    }
    bool prepareAppsJson() override { return jsonSteps == 0 || --jsonSteps == 0; }
    QByteArray appsJson() override { return "{\"apps\":[]}\n"; }
    QByteArray appsEtag() override { return "\"g42\""; }
    QByteArray landingPage() override { return "<!DOCTYPE html>\n<p>exporter-proxy</p>\n"; }

private:
    bool m_isCompressing = false;
};

/// A service with content, on a free port of the loopback interface.
struct Served
{
    explicit Served(const HttpLimits &limits = {}, qint64 memory = qint64{1} << 30)
        : pending(stored, memory)
        , service(*connections, content, counters, limits)
    {
        connections->joinEventLoop();
        const Result<> listening = service.listen({QStringLiteral("127.0.0.1"), 0});
        if (!listening)
            qFatal("%ls", qUtf16Printable(listening.error()));
    }

    std::atomic<qint64> stored{0};
    PendingBytes pending;
    FixedContent content;
    ProxyCounters counters;
    std::unique_ptr<ConnectionSet> connections = ConnectionSet::create(pending).take();
    HttpService service;
};

struct Response
{
    int status = 0; ///< 0: none came
    std::map<QByteArray, QByteArray> headers; ///< names in lower case
    QByteArray body;

    QByteArray header(const QByteArray &name) const
    {
        const auto found = headers.find(name);
        return found == headers.end() ? QByteArray() : found->second;
    }
};

/// One connection. Waits by running the event loop, in which the service lives too.
class Client
{
public:
    explicit Client(const Served &served)
    {
        QObject::connect(&m_socket, &QTcpSocket::readyRead, &m_socket,
                         [this] { m_received += m_socket.readAll(); });
        m_socket.setProxy(QNetworkProxy::NoProxy);
        m_socket.connectToHost(QHostAddress(QHostAddress::LocalHost), served.service.port());
        m_connected = QTest::qWaitFor([this] { return m_socket.state() == QTcpSocket::ConnectedState; });
    }

    bool isConnected() const { return m_connected; }
    QTcpSocket &socket() { return m_socket; }
    const QByteArray &received() const { return m_received; }

    void send(const QByteArray &bytes)
    {
        m_socket.write(bytes);
        m_socket.flush();
    }

    /// Takes the next response out of what comes. `toHead`: it has no body whatever its length says.
    Response receive(bool toHead = false, int timeout = 10'000)
    {
        Response response;
        if (!QTest::qWaitFor([this] { return m_received.contains("\r\n\r\n"); }, timeout))
            return response;
        const qsizetype end = m_received.indexOf("\r\n\r\n");
        const QByteArrayList lines = m_received.first(end).replace("\r\n", "\n").split('\n');
        response.status = lines.front().mid(9, 3).toInt();
        for (const QByteArray &line : lines.mid(1)) {
            const qsizetype colon = line.indexOf(':');
            response.headers[line.first(colon).toLower()] = line.mid(colon + 1).trimmed();
        }
        m_received.remove(0, end + 4);
        const qsizetype size = toHead ? 0 : response.header("content-length").toLongLong();
        if (!QTest::qWaitFor([this, size] { return m_received.size() >= size; }, timeout)) {
            response.status = 0;
            return response;
        }
        response.body = m_received.first(size);
        m_received.remove(0, size);
        return response;
    }

    Response exchange(const QByteArray &request)
    {
        send(request);
        return receive(request.startsWith("HEAD "));
    }

    Response get(const QByteArray &path, const QByteArray &headers = {})
    {
        return exchange("GET " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n");
    }

    bool isClosedByPeer(int timeout = 5'000)
    {
        return QTest::qWaitFor([this] { return m_socket.state() == QTcpSocket::UnconnectedState; }, timeout);
    }

private:
    QTcpSocket m_socket;
    QByteArray m_received;
    bool m_connected = false;
};

} // namespace ExporterProxy::HttpTesting
