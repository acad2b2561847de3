// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingsfields.h"
#include "common/settings/settingsloader.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>

using namespace ExporterProxy;

namespace {

QByteArray configFile()
{
    QFile file(QStringLiteral(CONFIG_FILE));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Examples are commented out without a space after the sign, prose has one.
QByteArray withExamples()
{
    QByteArrayList lines;
    for (const QByteArray &line : configFile().split('\n'))
        lines << (line.size() > 1 && line[0] == '#' && line[1] != ' ' && line[1] != '#' ? line.mid(1) : line);
    return lines.join('\n');
}

QString errorsOf(const Result<Settings> &loaded)
{
    return loaded ? QString() : loaded.error();
}

/// The lines between a section's header and the next.
QString sectionOf(const QString &file, QLatin1StringView section)
{
    const qsizetype begin = file.indexOf(QStringLiteral("\n[%1]\n").arg(section));
    return begin < 0 ? QString() : file.mid(begin + 1).section(QStringLiteral("\n["), 0, 0);
}

} // namespace

/// The documented configuration and the table of settings keep step with each other and with the defaults.
class TestConfigFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theFileMeansTheDefaults()
    {
        QVERIFY(!configFile().isEmpty());
        const Result<Settings> loaded = loadSettings(configFile(), QStringLiteral("config.toml"));
        QCOMPARE(errorsOf(loaded), QString());
        QVERIFY(loaded.value() == Settings());
    }

    void everySettingStandsInItWithItsDefault()
    {
        const QString file = QString::fromUtf8(configFile());
        for (const auto &field : settingsFields()) {
            const QString line =
                field.key + QStringLiteral(" = ") + settingText(field.type, field.read(Settings()));
            QVERIFY2(sectionOf(file, field.section).split(u'\n').contains(line),
                     qPrintable(field.section + QStringLiteral(": ") + line));
        }
    }

    void everyKeyOfAnEndpointStandsInItsExamples()
    {
        const QStringList lines = QString::fromUtf8(configFile()).split(u'\n');
        for (const auto &field : pollEndpointFields()) {
            const QRegularExpression example(QStringLiteral("^#%1 = .*").arg(field.key));
            QVERIFY2(lines.indexOf(example) >= 0, qPrintable(field.name()));
        }
    }

    void theExamplesAreGood()
    {
        const Result<Settings> loaded = loadSettings(withExamples(), QStringLiteral("config.toml"),
                                                     {SettingOverride::fromAssignment(QStringLiteral(
                                                         "poll_external.poll_other_scrape_endpoints=true"))});
        QCOMPARE(errorsOf(loaded), QString());
        QCOMPARE(loaded.value().pollExternal.endpoints.size(), 3);
    }

    void everySettingIsReadAsItIsWritten()
    {
        for (const auto &field : settingsFields()) {
            const SettingValue value = field.read(Settings());
            const QByteArray toml = "[" + QByteArray(field.section.data(), field.section.size()) + "]\n"
                + QByteArray(field.key.data(), field.key.size()) + " = "
                + settingText(field.type, value).toUtf8() + "\n";
            const Result<Settings> loaded = loadSettings(toml, QStringLiteral("x"));
            QCOMPARE(errorsOf(loaded), QString());
            QVERIFY2(field.read(loaded.value()) == value, toml.constData());
        }
    }

    void aTextIsReadAsItIsWritten()
    {
        const QString text = QString::fromUtf8("a\"b\\c\u202Ed \u00fc");
        const QByteArray toml =
            "[receiver]\nunix_socket_user = " + settingText({SettingKind::Text}, text).toUtf8() + "\n";
        const Result<Settings> loaded = loadSettings(toml, QStringLiteral("x"));
        QCOMPARE(errorsOf(loaded), QString());
        QCOMPARE(loaded.value().receiver.unixSocketUser, text);
        QVERIFY(!toml.contains("\u202E"));
    }

    void everyNumberTakesItsLimitsAndNoMore()
    {
        int checked = 0;
        for (const auto &field : settingsFields()) {
            if (rangeText(field.type).isEmpty())
                continue;
            ++checked;
            for (const qint64 number : {field.type.minimum, field.type.maximum}) {
                Settings settings;
                field.write(settings, number);
                QVERIFY(field.read(settings) == SettingValue(number));
                const auto inside = settingFromNumber(field.type, number, QStringLiteral("it"));
                QVERIFY(inside);
                const qint64 beyond = number == field.type.minimum ? number - 1 : number + 1;
                const auto outside = settingFromNumber(field.type, beyond, QStringLiteral("it"));
                QVERIFY(!outside);
            }
        }
        QVERIFY(checked >= 8);
    }

    void everySettingIsDescribedInALine()
    {
        const auto check = [](const auto &fields) {
            for (const auto &field : fields) {
                QVERIFY2(field.description.size() > 10 && field.description.size() < 100, field.key.data());
                QVERIFY2(QChar(field.description.front()).isUpper(), field.key.data());
                QVERIFY2(!field.description.endsWith(u'.') && !field.description.contains(u'\n'),
                         field.key.data());
            }
        };
        check(settingsFields());
        check(pollEndpointFields());
    }
};

QTEST_APPLESS_MAIN(TestConfigFile)
#include "tst_configfile.moc"
