// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/showntext.h"

namespace ExporterProxy {

namespace {

/// Enough to recognise a value, little enough for the message to stay a line.
constexpr qsizetype MaxShownSize = 160;

/// Takes out everything from the first "//" to the last '@': more than the credentials where there are
/// several URLs or a password has characters that do not belong there, but never less.
QString withoutCredentials(const QString &text)
{
    const qsizetype slashes = text.indexOf(u"//");
    const qsizetype at = text.lastIndexOf(u'@');
    if (slashes < 0 || at < slashes)
        return text;
    return text.left(slashes + 2) + QStringLiteral("***") + text.mid(at);
}

} // namespace

QString shownText(const QString &text)
{
    const QString harmless = withoutCredentials(text);
    QString shown;
    for (const QChar c : QStringView{harmless}.left(MaxShownSize)) {
        if (c.category() == QChar::Other_Control || c == QChar::LineSeparator
            || c == QChar::ParagraphSeparator)
            shown += QStringLiteral("\\u%1").arg(int(c.unicode()), 4, 16, QLatin1Char('0'));
        else
            shown += c;
    }
    if (harmless.size() > MaxShownSize) {
        if (shown.back().isHighSurrogate())
            shown.chop(1);
        shown += QChar(0x2026); // an ellipsis
    }
    return shown;
}

QString quotedText(const QString &text)
{
    return u'"' + shownText(text) + u'"';
}

} // namespace ExporterProxy
