// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/state/stateformat.h"

#include <QByteArrayList>

inline std::shared_ptr<ExporterProxy::AppSnapshot> savedApp(const QByteArray &name, const QByteArray &text)
{
    auto app = std::make_shared<ExporterProxy::AppSnapshot>();
    app->name = name;
    app->text = text;
    app->source = QByteArrayLiteral("127.0.0.1:6554");
    app->lastUpdate = ExporterProxy::Timestamp(std::chrono::nanoseconds(1'653'263'512'939'898'700));
    app->updates = 1;
    return app;
}

template<typename Apps>
QByteArray stateOf(const Apps &apps)
{
    QByteArray bytes;
    ExporterProxy::StateWriter writer([&bytes](QByteArrayView piece) {
        bytes.append(piece);
        return true;
    });
    bool good = writer.begin(ExporterProxy::Timestamp(std::chrono::seconds(1'653'263'600)));
    for (const auto &app : apps)
        good = good && writer.add(*app);
    return good && writer.end() && writer.size() == bytes.size() ? bytes : QByteArray();
}

inline QByteArrayList namesOf(const std::vector<std::shared_ptr<ExporterProxy::AppSnapshot>> &apps)
{
    QByteArrayList names;
    for (const auto &app : apps)
        names << app->name;
    return names;
}
