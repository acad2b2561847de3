// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/model/appfilter.h"

#include <array>
#include <QToolButton>
#include <QWidget>

namespace ExporterProxy {

/// One button for each state, with its mark, word and count, and one for everything that is not fresh. Those
/// pressed choose what the table shows; none pressed shows all. Alt+1 to Alt+6 press the states, Alt+7 the
/// one for what is not fresh. Behind them is a button for states of newer daemons, Alt+8, which is hidden
/// where there are none.
class StateChips : public QObject
{
    Q_OBJECT

public:
    explicit StateChips(QWidget *parent);

    /// The buttons, in order, for the bar to lay out.
    const std::vector<QToolButton *> &buttons() const { return m_buttons; }

    void setCounts(const StateCounts &counts);

    /// The states to be shown; none: all.
    AppFilter::States chosen() const { return m_chosen; }
    void choose(AppFilter::States states);

    /// Marks in the colours of the palette of now.
    void updateIcons(const QPalette &palette);

Q_SIGNALS:
    void chosenChanged(ExporterProxy::AppFilter::States states);

private:
    QToolButton *addButton(const QString &toolTip, int key);
    void buttonClicked(QToolButton *button);
    void setWords();
    void showUnknown();

    QWidget *const m_parent;
    std::vector<QToolButton *> m_buttons;
    std::array<QToolButton *, ListedStateCount> m_stateButtons{};
    QToolButton *m_problemsButton = nullptr;
    StateCounts m_counts{};
    AppFilter::States m_chosen;
};

} // namespace ExporterProxy
