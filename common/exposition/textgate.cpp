// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textgate.h"

#include "common/exposition/openmetrics.h"

#include <charconv>
#include <cstring>
#include <QByteArrayView>
#include <utility>

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

TextGate::TextGate(RepairCounters &counters, ExpositionValidation validation)
    : m_counters(counters)
    , m_validation(validation)
{
}

namespace {

/// Puts the conversion in the place of the text. A text that the server accepts as OpenMetrics is kept beside
/// it.
std::optional<ExpositionFault> convert(AppUpdate &update, qsizetype markedSize, OddTimes oddTimes,
                                       Timestamp now)
{
    if (markedSize > 0)
        update.text.truncate(markedSize); // the server wants nothing behind the marker
    SampleTimes times(now);
    ConvertedText converted;
    if (std::optional<ExpositionFault> fault = convertOpenMetrics(update.text, oddTimes, times, converted))
        return fault;
    update.format = Format::OpenMetrics;
    update.notes = times.notes();
    if (converted.isStrict)
        update.original = std::exchange(update.text, {}) + '\n';
    update.text = std::move(converted.text);
    return std::nullopt;
}

std::optional<ExpositionFault> check(AppUpdate &update, Timestamp now)
{
    SampleTimes times(now);
    ExpositionParser parser(update.text);
    for (;;) {
        switch (parser.next()) {
        case ExpositionParser::Event::Sample: {
            const QByteArrayView written = parser.timestamp();
            if (written.isEmpty())
                break;
            qint64 time = 0;
            std::from_chars(written.begin(), written.end(), time);
            if (!SampleTimes::isPlausible(time))
                return parser.faultAt(written.data(),
                                      implausibleTime(written, "milliseconds", time < SampleTimes::First));
            times.add(time, parser.line());
            break;
        }
        case ExpositionParser::Event::Fault:
            return parser.fault();
        case ExpositionParser::Event::End:
            update.notes = times.notes();
            return std::nullopt;
        default:
            break;
        }
    }
}

} // namespace

std::optional<Rejection> TextGate::judge(std::span<AppUpdate> updates, Timestamp now) const
{
    const bool isOn = m_validation.load(std::memory_order_relaxed) != ExpositionValidation::Off;
    quint64 crlf = 0;
    quint64 bom = 0;
    for (AppUpdate &update : updates) {
        const qsizetype markedSize = openMetricsSize(update.text);
        const bool isOpenMetrics = markedSize > 0 || update.format == Format::OpenMetrics;
        if (!isOn && !isOpenMetrics)
            continue;
        const TextRepairs repairs = repairText(update.text);
        crlf += repairs.crlf;
        bom += repairs.bom;
        const OddTimes oddTimes = isOn ? OddTimes::Refuse : OddTimes::LeaveOut;
        const std::optional<ExpositionFault> fault =
            isOpenMetrics ? convert(update, openMetricsSize(update.text), oddTimes, now) : check(update, now);
        if (fault)
            return Rejection{RejectReason::InvalidExposition, fault->message(), update.name};
    }
    // Only what gets in: a sender that repeats a bad text would have each attempt counted.
    if (crlf > 0)
        m_counters.crlf.fetch_add(crlf, std::memory_order_relaxed);
    if (bom > 0)
        m_counters.bom.fetch_add(bom, std::memory_order_relaxed);
    return std::nullopt;
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
