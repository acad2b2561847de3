// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace ExporterProxy {

/// A text from outside as a message may show it: one line without control characters, no longer than about
/// 100 characters, and without the user and password of a URL.
QString shownText(const QString &text);

/// The same in double quotes.
QString quotedText(const QString &text);

} // namespace ExporterProxy
