// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/startupfaults.h"

#include <cstdio>
#include <QString>
#include <QtGlobal>
#include <unistd.h>

namespace ExporterProxy {

namespace {

QtMessageHandler s_ordinary = nullptr;

void explain(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    if (type != QtFatalMsg) {
        // How Qt's plugins tell of it, over several lines; ours says it all.
        const QLatin1StringView category(context.category);
        if (!category.startsWith(QLatin1StringView("qt.qpa")))
            s_ordinary(type, context, message);
        return;
    }
    const bool named = qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY");
    if (named)
        std::fprintf(stderr,
                     "exporter-proxy-monitor: cannot open a window on the display DISPLAY=%s "
                     "WAYLAND_DISPLAY=%s: %s\n",
                     qgetenv("DISPLAY").constData(), qgetenv("WAYLAND_DISPLAY").constData(),
                     qPrintable(message.section(u'.', 0, 0)));
    else
        std::fputs("exporter-proxy-monitor: cannot open a window: there is no display (neither DISPLAY nor "
                   "WAYLAND_DISPLAY is set)\n",
                   stderr);
    // Not exit(): half of Qt is set up, and what is registered to run at exit may not bear that.
    _exit(1);
}

} // namespace

void explainStartupFaults()
{
    s_ordinary = qInstallMessageHandler(explain);
}

void stopExplainingStartupFaults()
{
    qInstallMessageHandler(nullptr);
}

} // namespace ExporterProxy
