// SPDX-License-Identifier: GPL-3.0-or-later
// Fills what is known of the settings into a template, at build time: exporter-proxy.toml(5) and the shells'
// completions are made of the table that the daemon itself reads its configuration by, so that they cannot
// tell of other keys.
//
//     settingsreference < exporter-proxy.toml.5.in > exporter-proxy.toml.5
//
// A line @SETTINGS@ becomes the reference in roff, @ENDPOINT_SETTINGS@ that of a table
// [[poll_external.endpoint]], @FRESHNESS_SETTINGS@ that of the tables below [freshness];
// @SETTING_KEYS@ within a line becomes the names of all keys, and @VERSION@ the version.
#include "common/settings/settingsfields.h"
#include "common/util/version.h"

#include <cstdio>
#include <QFile>
#include <span>

using namespace ExporterProxy;

namespace {

/// A text as it may stand in roff: hyphens stay ASCII, so that what is copied from the page works, and
/// nothing begins a request.
QString roff(QString text)
{
    text.replace(u'\\', QLatin1String("\\e")).replace(u'-', QLatin1String("\\-"));
    if (text.startsWith(u'.') || text.startsWith(u'\''))
        text.prepend(QLatin1String("\\&"));
    return text;
}

template<typename Owner>
QString entry(const SettingField<Owner> &field, const QString &defaultText)
{
    QString text = QStringLiteral(".TP\n.BR %1").arg(roff(field.key));
    if (!defaultText.isEmpty())
        text += QStringLiteral(" \" = %1\"").arg(roff(defaultText).replace(u'"', QLatin1String("\"\"")));
    text += u'\n' + roff(field.description) + QLatin1String(".\n");
    text += roff(QStringLiteral("Expects %1").arg(expectedText(field.type)));
    if (const QString range = rangeText(field.type); !range.isEmpty())
        text += roff(QStringLiteral(", between %1").arg(range));
    return text + QLatin1String(".\n");
}

QString settingsReference()
{
    const Settings defaults;
    QString text;
    QLatin1StringView section;
    for (const SettingField<Settings> &field : settingsFields()) {
        if (field.section != section) {
            section = field.section;
            text += QStringLiteral(".SS [%1]\n").arg(roff(section));
        }
        text += entry(field, settingText(field.type, field.read(defaults)));
    }
    return text;
}

/// Of a table that may be there or not: its keys have no default of their own.
template<typename Owner>
QString tableReference(std::span<const SettingField<Owner>> fields)
{
    QString text;
    for (const SettingField<Owner> &field : fields)
        text += entry(field, {});
    return text;
}

QString keys()
{
    QStringList names;
    for (const SettingField<Settings> &field : settingsFields())
        names << field.name();
    return names.join(u' ');
}

} // namespace

int main()
{
    QFile in;
    QFile out;
    if (!in.open(stdin, QIODevice::ReadOnly) || !out.open(stdout, QIODevice::WriteOnly))
        return 1;
    QString text = QString::fromUtf8(in.readAll());
    text.replace(QLatin1String("@SETTINGS@\n"), settingsReference());
    text.replace(QLatin1String("@ENDPOINT_SETTINGS@\n"), tableReference(pollEndpointFields()));
    text.replace(QLatin1String("@FRESHNESS_SETTINGS@\n"), tableReference(freshnessOverrideFields()));
    text.replace(QLatin1String("@SETTING_KEYS@"), keys());
    text.replace(QLatin1String("@VERSION@"), QLatin1String(VersionString));
    const QByteArray bytes = text.toUtf8();
    return out.write(bytes) == bytes.size() && out.flush() ? 0 : 1;
}
