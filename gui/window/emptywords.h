// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/model/appfilter.h"
#include "gui/window/emptypage.h"
#include "gui/window/watchlist.h"

#include <optional>

namespace ExporterProxy {

/// Why the table is empty, and what its page offers to do about it.
enum class EmptyReason { NothingMatches, NothingWatched, NoApplications, NoAnswer, Connecting };

/// Nothing: there are rows to show.
std::optional<EmptyReason> emptyReason(const AppFilter &filter, const Watchlist &watchlist);

EmptyPage::Words emptyWords(EmptyReason reason, const AppFilter &filter, const Watchlist &watchlist);

} // namespace ExporterProxy
