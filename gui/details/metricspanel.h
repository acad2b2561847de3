// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/details/metricsview.h"

#include <QTimer>
#include <QWidget>

class QCheckBox;
class QLabel;
class QLineEdit;
class QToolButton;

namespace ExporterProxy::Monitor {

/// The metrics text with the controls for searching, folding and refreshing, and a status line. Ctrl+F goes
/// to the search field, F3 and Shift+F3 to the next match and the previous one, Escape in the field clears it
/// and goes back to the text, F5 refreshes. Main thread.
class MetricsPanel : public QWidget
{
    Q_OBJECT

public:
    explicit MetricsPanel(QWidget *parent = nullptr);

    MetricsView &view() { return *m_view; }

    /// Sets the line below the text; `isFault` gives it an alarming colour.
    void showStatus(const QString &text, bool isFault);
    /// Enables the button if an application is shown whose metrics can be fetched.
    void setRefreshEnabled(bool enabled);
    void focusSearch();

Q_SIGNALS:
    void refreshWanted();

protected:
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    QToolButton *addButton(const QString &text, const QString &hint);
    void search();
    void showMatches();
    void colourStatus();

    MetricsView *m_view;
    QLineEdit *m_search;
    QCheckBox *m_matchCase;
    QLabel *m_matches;
    QToolButton *m_previous;
    QToolButton *m_next;
    QToolButton *m_refresh;
    QLabel *m_status;
    QTimer m_searchSoon; ///< fires when typing pauses
    bool m_statusIsFault = false;
};

} // namespace ExporterProxy::Monitor
