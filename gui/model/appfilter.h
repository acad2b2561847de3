// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/result.h"
#include "gui/model/apptablemodel.h"

#include <bitset>
#include <QRegularExpression>
#include <QSortFilterProxyModel>

namespace ExporterProxy::Monitor {

/// Chooses the rows that are shown and their order. Follows the model once for each update of a daemon, not
/// for each run of rows in it. Rows that are equal in the sorted column are ordered by name and then by
/// daemon, so that the order does not depend on the order of arrival. Sort with sort(int(AppColumn::…),
/// order).
class AppFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    using States = std::bitset<ListedStateCount>; ///< by AppState

    enum class Pattern { Text, RegularExpression };

    /// `model` must outlive this object.
    explicit AppFilter(AppTableModel &model, QObject *parent = nullptr);

    AppTableModel &appModel() const { return m_model; }
    /// Returns the model's row for a row of this filter.
    int sourceRow(int row) const;

    /// Shows only rows whose name, source or last error contains the pattern in any case; an empty one shows
    /// all. A wrong regular expression changes nothing; the sentence of its failure is translated.
    Result<> setPattern(const QString &text, Pattern kind);
    /// The states that are shown; all if none is set.
    void setStates(States states);
    States states() const { return m_states; }

    /// Rows keep their places while frozen (the mouse is over the rows, a menu is open); order and filter are
    /// updated when it ends. Changes by the user (pattern, states, sort) apply at once.
    void setFrozen(bool frozen);
    bool isFrozen() const { return m_frozen; }

    /// To be called each second with the visible rows, because their ages and histories have changed.
    void tick(int firstRow, int lastRow);

    /// Counts the rows that match the pattern, by state, whatever states() says. The chips show it.
    const StateCounts &matchingCounts() const;

    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

Q_SIGNALS:
    /// Emitted if the counts of the model or matchingCounts() may have changed.
    void countsChanged();

protected:
    bool filterAcceptsRow(int sourceRow, const QModelIndex &sourceParent) const override;

private:
    /// Caches whether the texts of a row match.
    struct Verdict
    {
        quint64 textRevision = 0;
        quint64 patternRevision = 0;
        bool matches = false;
    };

    void onUpdateEnded();
    /// Brings filter and order up to date with as few signals as possible.
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
