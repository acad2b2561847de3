// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingsloader.h"

#include "common/model/appmodel.h"
#include "common/settings/faultlist.h"
#include "common/settings/settingreader.h"
#include "common/settings/settingschecks.h"
#include "common/settings/settingsfields.h"
#include "common/settings/settingsnames.h"
#include "common/settings/tomldepth.h"
#include "common/util/showntext.h"

#include <algorithm>
#include <QHash>
#include <QSet>
#include <vector>

namespace ExporterProxy {

namespace {

/// toml++'s parser without its exceptions: gives the table, or what is wrong and where.
std::variant<toml::table, std::pair<TomlPosition, QString>> parseToml(std::string_view text)
{
    if (const auto position = findTooDeepKey(text))
        return std::pair(*position, QStringLiteral("a key has more than %1 parts").arg(MaxKeyParts));
    try {
        return toml::parse(text);
    } catch (const toml::parse_error &error) {
        const toml::source_position begin = error.source().begin;
        return std::pair(TomlPosition{begin.line, begin.column}, shownText(fromToml(error.description())));
    }
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
    LoadedSettings finish();

private:
    void readTopLevel(const toml::table &file);
    void readSection(const QString &section, const toml::table &table);
    /// Reads one key wherever it stands; whether there is such a key.
    bool readKey(const QString &section, const QString &key, const toml::node &node);
    void readField(const SettingField<Settings> &field, const toml::node &node);
    void readEndpoints(const toml::node &node);
    void readEndpoint(const toml::table &table);
    /// A table below [freshness]; whether there is such a key.
    bool readFreshness(const QString &key, const toml::node &node);
    void readFreshnessApps(const toml::node &node);
    void readOverrides(const QString &level, FreshnessOverrides &overrides, const toml::node &node);
    /// An override of a setting in such a table, in the grammar of TOML for names with dots or spaces.
    void applyNested(const SettingOverride &override, const SettingPlace &place);

    void check();

    SettingPlace placeOf(const toml::source_region &source) const;
    void fault(const toml::source_region &source, const QString &message)
    {
        m_faults.add(placeOf(source), message);
    }

    const QString m_fileName;
    int m_document = 0;
    QString m_option; ///< the override that is being read; empty: the file is

    Settings m_settings;
    QList<PollEndpoint> m_tables; ///< of [[poll_external.endpoint]]
    std::vector<SettingPlace> m_urlPlaces; ///< of the endpoints in m_settings
    std::vector<SettingPlace> m_tablePlaces;
    QHash<QString, SettingPlace> m_set; ///< what was set last by file or override, by "section.key"
    QSet<QString> m_faulty; ///< of these, what is wrong
    FaultList m_faults;
};

SettingPlace Loader::placeOf(const toml::source_region &source) const
{
    if (!m_option.isEmpty())
        return {m_document, 0, 0, m_option};
    return SettingPlace::inFile(m_fileName, source.begin.line, source.begin.column);
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
    const auto &[position, message] = std::get<1>(parsed);
    m_faults.add(SettingPlace::inFile(m_fileName, position.line, position.column), message);
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
    QString missingOrWrong;
    if (!table.contains("url"))
        missingOrWrong = QStringLiteral("the url is missing");
    else if (isGood)
        missingOrWrong = endpointFault(endpoint);
    if (!missingOrWrong.isEmpty()) {
        fault(table.source(), EndpointSection + QStringLiteral(": ") + missingOrWrong);
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
    if (const auto *fault = std::get_if<std::pair<TomlPosition, QString>>(&parsed)) {
        m_faults.add(place, fault->second);
        return;
    }
    const auto &table = std::get<toml::table>(parsed);
    if (table.size() == 1) // and not a value with a line that looks like a key of its own
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
    // More than one key: the value had a line that looks like a key of its own.
    if (holder.size() != 1)
        holder = toml::table{{"value", value.toStdString()}};
    if (!readKey(section, key, *holder.get("value")))
        m_faults.add(place, unknownKeyText(section, key));
}

void Loader::check()
{
    for (const SettingsConflict &conflict : checkSettings(m_settings)) {
        const auto isFaulty = [this](const QString &name) { return m_faulty.contains(name); };
        // A value that could not be read is still the default here: what contradicts it is not known.
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

LoadedSettings Loader::finish()
{
    m_settings.pollExternal.endpoints += m_tables;
    m_urlPlaces.insert(m_urlPlaces.end(), m_tablePlaces.begin(), m_tablePlaces.end());
    check();
    if (!m_faults.isEmpty())
        return m_faults.lines();
    return m_settings;
}

} // namespace

SettingOverride SettingOverride::fromAssignment(const QString &assignment)
{
    const qsizetype equals = assignment.indexOf(u'=');
    // Without "=" there is no name, which is what the loader then complains about.
    return {QStringLiteral("--set ") + assignment, assignment.left(std::max<qsizetype>(0, equals)).trimmed(),
            equals < 0 ? QString() : assignment.mid(equals + 1)};
}

LoadedSettings loadSettings(QByteArrayView toml, const QString &fileName,
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
