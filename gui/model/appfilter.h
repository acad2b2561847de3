// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/result.h"
#include "gui/model/apptablemodel.h"

#include <bitset>
#include <QRegularExpression>
#include <QSortFilterProxyModel>

namespace ExporterProxy::Monitor {

/// Which rows are shown and in which order. Follows the model once for each update of a daemon, not for each
/// run of rows in it. Where the sorted column is equal, by name and then by daemon; so that the order never
/// depends on what came first. Sort with sort(int(AppColumn::…), order).
class AppFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    using States = std::bitset<AppStateCount>; ///< by AppState

    enum class Pattern { Text, RegularExpression };

    /// `model` must outlive it.
    explicit AppFilter(AppTableModel &model, QObject *parent = nullptr);

    AppTableModel &appModel() const { return m_model; }
    /// The model's row behind a row of this.
    int sourceRow(int row) const;

    /// Shows only rows whose name, source or last error contains the pattern in any case; an empty one shows
    /// all. A wrong regular expression changes nothing; the sentence of its failure is translated.
    Result<> setPattern(const QString &text, Pattern kind);
    /// The states that are shown; none set: all.
    void setStates(States states);
    States states() const { return m_states; }

    /// While frozen (the mouse is over the rows, a menu is open) rows keep their places: order and filter are
    /// followed up when it ends. What the user asks for himself (pattern, states, sort) applies at once.
    void setFrozen(bool frozen);
    bool isFrozen() const { return m_frozen; }

    /// To be called each second with the rows of this that can be seen: their ages and histories have
    /// changed.
    void tick(int firstRow, int lastRow);

    /// Rows that the pattern lets through, by state, before states() are looked at: what the chips say.
    const StateCounts &matchingCounts() const;

    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

Q_SIGNALS:
    /// The counts of the model or matchingCounts() may have changed.
    void countsChanged();

protected:
    bool filterAcceptsRow(int sourceRow, const QModelIndex &sourceParent) const override;

private:
    /// Whether a row's texts match, as found the last time they were looked at.
    struct Verdict
    {
        quint64 textRevision = 0;
        quint64 patternRevision = 0;
        bool matches = false;
    };

    void onUpdateEnded();
    /// Brings filter and order up to date, with as few signals as may be.
    void follow();
    bool isInOrder() const;
    bool matches(int row) const;

    AppTableModel &m_model;
    QString m_text;
    QRegularExpression m_expression; ///< empty pattern: m_text is plain
    quint64 m_patternRevision = 1;
    States m_states;
    bool m_frozen = false;
    bool m_pending = false; ///< an update came while frozen
    mutable std::vector<Verdict> m_verdicts; ///< by slot
    mutable StateCounts m_matching;
    mutable bool m_matchingKnown = false;
};

} // namespace ExporterProxy::Monitor
