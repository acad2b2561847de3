// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"
#include "gui/client/boottime.h"
#include "gui/details/metricssource.h"

#include <QTimer>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QSplitter;
class QToolButton;
QT_END_NAMESPACE

namespace ExporterProxy::Monitor {

class FactsView;
class MetricsPanel;

/// Everything known of the selected application, and its metrics text.
///
/// The text is fetched while the pane can be seen: when another application is shown, when the shown one was
/// updated, and when asked for. One question at a time, and not more often than a second, or ten times what
/// the last answer took, so that a large text cannot keep daemon and window busy. A fetch that fails leaves
/// the text that is there. Main thread.
class DetailsPane : public QWidget
{
    Q_OBJECT

public:
    /// `source` must outlive this.
    explicit DetailsPane(MetricsSource &source, QWidget *parent = nullptr);
    ~DetailsPane() override;

    /// Shows an application, or what is new about it: call it when the selection changed and whenever the
    /// record did. `daemon` is the key of its daemon, `daemonNow` that daemon's clock now. `isOutdated`: the
    /// daemon does not answer, this is what it said last.
    void showApp(const QString &daemon, const AppRecord &record, Timestamp daemonNow, bool isOutdated);
    /// Nothing, or more than one, is selected; or the application is gone.
    void clearApp();
    bool hasApp() const { return m_hasApp; }

    /// Collapsed, only the heading is left; nothing is fetched then.
    void setCollapsed(bool collapsed);
    bool isCollapsed() const { return m_collapsed; }

    /// Puts the keyboard's focus into the search field, or the text.
    void focusSearch();
    void focusText();
    /// Fetches the metrics again, if an application is shown.
    void refresh();

    MetricsPanel &metrics() { return *m_metrics; }

    /// For the window's settings: how the pane is divided.
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

    QTimer m_tick; ///< the age's
    QTimer m_fetchSoon;
    BootClock::time_point m_askedAt;
    std::chrono::milliseconds m_pause; ///< from one answer to the next question
    bool m_fetching = false;
    bool m_textIsOld = false; ///< the application was updated since the text was asked for
    bool m_hasText = false;
    bool m_textIsCut = false;
    QString m_fault;
};

} // namespace ExporterProxy::Monitor
