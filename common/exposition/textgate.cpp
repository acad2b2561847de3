// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textgate.h"

#include "common/exposition/openmetrics.h"
#include "common/exposition/textrepair.h"

namespace ExporterProxy {

TextGate::TextGate(RepairCounters &counters, TextRules rules)
    : m_counters(counters)
    , m_rules(rules)
{
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

} // namespace ExporterProxy
