// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/proxycounters.h"
#include "common/settings/settings.h"
#include "common/wire/pushdecoder.h"
#include "daemon/http/httpchanges.h"
#include "daemon/intake.h"

#include <functional>
#include <QByteArrayList>
#include <QObject>
#include <QString>

namespace ExporterProxy {

struct PushGroup;

/// What the administrator's requests do.
struct AdminActions
{
    std::function<void()> reload; ///< reads the configuration again; called from the event loop
    std::function<void()> quit; ///< begins an orderly stop
};

/// Receives pushes over HTTP: texts of one application, the messages that the sockets take, and the API of
/// the Pushgateway; and removes applications. Main thread.
///
/// Source of that API: the section "API" of the Pushgateway's README, version 1.11.
class HttpReceiver final : public HttpChanges
{
public:
    /// The references must outlive the receiver. `name` is its address, for `/apps` and the log.
    HttpReceiver(const Intake &intake, AppModel &model, SourceCounters &counters, const QByteArray &name);

    /// Receives by these settings from now on; requests whose body arrives go on by the former ones.
    void setSettings(const Settings &settings);
    void setActions(AdminActions actions) { m_actions = std::move(actions); }

    bool allows(ChangeRequest::Path path) const override;
    std::optional<QByteArray> foreignness(const RequestHead &head) const override;
    std::unique_ptr<BodySink> sinkFor(const ChangeRequest &request) override;
    std::optional<HttpResponse> carryOut(const ChangeRequest &request, BodySink *sink) override;

private:
    class Sink;
    class TextSink;
    class MessageSink;

    void noteFailed(const PushGroup &group);
    HttpResponse removeGroup(const ChangeRequest &request);
    HttpResponse removeApp(const ChangeRequest &request);
    HttpResponse removeApps(const ChangeRequest &request);
    HttpResponse wipe(const ChangeRequest &request);
    HttpResponse groups() const;
    HttpResponse status() const;
    HttpResponse refuse(const Rejection &rejection, const Channel &channel);
    void logChange(const ChangeRequest &request, const QByteArray &what) const;

    const Intake &m_intake;
    AppModel &m_model;
    Source m_source;
    const Timestamp m_started;
    Settings m_settings;
    QByteArrayList m_hostNames; ///< in lower case, by which this host may be asked to change something
    AdminActions m_actions;
    QObject m_context; ///< of what is done later
};

} // namespace ExporterProxy
