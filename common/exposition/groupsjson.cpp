// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/groupsjson.h"

#include "common/exposition/grouptext.h"
#include "common/exposition/textparser.h"
#include "common/util/version.h"
#include "common/util/words.h"

#include <map>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <vector>

namespace ExporterProxy {

namespace {

using Event = ExpositionParser::Event;

QString timeText(Timestamp time)
{
    QByteArray text;
    appendUtcTime(text, onWallClock(time), UtcForm::Rfc3339);
    return QString::fromLatin1(text);
}

QJsonObject success(const QJsonValue &data)
{
    return {{QStringLiteral("status"), QStringLiteral("success")}, {QStringLiteral("data"), data}};
}

/// One family of a group as JSON. Its samples with the same labels, but for `le` and `quantile`, are one
/// metric.
class FamilyJson
{
public:
    QByteArray type = "untyped";
    QString help;

    void add(const ExpositionParser &parser, QByteArrayView family)
    {
        QJsonObject labels;
        QString bound;
        for (const ExpositionLabel &label : parser.labels()) {
            if ((label.name == "le" && type == "histogram")
                || (label.name == "quantile" && type == "summary"))
                bound = QString::fromUtf8(label.value);
            else
                labels.insert(QString::fromUtf8(label.name), unescaped(label.value));
        }
        Metric &metric = metricOf(labels);
        const QString value = QString::fromUtf8(parser.value());
        const QByteArrayView suffix = parser.name().sliced(family.size());
        if (suffix == "_sum" || suffix == "_count")
            metric.content.insert(QString::fromLatin1(suffix.sliced(1)), value);
        else if (!bound.isNull())
            metric.bounds.insert(bound, value);
        else
            metric.content.insert(QStringLiteral("value"), value);
    }

    QJsonObject object(Timestamp pushed) const
    {
        QJsonArray metrics;
        for (const Metric &metric : m_metrics) {
            QJsonObject content = metric.content;
            content.insert(QStringLiteral("labels"), metric.labels);
            if (!metric.bounds.isEmpty())
                content.insert(type == "summary" ? QStringLiteral("quantiles") : QStringLiteral("buckets"),
                               metric.bounds);
            metrics.append(content);
        }
        QJsonObject family{{QStringLiteral("time_stamp"), timeText(pushed)},
                           {QStringLiteral("type"), QString::fromLatin1(type.toUpper())},
                           {QStringLiteral("metrics"), metrics}};
        if (!help.isEmpty())
            family.insert(QStringLiteral("help"), help);
        return family;
    }

private:
    struct Metric
    {
        QJsonObject labels;
        QJsonObject content;
        QJsonObject bounds;
    };

    static QString unescaped(QByteArrayView value)
    {
        QByteArray meant;
        for (qsizetype i = 0; i < value.size(); ++i) {
            const bool isEscape = value[i] == '\\' && i + 1 < value.size();
            meant += !isEscape ? value[i] : value[++i] == 'n' ? '\n' : value[i];
        }
        return QString::fromUtf8(meant);
    }

    Metric &metricOf(const QJsonObject &labels)
    {
        // Samples of one metric stand together, because the text was written from families.
        if (m_metrics.empty() || m_metrics.back().labels != labels)
            m_metrics.push_back({labels, {}, {}});
        return m_metrics.back();
    }

    std::vector<Metric> m_metrics;
};

QJsonObject groupObject(const PushGroup &group, const AppSnapshot &app)
{
    QJsonObject labels;
    for (const PushGroup::Label &label : group.labels)
        labels.insert(QString::fromUtf8(label.name), QString::fromUtf8(label.value));
    QJsonObject object{{QStringLiteral("labels"), labels},
                       {QStringLiteral("last_push_successful"), !app.lastFailed}};
    std::map<QByteArray, FamilyJson> families;
    QByteArray current;
    QString help;
    ExpositionParser parser(app.text);
    for (Event event = parser.next(); event != Event::End && event != Event::Fault; event = parser.next()) {
        switch (event) {
        case Event::Help:
            help = QString::fromUtf8(parser.text());
            break;
        case Event::Type: // stands in front of each family's samples
            current = parser.name().toByteArray();
            families[current].type = parser.text().toByteArray();
            families[current].help = std::exchange(help, QString());
            break;
        case Event::Sample:
            // A text that was stored by another way can have samples without a TYPE.
            if (current.isEmpty() || !parser.name().startsWith(current))
                current = parser.name().toByteArray();
            families[current].add(parser, current);
            break;
        default:
            break;
        }
    }
    for (const auto &[name, family] : families)
        object.insert(QString::fromUtf8(name), family.object(app.lastUpdate));
    return object;
}

} // namespace

QByteArray groupsJson(const AppView &view)
{
    QJsonArray groups;
    for (const auto &app : view.apps) {
        if (app->expired || app->lastUpdate == Never)
            continue;
        if (const std::optional<PushGroup> group = PushGroup::ofAppName(app->name))
            groups.append(groupObject(*group, *app));
    }
    return QJsonDocument(success(groups)).toJson(QJsonDocument::Compact) + '\n';
}

QByteArray gatewayStatusJson(Timestamp started)
{
    const QJsonObject build{{QStringLiteral("version"), QString::fromLatin1(VersionString)}};
    return QJsonDocument(success(QJsonObject{{QStringLiteral("build_information"), build},
                                             {QStringLiteral("flags"), QJsonObject()},
                                             {QStringLiteral("start_time"), timeText(started)}}))
               .toJson(QJsonDocument::Compact)
        + '\n';
}

} // namespace ExporterProxy
