// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/sourcekind.h"

#include <chrono>
#include <map>
#include <optional>
#include <QByteArray>

namespace ExporterProxy {

/// From which age on an application counts as stale, its text leaves the page, and its name too. Of an age of
/// exactly that they hold already. 0: never.
struct FreshnessLimits
{
    std::chrono::milliseconds staleAfter{0};
    std::chrono::milliseconds expireAfter{0};
    std::chrono::milliseconds forgetAfter{0}; ///< of what is not polled by configuration

    bool operator==(const FreshnessLimits &) const = default;
};

/// What a kind of source or an application has in place of the general limits; nothing: as these say.
struct FreshnessOverrides
{
    std::optional<std::chrono::milliseconds> staleAfter;
    std::optional<std::chrono::milliseconds> expireAfter;
    std::optional<std::chrono::milliseconds> forgetAfter;

    bool operator==(const FreshnessOverrides &) const = default;
};

/// The section `[freshness]` of the configuration: the limits of any application. Plain values.
struct FreshnessRules
{
    std::chrono::milliseconds staleAfter{0};
    std::chrono::milliseconds expireAfter{0};
    std::chrono::milliseconds forgetAfter{0};
    FreshnessOverrides push; ///< stronger than the general values
    FreshnessOverrides poll;
    std::map<QByteArray, FreshnessOverrides, std::less<>> apps; ///< by name; stronger than both

    /// The limits of one application: each key from the strongest level that has it. What is forgotten cannot
    /// stay on the page: without an expireAfter of its own, that of forgetAfter counts.
    FreshnessLimits limitsFor(QByteArrayView name, SourceKind kind) const;

    bool operator==(const FreshnessRules &) const = default;
};

} // namespace ExporterProxy
