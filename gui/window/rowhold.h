// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/model/appfilter.h"

#include <chrono>
#include <QPointer>
#include <QTimer>
#include <QWidget>

namespace ExporterProxy {

/// Keeps rows in their places while somebody is about to click one: while the mouse has moved over them
/// lately, a button is down, or a menu on a row is open. Rows that jump away under the mouse make one act on
/// the wrong application.
class RowHold : public QObject
{
    Q_OBJECT

public:
    /// From the last move to letting go: longer than the pause between seeing a row and clicking it.
    static constexpr std::chrono::milliseconds RestTime{1500};

    /// Watches the mouse on `viewport`, which must outlive it. The filter may go first, as it does when a
    /// window is taken apart: nothing is held then.
    RowHold(QWidget &viewport, AppFilter &filter, QObject *parent = nullptr);

    void setMenuOpen(bool open);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void update();

    QPointer<AppFilter> m_filter;
    QTimer m_rest; ///< runs: the mouse has moved lately
    bool m_pressed = false;
    bool m_menuOpen = false;
};

} // namespace ExporterProxy
