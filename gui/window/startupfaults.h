// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ExporterProxy {

/// Qt aborts, with a core dump, where it cannot open a display. From here to stopExplainingStartupFaults()
/// the process says in a sentence that there is none, and ends with status 1.
void explainStartupFaults();
void stopExplainingStartupFaults();

} // namespace ExporterProxy
