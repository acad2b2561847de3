// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingsloader.h"

#include "common/model/appmodel.h"
#include "common/settings/settingschecks.h"
#include "common/settings/settingsfields.h"
#include "common/util/showntext.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <QHash>
#include <QSet>
#include <toml++/toml.h>
#include <tuple>
#include <variant>
#include <vector>

namespace ExporterProxy {

namespace {

/// The place of an error: in the configuration file or in an option of the command line.
struct SettingPlace
{
    int document = 0; ///< 0 for the file, then the number of the option
    unsigned line = 0; ///< from 1; 0 for the document as a whole
    unsigned column = 0;
    QString text; ///< "config.toml:12:1", "--set receiver.format=xml"

    static SettingPlace inFile(const QString &fileName, const toml::source_position &position)
    {
        return {0, position.line, position.column,
                QStringLiteral("%1:%2:%3").arg(fileName).arg(position.line).arg(position.column)};
    }
};

/// More errors than anyone reads at once; a file with more is not a configuration.
constexpr std::size_t MaxFaults = 100;

/// Collects the errors of a configuration, in any order.
class FaultList
{
public:
    void add(const SettingPlace &place, const QString &message)
    {
        if (isFull())
            m_hasMore = true;
        else
            m_faults.push_back({place, message});
    }

    bool isEmpty() const { return m_faults.empty(); }

    /// Returns whether further messages are dropped. They need not be composed then, which saves the time of
    /// searching for proposals.
    bool isFull() const { return m_faults.size() >= MaxFaults; }

    /// One line for each, "<place>: <message>", in the order of the places.
    QString text() const
    {
        std::vector<const Fault *> ordered;
        for (const Fault &fault : m_faults)
            ordered.push_back(&fault);
        std::stable_sort(ordered.begin(), ordered.end(), [](const Fault *a, const Fault *b) {
            return std::tie(a->place.document, a->place.line, a->place.column)
                < std::tie(b->place.document, b->place.line, b->place.column);
        });
        QStringList lines;
        for (const Fault *fault : ordered)
            lines << fault->place.text + QStringLiteral(": ") + fault->message;
        if (m_hasMore)
            lines << QStringLiteral("there are more errors; the first %1 are shown").arg(MaxFaults);
        return lines.join(u'\n');
    }

private:
    struct Fault
    {
        SettingPlace place;
        QString message;
    };

