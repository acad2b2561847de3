// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textgate.h"

#include "common/exposition/ownprefix.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <QByteArrayView>
#include <utility>

namespace ExporterProxy {

namespace {

const QByteArrayView ByteOrderMark("\xEF\xBB\xBF");

} // namespace

TextRepair::TextRepair(QByteArray &text)
    : m_text(text)
{
    m_repairs.bom = text.startsWith(ByteOrderMark);
    m_from = m_repairs.bom ? ByteOrderMark.size() : 0;
}

bool TextRepair::proceed(qsizetype size)
{
    const qsizetype textSize = m_text.size();
    const qsizetype until = m_from + std::min(size, textSize - m_from);
    while (m_from != until) {
        const char *const from = m_text.constData() + m_from;
        const auto *cr = static_cast<const char *>(std::memchr(from, '\r', std::size_t(until - m_from)));
        const qsizetype at = cr ? m_from + (cr - from) : until;
        const bool endsLine = cr && (at + 1 == textSize || cr[1] == '\n');
        const qsizetype kept = at + (cr && !endsLine ? 1 : 0) - m_from;
        if (m_to != m_from && kept > 0) { // from the first repair on: until then nothing moves, or is copied
            char *const bytes = m_text.data();
            std::memmove(bytes + m_to, bytes + m_from, std::size_t(kept));
        }
        m_to += kept;
        m_from = at + (cr ? 1 : 0);
        m_repairs.crlf = m_repairs.crlf || endsLine;
    }
    if (m_from != textSize)
        return false;
    if (m_to != textSize)
        m_text.truncate(m_to);
    return true;
}

TextRepairs repairText(QByteArray &text)
{
    TextRepair repair(text);
    repair.proceed(text.size());
    return repair.repairs();
}

TextGate::TextGate(RepairCounters &counters, TextRules rules)
    : m_counters(counters)
    , m_rules(rules)
{
}

std::optional<Rejection> TextGate::judge(std::span<AppUpdate> updates, Timestamp now) const
{
    TextJudging judging(*this, updates, now);
    judging.proceed(std::numeric_limits<qsizetype>::max());
    return judging.rejection();
}

TextJudging::TextJudging(const TextGate &gate, std::span<AppUpdate> updates, Timestamp arrival,
                         const TextCost &cost)
    : m_gate(gate)
    , m_rules(gate.m_rules.load(std::memory_order_relaxed))
    , m_updates(updates)
    , m_arrival(arrival)
    , m_cost(cost)
{
}

bool TextJudging::proceed(qsizetype size)
{
    while (m_at < m_updates.size()) {
        if (size <= 0)
            return false;
        AppUpdate &update = m_updates[m_at];
        switch (m_stage) {
        case Stage::Begin: {
            // What an update costs beside its bytes; of the smallest texts there are many.
            constexpr qsizetype OfEach = 64;
            size -= OfEach;
            begin(update);
            break;
        }
        case Stage::Repair: {
            const bool isDone = m_repair->proceed(size);
            size = isDone ? std::max<qsizetype>(size - update.text.size(), 1) : 0;
            if (isDone)
                endRepair(update);
            break;
        }
        case Stage::Parse:
            size -= parse(update, size);
            break;
        case Stage::Convert:
            size -= convert(update, size);
            break;
        case Stage::Finish:
            size -= finish(update);
            if (m_finished != update.text.size())
                break;
            update.pageCost += update.original.size();
            m_stage = Stage::Begin;
            ++m_at;
            break;
        }
        if (m_rejection)
            return true;
    }
    // Only what gets in: a sender that repeats a bad text would have each attempt counted.
    if (m_crlf > 0)
        m_gate.m_counters.crlf.fetch_add(std::exchange(m_crlf, 0), std::memory_order_relaxed);
    if (m_bom > 0)
        m_gate.m_counters.bom.fetch_add(std::exchange(m_bom, 0), std::memory_order_relaxed);
    return true;
}

void TextJudging::begin(AppUpdate &update)
{
    update.pageCost = 0;
    m_finished = 0;
    if (isOn() || isOpenMetrics(update)) {
        m_repair.emplace(update.text);
        m_stage = Stage::Repair;
    } else {
        m_stage = Stage::Finish;
    }
}

void TextJudging::endRepair(AppUpdate &update)
{
    m_crlf += m_repair->repairs().crlf;
    m_bom += m_repair->repairs().bom;
    if (isOpenMetrics(update)) {
        if (const qsizetype marked = openMetricsSize(update.text))
            update.text.truncate(marked); // the server wants nothing behind the marker
        m_conversion = std::make_unique<OpenMetricsConversion>(
            update.text, isOn() ? OddTimes::Refuse : OddTimes::LeaveOut, onWallClock(m_arrival));
        m_stage = Stage::Convert;
    } else {
        m_parser.emplace(update.text);
        m_times.emplace(onWallClock(m_arrival));
        m_stage = Stage::Parse;
    }
}

void TextJudging::reject(const ExpositionFault &fault, const AppUpdate &update)
{
    m_rejection = Rejection{RejectReason::InvalidExposition, fault.message(), update.name};
}

/// Parses some more of the text, and returns how many bytes that were.
qsizetype TextJudging::parse(AppUpdate &update, qsizetype size)
{
    qsizetype parsed = 0;
    while (parsed < size) {
        switch (m_parser->next()) {
        case ExpositionParser::Event::Fault:
            reject(m_parser->fault(), update);
            return parsed;
        case ExpositionParser::Event::End:
            update.notes = m_times->notes();
            m_stage = Stage::Finish;
            return parsed;
        case ExpositionParser::Event::Sample:
            if (const QByteArrayView written = m_parser->timestamp(); !written.isEmpty()) {
                qint64 time = 0;
                std::from_chars(written.begin(), written.end(), time);
                if (!SampleTimes::isPlausible(time)) {
                    const QByteArray reason =
                        implausibleTime(written, "milliseconds", time < SampleTimes::First);
                    reject(m_parser->faultAt(written.data(), reason), update);
                    return parsed;
                }
                m_times->add(time, m_parser->line());
            }
            [[fallthrough]];
        default:
            parsed += m_parser->raw().size() + 1;
        }
    }
    return parsed;
}

/// Converts some more of the text, and returns how many bytes that were. At the end puts the conversion in
/// its place; a text that the server accepts as OpenMetrics is kept beside it.
qsizetype TextJudging::convert(AppUpdate &update, qsizetype size)
{
    const qsizetype converted = m_conversion->proceed(size);
    if (!m_conversion->isDone())
        return converted;
    const std::unique_ptr<OpenMetricsConversion> conversion = std::move(m_conversion);
    if (conversion->fault()) {
        reject(*conversion->fault(), update);
        return converted;
    }
    update.format = Format::OpenMetrics;
    update.notes = conversion->notes();
    if (conversion->isStrict())
        update.original = std::exchange(update.text, {}).append('\n');
    update.text = conversion->takeText();
    m_stage = Stage::Finish;
    return converted;
}

/// Looks for own metrics in some more lines of the text and prices them, and returns how many bytes they
/// have.
qsizetype TextJudging::finish(AppUpdate &update)
{
    const QByteArrayView text = update.text;
    if (m_cost.perByte == 0 && !m_rules.rejectsOwnPrefix) {
        m_finished = text.size();
        return 0;
    }
    constexpr qsizetype PieceSize = 32 * 1024;
    const qsizetype newline = text.indexOf('\n', std::min(m_finished + PieceSize, text.size()));
    const qsizetype end = newline < 0 ? text.size() : newline + 1;
    if (m_rules.rejectsOwnPrefix) {
        if (std::optional<QByteArray> fault = ownPrefixFault(text, m_finished, end))
            m_rejection = Rejection{RejectReason::Reserved, *std::move(fault), update.name};
    }
    if (m_cost.perByte != 0) {
        update.pageCost += m_cost.of(text.sliced(m_finished, end - m_finished), update.name);
        if (newline < 0 && !text.isEmpty() && !text.endsWith('\n'))
            update.pageCost += m_cost.of("\n", update.name); // which the model adds
    }
    return end - std::exchange(m_finished, end);
}

std::vector<WithdrawnText> judgeHeldTexts(const TextGate &gate, AppModel &model, Timestamp now)
{
    std::vector<WithdrawnText> withdrawn;
    const std::shared_ptr<const AppView> view = model.view(now);
    for (const std::shared_ptr<const AppSnapshot> &app : view->apps) {
        AppUpdate update{app->name, app->original.isEmpty() ? app->text : app->original};
        if (const std::optional<Rejection> rejection = gate.judge({&update, 1}, app->lastUpdate)) {
            if (model.replaceHeld(*app, {app->name}, rejection->message, now))
                withdrawn.push_back({app->name, rejection->message});
            continue;
        }
        if (update.format == Format::Text)
            update.format = app->format; // of a text that was converted when it arrived
        // To repair a text is to take something out.
        if (update.text.size() != app->text.size() || update.original.size() != app->original.size()
            || update.format != app->format || update.notes != app->notes)
            model.replaceHeld(*app, std::move(update), {}, now);
    }
    return withdrawn;
}

} // namespace ExporterProxy
