// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/detailspane.h"

#include "common/util/showntext.h"
#include "gui/details/factsview.h"
#include "gui/details/metricspanel.h"
#include "gui/icons/icons.h"
#include "gui/model/apptexts.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

namespace ExporterProxy::Monitor {

using namespace std::chrono_literals;

namespace {

/// While the user walks through the table with the arrow keys, only the row of the last stop is fetched.
constexpr std::chrono::milliseconds SelectionDelay = 120ms;

/// The text is fetched no more often than the daemon's listing.
constexpr std::chrono::milliseconds ShortestPause = 1s;

/// The pause is at least this many times the duration of the last fetch.
constexpr int PauseFactor = 10;

constexpr std::chrono::milliseconds TickInterval = 1s;

std::chrono::milliseconds sinceThen(BootClock::time_point then)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(BootClock::now() - then);
}

} // namespace

DetailsPane::DetailsPane(MetricsSource &source, QWidget *parent)
    : QWidget(parent)
    , m_source(source)
    , m_toggle(new QToolButton)
    , m_sign(new QLabel)
    , m_heading(new QLabel)
    , m_body(new QSplitter(Qt::Horizontal))
    , m_facts(new FactsView)
    , m_metrics(new MetricsPanel)
    , m_pause(ShortestPause)
{
    m_toggle->setAutoRaise(true);
    m_toggle->setArrowType(Qt::DownArrow);
    m_toggle->setFocusPolicy(Qt::TabFocus);
    m_toggle->setToolTip(tr("Show or hide the details"));
    m_toggle->setAccessibleName(m_toggle->toolTip());
    m_heading->setTextFormat(Qt::PlainText);
    m_heading->setSizePolicy(QSizePolicy::Ignored,
                             QSizePolicy::Preferred); // a long name is no reason to grow
    QFont bold = font();
    bold.setBold(true);
    m_heading->setFont(bold);
    m_body->addWidget(m_facts);
    m_body->addWidget(m_metrics);
    m_body->setStretchFactor(1, 1);
    m_body->setChildrenCollapsible(false);
    const int factsWidth = fontMetrics().averageCharWidth() * 56; // a time in UTC with nanoseconds
    m_body->setSizes({factsWidth, 3 * factsWidth});

    auto *const heading = new QHBoxLayout;
    heading->addWidget(m_toggle);
    heading->addWidget(m_sign);
    heading->addWidget(m_heading, 1);
    auto *const column = new QVBoxLayout(this);
    column->setContentsMargins(4, 2, 4, 2);
    column->addLayout(heading);
    column->addWidget(m_body, 1);

    m_tick.setInterval(TickInterval);
    m_fetchSoon.setSingleShot(true);
    connect(m_toggle, &QToolButton::clicked, this, [this] { setCollapsed(!m_collapsed); });
    connect(m_metrics, &MetricsPanel::refreshWanted, this, &DetailsPane::refresh);
    connect(&m_tick, &QTimer::timeout, this, &DetailsPane::showAge);
    connect(&m_fetchSoon, &QTimer::timeout, this, &DetailsPane::fetch);
    clearApp();
}

DetailsPane::~DetailsPane()
{
    m_source.cancel();
}

void DetailsPane::showApp(const QString &daemon, const AppRecord &record, Timestamp daemonNow,
                          bool isOutdated)
{
    const bool isOther = !m_hasApp || daemon != m_daemon || record.name != m_record.name;
    const bool isNewText = isOther || record.updates != m_record.updates
        || record.lastUpdate != m_record.lastUpdate || record.bytes != m_record.bytes;
    const bool expiryChanged = (record.state == AppState::Expired) != (m_record.state == AppState::Expired);
    const bool looksDifferent = isOther || record != m_record || isOutdated != m_outdated;
    m_daemon = daemon;
    m_record = record;
    m_daemonNow = daemonNow;
    m_seenAt = BootClock::now();
    m_hasApp = true;
    m_outdated = isOutdated;
    if (looksDifferent) {
        showHeading();
        m_facts->showRecord(m_daemon, m_record);
    }
    showAge();
    m_metrics->setRefreshEnabled(true);
    if (isOther) {
        dropText();
        showTextStatus();
        m_textIsOld = true;
        fetchSoon(SelectionDelay);
    } else if (isNewText || expiryChanged) {
        m_textIsOld = true;
        fetchSoon(std::max(0ms, m_pause - sinceThen(m_askedAt)));
    }
}

void DetailsPane::clearApp()
{
    dropText();
    m_hasApp = false;
    m_textIsOld = false;
    m_record = {};
    m_facts->clear();
    m_metrics->setRefreshEnabled(false);
    showHeading();
    showTextStatus();
}

void DetailsPane::dropText()
{
    m_source.cancel();
    m_fetchSoon.stop();
    m_fetching = false;
    m_hasText = false;
    m_textIsCut = false;
    m_fault.clear();
    m_metrics->view().setText({});
}

