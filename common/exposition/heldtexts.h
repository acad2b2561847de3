// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/textgate.h"
#include "common/model/appmodel.h"

#include <vector>

namespace ExporterProxy {

/// A text that was held and could not stay.
struct WithdrawnText
{
    QByteArray app;
    QByteArray fault; ///< "line 3, column 7: …"
};

/// Puts every text that the model holds to the gate, as if it came now: after the gate's rules have changed,
/// or texts have come in around it. What it mends is mended; a text that it refuses leaves the page, and its
/// application is rejected or failing until its next good one. Otherwise the one broken text that made
/// somebody switch quarantine on would stay, as "the last good one". Returns those, in the order of their
/// names.
///
/// Costs as much as the gate does for all texts, some half a second a GB, and nothing without quarantine. The
/// model is not locked meanwhile: what is replaced during it has been through the gate already.
std::vector<WithdrawnText> judgeHeldTexts(const TextGate &gate, AppModel &model, Timestamp now);

} // namespace ExporterProxy
