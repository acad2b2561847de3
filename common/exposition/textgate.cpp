// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textgate.h"

#include "common/exposition/textparser.h"

#include <algorithm>
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

std::optional<Rejection> TextGate::judge(std::span<AppUpdate> updates) const
{
    TextJudging judging(*this, updates);
    judging.proceed(std::numeric_limits<qsizetype>::max());
    return judging.rejection();
}

TextJudging::TextJudging(const TextGate &gate, std::span<AppUpdate> updates, const TextCost &cost)
    : m_gate(gate)
    , m_rules(gate.m_rules.load(std::memory_order_relaxed))
    , m_updates(updates)
    , m_cost(cost)
{
    if (m_rules.validation == ExpositionValidation::Off && cost.perByte == 0)
        m_at = updates.size(); // nothing is to be done
}

bool TextJudging::proceed(qsizetype size)
{
    // What an update costs beside its bytes; of the smallest texts there are many.
    constexpr qsizetype OfEach = 64;
    while (m_at < m_updates.size()) {
        if (size <= 0)
            return false;
        AppUpdate &update = m_updates[m_at];
        switch (m_stage) {
        case Stage::Begin:
            size -= OfEach;
            update.pageCost = 0;
            m_priced = 0;
            m_stage = m_rules.validation == ExpositionValidation::Off ? Stage::Price : Stage::Repair;
            if (m_stage == Stage::Repair)
                m_repair.emplace(update.text);
            break;
        case Stage::Repair: {
            const bool isDone = m_repair->proceed(size);
            size = isDone ? std::max<qsizetype>(size - update.text.size(), 1) : 0;
            if (!isDone)
                break;
            m_crlf += m_repair->repairs().crlf;
            m_bom += m_repair->repairs().bom;
            m_parser.emplace(update.text,
                             m_rules.dialect == ExpositionDialect::Prometheus ? m_rules.dialect
                                                                              : dialectOf(update.text));
            m_stage = Stage::Parse;
            break;
        }
        case Stage::Parse:
            size -= parse(update, size);
            if (m_rejection)
                return true;
            break;
        case Stage::Price:
            size -= price(update);
            if (m_priced != update.text.size())
                break;
            m_stage = Stage::Begin;
            ++m_at;
            break;
        }
    }
    // Only what gets in: a sender that repeats a bad text would have each attempt counted.
    m_gate.m_counters.crlf.fetch_add(std::exchange(m_crlf, 0), std::memory_order_relaxed);
    m_gate.m_counters.bom.fetch_add(std::exchange(m_bom, 0), std::memory_order_relaxed);
    return true;
}

/// Parses some more of the text, and returns how many bytes that were.
qsizetype TextJudging::parse(AppUpdate &update, qsizetype size)
{
    qsizetype parsed = 0;
    while (parsed < size) {
        switch (m_parser->next()) {
        case ExpositionParser::Event::Fault:
            m_rejection =
                Rejection{RejectReason::InvalidExposition, m_parser->fault().message(), update.name};
            return parsed;
        case ExpositionParser::Event::End:
            m_stage = Stage::Price;
            return parsed;
        default:
            parsed += m_parser->raw().size() + 1;
        }
    }
    return parsed;
}

/// Prices some more lines of the text, and returns how many bytes they have.
qsizetype TextJudging::price(AppUpdate &update)
{
    const QByteArrayView text = update.text;
    if (m_cost.perByte == 0) {
        m_priced = text.size();
        return 0;
    }
    constexpr qsizetype PieceSize = 32 * 1024;
    const qsizetype newline = text.indexOf('\n', std::min(m_priced + PieceSize, text.size()));
    const qsizetype end = newline < 0 ? text.size() : newline + 1;
    update.pageCost += m_cost.of(text.sliced(m_priced, end - m_priced), update.name);
    if (newline < 0 && !text.isEmpty() && !text.endsWith('\n'))
        update.pageCost += m_cost.of("\n", update.name); // which the model adds
    return end - std::exchange(m_priced, end);
}

std::vector<WithdrawnText> judgeHeldTexts(const TextGate &gate, AppModel &model, Timestamp now)
{
    std::vector<WithdrawnText> withdrawn;
    if (!gate.isOn())
        return withdrawn;
    const std::shared_ptr<const AppView> view = model.view(now);
    for (const std::shared_ptr<const AppSnapshot> &app : view->apps) {
        AppUpdate update{app->name, app->text};
        if (const std::optional<Rejection> rejection = gate.judge({&update, 1})) {
            if (model.replaceHeld(*app, {}, rejection->message, now))
                withdrawn.push_back({app->name, rejection->message});
        } else if (update.text.size() != app->text.size()) { // to mend is to take something out
            model.replaceHeld(*app, std::move(update.text), {}, now);
        }
    }
    return withdrawn;
}

} // namespace ExporterProxy
