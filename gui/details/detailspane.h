// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"
#include "gui/client/boottime.h"
#include "gui/details/metricssource.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QSplitter;
class QToolButton;

namespace ExporterProxy::Monitor {

class FactsView;
class MetricsPanel;

/// Shows the facts about the selected application, and its metrics text.
///
/// Fetches the text while the pane is visible: when another application is shown, when the shown one was
/// updated, and on request. Sends one request at a time, at most one a second, and with a pause of ten times
/// the duration of the last one, so that a large text cannot keep daemon and window busy. A failed fetch
/// keeps the old text. Main thread.
class DetailsPane : public QWidget
{
    Q_OBJECT

public:
    /// `source` must outlive this object.
    explicit DetailsPane(MetricsSource &source, QWidget *parent = nullptr);
    ~DetailsPane() override;

    /// Shows an application; to be called when the selection or the record has changed. `daemon` is the key
    /// of its daemon, `daemonNow` that daemon's clock. `isOutdated` says that the daemon does not answer and
    /// the record is the last one it sent.
    void showApp(const QString &daemon, const AppRecord &record, Timestamp daemonNow, bool isOutdated);
    /// Shows that none or several applications are selected, or that the selected one is gone.
    void clearApp();

    /// Leaves only the heading visible, and fetches nothing, while collapsed.
    void setCollapsed(bool collapsed);
    bool isCollapsed() const { return m_collapsed; }

    /// Expands the pane and moves the keyboard focus to the search field or the text.
    void focusSearch();
    void focusText();
    /// Fetches the metrics again, if an application is shown.
    void refresh();

    MetricsPanel &metrics() { return *m_metrics; }

    /// The sizes of the two parts, for the window's settings.
    QByteArray saveLayout() const;
    bool restoreLayout(const QByteArray &state);

Q_SIGNALS:
    void collapsedChanged(bool collapsed);

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void showHeading();
    void showAge();
    void showTextStatus();
    void dropText();
    bool canBeSeen() const { return isVisible() && !m_collapsed; }
    void fetchSoon(std::chrono::milliseconds delay);
    void fetch();
    void onAnswer(const MetricsAnswer &answer);

    MetricsSource &m_source;
    QToolButton *m_toggle;
    QLabel *m_sign;
    QLabel *m_heading;
    QSplitter *m_body;
    FactsView *m_facts;
    MetricsPanel *m_metrics;

    QString m_daemon;
    AppRecord m_record;
    Timestamp m_daemonNow = Never; ///< at m_seenAt
    BootClock::time_point m_seenAt;
    bool m_hasApp = false;
    bool m_outdated = false;
    bool m_collapsed = false;

    QTimer m_tick; ///< updates the age
    QTimer m_fetchSoon;
    BootClock::time_point m_askedAt;
    std::chrono::milliseconds m_pause; ///< from one response to the next request
    bool m_fetching = false;
    bool m_textIsOld = false; ///< the application was updated since the text was asked for
    bool m_hasText = false;
    bool m_textIsCut = false;
    QString m_fault;
};

} // namespace ExporterProxy::Monitor
