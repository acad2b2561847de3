// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/appsjson.h"

#include "common/util/bytebuilder.h"
#include "common/util/utf8.h"
#include "common/util/version.h"
#include "common/util/words.h"

#include <array>

namespace ExporterProxy {

namespace {

using namespace std::chrono;

/// The most bytes that one byte of text becomes: "\u0000". The quotes are two more.
constexpr std::size_t JsonGrowth = 6;

/// The bytes that stand for themselves within a JSON string.
constexpr std::array<bool, 256> PlainBytes = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x7F; ++c)
        plain[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
    return plain;
}();

char *putEscape(char *out, char32_t codePoint)
{
    constexpr char digits[] = "0123456789abcdef";
    out = put(out, "\\u");
    for (int shift = 12; shift >= 0; shift -= 4)
        *out++ = digits[codePoint >> shift & 0xF];
    return out;
}

/// Writes a text as a JSON string (RFC 8259) with its quotes, into memory with room for JsonGrowth times its
/// size and the quotes, and returns the end. Bytes that are not UTF-8 become U+FFFD. `<`, `>`, `&` and the
/// line separators are escaped, so that the string can be part of HTML and JavaScript.
char *putJsonString(char *out, QByteArrayView text)
{
    *out++ = '"';
    for (const char *at = text.begin(); at != text.end();) {
        if (PlainBytes[static_cast<unsigned char>(*at)]) {
            *out++ = *at++;
            continue;
        }
        const Utf8Char character = decodeUtf8(at, text.end());
        if (character.codePoint < 0xA0 || character.codePoint == 0x2028 || character.codePoint == 0x2029)
            out = putEscape(out, character.codePoint);
        else if (character.valid)
            out = put(out, {at, std::size_t(character.size)});
        else
            out = put(out, ReplacementUtf8);
        at += character.size;
    }
    *out++ = '"';
    return out;
}

/// Room for what an application's object holds beside its three texts: keys, times and numbers.
constexpr std::size_t ObjectSize = 512;
/// What an object usually takes, for the first reservation.
constexpr std::size_t UsualObjectSize = 320;

char *putTime(char *out, Timestamp time)
{
    if (time == Never)
        return put(out, "null");
    *out++ = '"';
    out = writeUtcTime(out, onWallClock(time), UtcForm::Rfc3339);
    *out++ = '"';
    return out;
}

char *putAge(char *out, const AppSnapshot &app, Timestamp now)
{
    if (app.lastUpdate == Never)
        return put(out, "null");
    return writeSeconds(out, ageAt(app, now));
}

/// Without its closing brace.
char *putApp(char *out, const AppSnapshot &app, Timestamp now)
{
    out = putJsonString(put(out, "{\"name\":"), app.name);
    out = putJsonString(put(out, ",\"source\":"), app.source);
    out = put(put(put(out, ",\"kind\":\""), infoOf(app.kind).name), "\"");
    out = put(put(put(out, ",\"state\":\""), appStateName(appStateAt(app, now))), "\"");
    out = putTime(put(out, ",\"last_update\":"), app.lastUpdate);
    out = putAge(put(out, ",\"age_seconds\":"), app, now);
    out = put(out, ",\"interval_seconds\":");
    out = app.interval.count() == 0 ? put(out, "null") : writeSeconds(out, app.interval);
    out = putNumber(put(out, ",\"bytes\":"), app.text.size());
    out = putNumber(put(out, ",\"series\":"), app.series());
    out = put(put(put(out, ",\"format\":\""), formatName(app.format)), "\"");
    out = putNumber(put(out, ",\"updates\":"), app.updates);
    out = putNumber(put(out, ",\"rejected\":"), app.rejected);
    if (app.lastErrorReason.isEmpty())
        return put(out, ",\"last_error\":null");
    out = putTime(put(out, ",\"last_error\":{\"at\":"), app.lastErrorAt);
    out = putJsonString(put(out, ",\"reason\":"), app.lastErrorReason);
    return put(out, "}");
}

/// Appends a member that is an array of sentences; nothing if there are none.
void appendSentences(ByteBuilder &json, std::string_view key, const QByteArrayList &sentences)
{
    if (sentences.isEmpty())
        return;
    std::size_t size = key.size() + 8;
    for (const QByteArray &sentence : sentences)
        size += std::size_t(sentence.size()) * JsonGrowth + 3;
    char *out = put(put(put(json.room(size), ",\""), key), "\":");
    char separator = '[';
    for (const QByteArray &sentence : sentences) {
        *out++ = separator;
        out = putJsonString(out, sentence);
        separator = ',';
    }
    json.advanceTo(put(out, "]"));
}

} // namespace

QByteArray renderAppsJson(const AppView &view, Timestamp now, Timestamp started,
                          std::span<const MergeReport> reports)
{
    ByteBuilder json(ObjectSize + view.apps.size() * UsualObjectSize);
    char *out = putTime(put(json.room(ObjectSize), "{\"now\":"), now);
    out = putNumber(put(out, ",\"generation\":"), view.generation);
    out = putJsonString(put(out, ",\"version\":"), QByteArrayView(VersionString));
    out = putTime(put(out, ",\"started\":"), started);
    json.advanceTo(put(out, ",\"apps\":["));
    bool isFirst = true;
    auto report = reports.begin();
    for (const auto &app : view.apps) {
        const auto texts = std::size_t(app->name.size() + app->source.size() + app->lastErrorReason.size());
        out = json.room(texts * JsonGrowth + ObjectSize);
        json.advanceTo(putApp(isFirst ? out : put(out, ","), *app, now));
        isFirst = false;
        appendSentences(json, "notes", app->notes);
        for (; report != reports.end() && report->app <= app->name; ++report) {
            if (report->app == app->name)
                appendSentences(json, "conflicts", report->notes);
        }
        json.append("}");
    }
    json.append("]}\n");
    return json.take();
}

QByteArray appsEtag(const AppView &view, Timestamp now, Timestamp since, quint64 outdated)
{
    return '"' + QByteArray::number(since.time_since_epoch().count(), 16) + '-'
        + QByteArray::number(view.generation, 16) + '-' + QByteArray::number(appStatesDigest(view, now), 16)
        + (outdated == 0 ? QByteArray() : '-' + QByteArray::number(outdated, 16)) + '"';
}

quint64 appStatesDigest(const AppView &view, Timestamp now)
{
    // FNV-1a, 64 bits: each state moves all that follows, so that two that change places do not cancel out.
    quint64 digest = 0xcbf29ce484222325;
    for (const auto &app : view.apps)
        digest = (digest ^ quint64(appStateAt(*app, now))) * 0x100000001b3;
    return digest;
}

QByteArray renderDiscovery(const AppView &view, QByteArrayView host)
{
    constexpr std::size_t fixedSize = 128; // bytes of a target group without the name and the host
    ByteBuilder json(2 + view.apps.size() * (fixedSize + std::size_t(host.size())));
    json.append("[");
    bool isFirst = true;
    for (const auto &app : view.apps) {
        json.append(isFirst ? "\n{\"targets\":[\"" : ",\n{\"targets\":[\"");
        json.append(bytesOf(host));
        json.append("\"],\"labels\":{\"__metrics_path__\":");
        const auto putName = [&json](const QByteArray &text) {
            json.advanceTo(putJsonString(json.room(std::size_t(text.size()) * JsonGrowth + 2), text));
        };
        putName("/apps/" + app->name + "/metrics");
        json.append(",\"app\":");
        putName(app->name);
        json.append("}}");
        isFirst = false;
    }
    json.append("\n]\n");
    return json.take();
}

} // namespace ExporterProxy
