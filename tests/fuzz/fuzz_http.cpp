// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httpservice.h"
#include "daemon/net/connectionset.h"
#include "tests/fuzz/fuzzing.h"

#include <QCoreApplication>
#include <sys/socket.h>
#include <unistd.h>

using namespace ExporterProxy;

namespace {

class FixedContent final : public HttpContent
{
public:
    FixedContent() { m_page->append("a 1\n"); }

    std::shared_ptr<const Page> metrics(Representation, bool) override { return m_page; }
    AppStanding standing(const QByteArray &app) override
    {
        return {.isKnown = !app.isEmpty(), .absence = app.size() > 9 ? QByteArray("expired") : QByteArray()};
    }
    std::shared_ptr<const Page> metricsOf(const QByteArrayList &, Representation) override { return m_page; }
    std::shared_ptr<const Page> ownMetrics(Representation) override { return m_page; }
    QByteArray discovery(QByteArrayView host) override { return "[\"" + host.toByteArray() + "\"]\n"; }
    QByteArray appsTable() override { return "+---+\n"; }
    QByteArray appsJson() override { return "{\"apps\":[]}\n"; }
    QByteArray appsEtag() override { return "\"g42\""; }
    QByteArray landingPage() override { return "<!DOCTYPE html>\n"; }

private:
    std::shared_ptr<Page> m_page = std::make_shared<Page>();
};

/// The HTTP service, for as long as the fuzzer runs. It listens, because only then does it serve, but its
/// clients come by socketpair(): a connect() that has to wait is ended by the signal of libFuzzer's timer,
/// and thousands a second fill the ports with TIME_WAIT.
struct Served
{
    Served()
    {
        HttpLimits limits;
        limits.maxHeadSize = 1024;
        limits.requestTimeout = limits.idleTimeout = std::chrono::hours(1); // a stall is a finding
        connections->joinEventLoop();
        service = std::make_unique<HttpService>(*connections, content, counters, limits);
        require(service->listen({QStringLiteral("127.0.0.1"), 0}).isOk(), "a port is free");
    }

    void take(int descriptor) const { service->adopt(Descriptor(descriptor)); }

    int argc = 1;
    char name[5] = "fuzz";
    char *argv[2] = {name, nullptr};
    QCoreApplication app{argc, argv};
    FixedContent content;
    ProxyCounters counters;
    std::atomic<qint64> stored{0};
    PendingBytes pending{stored, qint64{1} << 30};
    std::unique_ptr<ConnectionSet> connections = ConnectionSet::create(pending).take();
    std::unique_ptr<HttpService> service;
};

/// All that the service answers to a connection that sends these bytes, in pieces, and closes its half.
QByteArray answerTo(const Served &served, const QByteArray &input, Cuts cuts, int pieces)
{
    int ends[2];
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "there are descriptors");
    const int client = ends[0];
    served.take(ends[1]);
    QByteArray rest = input;
    for (; pieces > 1 && !rest.isEmpty(); --pieces) {
        const qsizetype size = std::min(cuts() * 4, rest.size());
        ::send(client, rest.constData(), std::size_t(size), MSG_NOSIGNAL);
        rest = rest.sliced(size);
        QCoreApplication::processEvents();
    }
    ::send(client, rest.constData(), std::size_t(rest.size()), MSG_NOSIGNAL);
    ::shutdown(client, SHUT_WR);
    QByteArray answer;
    for (;;) {
        QCoreApplication::processEvents();
        char buffer[4096];
        const ssize_t size = ::recv(client, buffer, sizeof buffer, MSG_DONTWAIT);
        if (size > 0)
            answer.append(buffer, size);
        else if (size == 0 || (errno != EAGAIN && errno != EINTR))
            break; // without an end libFuzzer's -timeout ends this
    }
    ::close(client);
    return answer;
}

/// Takes one response off the front; returns its status.
int takeResponse(QByteArray &answer)
{
    require(answer.startsWith("HTTP/1.1 ") || answer.startsWith("HTTP/1.0 "), "an answer is HTTP");
    const int status = answer.sliced(9, 3).toInt();
    require(status >= 200 && status < 600, "an answer has a status");
    const qsizetype end = answer.indexOf("\r\n\r\n");
    require(end > 0, "an answer has a whole head");
    const QByteArray head = answer.first(end).toLower();
    const qsizetype at = head.indexOf("\r\ncontent-length: ");
    qsizetype size = 0;
    if (at >= 0) {
        const qsizetype from = at + qsizetype(sizeof "\r\ncontent-length: ") - 1;
        const qsizetype lineEnd = head.indexOf('\r', from);
        size = head.sliced(from, (lineEnd < 0 ? head.size() : lineEnd) - from).toLongLong();
    }
    answer = answer.sliced(end + 4);
    // To HEAD no body comes: then another head or nothing follows at once.
    if (answer.size() >= size && !answer.startsWith("HTTP/1."))
        answer = answer.sliced(size);
    return status;
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size)
{
    static Served *const served = new Served; // never destroyed: exit() comes in the middle of a run
    const QByteArray input = toBytes(data, size);
    for (const int pieces : {1, 3}) {
        QByteArray answer = answerTo(*served, input, Cuts(input, 1), pieces);
        while (!answer.isEmpty())
            takeResponse(answer);
    }
    // Whatever that was, the next client is served.
    const QByteArray healthy =
        answerTo(*served, "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n", Cuts({}, 1), 1);
    require(healthy.startsWith("HTTP/1.1 200 "), "the next client is served");
    return 0;
}
