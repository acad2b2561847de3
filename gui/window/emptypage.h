// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/model/appfilter.h"
#include "gui/window/watchlist.h"

#include <optional>
#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;

namespace ExporterProxy::Monitor {

/// The page in place of an empty table: says why it is empty, and what to do about it.
class EmptyPage : public QWidget
{
    Q_OBJECT

public:
    explicit EmptyPage(QWidget *parent = nullptr);

    /// The visible texts; empty ones are hidden.
    struct Words
    {
        QString title;
        QString explanation;
        QString command{}; ///< to be copied into a shell
        QString button{};

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

/// The reasons for an empty table.
enum class EmptyReason { NothingMatches, NothingWatched, NoApplications, NoAnswer, Connecting };

/// Returns nullopt if there are rows to show.
std::optional<EmptyReason> emptyReason(const AppFilter &filter, const Watchlist &watchlist);

EmptyPage::Words emptyWords(EmptyReason reason, const AppFilter &filter, const Watchlist &watchlist);

} // namespace ExporterProxy::Monitor
