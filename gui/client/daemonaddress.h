// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/result.h"

#include <QString>
#include <QUrl>

namespace ExporterProxy::Monitor {

/// The base of the URLs of a daemon, normalised, so that two ways to write the same address are equal. Holds
/// no user name and no password.
class DaemonAddress
{
public:
    /// The port of a daemon without a configuration.
    static constexpr int DefaultPort = 6555;

    /// http://127.0.0.1:6555, a daemon on this host with its default settings.
    DaemonAddress();

    /// Reads an address as a user types it: "host", "host:7000", "[::1]", "https://host/prefix". Without a
    /// port it is 6555 for http and 443 for https, because a daemon behind https is behind a web server. A
    /// page of the daemon ("…/apps") stands for the daemon. The sentence of a failure is translated.
    static Result<DaemonAddress> parse(const QString &text);

    /// "http://127.0.0.1:6555". Identifies a daemon everywhere in the monitor (DaemonRole) and in the
    /// settings; parse() reads it.
    QString key() const { return m_base.toString(QUrl::FullyEncoded); }

    /// "127.0.0.1:6555", "https://host/prefix": short, for a column or a menu.
    QString shortName() const;
    static QString shortName(const QString &key);

    QUrl appsUrl() const { return page(QStringLiteral("/apps")); }
    QUrl landingUrl() const { return page(QStringLiteral("/")); } ///< the page for a browser
    QUrl metricsUrl(const QString &app) const; ///< one application's metrics
    const QUrl &base() const { return m_base; } ///< scheme, host, port, prefix, without a '/' at the end

    bool operator==(const DaemonAddress &) const = default;

private:
    explicit DaemonAddress(const QUrl &base)
        : m_base(base)
    {
    }
    QUrl page(const QString &encodedPath) const;

    QUrl m_base;
};

} // namespace ExporterProxy::Monitor
