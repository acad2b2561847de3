// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/httpreceiver.h"

#include "common/exposition/groupsjson.h"
#include "common/exposition/grouptext.h"
#include "common/exposition/openmetrics.h"
#include "common/exposition/protobuftext.h"
#include "common/util/bodybuffer.h"
#include "common/util/showntext.h"
#include "common/wire/textcheck.h"
#include "daemon/http/httptext.h"
#include "daemon/process/logging.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <QHostAddress>
#include <QTimer>
#include <unistd.h>

namespace ExporterProxy {

namespace {

/// What a large body is taken in at once by a decoder.
constexpr qsizetype DecodeSize = 64 * 1024;

/// Bytes of a text that are worked on before the clock is looked at, and for how long without a break.
constexpr qsizetype StepSize = 32 * 1024;
constexpr std::chrono::milliseconds StepTime{1};

/// What may wait behind a message that is being judged before the judging has to catch up.
constexpr qsizetype MaxBacklog = 256 * 1024;

/// The largest group into which the time of a rejected push is written, and the most that is listed at once.
constexpr qsizetype MaxNotedSize = 256 * 1024;
constexpr qint64 MaxListedSize = 4 * 1024 * 1024;

/// Names that nobody outside can register, so that no foreign web page can have been loaded from them.
constexpr QByteArrayView PrivateEndings[] = {".localhost",   ".local",     ".internal", ".lan",
                                             ".localdomain", ".home.arpa", ".svc"};

const QByteArrayView GroupsBegin("/metrics/");

/// The family that says when a push of a group failed last.
constexpr char FailureTime[] = "push_failure_time_seconds";
constexpr char FailureHelp[] = "Last Unix time when changing this group failed.";

HttpResponse ok(const QByteArray &line)
{
    return HttpResponse::text(200, line);
}

int statusOf(RejectReason reason)
{
    switch (reason) {
    case RejectReason::MessageTooLarge:
        return 413;
    case RejectReason::TooManyApps:
    case RejectReason::TotalTooLarge:
    case RejectReason::TooMuchPending:
        return 507;
    default:
        return 400;
    }
}

/// Returns whether such a request brings something to store, if only an empty body.
bool takesBody(const ChangeRequest &request)
{
    return request.path == ChangeRequest::Path::Messages || request.path == ChangeRequest::Path::AppText
        || (request.path == ChangeRequest::Path::Group && request.head.method != HttpMethod::Delete);
}

/// Returns whether `*` and `?` of the pattern match the name, character by character of its bytes. The time
/// is the product of the two lengths at most.
bool matchesGlob(QByteArrayView pattern, QByteArrayView name)
{
    qsizetype p = 0;
    qsizetype n = 0;
    qsizetype star = -1;
    qsizetype mark = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = n;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
            ++p;
            ++n;
        } else if (star >= 0) {
            p = star + 1;
            n = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

} // namespace

/// A body on its way in. One that ends before it is complete counts as a rejected push.
class HttpReceiver::Sink : public BodySink
{
public:
    Sink(HttpReceiver &receiver, const Channel &channel)
        : m_receiver(receiver)
        , m_channel(channel)
    {
    }
    ~Sink() override
    {
        if (!m_isSettled)
            m_receiver.refuse(
                {RejectReason::Incomplete, "the request ended before its body was complete", {}}, m_channel);
    }

    HttpResponse tooLarge() override
    {
        return failed({RejectReason::MessageTooLarge,
                       "the body is larger than limits.max_message_size ("
                           + QByteArray::number(m_receiver.m_settings.limits.maxMessageSize) + " bytes)",
                       {}});
    }

    void settle() { m_isSettled = true; }

protected:
    /// Adds a piece to the body. Returns the response if that fails.
    std::optional<HttpResponse> gather(BodyBuffer &body, QByteArrayView piece)
    {
        switch (body.append(piece)) {
        case BodyBuffer::Status::Good:
            return std::nullopt;
        case BodyBuffer::Status::TooLarge:
            return tooLarge();
        case BodyBuffer::Status::Corrupt:
            break;
        }
        return failed({RejectReason::Malformed, "the body is not gzip, as its Content-Encoding says", {}});
    }