void DetailsPane::setCollapsed(bool collapsed)
{
    if (collapsed == m_collapsed)
        return;
    m_collapsed = collapsed;
    m_body->setVisible(!collapsed);
    m_toggle->setArrowType(collapsed ? Qt::RightArrow : Qt::DownArrow);
    setSizePolicy(QSizePolicy::Preferred, collapsed ? QSizePolicy::Fixed : QSizePolicy::Preferred);
    if (!collapsed && m_textIsOld)
        fetchSoon(0ms);
    showAge();
    Q_EMIT collapsedChanged(collapsed);
}

void DetailsPane::focusSearch()
{
    setCollapsed(false);
    m_metrics->focusSearch();
}

void DetailsPane::focusText()
{
    setCollapsed(false);
    m_metrics->view().setFocus(Qt::ShortcutFocusReason);
}

void DetailsPane::refresh()
{
    if (!m_hasApp)
        return;
    m_textIsOld = true;
    m_fetchSoon.stop();
    fetch();
}

QByteArray DetailsPane::saveLayout() const
{
    return m_body->saveState();
}

bool DetailsPane::restoreLayout(const QByteArray &state)
{
    return m_body->restoreState(state);
}

void DetailsPane::showHeading()
{
    if (!m_hasApp) {
        m_sign->clear();
        m_heading->setText(tr("No application selected"));
        m_heading->setToolTip({});
        return;
    }
    const int side = style()->pixelMetric(QStyle::PM_SmallIconSize);
    m_sign->setPixmap(stateIcon(m_record.state, palette()).pixmap({side, side}, devicePixelRatio()));
    m_sign->setAccessibleName(AppTexts::state(m_record.state, m_record.stateWord));
    const QString name = escapedLine(m_record.name);
    const QString what = name + QStringLiteral(" – ") + AppTexts::state(m_record.state, m_record.stateWord);
    m_heading->setText(m_outdated ? tr("%1 (the daemon does not answer)").arg(what) : what);
    m_heading->setToolTip(Qt::convertFromPlainText(name));
}

void DetailsPane::showAge()
{
    if (!m_hasApp || !canBeSeen())
        return;
    if (m_record.lastUpdate == Never)
        return m_facts->showAge(std::nullopt);
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(m_daemonNow - m_record.lastUpdate)
        + sinceThen(m_seenAt);
    m_facts->showAge(std::max(0ms, age));
}

void DetailsPane::showTextStatus()
{
    if (!m_hasApp)
        return m_metrics->showStatus({}, false);
    if (!m_fault.isEmpty())
        return m_metrics->showStatus(m_hasText
                                         ? tr("Not fetched: %1. This is the text of before.").arg(m_fault)
                                         : tr("Not fetched: %1.").arg(m_fault),
                                     true);
    if (!m_hasText)
        return m_metrics->showStatus(tr("Fetching the metrics …"), false);
    const MetricsDocument &document = m_metrics->view().document();
    const QString shown = AppTexts::size(document.text().size());
    if (m_textIsCut) {
        // The size in the listing may be older than the text, and smaller.
        m_metrics->showStatus(
            m_record.bytes > document.text().size()
                ? tr("The first %1 of %2 are shown.").arg(shown, AppTexts::size(m_record.bytes))
                : tr("The first %1 are shown; the text goes on.").arg(shown),
            true);
        return;
    }
    m_metrics->showStatus(tr("%1 in %n line(s)", nullptr, document.lines()).arg(shown), false);
}

void DetailsPane::fetchSoon(std::chrono::milliseconds delay)
{
    if (canBeSeen() && !m_fetching && !m_fetchSoon.isActive())
        m_fetchSoon.start(delay);
}

void DetailsPane::fetch()
{
    if (!m_hasApp || !canBeSeen())
        return; // m_textIsOld stays set
    m_textIsOld = false;
    m_fetching = true;
    m_askedAt = BootClock::now();
    m_source.fetch(m_daemon, m_record.name, [this](const MetricsAnswer &answer) { onAnswer(answer); });
}

void DetailsPane::onAnswer(const MetricsAnswer &answer)
{
    m_fetching = false;
    m_fault = answer ? QString() : answer.error();
    if (answer) {
        MetricsView &view = m_metrics->view();
        if (m_hasText)
            view.updateText(answer.value().bytes);
        else
            view.setText(answer.value().bytes);
        m_hasText = true;
        m_textIsCut = answer.value().isCut || view.document().isCut();
    }
    showTextStatus();
    m_pause = std::max(ShortestPause, PauseFactor * sinceThen(m_askedAt));
    if (m_textIsOld)
        fetchSoon(m_pause);
}

void DetailsPane::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    m_tick.start();
    showAge();
    if (m_textIsOld)
        fetchSoon(0ms);
}

void DetailsPane::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    m_tick.stop();
}

void DetailsPane::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    // The pane is high beside the table and wide below it.
    m_body->setOrientation(height() > width() ? Qt::Vertical : Qt::Horizontal);
}

void DetailsPane::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        showHeading();
}

} // namespace ExporterProxy::Monitor
