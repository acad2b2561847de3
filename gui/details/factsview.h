// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"

#include <optional>
#include <QScrollArea>

class QFormLayout;
class QLabel;

namespace ExporterProxy::Monitor {

/// Shows the facts about one application as captions and values. All values can be selected by mouse and
/// keyboard; texts from a sender are plain text on one line, whatever they hold. Main thread.
class FactsView : public QScrollArea
{
    Q_OBJECT

public:
    explicit FactsView(QWidget *parent = nullptr);

    /// `daemon` is the daemon's address as shown to the user.
    void showRecord(const QString &daemon, const AppRecord &record);
    /// Shows the age of the last update, or that there was none. To be called each second.
    void showAge(std::optional<std::chrono::milliseconds> age);
    void clear();

private:
    QLabel *addRow(const QString &caption);
    void showTime(QLabel &label, Timestamp time);

    QWidget *m_rows;
    QFormLayout *m_layout;
    QLabel *m_meaning;
    QLabel *m_error;
    QLabel *m_errorAt;
    QLabel *m_conflicts;
    QLabel *m_name;
    QLabel *m_daemon;
    QLabel *m_source;
    QLabel *m_kind;
    QLabel *m_age;
    QLabel *m_updated;
    QLabel *m_interval;
    QLabel *m_size;
    QLabel *m_series;
    QLabel *m_updates;
    QLabel *m_rejected;
};

} // namespace ExporterProxy::Monitor
