// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/notify/statealerts.h"

namespace ExporterProxy {

/// How many applications a notification names; of the rest it says the number.
inline constexpr int MaxNamedApps = 3;

/// "2 applications went quiet", translated.
QString alertTitle(const Alert &alert);

/// "a, b, c and 9 more"; of a single application or daemon what is the matter with it. One line, and without
/// characters that a notification service would take for markup: names and reasons are foreign texts.
QString alertText(const Alert &alert);

} // namespace ExporterProxy
