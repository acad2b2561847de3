// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/mergereport.h"

#include <span>

namespace ExporterProxy {

/// What the reports say as metrics, in the text format; empty if they say nothing. At most four samples for
/// each application that is not shown as it was sent, however many families it has.
QByteArray renderMergeMetrics(std::span<const MergeReport> reports);

} // namespace ExporterProxy
