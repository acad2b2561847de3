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

/// Makes texts fit for the page before they enter the model. May be used by any number of threads; holds no
/// lock.
///
/// A text of OpenMetrics is converted to the text format, always: on a page of other texts it would fail the
/// scrape, for all of them. It is known by what it came with (AppUpdate::format), or by its closing `# EOF`.
///
/// With quarantine, a text that would fail the scrape of the page is rejected, and the last good one stays;
/// so is one with a sample that a server would take and drop, because its time is not plausible
/// (SampleTimes).
class TextGate
{
public:
    /// The counters must outlive it.
    TextGate(RepairCounters &counters, ExpositionValidation validation);

    TextGate(const TextGate &) = delete;
    TextGate &operator=(const TextGate &) = delete;

    /// Says how texts are checked from now on. For texts that are stored already, call judgeHeldTexts().
    void setValidation(ExpositionValidation validation) noexcept
    {
        m_validation.store(validation, std::memory_order_relaxed);
    }

    /// Repairs, converts and checks the texts of one message, all or none. Returns the rejection of the first
    /// text that cannot be stored: InvalidExposition with its application and "line 3, column 7: …" in the
    /// repaired text. `now` is when the texts arrived, by the wall clock. The texts must have passed
    /// textFault(). Without quarantine, only the end of a text is looked at, unless it is OpenMetrics. Call
    /// it before AppModel::apply(), so that no lock is held meanwhile.
    std::optional<Rejection> judge(std::span<AppUpdate> updates, Timestamp now) const;

private:
    RepairCounters &m_counters;
    std::atomic<ExpositionValidation> m_validation;
};

/// A stored text that was removed because it is invalid.
struct WithdrawnText
{
    QByteArray app;
    QByteArray fault; ///< "line 3, column 7: …"
};

/// Puts every text of the model through the gate, as if it were arriving. Call it after the gate's validation
/// has changed, or after texts were stored without the gate. An invalid text leaves the page, and its
/// application is rejected or failing until its next good text. Otherwise the very text that made an operator
/// enable quarantine would stay, as "the last good one". Returns the texts that were removed, ordered by
/// name.
///
/// Takes about half a second for each GB of text with quarantine. The model is not locked meanwhile: a text
/// that replaces another one during the call has already passed the gate.
std::vector<WithdrawnText> judgeHeldTexts(const TextGate &gate, AppModel &model, Timestamp now);

} // namespace ExporterProxy
