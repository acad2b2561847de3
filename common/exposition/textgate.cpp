// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textgate.h"

#include "common/exposition/ownprefix.h"
#include "common/exposition/textparser.h"

#include <cstring>
#include <QByteArrayView>

namespace ExporterProxy {

namespace {

const QByteArrayView ByteOrderMark("\xEF\xBB\xBF");

const char *findReturn(const char *at, const char *end)
{
    return at == end ? nullptr : static_cast<const char *>(std::memchr(at, '\r', std::size_t(end - at)));
}

/// The next CR from `at` on that ends a line with what follows it; `end` if there is none.
const char *findLineEnd(const char *at, const char *end)
{
    while ((at = findReturn(at, end))) {
        if (at + 1 == end || at[1] == '\n')
            return at;
        ++at;
    }
    return end;
}

} // namespace

TextRepairs repairText(QByteArray &text)
{
    TextRepairs repairs;
    repairs.bom = text.startsWith(ByteOrderMark);
    const qsizetype begin = repairs.bom ? ByteOrderMark.size() : 0;
    const char *const bytes = text.constData();
    const qsizetype first = findLineEnd(bytes + begin, bytes + text.size()) - bytes;
    repairs.crlf = first != text.size();
    if (repairs == TextRepairs())
        return repairs;

    char *const written = text.data(); // a copy of its own from here on
    const char *const end = written + text.size();
    char *to = written;
    const char *from = written + begin;
    for (const char *stop = written + first;; stop = findLineEnd(from, end)) {
        const auto size = std::size_t(stop - from);
        std::memmove(to, from, size);
        to += size;
        if (stop == end)
            break;
        from = stop + 1; // the LF goes with what follows it
    }
    text.truncate(to - written);
    return repairs;
}

TextGate::TextGate(RepairCounters &counters, TextRules rules)
    : m_counters(counters)
    , m_rules(rules)
{
}

std::optional<Rejection> TextGate::ownPrefixIn(std::span<const AppUpdate> updates)
{
    for (const AppUpdate &update : updates) {
        if (std::optional<QByteArray> fault = ownPrefixFault(update.text))
            return Rejection{RejectReason::Reserved, *std::move(fault), update.name};
    }
    return std::nullopt;
}

std::optional<Rejection> TextGate::quarantine(std::span<AppUpdate> updates, ExpositionDialect dialect) const
{
    quint64 crlf = 0;
    quint64 bom = 0;
    for (AppUpdate &update : updates) {
        const TextRepairs repairs = repairText(update.text);
        crlf += repairs.crlf;
        bom += repairs.bom;
        const ExpositionDialect spoken =
            dialect == ExpositionDialect::Prometheus ? dialect : dialectOf(update.text);
        if (const std::optional<ExpositionFault> fault = expositionFault(update.text, spoken))
            return Rejection{RejectReason::InvalidExposition, fault->message(), update.name};
    }
    // Only what gets in: a sender that repeats a bad text would have each attempt counted.
    m_counters.crlf.fetch_add(crlf, std::memory_order_relaxed);
    m_counters.bom.fetch_add(bom, std::memory_order_relaxed);
    return std::nullopt;
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
