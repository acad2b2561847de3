// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/translations/translations.h"

#include <memory>
#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

namespace ExporterProxy::Monitor {

namespace {

/// Returns true if there is a translation for the locale. The application owns the translator.
bool install(QCoreApplication &application, const QLocale &locale, const QString &name, const QString &folder)
{
    auto translator = std::make_unique<QTranslator>();
    if (!translator->load(locale, name, QStringLiteral("_"), folder))
        return false;
    translator->setParent(&application);
    return QCoreApplication::installTranslator(translator.release());
}

} // namespace

void installTranslations(QCoreApplication &application, const QLocale &locale)
{
    const QString name = QStringLiteral("exporter-proxy-monitor");
    const QString folder = QStringLiteral(":/exporter-proxy/translations");
    if (!install(application, locale, name, folder)) {
        install(application, QLocale(QLocale::English), name, folder);
        return; // Qt's buttons must not be in another language than our texts
    }
    install(application, locale, QStringLiteral("qtbase"),
            QLibraryInfo::path(QLibraryInfo::TranslationsPath));
}

} // namespace ExporterProxy::Monitor
