// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/window/statechips.h"

#include <QTimer>

class QLabel;
class QLineEdit;

namespace ExporterProxy {

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

} // namespace ExporterProxy
