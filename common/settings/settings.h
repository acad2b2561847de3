// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/freshness.h"
#include "common/util/socketaddress.h"

#include <chrono>
#include <optional>
#include <QList>
#include <QString>
#include <QStringList>
#include <utility>

namespace ExporterProxy {

enum class PushFormat { Json, CapnProto };
/// The pushes that are answered: those that are refused, or all.
enum class PushAnswer { Errors, Always };
/// How the texts of the applications are combined into one page.
enum class ExpositionMode : quint8 { Concatenate, Merge };
/// The handling of a text that would fail the scrape of the page.
enum class ExpositionValidation : quint8 { Off, Quarantine };
enum class LogLevel { Debug, Info, Warning, Error };

/// Request headers of a poll, name and value, in the order in which they are sent.
using HttpHeaders = QList<std::pair<QByteArray, QByteArray>>;

/// One exporter to poll: an entry of `other_scrape_endpoints`, or a table `[[poll_external.endpoint]]`.
struct PollEndpoint
{
    QString url; ///< a valid http or https URL; may contain "user:password@", so log it by shownText() only
    QString name; ///< of the application; if empty, it is derived from the URL's host and port
    std::chrono::milliseconds interval{0}; ///< 0 for poll_external.poll_interval
    std::chrono::milliseconds timeout{0}; ///< 0 for poll_external.client_timeout
    HttpHeaders headers; ///< sent with each request
    QString username;
    QString passwordFile; ///< read at each poll, so that the password can be changed
    QString bearerTokenFile; ///< read at each poll
    QString caFile; ///< PEM; if empty, the system's authorities are used
    QString certFile; ///< PEM, the client's certificate and those that lead to its authority; with keyFile
    QString keyFile; ///< PEM
    QString serverName; ///< which the certificate must be for; if empty, the URL's host
    std::optional<bool> allowInvalidCerts; ///< in place of poll_external.allow_invalid_certs
    std::optional<bool> followRedirects; ///< in place of poll_external.follow_redirects
    QString unixSocket; ///< which is connected to in place of the URL's host; "@name" for an abstract one

    bool operator==(const PollEndpoint &) const = default;
};

/// The configuration, initialised with the defaults. Plain values. The table in settingsfields.cpp maps each
/// member to its key in TOML.
struct Settings
{
    struct Exporter
    {
        int workerThreads = 0;
        int concurrentRequests = 2048;
        SocketAddress scrapeExposeEndpoint{QStringLiteral("0.0.0.0"), 6555};
        bool selfMetrics = true;
        bool admin = false; ///< POST /-/reload and others

        bool operator==(const Exporter &) const = default;
    } exporter;

    struct Receiver
    {
        PushFormat format = PushFormat::Json;
        PushAnswer answer = PushAnswer::Errors;
        bool receiveOnUnixSocket = true;
        QString unixSocketPath = QStringLiteral("/var/run/exporter-proxy-receiver.sock");
        QString unixSocketUser = QStringLiteral("current_user");
        QString unixSocketGroup = QStringLiteral("current_group");
        uint unixSocketMode = 0660; ///< permission bits
        bool receiveOnTcpSocket = true;
        SocketAddress tcpSocket{QStringLiteral("127.0.0.1"), 6554};
        std::chrono::milliseconds messageTimeout{30'000};
        bool receiveOnHttp = false;
        QString httpHosts; ///< names of this host, separated by commas
        bool pushgatewayMetrics = false;

        bool operator==(const Receiver &) const = default;
    } receiver;

    struct PollExternal
    {
        bool enabled = false;
        QList<PollEndpoint> endpoints; ///< other_scrape_endpoints, then the tables [[poll_external.endpoint]]
        bool allowInvalidCerts = false;
        bool followRedirects = false; ///< to another host; to the same one they always are
        std::chrono::milliseconds pollInterval{5'000};
        std::chrono::milliseconds clientTimeout{2'000};

        bool operator==(const PollExternal &) const = default;
    } pollExternal;

    struct Limits
    {
        qint64 maxMessageSize = qint64{64}
            << 20; ///< bytes of one JSON document, Cap'n Proto message or polled page
        qint64 maxApps = 10'000;
        qint64 maxTotalSize = qint64{1} << 30; ///< bytes of all stored texts and of what pages cache of them

        bool operator==(const Limits &) const = default;
    } limits;

    FreshnessRules freshness; ///< [freshness], its tables push and poll, and those below app

    struct State
    {
        QString file; ///< keeps pushed applications across a restart; if empty, nothing is kept

        bool operator==(const State &) const = default;
    } state;

    struct Exposition
    {
        ExpositionMode mode = ExpositionMode::Concatenate;
        QString appLabel; ///< the name of the label that each sample gets for its application; empty for none
        ExpositionValidation validation = ExpositionValidation::Off;

        bool operator==(const Exposition &) const = default;
    } exposition;

    struct Log
    {
        LogLevel level = LogLevel::Info;

        bool operator==(const Log &) const = default;
    } log;

    bool operator==(const Settings &) const = default;
};

/// The names of a polled endpoint on the pages and in the log, without the URL's user and password.
struct PollEndpointName
{
    QByteArray name; ///< of the application, UTF-8: the configured name, or else the source
    QByteArray source; ///< "external_poll: host:port", longer where endpoints share these

    bool operator==(const PollEndpointName &) const = default;
};

/// Returns the names of the endpoints, in their order. Host and port are written as in the URL; a missing
/// port is the scheme's. If endpoints share both, their paths are appended. Of those that differ in nothing
/// but the query, which is in no name because it can be a secret, the second gets " #2", and so on. The URLs
/// must be http or https URLs with a host.
QList<PollEndpointName> pollEndpointNames(const QList<PollEndpoint> &endpoints);

} // namespace ExporterProxy
