// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/pushgroup.h"

#include "common/util/showntext.h"
#include "common/wire/textcheck.h"

#include <algorithm>
#include <map>
#include <QList>

namespace ExporterProxy {

namespace {

const QByteArrayView Job("job");
const QByteArrayView Base64Suffix("@base64");
const QByteArrayView EscapedPrefix("U__");

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Decodes `U__`, where `__` is an underscore and `_2e_` the character with that number (prometheus/common,
/// "value encoding escaping"). Any other name, and one that is not well-formed, stays as it is.
QByteArray labelNameOf(QByteArrayView written)
{
    if (!written.startsWith(EscapedPrefix))
        return written.toByteArray();
    QByteArray name;
    for (qsizetype at = EscapedPrefix.size(); at < written.size(); ++at) {
        if (written[at] != '_') {
            if (!isLetter(written[at]) && !isDigit(written[at]))
                return written.toByteArray();
            name += written[at];
            continue;
        }
        const qsizetype end = written.indexOf('_', at + 1);
        if (end < 0)
            return written.toByteArray();
        if (end == at + 1) {
            name += '_';
        } else {
            bool isNumber = false;
            const uint codePoint = written.sliced(at + 1, end - at - 1).toByteArray().toUInt(&isNumber, 16);
            if (!isNumber || codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff))
                return written.toByteArray();
            const char32_t character = codePoint;
            name += QString::fromUcs4(&character, 1).toUtf8();
        }
        at = end;
    }
    return name;
}

Failure failure(const QString &sentence)
{
    return Failure{sentence};
}

/// Decodes a component of the path, or fails because it is no UTF-8.
Result<QByteArray> decoded(QByteArrayView component, bool isBase64)
{
    QByteArray text = QByteArray::fromPercentEncoding(component.toByteArray());
    if (isBase64) {
        while (text.endsWith('='))
            text.chop(1);
        auto bytes =
            QByteArray::fromBase64Encoding(text,
                                           QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals
                                               | QByteArray::AbortOnBase64DecodingErrors);
        if (!bytes)
            return failure(QStringLiteral("%1 is not base64 of the URL's alphabet (RFC 4648, section 5)")
                               .arg(QString::fromUtf8(escapedLine(text))));
        text = *bytes;
    }
    if (const std::optional<Rejection> fault = textFault(text))
        return failure(
            QStringLiteral("a value in the path cannot be used: %1").arg(QString::fromUtf8(fault->message)));
    return text;
}

QByteArray encodedForName(const QByteArray &text)
{
    QByteArray encoded;
    for (const char c : text) {
        if (uchar(c) < 0x20 || c == 0x7f || c == ',' || c == '=' || c == '%')
            encoded += '%' + QByteArray(1, c).toHex().toUpper();
        else
            encoded += c;
    }
    return encoded;
}

} // namespace

QByteArray PushGroup::Label::plainName() const
{
    QByteArray plain;
    for (const char c : name) {
        const bool isGood =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
        if ((uchar(c) & 0xc0) == 0x80)
            continue; // the rest of a character
        if (plain.isEmpty() && c >= '0' && c <= '9')
            plain += '_';
        plain += isGood ? c : '_';
    }
    return plain;
}

QByteArray PushGroup::appName() const
{
    QByteArray name;
    for (const Label &label : labels) {
        if (!name.isEmpty())
            name += ',';
        name += encodedForName(label.name) + '=' + encodedForName(label.value);
    }
    return name;
}

std::optional<PushGroup> PushGroup::ofAppName(QByteArrayView name)
{
    PushGroup group;
    const QList<QByteArray> pairs = name.toByteArray().split(',');
    for (const QByteArray &pair : pairs) {
        const qsizetype equals = pair.indexOf('=');
        if (equals <= 0)
            return std::nullopt;
        group.labels.push_back({QByteArray::fromPercentEncoding(pair.first(equals)),
                                QByteArray::fromPercentEncoding(pair.sliced(equals + 1))});
    }
    // Only what appName() writes is a group's name.
    if (group.labels.front().name != Job || group.labels.front().value.isEmpty() || group.appName() != name)
        return std::nullopt;
    const auto byName = [](const Label &a, const Label &b) { return a.name < b.name; };
    if (!std::is_sorted(group.labels.begin() + 1, group.labels.end(), byName))
        return std::nullopt;
    return group;
}

Result<PushGroup> PushGroup::ofPath(QByteArrayView encodedPath)
{
    QList<QByteArray> components = encodedPath.toByteArray().split('/');
    // `job/JOB/` is `job/JOB`.
    if (components.size() == 3 && components.back().isEmpty())
        components.pop_back();
    if (components.size() % 2 != 0)
        return failure(
            QStringLiteral("the path must be /metrics/job/JOB{/LABEL/VALUE}: the label \"%1\" has no value")
                .arg(QString::fromUtf8(escapedLine(components.back()))));
    QByteArray job;
    std::map<QByteArray, QByteArray> labels;
    std::map<QByteArray, QByteArray> plainNames{{Job.toByteArray(), Job.toByteArray()}};
    for (qsizetype i = 0; i + 1 < components.size(); i += 2) {
        QByteArray written = QByteArray::fromPercentEncoding(components[i]);
        const bool isBase64 = written.endsWith(Base64Suffix);
        if (isBase64)
            written.chop(Base64Suffix.size());
        Result<QByteArray> value = decoded(components[i + 1], isBase64);
        if (!value)
            return value.failure();
        if (i == 0) {
            if (written != Job)
                return failure(QStringLiteral("the path must begin with /metrics/job/"));
            job = value.take();
            continue;
        }
        const QByteArray name = labelNameOf(written);
        if (name.isEmpty() || name.startsWith("__") || textFault(name))
            return failure(QStringLiteral("\"%1\" cannot be the name of a label")
                               .arg(QString::fromUtf8(escapedLine(written))));
        const auto [known, isNew] = plainNames.try_emplace(PushGroup::Label{name, {}}.plainName(), name);
        if (!isNew && known->second != name)
            return failure(QStringLiteral("the labels \"%1\" and \"%2\" have the same name for a server that "
                                          "reads only letters, digits and underscores")
                               .arg(QString::fromUtf8(escapedLine(known->second)),
                                    QString::fromUtf8(escapedLine(name))));
        labels[name] = value.take();
    }
    if (job.isEmpty())
        return failure(QStringLiteral("the name of the job must not be empty"));
    labels.erase(Job.toByteArray());
    PushGroup group;
    group.labels.push_back({Job.toByteArray(), job});
    for (auto &[name, value] : labels)
        group.labels.push_back({name, value});
    return group;
}

} // namespace ExporterProxy
