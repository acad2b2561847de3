// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/metricspanel.h"

#include "gui/icons/colors.h"
#include "gui/model/apptexts.h"
#include "gui/window/narrowwindow.h"

#include <QCheckBox>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

namespace ExporterProxy::Monitor {

namespace {

/// A search of the largest text takes some hundredths of a second, which is too much for every letter of a
/// word.
constexpr std::chrono::milliseconds SearchDelay{150};

bool isOurs(const QKeyEvent &key)
{
    return key.matches(QKeySequence::Find) || key.matches(QKeySequence::FindNext)
        || key.matches(QKeySequence::FindPrevious) || key.matches(QKeySequence::Refresh)
        || key.key() == Qt::Key_Escape;
}

} // namespace

MetricsPanel::MetricsPanel(QWidget *parent)
    : QWidget(parent)
    , m_view(new MetricsView)
    , m_search(new QLineEdit)
    , m_matchCase(new QCheckBox(tr("Match &case")))
    , m_matches(new QLabel)
    , m_previous(addButton(QStringLiteral("▲"), tr("Previous match (Shift+F3)")))
    , m_next(addButton(QStringLiteral("▼"), tr("Next match (F3)")))
    , m_refresh(addButton(tr("&Refresh"), tr("Fetch the metrics again (F5)")))
    , m_status(new QLabel)
{
    m_search->setPlaceholderText(tr("Find in the metrics"));
    m_search->setAccessibleName(tr("Find in the metrics"));
    m_search->setClearButtonEnabled(true);
    m_status->setTextFormat(Qt::PlainText);
    m_status->setWordWrap(true);
    m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);
    QToolButton *const fold = addButton(tr("F&old all"), tr("Show the first line of each family only"));
    QToolButton *const unfold = addButton(tr("&Unfold all"), tr("Show all samples"));
    QToolButton *const copy = addButton(tr("Copy a&ll"), tr("Copy the whole text that is shown"));

    auto *const bar = new FlowLayout;
    bar->setSpacing(4);
    for (QWidget *const part : std::initializer_list<QWidget *>{m_search, m_matches, m_previous, m_next,
                                                                m_matchCase, fold, unfold, copy, m_refresh})
        bar->addWidget(part);
    bar->setStretching(0);
    auto *const column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->addLayout(bar);
    column->addWidget(m_view, 1);
    column->addWidget(m_status);

    m_searchSoon.setSingleShot(true);
    m_searchSoon.setInterval(SearchDelay);
    connect(&m_searchSoon, &QTimer::timeout, this, &MetricsPanel::search);
    connect(m_search, &QLineEdit::textChanged, &m_searchSoon, qOverload<>(&QTimer::start));
    connect(m_matchCase, &QCheckBox::toggled, this, &MetricsPanel::search);
    connect(m_view, &MetricsView::matchesChanged, this, &MetricsPanel::showMatches);
    connect(m_previous, &QToolButton::clicked, m_view, &MetricsView::findPrevious);
    connect(m_next, &QToolButton::clicked, m_view, &MetricsView::findNext);
    connect(m_refresh, &QToolButton::clicked, this, &MetricsPanel::refreshWanted);
    connect(fold, &QToolButton::clicked, m_view, &MetricsView::foldAll);
    connect(unfold, &QToolButton::clicked, m_view, &MetricsView::unfoldAll);
    connect(copy, &QToolButton::clicked, m_view, &MetricsView::copyAll);
    setRefreshEnabled(false);
    showMatches();
}

QToolButton *MetricsPanel::addButton(const QString &text, const QString &hint)
{
    auto *const button = new QToolButton(this);
    button->setText(text);
    button->setToolTip(hint);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    if (!text.front().isLetter() && text.front() != u'&') // a screen reader cannot read a sign
        button->setAccessibleName(hint);
    return button;
}

void MetricsPanel::showStatus(const QString &text, bool isFault)
{
    m_status->setText(text);
    m_statusIsFault = isFault;
    colourStatus();
}

void MetricsPanel::colourStatus()
{
    QPalette colours = palette();
    if (m_statusIsFault)
        colours.setColor(
            QPalette::WindowText,
            readableColor(stateColor(AppState::Failing, palette()), {palette().color(QPalette::Window)}));
    m_status->setPalette(colours);
}

void MetricsPanel::setRefreshEnabled(bool enabled)
{
    m_refresh->setEnabled(enabled);
}

void MetricsPanel::focusSearch()
{
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void MetricsPanel::search()
{
    m_searchSoon.stop();
    m_view->setSearch(m_search->text(), m_matchCase->isChecked() ? Qt::CaseSensitive : Qt::CaseInsensitive);
    showMatches();
}

void MetricsPanel::showMatches()
{
    const bool any = m_view->matchCount() > 0;
    m_previous->setEnabled(any);
    m_next->setEnabled(any);
    if (m_search->text().isEmpty())
        m_matches->clear();
    else if (!any)
        m_matches->setText(tr("not found"));
    else
        m_matches->setText(tr("%1 of %2", "the third match of 17")
                               .arg(AppTexts::number(qint64{m_view->currentMatch()}),
                                    AppTexts::number(qint64{m_view->matchCount()})));
}

bool MetricsPanel::event(QEvent *event)
{
    // The window uses some of these keys for its table. While the focus is in here they act on the text.
    if (event->type() == QEvent::ShortcutOverride && isOurs(*static_cast<QKeyEvent *>(event))) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

void MetricsPanel::keyPressEvent(QKeyEvent *event)
{
    const bool inSearch = m_search->hasFocus();
    if (event->matches(QKeySequence::Find)) {
        focusSearch();
    } else if (event->matches(QKeySequence::FindNext) || event->matches(QKeySequence::FindPrevious)) {
        if (m_searchSoon.isActive())
            search();
        if (event->matches(QKeySequence::FindNext))
            m_view->findNext();
        else
            m_view->findPrevious();
    } else if (event->matches(QKeySequence::Refresh)) {
        Q_EMIT refreshWanted();
    } else if (event->key() == Qt::Key_Escape && !m_search->text().isEmpty()) {
        m_search->clear();
        search();
        m_view->setFocus(Qt::ShortcutFocusReason);
    } else if (event->key() == Qt::Key_Escape && inSearch) {
        m_view->setFocus(Qt::ShortcutFocusReason);
    } else if (inSearch && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) {
        if (m_searchSoon.isActive())
            search(); // goes to the first match
        else if (event->modifiers().testFlag(Qt::ShiftModifier))
            m_view->findPrevious();
        else
            m_view->findNext();
    } else {
        QWidget::keyPressEvent(event);
    }
}

void MetricsPanel::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        colourStatus();
}

} // namespace ExporterProxy::Monitor
