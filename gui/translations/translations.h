// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

QT_BEGIN_NAMESPACE
class QCoreApplication;
class QLocale;
QT_END_NAMESPACE

namespace ExporterProxy::Monitor {

/// Makes the application speak the locale's language, its own texts and Qt's, or English if there is no
/// translation. English is translated too: its plural forms ("1 application", "2 applications") are kept in
/// a translation, as Qt wants it. Once, before any window is made; main thread.
void installTranslations(QCoreApplication &application, const QLocale &locale);

} // namespace ExporterProxy::Monitor
