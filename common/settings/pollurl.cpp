// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/pollurl.h"

#include <algorithm>

namespace ExporterProxy {

namespace {

/// Not part of a URL anywhere (RFC 3986, section 2).
bool isForbidden(QChar c)
{
    return c.isSpace() || QStringView(u"\"<>\\^`{|}").contains(c);
}

QString percentEncoded(QChar c)
{
    return u'%' + QString::fromLatin1(QString(c).toUtf8().toHex('%')).toUpper();
}

bool isHexDigit(QChar c)
{
    return (c >= u'0' && c <= u'9') || ((c.unicode() | 0x20) >= u'a' && (c.unicode() | 0x20) <= u'f');
}

bool isEscape(QStringView text)
{
    return text.size() >= 3 && text[0] == u'%' && isHexDigit(text[1]) && isHexDigit(text[2]);
}

/// Where the host begins, behind "https://" and a user; and where host and port end.
struct Authority
{
    qsizetype user = -1; ///< -1: this is no http or https URL
    qsizetype host = -1;
    qsizetype end = -1;
};

Authority authorityOf(QStringView url)
{
    Authority authority;
    for (const QStringView scheme : {QStringView(u"http://"), QStringView(u"https://")}) {
        if (url.startsWith(scheme, Qt::CaseInsensitive))
            authority.user = scheme.size();
    }
    if (authority.user < 0)
        return authority;
    const auto isEnd = [](QChar c) { return c == u'/' || c == u'?' || c == u'#'; };
    authority.end = std::find_if(url.begin() + authority.user, url.end(), isEnd) - url.begin();
    const QStringView whole = url.mid(authority.user, authority.end - authority.user);
    authority.host = authority.user + whole.lastIndexOf(u'@') + 1;
    return authority;
}

} // namespace

QString encodedPollUrl(const QString &text)
{
    const Authority authority = authorityOf(text);
    if (authority.user < 0)
        return text;
    QString url;
    bool inQuery = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        inQuery = (inQuery || c == u'?') && c != u'#';
        const bool isZone = c == u'%' && i > authority.host && i < authority.end
            && text[authority.host] == u'[' && !QStringView(text).mid(i).startsWith(u"%25");
        if (isZone)
            url += QStringLiteral("%25");
        else if (inQuery && isForbidden(c))
            url += percentEncoded(c);
        else
            url += c;
    }
    return url;
}

QString pollUrlFault(const QString &url)
{
    const Authority authority = authorityOf(url);
    for (qsizetype i = 0; authority.user >= 0 && i < url.size(); ++i) {
        const QChar c = url[i];
        if (!isForbidden(c) && (c != u'%' || isEscape(QStringView(url).mid(i))))
            continue;
        if (i >= authority.user && i < authority.host)
            return QStringLiteral("character %1, in the user or password, must be percent-encoded")
                .arg(i + 1);
        const QString shown = c == u' ' ? QStringLiteral("a space") : QStringLiteral("\"%1\"").arg(c);
        return QStringLiteral("%1 at character %2 of the URL must be written as %3")
            .arg(shown)
            .arg(i + 1)
            .arg(percentEncoded(c));
    }
    return {};
}

} // namespace ExporterProxy
