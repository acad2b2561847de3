// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;

namespace ExporterProxy {

/// What stands in the table's place while it has nothing to show: why, and what to do about it.
class EmptyPage : public QWidget
{
    Q_OBJECT

public:
    explicit EmptyPage(QWidget *parent = nullptr);

    /// What one sees. Empty texts are left out.
    struct Words
    {
        QString title;
        QString explanation;
        QString command; ///< to be copied into a shell
        QString button;

        bool operator==(const Words &) const = default;
    };
    void setWords(const Words &words);
    const Words &words() const { return m_words; }

Q_SIGNALS:
    void buttonClicked();

private:
    Words m_words;
    QLabel *const m_title;
    QLabel *const m_explanation;
    QWidget *const m_commandRow;
    QLineEdit *const m_command;
    QPushButton *const m_copy;
    QPushButton *const m_button;
};

} // namespace ExporterProxy
