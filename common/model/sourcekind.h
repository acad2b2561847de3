// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appstate.h"

#include <string_view>

namespace ExporterProxy {

struct FreshnessOverrides;
struct FreshnessRules;

/// How an application's text reaches the proxy.
enum class SourceKind : quint8 { Push, Poll };

inline constexpr std::size_t SourceKindCount = std::size_t(SourceKind::Poll) + 1;

/// All that differs between the kinds of sources: one row of the list of kinds, which is in sourcekind.cpp.
struct SourceKindInfo
{
    SourceKind kind = SourceKind::Push;
    std::string_view name; ///< the word for it in the JSON of `/apps`

    /// The configuration names the application, one for each source. It leaves with the configuration and is
    /// not forgotten before, and the state file does not keep it. Otherwise its texts name it themselves.
    bool isConfigured = false;
    /// The rhythm is learned from when texts arrive. Otherwise it is the interval that is configured.
    bool learnsInterval = true;
    /// The state after an attempt that failed: Rejected if a sender's text was not accepted, Failing if the
    /// proxy tried to get the text itself.
    AppState failedState = AppState::Rejected;
    FreshnessOverrides FreshnessRules::*freshness = nullptr; ///< the limits for this kind

    const char *attempt = ""; ///< one attempt to hand over a text, for the log: "push"
    const char *attempts = ""; ///< several; of a kind that is Rejected
    const char *recovered = ""; ///< what the log says of an application that is no longer Failing
};

/// Returns the row of that kind.
const SourceKindInfo &infoOf(SourceKind kind);

} // namespace ExporterProxy
