// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/textparser.h"
#include "common/model/appmodel.h"
#include "common/model/proxycounters.h"
#include "common/model/rejection.h"
#include "common/settings/settings.h"

#include <atomic>
#include <optional>
#include <span>

namespace ExporterProxy {

/// What texts must be to be stored. Aligned to its size: Clang 14 otherwise calls libatomic for what is one
/// load.
struct alignas(2) TextRules
{
    ExpositionValidation validation = ExpositionValidation::Off;
    /// What the page is made of texts by: concatenated, they must be as the server takes them; merged, a text
    /// of OpenMetrics may have what merging takes out.
    ExpositionDialect dialect = ExpositionDialect::Prometheus;

    bool operator==(const TextRules &) const = default;
};

/// Stands between whoever takes in texts and the model: with quarantine, a text that would fail the scrape of
/// the page does not get in, and the last good one stays. Any number of threads; holds no lock.
class TextGate
{
public:
    /// The counters must outlive it.
    TextGate(RepairCounters &counters, TextRules rules);

    TextGate(const TextGate &) = delete;
    TextGate &operator=(const TextGate &) = delete;

    /// From now on. Texts that are stored already are another matter: judgeHeldTexts().
    void setRules(TextRules rules) noexcept { m_rules.store(rules, std::memory_order_relaxed); }

    /// Whether it looks at texts at all.
    bool isOn() const noexcept
    {
        return m_rules.load(std::memory_order_relaxed).validation != ExpositionValidation::Off;
    }

    /// Mends and judges the texts of one message, all or none: returns what stands against the first that is
    /// refused, InvalidExposition with its application and "line 3, column 7: …" in the text as mended. The
    /// texts must have passed textFault(). Without quarantine it does nothing, and costs nothing. Call before
    /// AppModel::apply(), so that no lock is held meanwhile.
    std::optional<Rejection> judge(std::span<AppUpdate> updates) const
    {
        const TextRules rules = m_rules.load(std::memory_order_relaxed);
        if (rules.validation == ExpositionValidation::Off)
            return std::nullopt;
        return quarantine(updates, rules.dialect);
    }

private:
    std::optional<Rejection> quarantine(std::span<AppUpdate> updates, ExpositionDialect dialect) const;

    RepairCounters &m_counters;
    std::atomic<TextRules> m_rules;
    static_assert(std::atomic<TextRules>::is_always_lock_free);
};

} // namespace ExporterProxy
