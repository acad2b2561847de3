// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/filterbar.h"

#include "gui/icons/colors.h"
#include "gui/icons/icons.h"
#include "gui/model/apptexts.h"
#include "gui/window/narrowwindow.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QShortcut>
#include <QToolTip>

namespace ExporterProxy::Monitor {

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
        // An emptied box applies at once, because no further letters are expected.
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

void FilterBar::apply()
{
    m_debounce.stop();
    showFault(m_filter
                  .setPattern(m_box->text(),
                              m_regex->isChecked() ? AppFilter::Pattern::RegularExpression
                                                   : AppFilter::Pattern::Text)
                  .error());
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
        }
        if (key == Qt::Key_Escape || key == Qt::Key_Down) {
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

namespace {

/// From the best to the worst, because most rows are fresh.
constexpr std::array<AppState, AppStateCount> ChipOrder = {AppState::Fresh,   AppState::Late,
                                                           AppState::Stale,   AppState::Rejected,
                                                           AppState::Failing, AppState::Expired};

constexpr unsigned long long ProblemBits =
    ((1ull << ListedStateCount) - 1) & ~(1ull << unsigned(AppState::Fresh));
constexpr AppFilter::States Problems{ProblemBits};

constexpr auto Unknown = std::size_t(AppState::Unknown);

} // namespace

StateChips::StateChips(QWidget *parent)
    : QObject(parent)
    , m_parent(parent)
{
    int key = Qt::Key_1;
    for (const AppState state : ChipOrder)
        m_stateButtons[std::size_t(state)] = addButton(AppTexts::stateMeaning(state), key++);
    m_problemsButton = addButton(tr("Everything that is not fresh."), key);
    m_problemsButton->setObjectName(QStringLiteral("problemsChip"));
    m_stateButtons.back() = addButton(AppTexts::stateMeaning(AppState::Unknown), key + 1);
    for (std::size_t i = 0; i < ListedStateCount; ++i)
        m_stateButtons[i]->setObjectName(QStringLiteral("chip%1").arg(i));
    setWords();
    updateIcons(parent->palette());
}

QToolButton *StateChips::addButton(const QString &toolTip, int key)
{
    auto *button = new QToolButton(m_parent);
    button->setCheckable(true);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setFocusPolicy(Qt::TabFocus);
    const QKeySequence keys(int(Qt::ALT) | key);
    // Not the button's own shortcut, because each new text removes that.
    connect(new QShortcut(keys, button), &QShortcut::activated, button, &QAbstractButton::click);
    //: %1: what the button shows, a sentence; %2: its keys
    button->setToolTip(tr("%1 Show only these (%2).").arg(toolTip, keys.toString(QKeySequence::NativeText)));
    connect(button, &QToolButton::clicked, this, [this, button] { buttonClicked(button); });
    m_buttons.push_back(button);
    return button;
}

void StateChips::buttonClicked(QToolButton *button)
{
    AppFilter::States states = m_chosen;
    if (button == m_problemsButton)
        states = m_chosen == Problems ? AppFilter::States() : Problems;
    for (std::size_t i = 0; i < ListedStateCount; ++i)
        if (m_stateButtons[i] == button)
            states.flip(i);
    if (m_stateButtons[Unknown]->isHidden()) { // then it is pressed only together with the others
        states.set(Unknown);
        states.set(Unknown, states == Problems || states.all());
    }
    choose(states.all() ? AppFilter::States() : states);
}

void StateChips::choose(AppFilter::States states)
{
    const bool changed = states != m_chosen;
    m_chosen = states;
    // Also needed if nothing changes, because a click has changed the button already.
    for (std::size_t i = 0; i < ListedStateCount; ++i)
        m_stateButtons[i]->setChecked(m_chosen.test(i));
    m_problemsButton->setChecked(m_chosen == Problems);
    showUnknown();
    if (changed)
        Q_EMIT chosenChanged(m_chosen);
}

void StateChips::setCounts(const StateCounts &counts)
{
    if (counts == m_counts)
        return;
    m_counts = counts;
    setWords();
}

void StateChips::setWords()
{
    for (std::size_t i = 0; i < ListedStateCount; ++i) {
        //: A state and how many applications are in it: "late 12"
        const QString words = tr("%1 %2", "state chip")
                                  .arg(AppTexts::state(AppState(i), m_counts.unknownWord()),
                                       AppTexts::number(m_counts.byState[i]));
        m_stateButtons[i]->setText(words);
    }
    showUnknown();
    const int problems = m_counts.total() - m_counts[AppState::Fresh];
    m_problemsButton->setText(tr("problems %1").arg(AppTexts::number(problems)));
}

/// Shows the button for unknown states while there are any, and while it is pressed by itself, so that it can
/// be released.
void StateChips::showUnknown()
{
    const bool isChosen = m_chosen.test(Unknown) && m_chosen != Problems;
    m_stateButtons[Unknown]->setVisible(m_counts.byState[Unknown] > 0 || isChosen);
}

void StateChips::updateIcons(const QPalette &palette)
{
    const QPalette colors = paletteOn(QPalette::Button, palette);
    for (std::size_t i = 0; i < ListedStateCount; ++i)
        m_stateButtons[i]->setIcon(stateIcon(AppState(i), colors));
}

} // namespace ExporterProxy::Monitor
