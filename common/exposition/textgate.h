// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/openmetrics.h"
#include "common/exposition/sampletimes.h"
#include "common/exposition/textparser.h"
#include "common/model/appmodel.h"
#include "common/model/proxycounters.h"
#include "common/model/rejection.h"
#include "common/settings/settings.h"

#include <atomic>
#include <memory>
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

/// The same in steps.
class TextRepair
{
public:
    /// `text` must outlive it.
    explicit TextRepair(QByteArray &text);

    /// Repairs up to `size` more bytes. Returns whether that was all.
    bool proceed(qsizetype size);

    /// What has been found so far.
    const TextRepairs &repairs() const { return m_repairs; }

private:
    QByteArray &m_text;
    TextRepairs m_repairs;
    qsizetype m_from = 0; ///< what is in front of it has been read
    qsizetype m_to = 0; ///< and written up to here
};

/// The rules for texts that are to be stored. Aligned to its size, because Clang 14 otherwise calls libatomic
/// for a single load.
struct alignas(2) TextRules
{
    constexpr TextRules(ExpositionValidation validate = ExpositionValidation::Off, bool rejectOwn = false)
        : validation(validate)
        , rejectsOwnPrefix(rejectOwn)
    {
    }

    ExpositionValidation validation;
    bool rejectsOwnPrefix; ///< the page has the proxy's own metrics, which no text must forge

    bool operator==(const TextRules &) const = default;
};

/// Makes texts fit for the page before they enter the model. May be used by any number of threads; holds no
/// lock.
///
/// A text of OpenMetrics is converted to the text format, always: on a page of other texts it would fail the
/// scrape, for all of them. It is known by what it came with (AppUpdate::format), or by its closing `# EOF`.
///
/// With quarantine, a text that would fail the scrape of the page is rejected, and the last good one stays;
/// so is one with a sample that a server would take and drop, because its time is not plausible
/// (SampleTimes).
///
/// A text that has a metric of the proxy's own is rejected while these are on the page.
class TextGate
{
public:
    /// The counters must outlive it.
    TextGate(RepairCounters &counters, TextRules rules);

    TextGate(const TextGate &) = delete;
    TextGate &operator=(const TextGate &) = delete;

    /// Sets the rules for texts from now on. For texts that are stored already, call judgeHeldTexts().
    void setRules(TextRules rules) noexcept { m_rules.store(rules, std::memory_order_relaxed); }

    /// Repairs, converts and checks the texts of one message, all or none. Returns the rejection of the first
    /// text that cannot be stored, with its application: InvalidExposition with "line 3, column 7: …" in the
    /// repaired text, or Reserved. `now` is when the texts arrived. The texts must have
    /// passed textFault(). Without quarantine a text is not parsed, unless it is OpenMetrics. Call it before
    /// AppModel::apply(), so that no lock is held meanwhile.
    std::optional<Rejection> judge(std::span<AppUpdate> updates, Timestamp now) const;

private:
    friend class TextJudging;

    RepairCounters &m_counters;
    std::atomic<TextRules> m_rules;
    static_assert(std::atomic<TextRules>::is_always_lock_free);
};

/// All that is done to the texts of one message before they are stored, and takes time by their size:
/// repairs, converts and judges them (TextGate::judge()) and prices them (TextCost). In steps: with the
/// largest message it takes more than a second, in which others want their turn. Holds no lock.
class TextJudging
{
public:
    /// The updates and the gate must outlive it, and nobody else may touch the updates until it is done. The
    /// gate's rules are those of this moment. `arrival` is when the texts arrived.
    TextJudging(const TextGate &gate, std::span<AppUpdate> updates, Timestamp arrival,
                const TextCost &cost = {});

    /// Goes on with some `size` more bytes, give or take an event of ExpositionParser. Returns whether it is
    /// done: nothing is left, or one text is rejected and thereby all.
    bool proceed(qsizetype size);

    /// Of the first invalid text, when it is done.
    const std::optional<Rejection> &rejection() const { return m_rejection; }
    std::span<AppUpdate> updates() const { return m_updates; }
    Timestamp arrival() const { return m_arrival; }
    /// Returns about how many bytes it holds beside the updates.
    qint64 heldBytes() const { return m_conversion ? m_conversion->heldBytes() : 0; }
    /// What the updates' pageCost is by, when it is done.
    const TextCost &cost() const { return m_cost; }

private:
    enum class Stage { Begin, Repair, Parse, Convert, Finish };

    bool isOn() const { return m_rules.validation != ExpositionValidation::Off; }
    bool isOpenMetrics(const AppUpdate &update) const
    {
        return update.format == Format::OpenMetrics || openMetricsSize(update.text) > 0;
    }
    void begin(AppUpdate &update);
    void endRepair(AppUpdate &update);
    void reject(const ExpositionFault &fault, const AppUpdate &update);
    qsizetype parse(AppUpdate &update, qsizetype size);
    qsizetype convert(AppUpdate &update, qsizetype size);
    qsizetype finish(AppUpdate &update);

    const TextGate &m_gate;
    const TextRules m_rules;
    const std::span<AppUpdate> m_updates;
    const Timestamp m_arrival;
    const TextCost m_cost;
    std::size_t m_at = 0; ///< the update that is being judged
    Stage m_stage = Stage::Begin;
    std::optional<TextRepair> m_repair;
    std::optional<ExpositionParser> m_parser;
    std::optional<SampleTimes> m_times; ///< that the parser came upon
    std::unique_ptr<OpenMetricsConversion> m_conversion;
    qsizetype m_finished = 0; ///< bytes of the text
    quint64 m_crlf = 0; ///< texts that were repaired
    quint64 m_bom = 0;
    std::optional<Rejection> m_rejection;
};

/// A stored text that was removed because it is invalid.
struct WithdrawnText
{
    QByteArray app;
    QByteArray fault; ///< "line 3, column 7: …"
};

/// Puts every text of the model through the gate, as if it were arriving. Call it after the gate's rules
/// have changed, or after texts were stored without the gate. An invalid text leaves the page, and its
/// application is rejected or failing until its next good text. Otherwise the very text that made an operator
/// enable quarantine would stay, as "the last good one". Returns the texts that were removed, ordered by
/// name.
///
/// Takes about half a second for each GB of text with quarantine. The model is not locked meanwhile: a text
/// that replaces another one during the call has already passed the gate.
std::vector<WithdrawnText> judgeHeldTexts(const TextGate &gate, AppModel &model, Timestamp now);

} // namespace ExporterProxy
