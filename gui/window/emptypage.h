// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/model/appfilter.h"
#include "gui/window/watchlist.h"

#include <optional>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QLineEdit;
class QPushButton;
QT_END_NAMESPACE

namespace ExporterProxy::Monitor {

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

/// Why the table is empty, and what its page offers to do about it.
enum class EmptyReason { NothingMatches, NothingWatched, NoApplications, NoAnswer, Connecting };

/// Nothing: there are rows to show.
std::optional<EmptyReason> emptyReason(const AppFilter &filter, const Watchlist &watchlist);

EmptyPage::Words emptyWords(EmptyReason reason, const AppFilter &filter, const Watchlist &watchlist);

} // namespace ExporterProxy::Monitor
