// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

class QCoreApplication;
class QLocale;

namespace ExporterProxy::Monitor {

/// Installs the translations of our texts and Qt's for the locale, or English if there is none. English has a
/// translation too, because Qt keeps plural forms ("1 application", "2 applications") there. To be called
/// once, before any window is made; main thread.
void installTranslations(QCoreApplication &application, const QLocale &locale);

} // namespace ExporterProxy::Monitor
