// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/http/httplimits.h"
#include "daemon/http/requestreader.h"
#include "daemon/http/responsewriter.h"
#include "daemon/net/door.h"

#include <optional>

namespace ExporterProxy {

/// Where the body of one request goes while it arrives.
class BodySink
{
public:
    virtual ~BodySink() = default;

    /// Bytes of the largest body that is accepted.
    virtual qint64 maxSize() const = 0;

    /// Takes the next piece. Returns the response if the request has failed with it; the connection then
    /// closes after that response, and the sink is destroyed.
    virtual std::optional<HttpResponse> write(QByteArrayView piece) = 0;

    /// Bytes of memory that it holds by now.
    virtual qint64 heldBytes() const = 0;

    /// Returns the response to a body of more than maxSize() bytes; the sink is destroyed after it.
    virtual HttpResponse tooLarge() = 0;

protected:
    BodySink() = default;
    BodySink(const BodySink &) = default;
    BodySink &operator=(const BodySink &) = default;
};

/// What requests are about: the one side of the HTTP front that knows paths and applications. One thread.
class HttpHandler
{
public:
    virtual ~HttpHandler() = default;

    /// The kind of work that answering such a request is.
    virtual Work workOf(const RequestHead &request) = 0;

    /// Where the request's body is to go, by the head alone; null if the request must have none. Called
    /// for a request with a body, and for a PUT or POST without one. `channel` is the client's, and outlives
    /// the sink.
    virtual std::unique_ptr<BodySink> sinkFor(const RequestHead &request, const Channel &channel) = 0;

    /// Produces the response, or nullopt if it is not ready: then it is asked again soon. If `isLast` is true
    /// it must fall back to what can be had at once, if there is such a thing. `sink` has all of the body;
    /// null if there was none.
    virtual std::optional<HttpResponse> answer(const RequestHead &request, const Channel &channel,
                                               BodySink *sink, bool isLast) = 0;

protected:
    HttpHandler() = default;
    HttpHandler(const HttpHandler &) = default;
    HttpHandler &operator=(const HttpHandler &) = default;
};

/// The door of the HTTP port.
class HttpDoor final : public Door
{
public:
    /// The references must outlive the door. `name` is its address for the log.
    HttpDoor(ConnectionSet &set, const QByteArray &name, const HttpLimits &limits, HttpHandler &handler,
             AcceptFailures &failures);

    const HttpLimits &limits() const { return m_limits; }
    void logDropped(const Connection &connection, const char *reason, Clock::time_point now);

protected:
    std::unique_ptr<Connection> makeConnection() override;
    bool turnsAway() const override { return true; }
    void turnAway(Descriptor descriptor) override;
    void noteOpen(int) override { }
    const LogLimiter &log() const override { return m_log; }
    void logWarning(const QByteArray &line, Clock::time_point now) override;
    void logWithheld(Clock::time_point now) override;

private:
    friend class HttpConnection;

    const HttpLimits m_limits;
    HttpHandler &m_handler;
    ResponseHeads m_heads;
    LogLimiter m_log;
    const std::unique_ptr<char[]> m_buffer; ///< read into by all connections
};

/// One client of the HTTP port: requests one at a time, each with its response.
///
/// Until a response is with the kernel nothing more is read: requests that are sent ahead wait there, so that
/// a connection never holds more than one page; and a client that has closed its sending half (`nc -N`) gets
/// the whole of its page.
class HttpConnection final : public Connection
{
public:
    explicit HttpConnection(HttpDoor &door);

    void proceed(Clock::time_point now) override;
    void onDeadline(Clock::time_point now) override;
    void dropForMemory(qint64 allowed, Clock::time_point now) override;
    void giveWay(Clock::time_point now) override;
    Clock::duration stalledFor(Clock::time_point now) override;
    const std::shared_ptr<const Page> &heldPage() const override { return m_writer.body(); }
    Work work() const override { return m_work; }

private:
    HttpDoor &door() { return static_cast<HttpDoor &>(m_door); }
    bool takeInput(QByteArrayView &input, Clock::time_point now);
    bool takeHead(Clock::time_point now);
    bool takeBody(Clock::time_point now);
    bool answer(Clock::time_point now);
    bool respond(HttpResponse response, Clock::time_point now);
    bool fail(HttpResponse response, Clock::time_point now);
    bool write(Clock::time_point now);
    bool keepsPace();
    void waitForInput(Clock::time_point now);
    void discard();
    void drop(const char *reason, Clock::time_point now);
    qint64 bytesTaken() const;

    RequestReader m_reader;
    ResponseWriter m_writer;
    QByteArray m_ahead; ///< what has been read behind the request that is being answered
    std::unique_ptr<BodySink> m_sink;
    qint64 m_bodySize = 0;
    Work m_work = Work::Scrape;
    bool m_hasRequest = false; ///< a whole one, which is to be answered
    bool m_isClosing = false; ///< the response that is being written is the last one
    Clock::time_point m_answerBy; ///< the request; max() until its response was not ready
    qint64 m_discarded = 0; ///< bytes since the last response
    qint64 m_sizeAtProgress = 0; ///< of the body that arrives, at m_progressAt
    Clock::time_point m_windowAt; ///< in Phase::Lingering: of m_takenAtWindow
    // In Phase::Responding, by bytesTaken():
    qint64 m_takenAtFirst = 0; ///< when it began to wait
    qint64 m_takenAtWindow = 0; ///< when it entered the phase last, or, lingering, at m_windowAt
    qint64 m_takenAtProgress = 0; ///< at m_progressAt
    Clock::time_point m_progressAt; ///< when the peer was last seen to have taken or sent something
};

} // namespace ExporterProxy
