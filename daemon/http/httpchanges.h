// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/http/httpconnection.h"

#include <memory>
#include <optional>

namespace ExporterProxy {

/// A request that changes what is stored or how the daemon runs, or that asks by the API of the Pushgateway.
/// Its target has been read.
struct ChangeRequest
{
    enum class Path {
        AppText, ///< PUT /apps/NAME/metrics
        App, ///< DELETE /apps/NAME
        Apps, ///< DELETE /apps?match=GLOB
        Messages, ///< POST /push
        Group, ///< PUT, POST, DELETE /metrics/job/JOB…
        Groups, ///< GET /api/v1/metrics
        Status, ///< GET /api/v1/status
        Wipe, ///< PUT /api/v1/admin/wipe
        Reload, ///< POST /-/reload
        Quit, ///< POST /-/quit
    };

    Path path;
    const RequestHead &head;
    const Channel &channel; ///< of the client
    QByteArrayView encodedPath; ///< as it was sent
    QByteArrayView query; ///< without the question mark
    QByteArray app; ///< NAME, decoded
};

/// Carries out such requests. HttpReceiver implements it over the intake and the model, so that the HTTP
/// service knows only requests and connections. Main thread.
class HttpChanges
{
public:
    virtual ~HttpChanges() = default;

    /// Returns whether the configuration lets such requests in. Where it does not, the path is as if it did
    /// not exist.
    virtual bool allows(ChangeRequest::Path path) const = 0;

    /// Returns the setting that would let them in, for a person who tries.
    static QByteArrayView settingOf(ChangeRequest::Path path);

    /// Returns why the request must not change anything, whoever has sent it: it may be a foreign web page's
    /// in the browser of a user (RFC 6454; DNS rebinding). Nothing if it may. One sentence.
    virtual std::optional<QByteArray> foreignness(const RequestHead &head) const = 0;

    /// Returns where the body of the request is to go, or null if it must have none.
    virtual std::unique_ptr<BodySink> sinkFor(const ChangeRequest &request) = 0;

    /// Carries out the request, or a part of it, and returns nothing if more is to be done: then it is called
    /// again soon. `sink` is what sinkFor() returned, and has all of the body; null if there was none.
    virtual std::optional<HttpResponse> carryOut(const ChangeRequest &request, BodySink *sink) = 0;

protected:
    HttpChanges() = default;
    HttpChanges(const HttpChanges &) = default;
    HttpChanges &operator=(const HttpChanges &) = default;
};

inline QByteArrayView HttpChanges::settingOf(ChangeRequest::Path path)
{
    switch (path) {
    case ChangeRequest::Path::Apps:
    case ChangeRequest::Path::Wipe:
    case ChangeRequest::Path::Reload:
    case ChangeRequest::Path::Quit:
        return "exporter.admin";
    default:
        return "receiver.receive_on_http";
    }
}

} // namespace ExporterProxy
