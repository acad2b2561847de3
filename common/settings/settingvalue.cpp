// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingvalue.h"

#include "common/model/appmodel.h"
#include "common/settings/pollurl.h"
#include "common/util/showntext.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <QUrl>

namespace ExporterProxy {

namespace {

/// sockaddr_un has room for 107 bytes and a NUL; QLocalServer allows one byte less.
constexpr qsizetype MaxSocketPathSize = 106;

struct SizeUnit
{
    QLatin1StringView name;
    qint64 bytes;
};

/// Case-sensitive, because "Mb" and "mB" have other meanings elsewhere. Ordered for sizeText(), which takes
/// the first unit that divides a size without remainder.
constexpr std::array SizeUnits = {
    SizeUnit{QLatin1StringView("TiB"), qint64{1} << 40},
    SizeUnit{QLatin1StringView("GiB"), qint64{1} << 30},
    SizeUnit{QLatin1StringView("MiB"), qint64{1} << 20},
    SizeUnit{QLatin1StringView("KiB"), qint64{1} << 10},
    SizeUnit{QLatin1StringView("TB"), 1'000'000'000'000},
    SizeUnit{QLatin1StringView("GB"), 1'000'000'000},
    SizeUnit{QLatin1StringView("MB"), 1'000'000},
    SizeUnit{QLatin1StringView("kB"), 1'000},
    SizeUnit{QLatin1StringView("B"), 1},
};

QString sizeText(qint64 bytes)
{
    const auto unit = std::find_if(SizeUnits.begin(), SizeUnits.end(), [bytes](const SizeUnit &candidate) {
        return bytes >= candidate.bytes && bytes % candidate.bytes == 0;
    });
    return unit == SizeUnits.end() ? QStringLiteral("0B") : QString::number(bytes / unit->bytes) + unit->name;
}

QString secondsText(qint64 milliseconds)
{
    return QString::number(double(milliseconds) / 1000, 'g', 15);
}

QString tomlString(QString text)
{
    text.replace(u'\\', QStringLiteral("\\\\")).replace(u'"', QStringLiteral("\\\""));
    return u'"' + escapedLine(text) + u'"'; // TOML has the same escape sequences
}

bool hasControlCharacter(const QString &text)
{
    return std::any_of(text.begin(), text.end(),
                       [](QChar c) { return c.category() == QChar::Other_Control; });
}

bool isHttpUrl(const QString &text)
{
    if (text.startsWith(u' '))
        return false; // QUrl would remove it without an error
    const QUrl url(text, QUrl::StrictMode);
    return url.isValid() && (url.scheme() == u"http" || url.scheme() == u"https") && !url.host().isEmpty()
        && url.port() != 0;
}

Failure notExpected(const SettingType &type, const QString &text)
{
    // The text is not shown, because a password cannot be found reliably in a malformed URL.
    if (type.kind == SettingKind::Url)
        return {QStringLiteral("expected ") + expectedText(type)};
    return {quotedText(text) + QStringLiteral(" is not ") + expectedText(type)};
}

SettingResult sizeFromText(const SettingType &type, const QString &text)
{
    const qsizetype digits =
        std::find_if(text.begin(), text.end(), [](QChar c) { return c < u'0' || c > u'9'; }) - text.begin();
    const QStringView unitName = QStringView{text}.mid(digits).trimmed();
    const auto unit = std::find_if(SizeUnits.begin(), SizeUnits.end(),
                                   [&](const SizeUnit &candidate) { return candidate.name == unitName; });
    if (digits == 0 || (unit == SizeUnits.end() && !unitName.isEmpty()))
        return notExpected(type, text);
    const qint64 factor = unit == SizeUnits.end() ? 1 : unit->bytes;
    bool fits = false;
    qint64 bytes = 0;
    const qint64 number = QStringView{text}.left(digits).toLongLong(&fits);
    if (!fits || __builtin_mul_overflow(number, factor, &bytes))
        bytes = std::numeric_limits<qint64>::max();
    return settingFromNumber(type, bytes, quotedText(text));
}

SettingResult modeFromText(const SettingType &type, const QString &text)
{
    const bool octal = !text.isEmpty()
        && std::all_of(text.begin(), text.end(), [](QChar c) { return c >= u'0' && c <= u'7'; });
    if (!octal)
        return notExpected(type, text);
    bool fits = false;
    const qint64 mode = text.toLongLong(&fits, 8);
    if (!fits || mode > type.maximum)
        return Failure{quotedText(text) + QStringLiteral(" has bits beyond 0777")};
    return SettingValue(mode);
}

SettingResult labelNameFromText(const QString &text)
{
    const auto isLetter = [](QChar c) {
        return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || c == u'_';
    };
    const auto mayFollow = [isLetter](QChar c) { return isLetter(c) || (c >= u'0' && c <= u'9'); };
    if (!text.isEmpty() && (!isLetter(text.front()) || !std::all_of(text.begin(), text.end(), mayFollow)))
        return Failure{quotedText(text)
                       + QStringLiteral(" is not a label's name: letters, digits and _, no digit first")};
    // Prometheus drops labels that begin with "__"; "le" and "quantile" distinguish the samples of a family.
    if (text.startsWith(u"__") || text == u"le" || text == u"quantile")
        return Failure{quotedText(text) + QStringLiteral(" has a meaning of its own to Prometheus")};
    return SettingValue(text);
}

} // namespace

QString expectedText(const SettingType &type)
{
    switch (type.kind) {
    case SettingKind::Boolean:
        return QStringLiteral("true or false");
    case SettingKind::Integer:
        return QStringLiteral("an integer");
    case SettingKind::Seconds:
        return QStringLiteral("a number of seconds");
    case SettingKind::Size:
        return QStringLiteral(
            "a size such as \"64MiB\" (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB) or a number of bytes");
    case SettingKind::Choice: {
        QStringList words;
        for (const QLatin1StringView word : type.choices)
            words << u'"' + word + u'"';
        return QStringLiteral("one of ") + words.join(QStringLiteral(", "));
    }
    case SettingKind::Mode:
        return QStringLiteral("a string of octal digits such as \"0660\"");
    case SettingKind::Text:
    case SettingKind::OptionalText:
    case SettingKind::LabelName:
    case SettingKind::AppName:
        return QStringLiteral("a string");
    case SettingKind::SocketPath:
        return QStringLiteral("a path such as \"/run/exporter-proxy.sock\"");
    case SettingKind::Url:
        return QStringLiteral("a URL such as \"http://127.0.0.1:9100/metrics\"");
    case SettingKind::Address:
        return QStringLiteral("an address and a port such as \"127.0.0.1:6554\" or \"[::1]:6554\"");
    case SettingKind::UrlList:
        return QStringLiteral("a list of URLs such as [\"http://127.0.0.1:9100/metrics\"]");
    case SettingKind::Headers:
        return QStringLiteral("a table of strings such as { Accept = \"text/plain\" }");
    }
    Q_UNREACHABLE();
}

QString rangeText(const SettingType &type)
{
    const QString and_ = QStringLiteral(" and ");
    switch (type.kind) {
    case SettingKind::Integer:
        return QString::number(type.minimum) + and_ + QString::number(type.maximum);
    case SettingKind::Seconds:
        return secondsText(type.minimum) + and_ + secondsText(type.maximum) + QStringLiteral(" seconds");
    case SettingKind::Size:
        return sizeText(type.minimum) + and_ + sizeText(type.maximum);
    default:
        return {};
    }
}

QString settingText(const SettingType &type, const SettingValue &value)
{
    switch (type.kind) {
    case SettingKind::Boolean:
        return std::get<bool>(value) ? QStringLiteral("true") : QStringLiteral("false");
    case SettingKind::Integer:
        return QString::number(std::get<qint64>(value));
    case SettingKind::Seconds:
        return secondsText(std::get<qint64>(value));
    case SettingKind::Size:
        return u'"' + sizeText(std::get<qint64>(value)) + u'"';
    case SettingKind::Choice:
        return u'"' + type.choices[std::size_t(std::get<qint64>(value))] + u'"';
    case SettingKind::Mode:
        return QStringLiteral("\"%1\"").arg(std::get<qint64>(value), 4, 8, QLatin1Char('0'));
    case SettingKind::Text:
    case SettingKind::OptionalText:
    case SettingKind::SocketPath:
    case SettingKind::LabelName:
    case SettingKind::AppName:
    case SettingKind::Url:
        return tomlString(std::get<QString>(value));
    case SettingKind::Address:
        return tomlString(std::get<SocketAddress>(value).toString());
    case SettingKind::UrlList: {
        QStringList urls;
        for (const PollEndpoint &endpoint : std::get<QList<PollEndpoint>>(value))
            urls << tomlString(endpoint.url);
        return u'[' + urls.join(QStringLiteral(", ")) + u']';
    }
    case SettingKind::Headers: {
        QStringList pairs;
        for (const auto &[name, content] : std::get<HttpHeaders>(value))
            pairs << tomlString(QString::fromUtf8(name)) + QStringLiteral(" = ")
                    + tomlString(QString::fromUtf8(content));
        return pairs.isEmpty()
            ? QStringLiteral("{}")
            : QString(QStringLiteral("{ ") + pairs.join(QStringLiteral(", ")) + QStringLiteral(" }"));
    }
    }
    Q_UNREACHABLE();
}

SettingResult settingFromText(const SettingType &type, const QString &text)
{
    if (type.kind == SettingKind::AppName) {
        if (const auto fault = nameFault(text.toUtf8()))
            return Failure{QString::fromUtf8(*fault)};
        return SettingValue(text);
    }
    if (type.kind == SettingKind::LabelName)
        return labelNameFromText(text);
    if (text.isEmpty() && type.kind != SettingKind::OptionalText)
        return Failure{QStringLiteral("must not be empty")};
    if (hasControlCharacter(text))
        return Failure{QStringLiteral("has a control character")};

    switch (type.kind) {
    case SettingKind::Size:
        return sizeFromText(type, text);
    case SettingKind::Mode:
        return modeFromText(type, text);
    case SettingKind::Choice: {
        const auto found = std::find(type.choices.begin(), type.choices.end(), text);
        if (found == type.choices.end())
            return notExpected(type, text);
        return SettingValue(qint64(found - type.choices.begin()));
    }
    case SettingKind::Address:
        if (auto address = SocketAddress::parse(text))
            return SettingValue(*std::move(address));
        return notExpected(type, text);
    case SettingKind::Url: {
        const QString url = encodedPollUrl(text);
        if (const QString fault = pollUrlFault(url); !fault.isEmpty())
            return Failure{fault};
        if (!isHttpUrl(url))
            return notExpected(type, text);
        return SettingValue(url);
    }
    case SettingKind::SocketPath:
        if (const qsizetype size = text.toUtf8().size(); size > MaxSocketPathSize)
            return Failure{QStringLiteral("the path has %1 bytes, more than the %2 of a socket")
                               .arg(size)
                               .arg(MaxSocketPathSize)};
        return SettingValue(text);
    default:
        return SettingValue(text);
    }
}

SettingResult settingFromNumber(const SettingType &type, qint64 number, const QString &shown)
{
    if (number < type.minimum || number > type.maximum)
        return Failure{shown + QStringLiteral(" is not between ") + rangeText(type)};
    return SettingValue(number);
}

SettingResult settingFromSeconds(const SettingType &type, double seconds, const QString &shown)
{
    const double milliseconds = seconds * 1000;
    // Compared as a double first: converting NaN or a number beyond the integer's range is undefined.
    const bool fits = milliseconds >= 0 && milliseconds <= double(type.maximum);
    qint64 rounded = fits ? std::llround(milliseconds) : -1;
    // If 0 means "never", a small positive number must not become 0.
    if (rounded == 0 && seconds > 0 && type.minimum == 0)
        rounded = 1;
    return settingFromNumber(type, rounded, shown);
}

Result<> checkHeader(const QString &name, const QString &value)
{
    // A token (RFC 9110, section 5.6.2); other characters could begin another header or request.
    const QLatin1StringView marks("!#$%&'*+-.^_`|~");
    const auto isTokenCharacter = [marks](QChar c) {
        return (c.unicode() < 0x80 && c.isLetterOrNumber()) || marks.contains(c);
    };
    if (name.isEmpty() || !std::all_of(name.begin(), name.end(), isTokenCharacter))
        return Failure{quotedText(name) + QStringLiteral(" is not a header's name")};
    if (hasControlCharacter(value))
        return Failure{QStringLiteral("the value of ") + quotedText(name)
                       + QStringLiteral(" has a control character")};
    return {};
}

} // namespace ExporterProxy
