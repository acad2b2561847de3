// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"

#include <memory>
#include <QByteArray>

namespace ExporterProxy {

/// How many applications a listing may have: ten times what a daemon holds by default. A page beyond it is
/// not one of an exporter-proxy, or of one that no table could show.
inline constexpr std::size_t MaxListedApps = 100'000;

/// What readAppsJson() made of an answer.
struct AppsReading
{
    std::shared_ptr<const AppsListing> listing; ///< null: it could not be read
    /// Then why, in English and without a full stop: "not JSON: …", "JSON, but not of an exporter-proxy: no
    /// \"apps\"".
    QString fault;
};

/// Reads the JSON of `/apps`, as renderAppsJson() writes it (RFC 8259). A newer daemon may say more: members
/// that are not known are skipped, kinds and states that are not known are kept as words. A value of another
/// type is a fault. Whatever the order of the page, the listing is in the order of AppsListing::apps. Takes
/// the bytes, because the parser wants room behind them. Any thread; time linear in the size.
AppsReading readAppsJson(QByteArray json);

} // namespace ExporterProxy
