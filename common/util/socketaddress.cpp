// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/socketaddress.h"

#include <arpa/inet.h>
#include <charconv>

namespace ExporterProxy {

std::optional<SocketAddress> SocketAddress::parse(const QString &text)
{
    const qsizetype colon = text.lastIndexOf(u':');
    if (colon <= 0)
        return std::nullopt;
    const QByteArray digits = QStringView{text}.mid(colon + 1).toUtf8();
    quint16 port = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), port);
    if (error != std::errc{} || end != digits.end())
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
