// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/statechips.h"

#include "gui/icons/stateicons.h"
#include "gui/model/apptexts.h"
#include "gui/window/colors.h"

#include <QShortcut>

namespace ExporterProxy {

namespace {

/// From the best to the worst: what a reader expects to stand first is what most rows are.
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
    // Not the button's own shortcut, which ends with each new text.
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
    if (m_stateButtons[Unknown]->isHidden()) { // it is pressed with the others
        states.set(Unknown);
        states.set(Unknown, states == Problems || states.all());
    }
    choose(states.all() ? AppFilter::States() : states);
}

void StateChips::choose(AppFilter::States states)
{
    const bool changed = states != m_chosen;
    m_chosen = states;
    // Also where nothing changes: a click has changed the button already.
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

/// Shows the button for unknown states while there are any, and while it is pressed by itself: the user must
/// be able to let go of it.
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

} // namespace ExporterProxy
