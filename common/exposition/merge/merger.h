// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/mergefamilies.h"
#include "common/exposition/merge/mergereader.h"
#include "common/exposition/merge/mergereport.h"
#include "common/exposition/merge/seriesclaims.h"
#include "common/exposition/piecelist.h"
#include "common/model/appsnapshot.h"

#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace ExporterProxy {

/// The texts of all applications as one page that every reader of the format takes: one HELP and one TYPE for
/// a family, families in the order of their names (by bytes), within one the applications in the order of
/// theirs, each sample once.
///
/// - TYPE and HELP of a family are those of the application whose name comes first among those that state
///   one; "untyped" only counts if nobody knows better, and a TYPE without samples only if nobody has
///   samples. The others' samples stand under them. Samples without a TYPE are untyped.
/// - A family that ends in _bucket, _sum or _count of a histogram's name (of a summary's: _sum, _count),
///   whoever sent the histogram, stands behind it and without a TYPE and HELP of its own: the strict readers
///   take it for a part of the histogram and a TYPE for its second.
/// - A histogram one of whose samples has an `le` that is no number or a negative bucket or count, or a
///   summary with a `quantile` that is no number, is shown as untyped: the strict readers refuse it
///   otherwise.
/// - A series that several applications have is owned by the one whose name comes first, until it has it no
///   longer: taken in turns from several, a counter would seem to be reset again and again. A histogram or
///   summary, that is, all its lines of the same labels, is owned as a whole.
/// - A text that cannot be parsed is left out as a whole.
///
/// Follows changes: a text that has changed is parsed once and costs what its families cost. What is much is
/// done in steps, on one view of the model until it is finished. The cost grows with the size of what has
/// changed, times the logarithm of how many applications share a family or a series. Of the texts
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

    /// Brings the page up to a view of the model, always the same model, or, while it is being brought up to
    /// an older one, to that and then to this. Returns whether it is there; if the budget is spent before,
    /// the next call resumes, and sections() must not be used meanwhile. Cheap if it is there already.
    bool follow(const std::shared_ptr<const AppView> &view, const WorkBudget &budget = {});

    /// Finishes what has been begun; returns whether there is nothing more to do.
    bool finish(const WorkBudget &budget);

    /// Returns whether a page is finished and no other one is being made.
    bool isFinished() const { return !m_work; }

    /// Returns the generation of the view whose page was finished last.
    quint64 generation() const { return m_generation; }

    /// The page as it was finished last.
    SectionList &sections() { return m_pieces; }

    /// The applications that are not shown as they were sent, by name, as of the page that was finished last.
    const std::vector<MergeReport> &reports() const { return m_reports; }

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
        std::vector<SeriesId> units; ///< what it claims (MergeReader::unitOf); none without claims
        QByteArray fault;
        std::size_t hidden = 0; ///< series, by other applications
        std::size_t repeated = 0;
        std::size_t reserved = 0;
        SeriesId hiddenUnit; ///< one of those that are hidden
        quint32 hiddenFamily = 0; ///< its family
    };
    /// What is under way: the texts of some applications are taken in, one after the other, then the families
    /// that have changed get their headings.
    struct Work
    {
        std::shared_ptr<const AppView> view;
        std::vector<quint32> order; ///< the applications of the view by name
        std::vector<std::pair<quint32, const AppSnapshot *>> apps; ///< to be taken in; null: it is gone
        std::size_t next = 0; ///< of apps
        std::vector<quint32> families; ///< that have changed
        bool areAllIn = false; ///< all texts are
    };
    /// The steps in which the text of one application is taken in.
    enum class Step : quint8 { Begin, Read, State, Retract, List, Claim, Release, Render };

    void begin(const std::shared_ptr<const AppView> &view);
    bool takeIn(quint32 index, const AppSnapshot *snapshot, const WorkBudget &budget);
    void setFigures(App &app);
    void stateFamily(App &app, quint32 index, std::size_t at);
    void dropFamily(const App &app, quint32 index, std::size_t at);
    void listUnit(std::size_t sample);
    bool renderAll(App &app, quint32 index, const WorkBudget &budget);
    void renderSample(App &app, quint32 index, std::size_t sample);
    void affectRegrouped(quint32 index);
    void headFamily(quint32 family);
    void makeReports();

    quint32 addApp(const QByteArray &name);
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
    std::unordered_set<quint32> m_affected; ///< applications that own other series than they show
    PieceList m_pieces;
    quint64 m_generation = 0;
    std::unordered_map<quint32, std::vector<MergeConflict>> m_conflicts; ///< by family
    std::vector<MergeReport> m_reports;
    std::unique_ptr<Work> m_work; ///< null: the page is finished

    // Of the text that is being taken in.
    Step m_step = Step::Begin;
    ResumableLoop m_loop;
    std::vector<FamilyShare> m_shares;
    std::vector<quint32> m_kept; ///< families; ascending
    std::vector<SeriesId> m_units;
    std::unordered_set<SeriesId, SeriesIdHash> m_keptUnits;
    bool m_isSame = false; ///< the families are those of the text before
    std::size_t m_family = 0; ///< of the sample that is looked at
    const char *m_line = nullptr; ///< likewise
    QByteArray m_shown; ///< the lines of the family that are not hidden
};

} // namespace ExporterProxy
