// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/appfilter.h"

namespace ExporterProxy::Monitor {

namespace {

/// Up to this number, rows that enter or leave the view are signalled one by one, which is simplest for a
/// view. Above it one change of layout is cheaper than thousands of signals, each of which costs the length
/// of the table.
constexpr int MaxSingleChanges = 16;

/// The steps after which a match counts as failed (pcre2pattern(3)), because "(a+)+$" would freeze the
/// window.
constexpr char MatchLimit[] = "(*LIMIT_MATCH=20000)";

} // namespace

AppFilter::AppFilter(AppTableModel &model, QObject *parent)
    : QSortFilterProxyModel(parent)
    , m_model(model)
{
    // The base class would sort and filter at each run of rows, with a change of layout each time. This class
    // does it once, at the end of an update.
    setDynamicSortFilter(false);
    setSourceModel(&model);
    connect(&model, &AppTableModel::updateEnded, this, &AppFilter::onUpdateEnded);
}

int AppFilter::sourceRow(int row) const
{
    return mapToSource(index(row, 0)).row();
}

Result<> AppFilter::setPattern(const QString &text, Pattern kind)
{
    QRegularExpression expression;
    if (kind == Pattern::RegularExpression && !text.isEmpty()) {
        // Checked without the limit, so that the position in the message fits the typed text.
        expression.setPattern(text);
        if (!expression.isValid())
            return Failure{tr("%1 (at character %2)")
                               .arg(expression.errorString())
                               .arg(expression.patternErrorOffset() + 1)};
        expression = QRegularExpression(QLatin1StringView(MatchLimit) + text,
                                        QRegularExpression::CaseInsensitiveOption);
    }
    const QString plain = kind == Pattern::Text ? text : QString();
    if (plain == m_text && expression == m_expression)
        return {};
    m_text = plain;
    m_expression = expression;
    ++m_patternRevision;
    m_matchingKnown = false;
    follow();
    Q_EMIT countsChanged();
    return {};
}

void AppFilter::setStates(States states)
{
    if (states == m_states)
        return;
    m_states = states;
    follow();
}

void AppFilter::setFrozen(bool frozen)
{
    m_frozen = frozen;
    if (!frozen && m_pending)
        follow();
}

void AppFilter::tick(int firstRow, int lastRow)
{
    if (firstRow < 0 || lastRow < firstRow || lastRow >= rowCount())
        return;
    for (const AppColumn column : {AppColumn::Age, AppColumn::History})
        Q_EMIT dataChanged(index(firstRow, int(column)), index(lastRow, int(column)));
}

const StateCounts &AppFilter::matchingCounts() const
{
    if (!m_matchingKnown) {
        m_matching = {};
        for (int row = 0; row < m_model.rowCount(); ++row) {
            if (matches(row))
                m_matching.add(m_model.record(row));
        }
        m_matchingKnown = true;
    }
    return m_matching;
}

bool AppFilter::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    const auto column = AppColumn(left.column());
    if (const int order = m_model.compare(column, left.row(), right.row()))
        return order < 0;
    // The base class reverses this result when it sorts downwards; names are to be ascending in both cases.
    int order = m_model.compare(AppColumn::Application, left.row(), right.row());
    if (order == 0)
        order = m_model.compare(AppColumn::Daemon, left.row(), right.row());
    return sortOrder() == Qt::AscendingOrder ? order < 0 : order > 0;
}

bool AppFilter::filterAcceptsRow(int sourceRow, const QModelIndex &) const
{
    if (m_states.any() && !m_states.test(std::size_t(m_model.record(sourceRow).state)))
        return false;
    return matches(sourceRow);
}

void AppFilter::onUpdateEnded()
{
    m_matchingKnown = false;
    if (m_frozen)
        m_pending = true;
    else
        follow();
    Q_EMIT countsChanged();
}

void AppFilter::follow()
{
    m_pending = false;
    int changes = 0;
    for (int row = 0; row < m_model.rowCount() && changes <= MaxSingleChanges; ++row) {
        if (filterAcceptsRow(row, {}) != mapFromSource(m_model.index(row, 0)).isValid())
            ++changes;
    }
    if (changes > MaxSingleChanges)
        return invalidate(); // filters and sorts
    if (changes > 0)
        invalidateRowsFilter();
    if (!isInOrder())
        sort(sortColumn(), sortOrder());
}

bool AppFilter::isInOrder() const
{
    if (sortColumn() < 0)
        return true;
    QModelIndex before;
    for (int row = 0; row < rowCount(); ++row) {
        const QModelIndex here = mapToSource(index(row, sortColumn()));
        const bool isWrong =
            row > 0 && (sortOrder() == Qt::AscendingOrder ? lessThan(here, before) : lessThan(before, here));
        if (isWrong)
            return false;
        before = here;
    }
    return true;
}

bool AppFilter::matches(int row) const
{
    const bool isPlain = m_expression.pattern().isEmpty();
    if (isPlain && m_text.isEmpty())
        return true;
    const AppTableModel::TextStamp stamp = m_model.textStamp(row);
    if (stamp.slot >= m_verdicts.size())
        m_verdicts.resize(std::max<std::size_t>(stamp.slot + 1, std::size_t(m_model.rowCount())));
    Verdict &verdict = m_verdicts[stamp.slot];
    if (verdict.textRevision != stamp.revision || verdict.patternRevision != m_patternRevision) {
        const auto contains = [&](const QString &text) {
            return isPlain ? text.contains(m_text, Qt::CaseInsensitive) : m_expression.match(text).hasMatch();
        };
        const AppRecord &app = m_model.record(row);
        verdict = {stamp.revision, m_patternRevision,
                   contains(app.name) || contains(app.source) || contains(app.lastErrorReason)};
    }
    return verdict.matches;
}

} // namespace ExporterProxy::Monitor