    std::vector<Fault> m_faults;
    bool m_hasMore = false;
};

/// Called for each error in a node or a part of it.
using NodeFaultSink = std::function<void(const toml::node &, const QString &message)>;

/// toml++ has validated its texts as UTF-8.
QString fromToml(std::string_view text)
{
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

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

/// `expected an integer, got a string`.
QString wrongTypeText(const QString &expected, const toml::node &node)
{
    return QStringLiteral("expected ") + expected + QStringLiteral(", got ") + typeText(node);
}

Failure wrongType(const SettingType &type, const toml::node &node)
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
    if (result)
        return result.take();
    sink(node, result.error());
    return std::nullopt;
}

std::optional<SettingValue> readUrls(const SettingType &type, const toml::node &node,
                                     const NodeFaultSink &sink)
{
    const auto *array = node.as_array();
    if (!array)
        return reported(wrongType(type, node), node, sink);
    QList<PollEndpoint> endpoints;
    for (const toml::node &element : *array) {
        if (const auto url = reported(readScalar({SettingKind::Url}, element), element, sink)) {
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
        if (const Result<> checked = checkHeader(name, value); !checked)
            sink(element, checked.error());
        else
            headers.emplaceBack(name.toUtf8(), value.toUtf8());
    }
    if (headers.size() != qsizetype(table->size()))
        return std::nullopt;
    return headers;
}

/// Reads a TOML value as a setting. If it is none, calls `sink` with the reason, once for each wrong element
/// of a list or table.
std::optional<SettingValue> readSetting(const SettingType &type, const toml::node &node,
                                        const NodeFaultSink &sink)
{
    if (type.kind == SettingKind::UrlList)
        return readUrls(type, node, sink);
    if (type.kind == SettingKind::Headers)
        return readHeaders(type, node, sink);
    return reported(readScalar(type, node), node, sink);
}

/// toml++'s parser without its exceptions.
std::variant<toml::table, toml::parse_error> parseToml(std::string_view text)
{
    try {
        return toml::parse(text);
    } catch (const toml::parse_error &error) {
        return error;
    }
}

QString textOf(const toml::parse_error &error)
{
    return shownText(fromToml(error.description()));
}

class Loader
{
public:
    explicit Loader(const QString &fileName)
        : m_fileName(fileName)
    {
    }

    void readFile(QByteArrayView toml);
    void apply(const SettingOverride &override, int number);
    Result<Settings> finish();

private:
    void readTopLevel(const toml::table &file);
    void readSection(const QString &section, const toml::table &table);
    /// Reads one key of a section or an override. Returns false if there is no such key.
    bool readKey(const QString &section, const QString &key, const toml::node &node);
    void readField(const SettingField<Settings> &field, const toml::node &node);
    void readEndpoints(const toml::node &node);
    void readEndpoint(const toml::table &table);
    /// Reads a table below [freshness]. Returns false if there is no such key.
    bool readFreshness(const QString &key, const toml::node &node);
    void readFreshnessApps(const toml::node &node);
    void readOverrides(const QString &level, FreshnessOverrides &overrides, const toml::node &node);
    /// Applies an override of a setting in such a table; its name may be quoted as in TOML.
    void applyNested(const SettingOverride &override, const SettingPlace &place);

    void check();

    SettingPlace placeOf(const toml::source_region &source) const;
    void fault(const toml::source_region &source, const QString &message)
    {
        m_faults.add(placeOf(source), message);
    }

    const QString m_fileName;
    int m_document = 0;
    QString m_option; ///< the override that is being read; empty while the file is read

    Settings m_settings;
    QList<PollEndpoint> m_tables; ///< of [[poll_external.endpoint]]
    std::vector<SettingPlace> m_urlPlaces; ///< of the endpoints in m_settings
    std::vector<SettingPlace> m_tablePlaces;
    QHash<QString, SettingPlace> m_set; ///< where each "section.key" was set last
    QSet<QString> m_faulty; ///< those of m_set that have an error
    FaultList m_faults;
};

SettingPlace Loader::placeOf(const toml::source_region &source) const
{
    if (!m_option.isEmpty())
        return {m_document, 0, 0, m_option};
    return SettingPlace::inFile(m_fileName, source.begin);
}

void Loader::readFile(QByteArrayView toml)
{
    if (toml.size() > MaxConfigSize) {
        m_faults.add({0, 0, 0, m_fileName},
                     QStringLiteral("has more than the %1 bytes of a configuration").arg(MaxConfigSize));
        return;
    }
    const auto parsed = parseToml({toml.data(), std::size_t(toml.size())});
    if (const auto *table = std::get_if<toml::table>(&parsed)) {
        readTopLevel(*table);
        return;
    }
    const auto &error = std::get<toml::parse_error>(parsed);
    m_faults.add(SettingPlace::inFile(m_fileName, error.source().begin), textOf(error));
}

void Loader::readTopLevel(const toml::table &file)
{
    for (const auto &[key, node] : file) {
        const QString name = fromToml(key.str());
        if (isKnownSection(name)) {
            if (const toml::table *table = node.as_table())
                readSection(name, *table);
            else
                fault(node.source(),
                      name + QStringLiteral(": ") + wrongTypeText(QStringLiteral("a section"), node));
        } else if (node.is_table() || node.is_array_of_tables()) {
            fault(key.source(), m_faults.isFull() ? QString() : unknownSectionText(name));
        } else {
            fault(key.source(), m_faults.isFull() ? QString() : unknownKeyText({}, name));
        }
    }
}

void Loader::readSection(const QString &section, const toml::table &table)
{
    for (const auto &[key, node] : table) {
        const QString name = fromToml(key.str());
        if (!readKey(section, name, node))
            fault(key.source(), m_faults.isFull() ? QString() : unknownKeyText(section, name));
    }
}

bool Loader::readKey(const QString &section, const QString &key, const toml::node &node)
{
    if (section == PollSection && key == EndpointKey) {
        readEndpoints(node);
        return true;
    }
    if (section == FreshnessSection && readFreshness(key, node))
        return true;
    const auto fields = settingsFields();
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const auto &candidate) {
        return candidate.section == section && candidate.key == key;
    });
    if (field == fields.end())
        return false;
    readField(*field, node);
    return true;
}

void Loader::readField(const SettingField<Settings> &field, const toml::node &node)
{
    const QString name = field.name();
    m_set[name] = placeOf(node.source());
    const auto value = readSetting(field.type, node, [&](const toml::node &part, const QString &message) {
        fault(part.source(), name + QStringLiteral(": ") + message);
    });
    if (!value) {
        m_faulty.insert(name);
        return;
    }
    field.write(m_settings, *value);
    if (field.type.kind == SettingKind::UrlList) {
        m_urlPlaces.clear();
        for (const toml::node &element : *node.as_array())
            m_urlPlaces.push_back(placeOf(element.source()));
    }
}

void Loader::readEndpoints(const toml::node &node)
{
    m_set[EndpointSection] = placeOf(node.source());
    m_tables.clear();
    m_tablePlaces.clear();
    const toml::array *array = node.as_array();
    if (!array) {
        m_faulty.insert(EndpointSection);
        fault(node.source(),
              EndpointSection + QStringLiteral(": ")
                  + wrongTypeText(QStringLiteral("tables, each under a line [[poll_external.endpoint]]"),
                                  node));
        return;
    }
    for (const toml::node &element : *array) {
        if (const toml::table *table = element.as_table()) {
            readEndpoint(*table);
        } else {
            m_faulty.insert(EndpointSection);
            fault(element.source(),
                  EndpointSection + QStringLiteral(": ") + wrongTypeText(QStringLiteral("a table"), element));
        }
    }
}

void Loader::readEndpoint(const toml::table &table)
{
    PollEndpoint endpoint;
    bool isGood = true;
    const auto fields = pollEndpointFields();
    for (const auto &[key, node] : table) {
        const QString name = fromToml(key.str());
        const auto field = std::find_if(fields.begin(), fields.end(),
                                        [&name](const auto &candidate) { return candidate.key == name; });
        if (field == fields.end()) {
            isGood = false;
            fault(key.source(), m_faults.isFull() ? QString() : unknownKeyText(EndpointSection, name));
            continue;
        }
        const auto value =
            readSetting(field->type, node, [&, this](const toml::node &part, const QString &message) {
                fault(part.source(), field->name() + QStringLiteral(": ") + message);
            });
        if (value)
            field->write(endpoint, *value);
        else
            isGood = false;
    }
    Result<> whole;
    if (!table.contains("url"))
        whole = Failure{QStringLiteral("the url is missing")};
    else if (isGood)
        whole = checkEndpoint(endpoint);
    if (!whole) {
        fault(table.source(), EndpointSection + QStringLiteral(": ") + whole.error());
        isGood = false;
    }
    if (!isGood) {
        m_faulty.insert(EndpointSection);
        return;
    }
    m_tables << endpoint;
    m_tablePlaces.push_back(placeOf(table.source()));
}

bool Loader::readFreshness(const QString &key, const toml::node &node)
{
    FreshnessRules &rules = m_settings.freshness;
    if (key == FreshnessPushKey)
        readOverrides(freshnessLevel(FreshnessPushKey), rules.push, node);
    else if (key == FreshnessPollKey)
        readOverrides(freshnessLevel(FreshnessPollKey), rules.poll, node);
    else if (key == FreshnessAppKey)
        readFreshnessApps(node);
    else
        return false;
    return true;
}

void Loader::readFreshnessApps(const toml::node &node)
{
    const QString level = freshnessLevel(FreshnessAppKey);
    const toml::table *table = node.as_table();
    if (!table) {
        fault(
            node.source(),
            level + QStringLiteral(": ")
                + wrongTypeText(QStringLiteral("tables, each under a line [freshness.app.\"NAME\"]"), node));
        return;
    }
    for (const auto &[key, app] : *table) {
        const QString name = fromToml(key.str());
        if (const auto wrong = nameFault(name.toUtf8()))
            fault(key.source(), level + QStringLiteral(": ") + QString::fromUtf8(*wrong));
        else
            readOverrides(freshnessAppLevel(name), m_settings.freshness.apps[name.toUtf8()], app);
    }
}

void Loader::readOverrides(const QString &level, FreshnessOverrides &overrides, const toml::node &node)
{
    const toml::table *table = node.as_table();
    if (!table) {
        fault(node.source(),
              shownText(level) + QStringLiteral(": ") + wrongTypeText(QStringLiteral("a table"), node));
        return;
    }
    const auto fields = freshnessOverrideFields();
    for (const auto &[key, value] : *table) {
        const QString name = fromToml(key.str());
        const auto field = std::find_if(fields.begin(), fields.end(),
                                        [&name](const auto &candidate) { return candidate.key == name; });
        if (field == fields.end()) {
            fault(key.source(), m_faults.isFull() ? QString() : unknownKeyText(level, name));
            continue;
        }
        const QString full = level + u'.' + name;
        m_set[full] = placeOf(value.source());
        const auto read =
            readSetting(field->type, value, [&](const toml::node &part, const QString &message) {
                fault(part.source(), shownText(full) + QStringLiteral(": ") + message);
            });
        if (read)
            field->write(overrides, *read);
        else
            m_faulty.insert(full);
    }
}

void Loader::applyNested(const SettingOverride &override, const SettingPlace &place)
{
    const QString assignment = override.name + QStringLiteral(" = ") + override.value;
    const auto parsed = parseToml(assignment.toStdString());
    if (const auto *error = std::get_if<toml::parse_error>(&parsed)) {
        m_faults.add(place, textOf(*error));
        return;
    }
    const auto &table = std::get<toml::table>(parsed);
    if (table.size() == 1) // more if the value has a line that reads as another key
        readTopLevel(table);
    else
        m_faults.add(place, QStringLiteral("expected section.key=value"));
}

void Loader::apply(const SettingOverride &override, int number)
{
    m_document = number;
    m_option = shownText(override.option);
    const SettingPlace place{m_document, 0, 0, m_option};
    const qsizetype dot = override.name.indexOf(u'.');
    if (dot <= 0 || dot + 1 == override.name.size()) {
        m_faults.add(place, QStringLiteral("expected section.key=value"));
        return;
    }
    const QString section = override.name.left(dot);
    const QString key = override.name.mid(dot + 1);
    if (!isKnownSection(section)) {
        m_faults.add(place, unknownSectionText(section));
        return;
    }
    if (section == FreshnessSection && key.contains(u'.')) {
        applyNested(override, place);
        return;
    }

    const QByteArray value = override.value.toUtf8();
    toml::table holder;
    if (auto parsed = parseToml("value = " + value.toStdString());
        std::holds_alternative<toml::table>(parsed))
        holder = std::get<toml::table>(std::move(parsed));
    // There is more than one key if the value has a line that reads as another key.
    if (holder.size() != 1)
        holder = toml::table{{"value", value.toStdString()}};
    if (!readKey(section, key, *holder.get("value")))
        m_faults.add(place, unknownKeyText(section, key));
}

void Loader::check()
{
    for (const SettingsConflict &conflict : checkSettings(m_settings)) {
        const auto isFaulty = [this](const QString &name) { return m_faulty.contains(name); };
        // A value with an error still has its default here, which must not be compared.
        if (std::any_of(conflict.settings.begin(), conflict.settings.end(), isFaulty))
            continue;
        if (conflict.endpoint >= 0) {
            QString message = QStringLiteral("poll_external: ") + conflict.message;
            if (conflict.earlierEndpoint >= 0)
                message +=
                    QStringLiteral(", first at ") + m_urlPlaces[std::size_t(conflict.earlierEndpoint)].text;
            m_faults.add(m_urlPlaces[std::size_t(conflict.endpoint)], message);
            continue;
        }
        const auto blamed = std::find_if(conflict.settings.begin(), conflict.settings.end(),
                                         [this](const QString &name) { return m_set.contains(name); });
        m_faults.add(blamed == conflict.settings.end() ? SettingPlace{0, 0, 0, m_fileName} : m_set[*blamed],
                     conflict.message);
    }
}

Result<Settings> Loader::finish()
{
    m_settings.pollExternal.endpoints += m_tables;
    m_urlPlaces.insert(m_urlPlaces.end(), m_tablePlaces.begin(), m_tablePlaces.end());
    check();
    if (!m_faults.isEmpty())
        return Failure{m_faults.text()};
    return m_settings;
}

} // namespace

SettingOverride SettingOverride::fromAssignment(const QString &assignment)
{
    const qsizetype equals = assignment.indexOf(u'=');
    // Without "=" the name is empty, which loadSettings() reports.
    return {QStringLiteral("--set ") + assignment, assignment.left(std::max<qsizetype>(0, equals)).trimmed(),
            equals < 0 ? QString() : assignment.mid(equals + 1)};
}

Result<Settings> loadSettings(QByteArrayView toml, const QString &fileName,
                              const QList<SettingOverride> &overrides)
{
    Loader loader(fileName);
    loader.readFile(toml);
    int number = 0;
    for (const SettingOverride &override : overrides)
        loader.apply(override, ++number);
    return loader.finish();
}

} // namespace ExporterProxy
