// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settings.h"

#include <algorithm>
#include <QHash>

namespace ExporterProxy {

namespace {

/// The parts of a URL as written; QUrl would convert the host to lower case.
struct UrlParts
{
    QString hostAndPort;
    QString path;
    QString query; ///< with its "?", or empty; it can be a secret
};

UrlParts partsOf(QStringView url)
{
    const QStringView whole = url.left(url.indexOf(u'#')); // left(-1) is all of it
    const qsizetype colon = whole.indexOf(u':');
    const QStringView afterScheme = whole.mid(colon + 3); // "://"

    const auto isAuthorityEnd = [](QChar c) { return c == u'/' || c == u'?'; };
    const qsizetype authoritySize =
        std::find_if(afterScheme.begin(), afterScheme.end(), isAuthorityEnd) - afterScheme.begin();
    QStringView authority = afterScheme.left(authoritySize);
    authority = authority.mid(authority.lastIndexOf(u'@') + 1);
    const QStringView tail = afterScheme.mid(authoritySize);

    UrlParts parts;
    // The colon of a port comes after the brackets of an IPv6 address.
    const qsizetype portColon = authority.indexOf(u':', std::max<qsizetype>(0, authority.lastIndexOf(u']')));
    const QStringView port = portColon < 0 ? QStringView{} : authority.mid(portColon + 1);
    const bool isHttps = whole.left(colon).compare(u"https", Qt::CaseInsensitive) == 0;
    parts.hostAndPort = authority.left(portColon).toString() + u':';
    parts.hostAndPort += port.isEmpty() ? QStringView(isHttps ? u"443" : u"80") : port;

    const qsizetype question = tail.indexOf(u'?');
    const QStringView path = tail.left(question);
    parts.path = path.isEmpty() ? QStringLiteral("/") : path.toString();
    parts.query = question < 0 ? QString() : tail.mid(question).toString();
    return parts;
}

} // namespace

QList<PollEndpointName> pollEndpointNames(const QList<PollEndpoint> &endpoints)
{
    QList<UrlParts> urls;
    QHash<QString, int> sharingHost;
    QHash<QString, QStringList> queries; // of each path, each once
    for (const PollEndpoint &endpoint : endpoints) {
        const UrlParts parts = partsOf(endpoint.url);
        ++sharingHost[parts.hostAndPort];
        if (QStringList &known = queries[parts.hostAndPort + parts.path]; !known.contains(parts.query))
            known << parts.query;
        urls << parts;
    }

    QList<PollEndpointName> names;
    for (qsizetype i = 0; i < urls.size(); ++i) {
        const UrlParts &parts = urls[i];
        QString source = QStringLiteral("external_poll: ") + parts.hostAndPort;
        if (sharingHost.value(parts.hostAndPort) > 1)
            source += parts.path;
        if (const qsizetype at = queries.value(parts.hostAndPort + parts.path).indexOf(parts.query); at > 0)
            source += QStringLiteral(" #") + QString::number(at + 1);
        const QString &own = endpoints[i].name;
        names << PollEndpointName{own.isEmpty() ? source.toUtf8() : own.toUtf8(), source.toUtf8()};
    }
    return names;
}

} // namespace ExporterProxy
