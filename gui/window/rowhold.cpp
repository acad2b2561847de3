// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/rowhold.h"

#include <QMouseEvent>

namespace ExporterProxy {

RowHold::RowHold(QWidget &viewport, AppFilter &filter, QObject *parent)
    : QObject(parent)
    , m_filter(&filter)
{
    m_rest.setSingleShot(true);
    m_rest.setInterval(RestTime);
    connect(&m_rest, &QTimer::timeout, this, &RowHold::update);
    viewport.setMouseTracking(true);
    viewport.installEventFilter(this);
}

void RowHold::setMenuOpen(bool open)
{
    m_menuOpen = open;
    update();
}

bool RowHold::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::MouseMove:
    case QEvent::Wheel:
        m_rest.start();
        break;
    case QEvent::MouseButtonPress:
    case QEvent::MouseButtonDblClick:
        m_pressed = true;
        m_rest.start();
        break;
    case QEvent::MouseButtonRelease:
        m_pressed = static_cast<QMouseEvent *>(event)->buttons() != Qt::NoButton;
        m_rest.start();
        break;
    case QEvent::Leave:
    case QEvent::Hide:
        // A menu that opens over the viewport makes the mouse leave it, and takes the release.
        m_pressed = false;
        m_rest.stop();
        break;
    default:
        return QObject::eventFilter(watched, event);
    }
    update();
    return QObject::eventFilter(watched, event);
}

void RowHold::update()
{
    if (m_filter)
        m_filter->setFrozen(m_pressed || m_menuOpen || m_rest.isActive());
}

} // namespace ExporterProxy
