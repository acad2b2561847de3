// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/appsjson.h"

#include "tests/exposition/views.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace ExporterProxy;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestDiscovery : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutApplicationsThereAreNoTargets()
    {
        AppModel model({});
        QCOMPARE(renderDiscovery(*model.view(), "h:1"), "[\n]\n");
    }

    void eachApplicationIsATarget_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("plain") << u"my_app"_s;
        QTest::newRow("what a path has a meaning for") << u"a/b?c#d%20e;f"_s;
        QTest::newRow("what JSON escapes") << u"\"a\" \\ </script>&"_s;
        QTest::newRow("not ASCII") << u"größe 🚀 測"_s;
        QTest::newRow("as long as a name gets") << QString(256, u'"');
    }
    void eachApplicationIsATarget()
    {
        QFETCH(QString, name);
        AppModel model({});
        push(model, name.toUtf8(), "x 1\n");
        QJsonParseError error;
        const QJsonArray groups =
            QJsonDocument::fromJson(renderDiscovery(*model.view(), "[::1]:6555"), &error).array();
        QCOMPARE(error.error, QJsonParseError::NoError);
        const QJsonObject labels{{u"__metrics_path__"_s, QString(u"/apps/"_s + name + u"/metrics"_s)},
                                 {u"app"_s, name}};
        QCOMPARE(
            groups,
            (QJsonArray{QJsonObject{{u"targets"_s, QJsonArray{u"[::1]:6555"_s}}, {u"labels"_s, labels}}}));
    }

    void theExpiredStayTargetsAndTheForgottenDoNot()
    {
        FreshnessRules rules;
        rules.expireAfter = 60s;
        rules.forgetAfter = 120s;
        AppModel model({}, rules);
        push(model, "a", "x 1\n");
        push(model, "b", "x 1\n", inTheExample(0) + 90s);
        const auto targets = [&model](std::chrono::seconds at) {
            return QJsonDocument::fromJson(renderDiscovery(*model.view(inTheExample(0) + at), "h"))
                .array()
                .size();
        };
        QCOMPARE(targets(100s), 2);
        QCOMPARE(targets(120s), 1);
    }
};

QTEST_APPLESS_MAIN(TestDiscovery)
#include "tst_discovery.moc"
