// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingreader.h"

#include "common/util/showntext.h"

namespace ExporterProxy {

namespace {

QString typeText(const toml::node &node)
{
    switch (node.type()) {
    case toml::node_type::none:
        break;
    case toml::node_type::table:
        return QStringLiteral("a table");
    case toml::node_type::array:
        return QStringLiteral("an array");
    case toml::node_type::string:
        return QStringLiteral("a string");
    case toml::node_type::integer:
        return QStringLiteral("an integer");
    case toml::node_type::floating_point:
        return QStringLiteral("a float");
    case toml::node_type::boolean:
        return QStringLiteral("a boolean");
    case toml::node_type::date:
        return QStringLiteral("a date");
    case toml::node_type::time:
        return QStringLiteral("a time");
    case toml::node_type::date_time:
        return QStringLiteral("a date-time");
    }
    return QStringLiteral("nothing");
}

SettingFault wrongType(const SettingType &type, const toml::node &node)
{
    return {wrongTypeText(expectedText(type), node)};
}

SettingResult readScalar(const SettingType &type, const toml::node &node)
{
    if (type.kind == SettingKind::Boolean) {
        if (const auto *boolean = node.as_boolean())
            return SettingValue(boolean->get());
        return wrongType(type, node);
    }
    if (const auto *integer = node.as_integer()) {
        const QString shown = QString::number(integer->get());
        if (type.kind == SettingKind::Integer || type.kind == SettingKind::Size)
            return settingFromNumber(type, integer->get(), shown);
        if (type.kind == SettingKind::Seconds)
            return settingFromSeconds(type, double(integer->get()), shown);
        return wrongType(type, node);
    }
    if (const auto *number = node.as_floating_point(); number && type.kind == SettingKind::Seconds)
        return settingFromSeconds(type, number->get(), QString::number(number->get(), 'g', 15));
    const auto *text = node.as_string();
    if (!text || type.kind == SettingKind::Integer || type.kind == SettingKind::Seconds)
        return wrongType(type, node);
    return settingFromText(type, fromToml(text->get()));
}

std::optional<SettingValue> reported(SettingResult result, const toml::node &node, const NodeFaultSink &sink)
{
    if (const auto *fault = std::get_if<SettingFault>(&result)) {
        sink(node, fault->message);
        return std::nullopt;
    }
    return std::get<SettingValue>(std::move(result));
}

std::optional<SettingValue> readUrls(const SettingType &type, const toml::node &node,
                                     const NodeFaultSink &sink)
{
    const auto *array = node.as_array();
    if (!array)
        return reported(wrongType(type, node), node, sink);
    QList<PollEndpoint> endpoints;
    for (const toml::node &element : *array) {
        const auto url = readSetting({SettingKind::Url}, element, sink);
        if (url) {
            PollEndpoint endpoint;
            endpoint.url = std::get<QString>(*url);
            endpoints << endpoint;
        }
    }
    if (endpoints.size() != qsizetype(array->size()))
        return std::nullopt;
    return endpoints;
}

std::optional<SettingValue> readHeaders(const SettingType &type, const toml::node &node,
                                        const NodeFaultSink &sink)
{
    const auto *table = node.as_table();
    if (!table)
        return reported(wrongType(type, node), node, sink);
    HttpHeaders headers;
    for (const auto &[key, element] : *table) {
        const QString name = fromToml(key.str());
        const auto *text = element.as_string();
        if (!text) {
            sink(element,
                 quotedText(name) + QStringLiteral(": ")
                     + wrongTypeText(QStringLiteral("a string"), element));
            continue;
        }
        const QString value = fromToml(text->get());
        if (const auto fault = headerFault(name, value))
            sink(element, fault->message);
        else
            headers.emplaceBack(name.toUtf8(), value.toUtf8());
    }
    if (headers.size() != qsizetype(table->size()))
        return std::nullopt;
    return headers;
}

} // namespace

QString fromToml(std::string_view text)
{
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

QString wrongTypeText(const QString &expected, const toml::node &node)
{
    return QStringLiteral("expected ") + expected + QStringLiteral(", got ") + typeText(node);
}

std::optional<SettingValue> readSetting(const SettingType &type, const toml::node &node,
                                        const NodeFaultSink &sink)
{
    if (type.kind == SettingKind::UrlList)
        return readUrls(type, node, sink);
    if (type.kind == SettingKind::Headers)
        return readHeaders(type, node, sink);
    return reported(readScalar(type, node), node, sink);
}

} // namespace ExporterProxy