    HttpResponse failed(const Rejection &rejection)
    {
        settle();
        return m_receiver.refuse(rejection, m_channel);
    }

    HttpReceiver &m_receiver;
    const Channel &m_channel;

private:
    bool m_isSettled = false;
};

/// A body that is one text: gathered as it comes, unpacked on the way, and stored in steps.
class HttpReceiver::TextSink final : public Sink
{
public:
    TextSink(HttpReceiver &receiver, const ChangeRequest &request)
        : Sink(receiver, request.channel)
        , m_body(receiver.m_settings.limits.maxMessageSize)
    {
        const bool isPacked = !request.head.field("content-encoding").isEmpty();
        m_body.start(isPacked ? BodyBuffer::Encoding::Gzip : BodyBuffer::Encoding::Identity,
                     isPacked ? 0 : request.head.contentLength);
    }

    qint64 maxSize() const override { return m_receiver.m_settings.limits.maxMessageSize; }
    qint64 heldBytes() const override
    {
        return m_body.capacity() + m_pushed.size() + m_update.text.size()
            + (m_reader ? m_reader->heldBytes() : 0) + m_families.heldBytes();
    }

    std::optional<HttpResponse> write(QByteArrayView piece) override { return gather(m_body, piece); }

    /// Goes on storing the text. Returns the response when that has ended.
    std::optional<HttpResponse> store(const ChangeRequest &request)
    {
        const auto end = LogLimiter::Clock::now() + StepTime;
        do {
            if (std::optional<Rejection> rejection = step(request)) {
                if (m_stage != Stage::Stored && !m_update.name.isEmpty()) // else the Intake says it
                    rejection->message.prepend(m_update.name + ": ");
                HttpResponse response = failed(*rejection);
                if (m_group)
                    m_receiver.noteFailed(*m_group);
                return response;
            }
            if (m_stage == Stage::Stored)
                return m_group ? ok({}) : ok("ok 1\n");
        } while (LogLimiter::Clock::now() < end);
        return std::nullopt;
    }

private:
    enum class Stage { Begin, Protobuf, Check, OpenMetrics, Group, Former, Judge, Stored };

    /// Does a part of the work. Returns why the text cannot be stored, if it is so.
    std::optional<Rejection> step(const ChangeRequest &request)
    {
        switch (m_stage) {
        case Stage::Begin:
            return begin(request);
        case Stage::Protobuf:
            if (!m_protobuf->proceed(StepSize))
                break;
            if (m_protobuf->fault())
                return m_protobuf->fault();
            m_update.text = m_protobuf->take();
            m_stage = Stage::Check;
            break;
        case Stage::Check:
            if (std::optional<Rejection> fault = textFault(m_update.text))
                return fault;
            if (request.head.field("content-type").startsWith("application/openmetrics-text"))
                m_update.format = Format::OpenMetrics;
            if (!m_group)
                judge();
            else if (m_update.format == Format::OpenMetrics || openMetricsSize(m_update.text) > 0)
                beginConversion();
            else
                beginGroup();
            break;
        case Stage::OpenMetrics:
            m_conversion->proceed(StepSize);
            if (!m_conversion->isDone())
                break;
            if (m_conversion->fault())
                return Rejection{RejectReason::InvalidExposition, m_conversion->fault()->message(),
                                 m_update.name};
            m_update.text = m_conversion->takeText();
            m_update.format = Format::Text;
            beginGroup();
            break;
        case Stage::Group:
            if (!m_reader->proceed(StepSize))
                break;
            if (Result<GroupFamilies> families = m_reader->take(); families)
                m_families = families.take();
            else
                return Rejection{RejectReason::InvalidExposition, families.error().toUtf8(), m_update.name};
            readFormer();
            break;
        case Stage::Former:
            if (m_reader->proceed(StepSize))
                finishGroup(request, m_reader->take().take());
            break;
        case Stage::Judge:
            if (!m_judging->proceed(StepSize))
                break;
            if (m_group && request.head.method == HttpMethod::Post && heldVersion() != m_formerVersion) {
                // Another push has changed the group meanwhile, and must not be lost.
                m_reader = std::make_unique<GroupReader>(m_pushed, *m_group, maxGroupSize());
                m_families = {};
                m_stage = Stage::Group;
                break;
            }
            m_stage = Stage::Stored;
            settle();
            return m_receiver.m_intake.take(*m_judging, m_receiver.m_source);
        case Stage::Stored:
            break;
        }
        return std::nullopt;
    }

