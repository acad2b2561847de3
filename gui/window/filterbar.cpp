// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/filterbar.h"

#include "gui/icons/stateicons.h"
#include "gui/model/apptexts.h"
#include "gui/window/colors.h"
#include "gui/window/flowlayout.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolTip>

namespace ExporterProxy {

FilterBar::FilterBar(AppFilter &filter, QWidget *parent)
    : QWidget(parent)
    , m_filter(filter)
    , m_box(new QLineEdit)
    , m_regex(new QToolButton)
    , m_count(new QLabel)
    , m_chips(new StateChips(this))
{
    m_box->setObjectName(QStringLiteral("filterBox"));
    m_box->setClearButtonEnabled(true);
    m_box->setPlaceholderText(tr("Name, source or error"));
    m_box->setMinimumWidth(fontMetrics().averageCharWidth() * 20);
    m_box->installEventFilter(this);
    auto *label = new QLabel(tr("&Filter:"));
    label->setBuddy(m_box);
    //: A button that makes the filter a regular expression
    m_regex->setText(tr(".*"));
    m_regex->setObjectName(QStringLiteral("regexButton"));
    m_regex->setCheckable(true);
    m_regex->setFocusPolicy(Qt::TabFocus);
    m_regex->setShortcut(QKeySequence(QStringLiteral("Alt+R")));
    m_regex->setToolTip(tr("The filter is a regular expression (%1)")
                            .arg(m_regex->shortcut().toString(QKeySequence::NativeText)));
    m_regex->setAccessibleName(tr("Regular expression"));
    m_count->setObjectName(QStringLiteral("matchCount"));

    auto *group = new QWidget;
    auto *groupLayout = new QHBoxLayout(group);
    groupLayout->setContentsMargins(0, 0, 0, 0);
    groupLayout->addWidget(label);
    groupLayout->addWidget(m_box, 1);
    groupLayout->addWidget(m_regex);
    groupLayout->addWidget(m_count);
    auto *layout = new FlowLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(group);
    layout->setStretching(0);
    for (QToolButton *chip : m_chips->buttons())
        layout->addWidget(chip);

    m_debounce.setSingleShot(true);
    m_debounce.setInterval(Debounce);
    connect(&m_debounce, &QTimer::timeout, this, &FilterBar::apply);
    connect(m_box, &QLineEdit::textChanged, this, [this](const QString &text) {
        // An emptied box shows all at once: there is no word to wait for.
        m_debounce.start(text.isEmpty() ? std::chrono::milliseconds(0) : Debounce);
    });
    connect(m_box, &QLineEdit::returnPressed, this, &FilterBar::apply);
    connect(m_regex, &QToolButton::toggled, this, &FilterBar::apply);
    connect(m_chips, &StateChips::chosenChanged, this, [this](AppFilter::States states) {
        m_filter.setStates(states);
        updateCounts();
    });
    connect(&m_filter, &AppFilter::countsChanged, this, &FilterBar::updateCounts);
    updateCounts();
}

bool FilterBar::isRegularExpression() const
{
    return m_regex->isChecked();
}

void FilterBar::setRegularExpression(bool on)
{
    m_regex->setChecked(on);
}

void FilterBar::focusBox()
{
    m_box->setFocus(Qt::ShortcutFocusReason);
    m_box->selectAll();
}

void FilterBar::clear()
{
    m_box->clear();
    m_chips->choose({});
    apply();
}

bool FilterBar::isNarrowing() const
{
    return !m_box->text().isEmpty() || m_chips->chosen().any();
}

void FilterBar::apply()
{
    m_debounce.stop();
    showFault(m_filter.setPattern(m_box->text(),
                                  m_regex->isChecked() ? AppFilter::Pattern::RegularExpression
                                                       : AppFilter::Pattern::Text));
    updateCounts();
}

void FilterBar::showFault(const QString &fault)
{
    QPalette colors = palette();
    if (!fault.isEmpty()) {
        const QColor base = mixed(stateColor(AppState::Failing, colors), colors.color(QPalette::Base), 0.18);
        colors.setColor(QPalette::Base, base);
        colors.setColor(QPalette::Text, readableColor(colors.color(QPalette::Text), {base}));
    }
    m_box->setPalette(colors);
    m_box->setToolTip(fault);
    m_box->setAccessibleDescription(fault);
}

void FilterBar::updateCounts()
{
    m_chips->setCounts(m_filter.matchingCounts());
    const int all = m_filter.appModel().counts().total();
    const int shown = m_filter.rowCount();
    //: How many rows are shown: "12 of 340"
    m_count->setText(shown == all ? QString()
                                  : tr("%1 of %2").arg(AppTexts::number(shown), AppTexts::number(all)));
}

bool FilterBar::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_box && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Escape) {
            m_box->clear();
            apply();
            Q_EMIT left();
            return true;
        }
        if (key == Qt::Key_Down) {
            Q_EMIT left();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void FilterBar::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange) {
        m_chips->updateIcons(palette());
        showFault(m_box->toolTip());
    }
    QWidget::changeEvent(event);
}

} // namespace ExporterProxy
