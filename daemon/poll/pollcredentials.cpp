// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/poll/pollcredentials.h"

#include <algorithm>
#include <QFile>
#include <QFileInfo>
#include <QUrl>

namespace ExporterProxy {

namespace {

/// The largest tokens in use have a few KiB; a larger file is the wrong one.
constexpr qint64 MaxSecretSize = 64 * 1024;

struct Secret
{
    QByteArray value;
    std::optional<Rejection> fault;
};

Secret refused(const QString &path, const QByteArray &cause)
{
    return {{}, Rejection{RejectReason::Credentials, "cannot use " + path.toUtf8() + ": " + cause}};
}

Secret readSecret(const QString &path)
{
    QFile file(path);
    // Opening a FIFO would stop the whole daemon until somebody writes to it.
    if (const QFileInfo info(path); info.exists() && !info.isFile())
        return refused(path, "not a regular file");
    if (!file.open(QIODevice::ReadOnly))
        return refused(path, file.errorString().toUtf8());
    QByteArray value = file.read(MaxSecretSize + 1);
    if (value.size() > MaxSecretSize)
        return refused(path, "larger than " + shownSize(MaxSecretSize));
    if (value.endsWith('\n'))
        value.chop(value.endsWith("\r\n") ? 2 : 1);
    if (value.isEmpty())
        return refused(path, "empty");
    // It would end the header and begin another one.
    if (std::any_of(value.cbegin(), value.cend(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; }))
        return refused(path, "more than one line");
    return {value, std::nullopt};
}

/// RFC 7617.
QByteArray basic(const QString &user, const QByteArray &password)
{
    return "Basic " + QByteArray(user.toUtf8() + ':' + password).toBase64();
}

} // namespace

Authorization readAuthorization(const PollEndpoint &endpoint)
{
    if (!endpoint.bearerTokenFile.isEmpty()) {
        const Secret token = readSecret(endpoint.bearerTokenFile);
        return {token.fault ? QByteArray() : "Bearer " + token.value, token.fault};
    }
    if (!endpoint.username.isEmpty()) {
        if (endpoint.passwordFile.isEmpty())
            return {basic(endpoint.username, {}), std::nullopt};
        const Secret password = readSecret(endpoint.passwordFile);
        return {password.fault ? QByteArray() : basic(endpoint.username, password.value), password.fault};
    }
    const QUrl url(endpoint.url);
    if (!url.userInfo().isEmpty())
        return {basic(url.userName(QUrl::FullyDecoded), url.password(QUrl::FullyDecoded).toUtf8()),
                std::nullopt};
    return {};
}

} // namespace ExporterProxy
