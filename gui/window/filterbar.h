// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/model/appfilter.h"

#include <array>
#include <QTimer>
#include <QToolButton>
#include <QWidget>

class QLabel;
class QLineEdit;

namespace ExporterProxy::Monitor {

/// One button for each state, with its mark, word and count, and one for all states but fresh. The pressed
/// ones choose the rows of the table; none shows all. Alt+1 to Alt+6 press the states, Alt+7 the one for all
/// but fresh. Behind them is a button for unknown states of newer daemons, Alt+8, hidden if there are none.
class StateChips : public QObject
{
    Q_OBJECT

public:
    explicit StateChips(QWidget *parent);

    /// The buttons in their order, for the layout of the bar.
    const std::vector<QToolButton *> &buttons() const { return m_buttons; }

    void setCounts(const StateCounts &counts);

    /// The states to show; all if none is set.
    AppFilter::States chosen() const { return m_chosen; }
    void choose(AppFilter::States states);

    /// Repaints the marks in the colours of the palette.
    void updateIcons(const QPalette &palette);

Q_SIGNALS:
    void chosenChanged(ExporterProxy::Monitor::AppFilter::States states);

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

/// The controls that filter the table: the text or regular expression, the chips of states, and the number of
/// rows left. Sets the filter by itself.
class FilterBar : public QWidget
{
    Q_OBJECT

public:
    /// The time from the last key to the new rows: long enough to type a word, short enough to seem
    /// immediate.
    static constexpr std::chrono::milliseconds Debounce{350};

    /// `filter` must outlive this object.
    explicit FilterBar(AppFilter &filter, QWidget *parent = nullptr);

    bool isRegularExpression() const { return m_regex->isChecked(); }
    void setRegularExpression(bool on) { m_regex->setChecked(on); }

    /// Moves the keyboard focus to the box and selects its text.
    void focusBox();
    /// Shows all rows.
    void clear();

Q_SIGNALS:
    /// Emitted if Escape (which empties the box) or Down was pressed in the box, to move the focus to the
    /// table.
    void left();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void apply();
    void showFault(const QString &fault);
    void updateCounts();

    AppFilter &m_filter;
    QLineEdit *const m_box;
    QToolButton *const m_regex;
    QLabel *const m_count;
    StateChips *const m_chips;
    QTimer m_debounce;
};

} // namespace ExporterProxy::Monitor
