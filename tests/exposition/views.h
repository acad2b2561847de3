// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appmodel.h"

namespace ExporterProxy {

/// A moment of the design's example of `/apps`: 2022-05-22 23:51 UTC and so many nanoseconds.
constexpr Timestamp inTheExample(qint64 nanoseconds)
{
    using namespace std::chrono;
    return sys_days{year{2022} / 5 / 22} + hours{23} + minutes{51} + std::chrono::nanoseconds{nanoseconds};
}

inline void push(AppModel &model, const QByteArray &name, const QByteArray &text,
                 Timestamp at = inTheExample(0),
                 const QByteArray &source = QByteArrayLiteral("127.0.0.1:6554"))
{
    AppUpdate update{name, text};
    if (const auto rejection = model.apply({&update, 1}, source, SourceKind::Push, at))
        qFatal("refused: %s", rejection->message.constData());
}

} // namespace ExporterProxy