    std::optional<Rejection> begin(const ChangeRequest &request)
    {
        if (request.path == ChangeRequest::Path::Group) {
            Result<PushGroup> group = PushGroup::ofPath(request.encodedPath.sliced(GroupsBegin.size()));
            if (!group)
                return Rejection{RejectReason::BadName, group.error().toUtf8(), {}};
            m_group = group.take();
            m_update.name = m_group->appName();
        } else {
            m_update.name = request.app;
        }
        // Names come out of a path, where any byte can be encoded.
        if (textFault(m_update.name))
            return Rejection{RejectReason::BadName, "the application's name is not UTF-8", {}};
        if (std::optional<QByteArray> fault = nameFault(m_update.name))
            return Rejection{RejectReason::BadName, *std::move(fault), {}};
        if (m_body.finish() != BodyBuffer::Status::Good)
            return Rejection{RejectReason::Malformed, "the gzip body is cut", m_update.name};
        m_update.text = m_body.take();
        m_stage = Stage::Check;
        if (request.head.field("content-type").startsWith(ProtobufType)) {
            m_pushed = std::move(m_update.text);
            m_protobuf =
                std::make_unique<ProtobufReader>(m_pushed, m_receiver.m_settings.limits.maxMessageSize);
            m_stage = Stage::Protobuf;
        }
        return std::nullopt;
    }

    void beginConversion()
    {
        m_pushed = std::move(m_update.text);
        if (const qsizetype marked = openMetricsSize(m_pushed))
            m_pushed.truncate(marked);
        m_conversion = std::make_unique<OpenMetricsConversion>(m_pushed, OddTimes::Refuse, wallClock());
        m_stage = Stage::OpenMetrics;
    }

    void beginGroup()
    {
        m_pushed = std::move(m_update.text);
        m_reader = std::make_unique<GroupReader>(m_pushed, *m_group, maxGroupSize());
        m_stage = Stage::Group;
    }

    /// PUT replaces all families, and POST those of the same names; the time of a failed push stays.
    void readFormer()
    {
        m_former = m_receiver.m_model.find(m_update.name, timeNow());
        m_formerVersion = m_former ? m_former->textVersion : 0;
        m_reader =
            std::make_unique<GroupReader>(m_former ? QByteArrayView(m_former->text) : QByteArrayView());
        m_stage = Stage::Former;
    }

    /// The labels of the group are in each line, which may be short.
    qint64 maxGroupSize() const { return 4 * m_receiver.m_settings.limits.maxMessageSize; }

    quint64 heldVersion() const
    {
        const auto held = m_receiver.m_model.find(m_update.name, timeNow());
        return held ? held->textVersion : 0;
    }

    void finishGroup(const ChangeRequest &request, GroupFamilies former)
    {
        if (m_receiver.m_settings.receiver.pushgatewayMetrics) {
            m_families.setTime("push_time_seconds", "Last Unix time when changing this group succeeded.",
                               wallClock(), *m_group);
            m_families.setTime(FailureTime, FailureHelp, Timestamp{}, *m_group);
            m_families.keepFrom(former, FailureTime);
        }
        if (request.head.method == HttpMethod::Post) {
            former.replaceBy(std::move(m_families));
            m_families = std::move(former);
        }
        m_update.text = m_families.text();
        m_families = {};
        m_reader.reset();
        m_former.reset();
        judge();
    }

    void judge()
    {
        m_judging.emplace(m_receiver.m_intake.judge({&m_update, 1}, timeNow()));
        m_stage = Stage::Judge;
    }

