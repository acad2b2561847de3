// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/factsview.h"

#include "common/util/showntext.h"
#include "gui/model/apptexts.h"

#include <QFormLayout>
#include <QLabel>

namespace ExporterProxy::Monitor {

namespace {

/// Shows an unset value as a dash, because an empty place would look forgotten.
QString orDash(const QString &text)
{
    return text.isEmpty() ? QStringLiteral("–") : text;
}

/// Sets the text only if it differs, because that drops the user's selection in it.
void setText(QLabel &label, const QString &text)
{
    if (label.text() != text)
        label.setText(text);
}

void setForeignText(QLabel &label, const QString &text)
{
    const QString line = orDash(escapedLine(text));
    setText(label, line);
    label.setToolTip(Qt::convertFromPlainText(line)); // a tooltip would take it for HTML
}

} // namespace

FactsView::FactsView(QWidget *parent)
    : QScrollArea(parent)
    , m_rows(new QWidget)
    , m_layout(new QFormLayout(m_rows))
    , m_meaning(addRow(tr("State")))
    , m_error(addRow(tr("Last error")))
    , m_errorAt(addRow(tr("Error at")))
    , m_conflicts(addRow(tr("Conflicts")))
    , m_name(addRow(tr("Application")))
    , m_daemon(addRow(tr("Daemon")))
    , m_source(addRow(tr("Source")))
    , m_kind(addRow(tr("Kind")))
    , m_age(addRow(tr("Age")))
    , m_updated(addRow(tr("Last update")))
    , m_interval(addRow(tr("Interval")))
    , m_size(addRow(tr("Size")))
    , m_series(addRow(tr("Series")))
    , m_updates(addRow(tr("Updates")))
    , m_rejected(addRow(tr("Rejected")))
{
    m_layout->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    setWidget(m_rows);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Facts about the application"));
    setFocusPolicy(Qt::NoFocus); // its values take the focus
    clear();
}

QLabel *FactsView::addRow(const QString &caption)
{
    auto *const name = new QLabel(caption);
    name->setAlignment(Qt::AlignLeft | Qt::AlignTop); // beside the first of several lines
    auto *const value = new QLabel;
    value->setWordWrap(true);
    value->setMinimumWidth(fontMetrics().averageCharWidth() * 14);
    value->setTextFormat(Qt::PlainText);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    value->setAccessibleName(caption);
    value->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    name->setBuddy(value);
    m_layout->addRow(name, value);
    return value;
}

void FactsView::showRecord(const QString &daemon, const AppRecord &record)
{
    setText(*m_meaning,
            AppTexts::state(record.state, record.stateWord) + u'\n' + AppTexts::stateMeaning(record.state));
    // Problems come first, and only if there are any.
    setForeignText(*m_error, record.lastErrorReason);
    showTime(*m_errorAt, record.lastErrorAt);
    QStringList conflicts;
    for (const QString &conflict : record.conflicts)
        conflicts << escapedLine(conflict);
    setText(*m_conflicts, conflicts.join(u'\n'));
    m_layout->setRowVisible(m_error, !record.lastErrorReason.isEmpty());
    m_layout->setRowVisible(m_errorAt, record.lastErrorAt != Never);
    m_layout->setRowVisible(m_conflicts, !conflicts.isEmpty());
    setForeignText(*m_name, record.name);
    setForeignText(*m_daemon, daemon);
    setForeignText(*m_source, record.source);
    setText(*m_kind, AppTexts::kind(record.kind));
    showTime(*m_updated, record.lastUpdate);
    setText(*m_interval, orDash(AppTexts::interval(record.interval)));
    setText(*m_size, tr("%1 (%2 bytes)").arg(AppTexts::size(record.bytes), AppTexts::number(record.bytes)));
    setText(*m_series, AppTexts::number(record.series));
    setText(*m_updates, AppTexts::number(record.updates));
    setText(*m_rejected, AppTexts::number(record.rejected));
    setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    m_rows->show();
}

void FactsView::showTime(QLabel &label, Timestamp time)
{
    setText(label, time == Never ? orDash({}) : AppTexts::localTime(time) + u'\n' + AppTexts::utcTime(time));
}

void FactsView::showAge(std::optional<std::chrono::milliseconds> age)
{
    setText(*m_age, age ? AppTexts::age(*age) : tr("no update yet"));
}

void FactsView::clear()
{
    m_rows->hide();
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff); // it would scroll an empty area
}

} // namespace ExporterProxy::Monitor
