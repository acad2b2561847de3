// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/page.h"

#include <array>
#include <chrono>
#include <memory>
#include <QByteArray>
#include <QTimer>

namespace ExporterProxy {

/// Pages that somebody still reads, for whoever asks for the same meanwhile: a page that is made for each
/// request would be held once for each slow reader, and made once for each of many who ask at once. Main
/// thread.
class SharedPages
{
public:
    enum class Kind { Metrics, MetricsGzip, AppsTable, AppsJson, Discovery, Landing };

    /// One of them, and what it is a page of.
    struct Shared
    {
        std::shared_ptr<const Page> page;
        QByteArray version;
    };

    SharedPages()
    {
        m_release.setSingleShot(true);
        m_release.setInterval(MaxOutdatedAge);
        QObject::connect(&m_release, &QTimer::timeout, &m_release, [this] {
            for (Entry &entry : m_entries)
                entry.kept = nullptr;
        });
    }

    enum class Demand {
        Usual,
        TooManyAtOnce, ///< requests wait for each other: a page is kept for those behind
        TooMuchHeld, ///< what readers hold is short: none is kept alive by this object
    };

    /// A page of that version that is held already, or else what `make` returns. `variant` tells apart what
    /// can be asked for of a kind; one of each is remembered. Where demand is unusual, a page is good for a
    /// moment although there is a newer version: so pages are made, and held, no more often than that,
    /// however many are asked for and left unread.
    template<typename Make>
    Shared get(Kind kind, const QByteArray &variant, const QByteArray &version, Demand demand, Make make)
    {
        Entry &entry = m_entries[std::size_t(kind)];
        const Clock::duration age = Clock::now() - entry.madeAt;
        const bool isGood = entry.variant == variant
            && ((!version.isEmpty() && entry.version == version && age < MaxAge)
                || (demand != Demand::Usual && age < MaxOutdatedAge));
        std::shared_ptr<const Page> page = isGood ? entry.page.lock() : nullptr;
        if (!page) {
            page = make();
            entry = {page, nullptr, variant, version, Clock::now()};
        }
        entry.kept = demand == Demand::TooManyAtOnce ? page : nullptr;
        if (entry.kept)
            m_release.start();
        return {std::move(page), entry.version};
    }

private:
    using Clock = std::chrono::steady_clock;

    /// The same version may say what time it is.
    static constexpr std::chrono::seconds MaxAge{1};
    /// Not noticed by whoever looks every second; at 4 MiB a page, 16 MiB a second for a reader to keep up.
    static constexpr std::chrono::milliseconds MaxOutdatedAge{250};

    struct Entry
    {
        std::weak_ptr<const Page> page;
        std::shared_ptr<const Page> kept; ///< while demand is high
        QByteArray variant;
        QByteArray version;
        Clock::time_point madeAt;
    };

    std::array<Entry, std::size_t(Kind::Landing) + 1> m_entries;
    QTimer m_release;
};

} // namespace ExporterProxy