    BodyBuffer m_body;
    Stage m_stage = Stage::Begin;
    AppUpdate m_update;
    QByteArray m_pushed; ///< what is read
    std::unique_ptr<ProtobufReader> m_protobuf;
    std::unique_ptr<OpenMetricsConversion> m_conversion;
    std::optional<PushGroup> m_group; ///< of the Pushgateway's API
    std::shared_ptr<const AppSnapshot> m_former; ///< what the group holds
    quint64 m_formerVersion = 0; ///< of that text; 0: there was none
    std::unique_ptr<GroupReader> m_reader;
    GroupFamilies m_families;
    std::optional<TextJudging> m_judging;
};

/// A body of any number of messages, as on the sockets: each is stored as soon as it is complete.
class HttpReceiver::MessageSink final : public Sink
{
public:
    MessageSink(HttpReceiver &receiver, const ChangeRequest &request)
        : Sink(receiver, request.channel)
        , m_decoder(makePushDecoder(request.head.field("content-type").startsWith("application/x-capnp")
                                        ? PushFormat::CapnProto
                                        : PushFormat::Json,
                                    {.maxMessageSize = receiver.m_settings.limits.maxMessageSize,
                                     .maxApps = receiver.m_settings.limits.maxApps}))
    {
        if (!request.head.field("content-encoding").isEmpty()) {
            m_packed.emplace(receiver.m_settings.limits.maxMessageSize);
            m_packed->start(BodyBuffer::Encoding::Gzip, 0);
        }
    }

    qint64 maxSize() const override { return std::numeric_limits<qint64>::max(); }
    qint64 heldBytes() const override
    {
        return m_decoder->heldBytes() + m_rest.capacity() + (m_packed ? m_packed->capacity() : 0);
    }

    std::optional<HttpResponse> write(QByteArrayView piece) override
    {
        if (!m_packed) {
            std::optional<HttpResponse> failure = take(piece);
            while (!failure && m_rest.size() - m_restAt > MaxBacklog)
                failure = take({});
            return failure;
        }
        return gather(*m_packed, piece);
    }

    /// Goes on with what has come. Returns the response when all of it is stored.
    std::optional<HttpResponse> finish()
    {
        if (m_packed) {
            if (m_packed->finish() != BodyBuffer::Status::Good)
                return failed({RejectReason::Malformed, "the gzip body is cut", {}});
            m_rest = m_packed->take();
            m_restAt = 0;
            m_packed.reset();
        }
        const auto end = LogLimiter::Clock::now() + StepTime;
        while (m_judging || hasRest()) {
            if (std::optional<HttpResponse> failure = take({}))
                return failure;
            if (LogLimiter::Clock::now() > end)
                return std::nullopt;
        }
        if (m_decoder->finish() == PushDecoder::Status::Rejected)
            return rejected(m_decoder->rejection());
        settle();
        return ok("ok " + QByteArray::number(m_taken) + '\n');
    }

private:
    /// Goes on with the message that is being judged, then with what has come behind it.
    std::optional<HttpResponse> take(QByteArrayView piece)
    {
        if (m_judging || hasRest()) {
            if (m_restAt > m_rest.size() / 2) {
                m_rest.remove(0, m_restAt);
                m_restAt = 0;
            }
            m_rest += piece;
            piece = {};
        }
        if (m_judging) {
            if (!m_judging->proceed(StepSize))
                return std::nullopt;
            if (std::optional<HttpResponse> failure = store())
                return failure;
        }
        if (hasRest()) {
            QByteArrayView rest = QByteArrayView(m_rest).sliced(m_restAt);
            if (std::optional<HttpResponse> failure = decode(rest))
                return failure;
            m_restAt = m_rest.size() - rest.size();
            if (!hasRest()) {
                m_rest = {};
                m_restAt = 0;
            }
            return std::nullopt;
        }
        if (std::optional<HttpResponse> failure = decode(piece))
            return failure;
        m_rest = piece.toByteArray();
        m_restAt = 0;
        return std::nullopt;
    }

    bool hasRest() const { return m_restAt < m_rest.size(); }

