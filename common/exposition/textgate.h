// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/textparser.h"
#include "common/model/appmodel.h"
#include "common/model/proxycounters.h"
#include "common/model/rejection.h"
#include "common/settings/settings.h"

#include <atomic>
#include <optional>
#include <QByteArray>
#include <span>
#include <vector>

namespace ExporterProxy {

/// What was mended in a text.
struct TextRepairs
{
    bool crlf = false; ///< at least one line ended in CR LF
    bool bom = false; ///< it began with a byte-order mark

    bool operator==(const TextRepairs &) const = default;
};

/// Takes out what a text file of Windows has over one of Unix, and what fails a scrape: a UTF-8 byte-order
/// mark at the start, and the CR of each CR LF; also of a CR at the very end, because a newline is put behind
/// it when it is stored. Any other CR stays. One pass, in place unless `text` is shared; a text with neither
/// is searched once and not touched.
TextRepairs repairText(QByteArray &text);

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

/// A text that was held and could not stay.
struct WithdrawnText
{
    QByteArray app;
    QByteArray fault; ///< "line 3, column 7: …"
};

/// Puts every text that the model holds to the gate, as if it came now: after the gate's rules have changed,
/// or texts have come in around it. What it mends is mended; a text that it refuses leaves the page, and its
/// application is rejected or failing until its next good one. Otherwise the one broken text that made
/// somebody switch quarantine on would stay, as "the last good one". Returns those, in the order of their
/// names.
///
/// Costs as much as the gate does for all texts, some half a second a GB, and nothing without quarantine. The
/// model is not locked meanwhile: what is replaced during it has been through the gate already.
std::vector<WithdrawnText> judgeHeldTexts(const TextGate &gate, AppModel &model, Timestamp now);

} // namespace ExporterProxy
