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

/// The repairs that were made to a text.
struct TextRepairs
{
    bool crlf = false; ///< at least one line ended in CR LF
    bool bom = false; ///< it began with a byte-order mark

    bool operator==(const TextRepairs &) const = default;
};

/// Removes what Windows adds to a text file and what fails a scrape: a UTF-8 byte-order mark at the start,
/// and the CR of each CR LF. A CR at the very end is removed too, because a newline is appended when the text
/// is stored. Any other CR stays. One pass, in place unless `text` is shared; a text that needs no repair is
/// searched once and not changed.
TextRepairs repairText(QByteArray &text);

/// The rules for texts that are to be stored. Aligned to its size, because Clang 14 otherwise calls libatomic
/// for a single load.
struct alignas(4) TextRules
{
    ExpositionValidation validation = ExpositionValidation::Off;
    /// The dialect that texts may use. A concatenated page needs texts that the server accepts as they are;
    /// for a merged page, a text of OpenMetrics may contain what merging removes.
    ExpositionDialect dialect = ExpositionDialect::Prometheus;
    bool rejectsOwnPrefix = false; ///< the page has the proxy's own metrics, which no text must forge

    bool operator==(const TextRules &) const = default;
};

/// Checks texts before they enter the model. A text that has a metric of the proxy's own is rejected while
/// these are on the page. With quarantine, a text that would fail the scrape of the page
/// is rejected, and the last good one stays. May be used by any number of threads; holds no lock.
class TextGate
{
public:
    /// The counters must outlive it.
    TextGate(RepairCounters &counters, TextRules rules);

    TextGate(const TextGate &) = delete;
    TextGate &operator=(const TextGate &) = delete;

    /// Sets the rules for texts from now on. For texts that are stored already, call judgeHeldTexts().
    void setRules(TextRules rules) noexcept { m_rules.store(rules, std::memory_order_relaxed); }

    /// Returns whether texts are checked at all.
    bool isOn() const noexcept { return m_rules.load(std::memory_order_relaxed) != TextRules(); }

    /// Repairs and checks the texts of one message, all or none. Returns the rejection of the first invalid
    /// text with its application: InvalidExposition with "line 3, column 7: …" in the repaired text, or
    /// Reserved. The texts must have passed textFault(). Call it before AppModel::apply(), so that no lock is
    /// held meanwhile.
    std::optional<Rejection> judge(std::span<AppUpdate> updates) const
    {
        const TextRules rules = m_rules.load(std::memory_order_relaxed);
        std::optional<Rejection> rejection;
        if (rules.validation != ExpositionValidation::Off)
            rejection = quarantine(updates, rules.dialect);
        if (!rejection && rules.rejectsOwnPrefix)
            rejection = ownPrefixIn(updates); // of the repaired texts
        return rejection;
    }

private:
    static std::optional<Rejection> ownPrefixIn(std::span<const AppUpdate> updates);
    std::optional<Rejection> quarantine(std::span<AppUpdate> updates, ExpositionDialect dialect) const;

    RepairCounters &m_counters;
    std::atomic<TextRules> m_rules;
    static_assert(std::atomic<TextRules>::is_always_lock_free);
};

/// A stored text that was removed because it is invalid.
struct WithdrawnText
{
    QByteArray app;
    QByteArray fault; ///< "line 3, column 7: …"
};

/// Checks every text of the model by the gate, as if it had just arrived. Call it after the gate's rules have
/// changed, or after texts were stored without the gate. Texts are repaired as usual; an invalid text leaves
/// the page, and its application is rejected or failing until its next good text. Otherwise the very text
/// that made an operator enable quarantine would stay, as "the last good one". Returns the texts that were
/// removed, ordered by name.
///
/// Takes about half a second for each GB of text with quarantine, and no time if the gate is not on. The
/// model is not locked meanwhile: a text that replaces another one during the call has already passed the
/// gate.
std::vector<WithdrawnText> judgeHeldTexts(const TextGate &gate, AppModel &model, Timestamp now);

} // namespace ExporterProxy
