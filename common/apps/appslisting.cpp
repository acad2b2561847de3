// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/apps/appslisting.h"

#include "common/util/showntext.h"
#include "common/util/words.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <QCoreApplication>
#include <QStringDecoder>
#include <simdjson.h>

namespace ExporterProxy {

namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::ondemand::json_type;

/// The bytes of a response that is not JSON that are quoted: enough to recognise a page of a web server.
constexpr qsizetype ShownBegin = 40;
/// An interval beyond a century is a fault of the sender; it must not overflow on the way to milliseconds.
constexpr double MaxIntervalSeconds = 100.0 * 366 * 86'400;

/// The conflicts of one application that are kept: a person reads no more, and each costs every listing.
constexpr qsizetype MaxConflicts = 100;

/// JSON that is not what an exporter-proxy answers; thrown and caught in this file.
struct Fault
{
    QString sentence;
};

/// Not QString::fromUtf8(), which drops a byte-order mark at the start: two names that differ by it would be
/// one, and the whole listing would be rejected for it.
QString toText(std::string_view text)
{
    using Flag = QStringDecoder::Flag;
    QStringDecoder decoder(QStringDecoder::Utf8, Flag::Stateless | Flag::ConvertInitialBom);
    return decoder(QByteArrayView(text.data(), qsizetype(text.size())));
}

class AppsReader
{
    Q_DECLARE_TR_FUNCTIONS(AppsReader)

public:
    std::shared_ptr<const AppsListing> read(ondemand::document &document);
    static QString notJson(simdjson::error_code error, QByteArrayView json, std::optional<qsizetype> at);
    static QString notOurs(const QString &sentence)
    {
        return tr("JSON, but not of an exporter-proxy: %1").arg(sentence);
    }

private:
    static void check(ondemand::value &value, json_type type, std::string_view key);
    static bool isNull(ondemand::value &value) { return json_type(value.type()) == json_type::null; }
    static std::string_view string(ondemand::value &value, std::string_view key);
    static Timestamp time(ondemand::value &value, std::string_view key);
    template<typename Integer>
    static Integer count(ondemand::value &value, std::string_view key);
    static std::chrono::milliseconds interval(ondemand::value &value, std::string_view key);
    QString repeated(ondemand::value &value, std::string_view key, QString AppRecord::*member) const;
    static void state(ondemand::value &value, std::string_view key, AppRecord &app);

    void apps(ondemand::value value);
    AppRecord app(ondemand::value value);
    static void lastError(ondemand::value &value, AppRecord &app);
    static QStringList conflicts(ondemand::value &value);