    /// Consumes from the front of `piece` until a message takes longer to judge than a step.
    std::optional<HttpResponse> decode(QByteArrayView &piece)
    {
        // A decoder reads in place, and says at which address modulo 8 the next byte has to be.
        if (m_buffer.isEmpty())
            m_buffer.resize(DecodeSize + 16);
        while (!piece.isEmpty() && !m_judging) {
            const auto misalignment = unsigned(quintptr(m_buffer.constData()) % 8);
            const qsizetype offset = qsizetype((m_decoder->phase() + 8 - misalignment) % 8);
            const qsizetype size = std::min(piece.size(), DecodeSize);
            std::memcpy(m_buffer.data() + offset, piece.data(), std::size_t(size));
            QByteArrayView input(m_buffer.constData() + offset, size);
            while (!input.isEmpty() && !m_judging) {
                const PushDecoder::Status status = m_decoder->decode(input);
                if (status == PushDecoder::Status::NeedMore)
                    continue;
                if (status == PushDecoder::Status::Rejected)
                    return rejected(m_decoder->rejection());
                m_judging.emplace(m_receiver.m_intake.judge(m_decoder->updates(), timeNow()));
                if (!m_judging->proceed(StepSize))
                    break;
                if (std::optional<HttpResponse> failure = store())
                    return failure;
            }
            piece = piece.sliced(size - input.size());
        }
        return std::nullopt;
    }

    std::optional<HttpResponse> store()
    {
        const std::optional<Rejection> rejection = m_receiver.m_intake.take(*m_judging, m_receiver.m_source);
        m_judging.reset();
        if (rejection)
            return rejected(*rejection);
        ++m_taken;
        return std::nullopt;
    }

    HttpResponse rejected(Rejection rejection)
    {
        if (m_taken > 0)
            rejection.message.prepend("document " + QByteArray::number(m_taken + 1)
                                      + " (those before it were stored): ");
        return failed(rejection);
    }

