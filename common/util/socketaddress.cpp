// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/socketaddress.h"

#include <arpa/inet.h>

namespace ExporterProxy {

std::optional<SocketAddress> SocketAddress::parse(const QString &text)
{
    const qsizetype colon = text.lastIndexOf(u':');
    if (colon <= 0)
        return std::nullopt;
    const QStringView digits = QStringView{text}.mid(colon + 1);
    bool isNumber = false;
    const ushort port = digits.toUShort(&isNumber);
    if (!isNumber || !digits.front().isDigit()) // toUShort() also takes "+80" and " 80"
        return std::nullopt;

    QStringView host = QStringView{text}.first(colon);
    const bool bracketed = host.startsWith(u'[') && host.endsWith(u']');
    if (bracketed)
        host = host.mid(1, host.size() - 2);
    in6_addr parsed{};
    if (inet_pton(bracketed ? AF_INET6 : AF_INET, host.toUtf8().constData(), &parsed) != 1)
        return std::nullopt;
    return SocketAddress{host.toString(), port};
}

QString SocketAddress::toString() const
{
    const QString number = QString::number(port);
    return host.contains(u':') ? QString(u'[' + host + QStringLiteral("]:") + number)
                               : QString(host + u':' + number);
}

} // namespace ExporterProxy
