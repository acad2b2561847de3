// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/mergefamilies.h"
#include "common/exposition/merge/mergereader.h"
#include "common/exposition/merge/mergereport.h"
#include "common/exposition/merge/seriesclaims.h"
#include "common/exposition/piecelist.h"
#include "common/model/appsnapshot.h"

#include <unordered_map>
#include <unordered_set>

namespace ExporterProxy {

/// The texts of all applications as one page that every reader of the format takes: one HELP and one TYPE for
/// a family, families in the order of their names (by bytes), within one the applications in the order of
/// theirs, each sample once.
///
/// - TYPE and HELP of a family are those of the application whose name comes first among those that state
///   one; "untyped" only counts if nobody knows better. The others' samples stand under them.
/// - A family that ends in _bucket, _sum or _count of a histogram's name (of a summary's: _sum, _count),
///   whoever sent the histogram, stands behind it and without a TYPE and HELP of its own: the strict readers
///   take it for a part of the histogram and a TYPE for its second.
/// - A histogram one of whose samples has an `le` that is no number, or a summary with such a `quantile`, is
///   shown without a type: the strict readers refuse it with one.
/// - A series that several applications have is shown as the one that was updated last has it.
/// - A text that cannot be parsed is left out as a whole.
///
/// Follows changes: a text that has changed is parsed once and costs what its families cost. Of the texts
/// nothing is kept but the page itself, which is about as large, and some 140 bytes for each series, or 90
/// with an application label, with which no two applications can have the same series (measured with 100 000
/// series in 10 000 families, and in 100). Main thread only.
class Merger
{
public:
    /// How many sentences a report has at most; the last says how many more there would be.
    static constexpr qsizetype MaxNotes = 5;

    /// `store` must outlive this.
    Merger(MergeReader::Options options, PageStore &store);

    Merger(const Merger &) = delete;
    Merger &operator=(const Merger &) = delete;

    /// Brings the page up to a view of the model, always the same model. Cheap if it is there already.
    void follow(const AppView &view);

    /// The page as it was followed last.
    SectionList &sections() { return m_pieces; }

    /// The applications that are not shown as they were sent, by name.
    const std::vector<MergeReport> &reports();

private:
    struct FamilyShare
    {
        quint32 family;
        quint32 count; ///< series of it
    };
    struct App
    {
        QByteArray name;
        quint64 version = 0; ///< of its text
        std::vector<FamilyShare> families;
        std::vector<SeriesId> ids; ///< those of the first family, of the second, …; none without claims
        QByteArray fault;
        std::size_t hidden = 0; ///< by other applications
        std::size_t repeated = 0;
        std::size_t reserved = 0;
    };

    quint32 addApp(const QByteArray &name);
    void removeApp(quint32 index);
    void update(quint32 index, const AppSnapshot &snapshot);
    void takeShares(quint32 index);
    void takeClaims(quint32 index);
    void settleClaims();
    void render(quint32 index);
    void renderAffected(const AppView &view);
    void headFamilies();
    void move(quint32 family, const QByteArray &root);
    bool isBefore(const PieceKey &a, const PieceKey &b) const;
    QByteArray nameInQuotes(quint32 app) const { return '"' + m_apps[app].name + '"'; }
    QByteArray sentence(quint32 family, const MergeConflict &conflict) const;
    void addOwnNotes(quint32 index, MergeReport &report) const;

    const bool m_hasClaims;
    MergeReader m_reader;
    std::vector<App> m_apps;
    std::vector<quint32> m_freeApps;
    std::vector<quint32> m_order; ///< the applications by name
    MergeFamilies m_families;
    SeriesClaims m_claims;
    std::unordered_set<quint32> m_affected; ///< applications whose hidden series have changed
    PieceList m_pieces;
    quint64 m_generation = 0;
    std::unordered_map<quint32, std::vector<MergeConflict>> m_conflicts; ///< by family
    std::vector<MergeReport> m_reports;
    bool m_hasReports = false; ///< m_reports is up to date
    QByteArray m_shown; ///< scratch
};

} // namespace ExporterProxy