    const std::unique_ptr<PushDecoder> m_decoder;
    std::optional<BodyBuffer> m_packed; ///< of a body that is compressed
    QByteArray m_buffer;
    std::optional<TextJudging> m_judging; ///< of the decoder's updates
    QByteArray m_rest; ///< what has come behind them, from m_restAt on
    qsizetype m_restAt = 0;
    quint64 m_taken = 0; ///< documents
};

HttpReceiver::HttpReceiver(const Intake &intake, AppModel &model, SourceCounters &counters,
                           const QByteArray &name)
    : m_intake(intake)
    , m_model(model)
    , m_source(SourceKind::Push, name, counters, lcReceive)
    , m_started(timeNow())
{
}

void HttpReceiver::setSettings(const Settings &settings)
{
    m_settings = settings;
    m_hostNames = {settings.exporter.scrapeExposeEndpoint.host.toUtf8().toLower()};
    for (const QString &name : settings.receiver.httpHosts.split(u','))
        m_hostNames << name.trimmed().toUtf8().toLower();
    std::array<char, 256> own{}; // RFC 1035: a name has at most 255 bytes
    if (gethostname(own.data(), own.size() - 1) == 0)
        m_hostNames << QByteArray(own.data()).toLower();
    m_hostNames.removeAll(QByteArray());
}

bool HttpReceiver::allows(ChangeRequest::Path path) const
{
    return settingOf(path) == "exporter.admin" ? m_settings.exporter.admin
                                               : m_settings.receiver.receiveOnHttp;
}

std::optional<QByteArray> HttpReceiver::foreignness(const RequestHead &head) const
{
    const QByteArrayView host = head.field("host");
    const QByteArrayView site = head.field("sec-fetch-site");
    QByteArrayView origin = head.field("origin");
    const bool isOfBrowser = !site.isEmpty() || !origin.isEmpty();
    if (isOfBrowser) {
        for (const QByteArrayView scheme : {QByteArrayView("http://"), QByteArrayView("https://")}) {
            if (origin.startsWith(scheme)) {
                origin = origin.sliced(scheme.size());
                break;
            }
        }
        if ((!site.isEmpty() && site != "same-origin" && site != "none")
            || (!origin.isEmpty() && origin.compare(host, Qt::CaseInsensitive) != 0))
            return QByteArray("a web page of another site must not change anything here");
    }
    if (host.isEmpty())
        return std::nullopt; // of HTTP/1.0, which no browser speaks
    QByteArray name = host.toByteArray().toLower();
    if (name.startsWith('[')) {
        name = name.sliced(1, std::max<qsizetype>(name.indexOf(']') - 1, 0));
    } else if (const qsizetype colon = name.lastIndexOf(':'); colon >= 0) {
        name.truncate(colon);
    }
    if (!name.contains('.') && !name.contains(':')) // "localhost", or a name of this network alone
        return std::nullopt;
    if (m_hostNames.contains(name) || QHostAddress().setAddress(QString::fromLatin1(name)))
        return std::nullopt;
    for (const QByteArrayView ending : PrivateEndings) {
        if (name.endsWith(ending))
            return std::nullopt;
    }
    return "the Host header names " + shownName(name)
        + ", which this daemon does not know as its own: if it is, it belongs into receiver.http_hosts";
}

std::unique_ptr<BodySink> HttpReceiver::sinkFor(const ChangeRequest &request)
{
    const QByteArrayView encoding = request.head.field("content-encoding");
    const bool canBeRead =
        encoding.isEmpty() || encoding.compare(QByteArrayView("gzip"), Qt::CaseInsensitive) == 0;
    if (!canBeRead || !takesBody(request))
        return nullptr;
    if (request.path == ChangeRequest::Path::Messages)
        return std::make_unique<MessageSink>(*this, request);
    return std::make_unique<TextSink>(*this, request);
}

std::optional<HttpResponse> HttpReceiver::carryOut(const ChangeRequest &request, BodySink *sink)
{
    // Nothing is carried out by a request whose body is refused.
    if (!sink && takesBody(request))
        return HttpResponse::text(415, "a body must be plain or gzip\n");
    if (!sink && request.head.hasBody())
        return HttpResponse::text(413, "this request must not have a body\n");
    switch (request.path) {
    case ChangeRequest::Path::Messages:
        return static_cast<MessageSink *>(sink)->finish();
    case ChangeRequest::Path::AppText:
        return static_cast<TextSink *>(sink)->store(request);
    case ChangeRequest::Path::Group:
        return request.head.method == HttpMethod::Delete ? removeGroup(request)
                                                         : static_cast<TextSink *>(sink)->store(request);
    case ChangeRequest::Path::App:
        return removeApp(request);
    case ChangeRequest::Path::Apps:
        return removeApps(request);
    case ChangeRequest::Path::Wipe:
        return wipe(request);
    case ChangeRequest::Path::Groups:
        return groups();
    case ChangeRequest::Path::Status:
        return status();
    case ChangeRequest::Path::Reload:
        logChange(request, "reload");
        // Not within a turn of the connections, which it may drain and take apart.
        QTimer::singleShot(0, &m_context, m_actions.reload);
        return HttpResponse::text(
            202,
            "reloading; the log and exporter_proxy_config_last_reload_successful tell the "
            "result\n");
    case ChangeRequest::Path::Quit:
        logChange(request, "stop");
        m_actions.quit();
        break;
    }
    HttpResponse response = ok("stopping\n");
    response.close = true;
    return response;
}

HttpResponse HttpReceiver::refuse(const Rejection &rejection, const Channel &channel)
{
    const QByteArray line = m_intake.refuse(rejection, m_source, timeNow(), LogLimiter::Clock::now(),
                                            [&channel] { return channel.peerName(); });
    return HttpResponse::text(statusOf(rejection.reason), line + '\n');
}

/// Notes the time of a push that was rejected in the group's own text, if it has one.
void HttpReceiver::noteFailed(const PushGroup &group)
{
    const Timestamp now = timeNow();
    const std::shared_ptr<const AppSnapshot> held =
        m_settings.receiver.pushgatewayMetrics ? m_model.find(group.appName(), now) : nullptr;
    // A large text would be read in one go; /apps tells of the rejection in any case.
    if (!held || held->text.isEmpty() || held->text.size() > MaxNotedSize || infoOf(held->kind).isConfigured)
        return;
    GroupReader reader(held->text);
    while (!reader.proceed(StepSize)) { }
    GroupFamilies families = reader.take().take();
    families.setTime(FailureTime, FailureHelp, wallClock(), group);
    m_model.replaceHeld(*held, {held->name, families.text()}, {}, now);
}

HttpResponse HttpReceiver::removeGroup(const ChangeRequest &request)
{
    const Result<PushGroup> group = PushGroup::ofPath(request.encodedPath.sliced(GroupsBegin.size()));
    if (!group)
        return HttpResponse::text(400, group.error().toUtf8() + '\n');
    if (m_model.remove(group.value().appName()))
        logChange(request, "removed " + shownName(group.value().appName()));
    return HttpResponse::text(202, {});
}

HttpResponse HttpReceiver::removeApp(const ChangeRequest &request)
{
    const std::shared_ptr<const AppSnapshot> app = m_model.find(request.app, timeNow());
    if (!app)
        return HttpResponse::text(404, "there is no application " + shownName(request.app) + '\n');
    if (!m_model.remove(request.app))
        return HttpResponse::text(
            409, shownName(request.app) + " is named by the configuration, and leaves only with that\n");
    logChange(request, "removed " + shownName(request.app));
    return ok("removed 1\n");
}

HttpResponse HttpReceiver::removeApps(const ChangeRequest &request)
{
    // A mistyped dry_run must not remove anything.
    std::optional<QByteArray> pattern;
    std::optional<QByteArray> dryRun;
    for (const QByteArray &pair : request.query.toByteArray().split('&')) {
        std::optional<QByteArray> *known = nullptr;
        std::optional<QByteArray> value = formValue(pair, "match");
        if (value)
            known = &pattern;
        else if ((value = formValue(pair, "dry_run")))
            known = &dryRun;
        if (!pair.isEmpty() && (!known || *known))
            return HttpResponse::text(400,
                                      "only one match=GLOB and one dry_run=1 are understood here, not "
                                          + shownName(pair) + '\n');
        if (known)
            *known = std::move(value);
    }
    if (dryRun && *dryRun != "1" && *dryRun != "0")
        return HttpResponse::text(400, "dry_run is 1 or 0\n");
    if (!pattern || pattern->isEmpty())
        return HttpResponse::text(400,
                                  "which applications is said by ?match=GLOB, for example ?match=backup-*\n");
    const bool isDry = dryRun && *dryRun == "1";
    const QByteArrayList names =
        m_model.removeIf([&](QByteArrayView name) { return matchesGlob(*pattern, name); }, isDry);
    QByteArray text = (isDry ? "would remove " : "removed ") + QByteArray::number(names.size()) + '\n';
    for (const QByteArray &name : names)
        text += escapedLine(name) + '\n';
    if (!isDry)
        logChange(request,
                  "removed " + QByteArray::number(names.size()) + " applications that match "
                      + shownName(*pattern));
    return ok(text);
}

HttpResponse HttpReceiver::wipe(const ChangeRequest &request)
{
    const QByteArrayList names =
        m_model.removeIf([](QByteArrayView name) { return PushGroup::ofAppName(name).has_value(); }, false);
    logChange(request, "removed all " + QByteArray::number(names.size()) + " groups");
    return HttpResponse::text(202, {});
}

HttpResponse HttpReceiver::groups() const
{
    const std::shared_ptr<const AppView> view = m_model.view(timeNow());
    if (view->totalSize > MaxListedSize)
        return HttpResponse::text(507, "the groups are too large to be listed at once; /metrics has them\n");
    HttpResponse response = ok(groupsJson(*view));
    response.contentType = "application/json";
    return response;
}

HttpResponse HttpReceiver::status() const
{
    HttpResponse response = ok(gatewayStatusJson(m_started));
    response.contentType = "application/json";
    return response;
}

void HttpReceiver::logChange(const ChangeRequest &request, const QByteArray &what) const
{
    qCInfo(lcHttp, "%s, as %s asked", what.constData(), request.channel.peerName().constData());
}

} // namespace ExporterProxy
