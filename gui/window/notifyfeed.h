// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ExporterProxy {

class Notifier;
class Watchlist;

/// Tells the notifier of all that the watched daemons list, and of those that do not answer, from now on.
/// Both must outlive the connections, which end with the first of them.
void feedNotifier(Watchlist &watchlist, Notifier &notifier);

} // namespace ExporterProxy