    AppsListing m_listing;
};

std::shared_ptr<const AppsListing> AppsReader::read(ondemand::document &document)
{
    if (json_type(document.type()) != json_type::object)
        throw Fault{tr("it is not an object")};
    bool hasApps = false;
    for (ondemand::field field : document.get_object()) {
        const std::string_view key = field.unescaped_key();
        ondemand::value value = field.value();
        if (key == "now")
            m_listing.now = time(value, key);
        else if (key == "started")
            m_listing.started = time(value, key);
        else if (key == "generation")
            m_listing.generation = count<quint64>(value, key);
        else if (key == "version")
            m_listing.version = toText(string(value, key));
        else if (key == "apps") {
            apps(value);
            hasApps = true;
        }
    }
    // No place to be at is the end of it; at_end() itself is newer than Debian 12's parser.
    if (const char *rest = nullptr; document.current_location().get(rest) == simdjson::SUCCESS)
        throw Fault{tr("something follows the object")};
    if (!hasApps)
        throw Fault{tr("no \"apps\"")};
    // The ages are counted from it: without it all of them would be half a century.
    if (m_listing.now == Never)
        throw Fault{tr("no \"now\"")};

    auto &listed = m_listing.apps;
    // The page is in the order of the names' bytes, which differs from QString's in rare characters.
    const auto before = [](const AppRecord &a, const AppRecord &b) { return a.name < b.name; };
    if (!std::is_sorted(listed.begin(), listed.end(), before))
        std::sort(listed.begin(), listed.end(), before);
    const auto twice =
        std::adjacent_find(listed.begin(), listed.end(),
                           [](const AppRecord &a, const AppRecord &b) { return a.name == b.name; });
    if (twice != listed.end())
        throw Fault{tr("the application %1 is listed twice").arg(quotedText(twice->name))};
    return std::make_shared<const AppsListing>(std::move(m_listing));
}

QString AppsReader::notJson(simdjson::error_code error, QByteArrayView json, std::optional<qsizetype> at)
{
    const QByteArrayView text = json.trimmed();
    if (text.isEmpty())
        return tr("not JSON: the answer is empty");
    if (text.front() != '{' && text.front() != '[') {
        const QString begin = QString::fromUtf8(text.first(std::min(text.size(), ShownBegin)));
        return tr("not JSON: it begins with %1").arg(quotedText(begin.simplified()));
    }
    const QString cutOff = tr("not JSON: it ends too early");
    if (at && json.sliced(std::min(*at, json.size())).trimmed().isEmpty())
        return cutOff;
    switch (error) {
    case simdjson::UTF8_ERROR:
        return tr("not JSON: invalid UTF-8");
    case simdjson::UNCLOSED_STRING:
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
        return cutOff;
    case simdjson::MEMALLOC:
    case simdjson::CAPACITY:
        return tr("too large to be read");
    case simdjson::DEPTH_ERROR:
        return tr("not JSON that could be read: nested too deeply");
    default:
        return at ? tr("not JSON: malformed at byte %1").arg(*at) : tr("not JSON: malformed");
    }
}

void AppsReader::check(ondemand::value &value, json_type type, std::string_view key)
{
    if (json_type(value.type()) == type)
        return;
    switch (type) {
    case json_type::array:
        throw Fault{tr("%1 is not an array").arg(quotedText(toText(key)))};
    case json_type::object:
        throw Fault{tr("%1 is not an object").arg(quotedText(toText(key)))};
    case json_type::number:
        throw Fault{tr("%1 is not a number").arg(quotedText(toText(key)))};
    default:
        throw Fault{tr("%1 is not a string").arg(quotedText(toText(key)))};
    }
}

std::string_view AppsReader::string(ondemand::value &value, std::string_view key)
{
    check(value, json_type::string, key);
    return value.get_string();
}

Timestamp AppsReader::time(ondemand::value &value, std::string_view key)
{
    if (isNull(value))
        return Never;
    const std::string_view text = string(value, key);
    const auto read = readUtcTime(QByteArrayView(text.data(), qsizetype(text.size())));
    if (!read)
        throw Fault{tr("%1 is not a time: %2").arg(quotedText(toText(key)), quotedText(toText(text)))};
    return *read;
}

template<typename Integer>
Integer AppsReader::count(ondemand::value &value, std::string_view key)
{
    check(value, json_type::number, key);
    std::uint64_t number = 0;
    // A sign, a fraction or an exponent is an error of the parser, which is as good as a value of another
    // type.
    if (value.get_uint64().get(number) != simdjson::SUCCESS
        || number > std::uint64_t(std::numeric_limits<Integer>::max()))
        throw Fault{tr("%1 is not a whole number").arg(quotedText(toText(key)))};
    return Integer(number);
}

std::chrono::milliseconds AppsReader::interval(ondemand::value &value, std::string_view key)
{
    if (isNull(value))
        return {};
    check(value, json_type::number, key);
    double seconds = 0;
    if (value.get_double().get(seconds) != simdjson::SUCCESS
        || !(seconds >= 0 && seconds <= MaxIntervalSeconds))
        throw Fault{tr("%1 is not a number of seconds").arg(quotedText(toText(key)))};
    return std::chrono::milliseconds{std::llround(seconds * 1000)};
}

/// Returns a text that most applications have in common with the one before. Shared with that one, a listing
/// takes less memory, and comparing two of them is comparing pointers.
QString AppsReader::repeated(ondemand::value &value, std::string_view key, QString AppRecord::*member) const
{
    const QString text = toText(string(value, key));
    if (!m_listing.apps.empty() && m_listing.apps.back().*member == text)
        return m_listing.apps.back().*member;
    return text;
}

void AppsReader::state(ondemand::value &value, std::string_view key, AppRecord &app)
{
    const std::string_view text = string(value, key);
    std::size_t i = 0;
    while (i < AppStateCount && appStateName(AppState(i)) != text)
        ++i;
    app.state = AppState(i); // Unknown if no name matched
    app.stateWord = app.state == AppState::Unknown ? toText(text) : QString();
}

void AppsReader::apps(ondemand::value value)
{
    check(value, json_type::array, "apps");
    m_listing.apps.clear(); // of a key that comes twice the last one counts, as with any other
    for (ondemand::value element : value.get_array()) {
        if (m_listing.apps.size() == MaxListedApps)
            throw Fault{tr("more than %1 applications").arg(MaxListedApps)};
        m_listing.apps.push_back(app(element));
    }
}

AppRecord AppsReader::app(ondemand::value value)
{
    check(value, json_type::object, "apps[]");
    AppRecord app;
    bool hasName = false;
    bool hasState = false;
    for (ondemand::field field : value.get_object()) {
        const std::string_view key = field.unescaped_key();
        ondemand::value member = field.value();
        if (key == "name") {
            app.name = toText(string(member, key));
            hasName = !app.name.isEmpty();
        } else if (key == "source") {
            app.source = repeated(member, key, &AppRecord::source);
        } else if (key == "kind") {
            app.kind = repeated(member, key, &AppRecord::kind);
        } else if (key == "state") {
            state(member, key, app);
            hasState = true;
        } else if (key == "last_update") {
            app.lastUpdate = time(member, key);
        } else if (key == "interval_seconds") {
            app.interval = interval(member, key);
        } else if (key == "bytes") {
            app.bytes = count<qint64>(member, key);
        } else if (key == "series") {
            app.series = count<qint64>(member, key);
        } else if (key == "updates") {
            app.updates = count<quint64>(member, key);
        } else if (key == "rejected") {
            app.rejected = count<quint64>(member, key);
        } else if (key == "last_error") {
            lastError(member, app);
        } else if (key == "conflicts") {
            app.conflicts = conflicts(member);
        }
    }
    if (!hasName)
        throw Fault{tr("an application without a \"name\"")};
    if (!hasState)
        throw Fault{tr("the application %1 has no \"state\"").arg(quotedText(app.name))};
    return app;
}

void AppsReader::lastError(ondemand::value &value, AppRecord &app)
{
    if (isNull(value))
        return;
    check(value, json_type::object, "last_error");
    for (ondemand::field field : value.get_object()) {
        const std::string_view key = field.unescaped_key();
        ondemand::value member = field.value();
        if (key == "at")
            app.lastErrorAt = time(member, key);
        else if (key == "reason")
            app.lastErrorReason = toText(string(member, key));
    }
}

QStringList AppsReader::conflicts(ondemand::value &value)
{
    QStringList sentences;
    if (isNull(value))
        return sentences;
    check(value, json_type::array, "conflicts");
    for (ondemand::value element : value.get_array()) {
        const std::string_view sentence = string(element, "conflicts[]");
        if (sentences.size() < MaxConflicts)
            sentences << toText(sentence);
    }
    return sentences;
}

} // namespace

AppsReading readAppsJson(QByteArray json)
{
    // A whole block of the parser's, which reads ahead.
    json.reserve(json.size() + qsizetype(simdjson::SIMDJSON_PADDING));
    ondemand::parser parser;
    ondemand::document document;
    const simdjson::error_code unreadable =
        parser.iterate(json.constData(), std::size_t(json.size()), std::size_t(json.capacity()))
            .get(document);
    if (unreadable)
        return {nullptr, AppsReader::notJson(unreadable, json, std::nullopt)};
    try {
        return {AppsReader().read(document), {}};
    } catch (const Fault &fault) {
        return {nullptr, AppsReader::notOurs(fault.sentence)};
    } catch (const simdjson::simdjson_error &error) {
        std::optional<qsizetype> at;
        if (const char *location = nullptr; document.current_location().get(location) == simdjson::SUCCESS)
            at = location - json.constData();
        return {nullptr, AppsReader::notJson(error.error(), json, at)};
    }
}

} // namespace ExporterProxy
