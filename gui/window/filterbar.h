// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/model/appfilter.h"

#include <array>
#include <QTimer>
#include <QToolButton>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QLineEdit;
QT_END_NAMESPACE

namespace ExporterProxy::Monitor {

/// One button for each state, with its mark, word and count, and one for everything that is not fresh. Those
/// pressed choose what the table shows; none pressed shows all. Alt+1 to Alt+6 press the states, Alt+7 the
/// last one.
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
    void chosenChanged(ExporterProxy::Monitor::AppFilter::States states);

private:
    QToolButton *addButton(const QString &toolTip, int key);
    void buttonClicked(QToolButton *button);
    void setWords();

    QWidget *const m_parent;
    std::vector<QToolButton *> m_buttons;
    std::array<QToolButton *, AppStateCount> m_stateButtons{};
    QToolButton *m_problemsButton = nullptr;
    StateCounts m_counts{};
    AppFilter::States m_chosen;
};

/// What narrows the table: the text or regular expression, the chips of states, and how many rows are left.
/// Drives the filter by itself.
class FilterBar : public QWidget
{
    Q_OBJECT

public:
    /// From the last key to the new rows: long enough to type a word, short enough to seem at once.
    static constexpr std::chrono::milliseconds Debounce{350};

    /// `filter` must outlive it.
    explicit FilterBar(AppFilter &filter, QWidget *parent = nullptr);

    bool isRegularExpression() const;
    void setRegularExpression(bool on);

    /// Puts the caret into the box with its text selected.
    void focusBox();
    /// Shows all rows.
    void clear();
    bool isNarrowing() const;

Q_SIGNALS:
    /// Escape (the box is empty by now) or Down was pressed in the box: the keyboard belongs to the table.
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
