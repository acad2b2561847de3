// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/mergereader.h"
#include "common/util/keyedhash.h"

#include <deque>
#include <functional>
#include <map>
#include <QByteArray>
#include <string_view>
#include <utility>
#include <vector>

namespace ExporterProxy {

/// A statement of an application that another application's replaces on a merged page.
struct MergeConflict
{
    enum class Kind : quint8 {
        Type, ///< of the family; the winner's is shown
        Help, ///< likewise
        PartOf, ///< its TYPE or HELP is left out: the family is a part of the winner's histogram or summary
        Odd, ///< it has samples that no reader takes in a histogram or summary, and the winner's type is
             ///< therefore left out
    };

    Kind kind;
    FamilyType type; ///< what the application says
    FamilyType shown; ///< what is shown, or what the winner says
    quint32 app;
    quint32 winner;
};

/// The statements of the applications about their families, and the headings that a page shows for these.
/// Applications are numbers, families as well; a family's number is good as long as an application has it.
/// Stating something of a family takes time by the logarithm of the number of applications that have it.
class MergeFamilies
{
public:
    /// The statement of one application about a family.
    struct Statement
    {
        FamilyType type = FamilyType::None;
        bool hasSamples = false;
        bool oddLe = false;
        bool oddQuantile = false;
        bool isNegative = false;
        QByteArrayView help;
    };
    struct Heading
    {
        QByteArray text; ///< the lines HELP and TYPE; may be empty
        std::vector<MergeConflict> conflicts;
    };

    /// Returns whether the first application's name comes before the second's.
    using AppOrder = std::function<bool(quint32, quint32)>;

    explicit MergeFamilies(AppOrder isBefore)
        : m_isBefore(std::move(isBefore))
    {
    }
    MergeFamilies(const MergeFamilies &) = delete;
    MergeFamilies &operator=(const MergeFamilies &) = delete;

    /// Returns the number of the family of that name; creates it if there is none.
    quint32 find(QByteArrayView name);

    /// Replaces the application's statement about the family.
    void state(quint32 family, quint32 app, const Statement &statement);
    /// Removes the application's statement about the family.
    void retract(quint32 family, quint32 app);

    /// Returns the families whose statements, or those of their relatives, have changed since the last call;
    /// includes those that no application has any more.
    std::vector<quint32> takeChanged();

    /// Drops families that no application has any more. Call it when nothing of them is on the page.
    void dropUnused();

    Heading heading(quint32 family) const;

    /// Returns which of its samples are lines of a histogram or summary, as bits of SamplePart: one that any
    /// application has samples of.
    quint8 groupsOf(quint32 family) const { return m_families[family].groups; }

    /// Returns the families for which groupsOf() has changed since the last call; maybe one twice.
    std::vector<quint32> takeRegrouped() { return std::exchange(m_regrouped, {}); }

    /// Returns the name of the histogram or summary that strict readers take the family for a part of, or
    /// else the family's own name. It determines the order of the page and changes only with place().
    const QByteArray &rootOf(quint32 family) const { return m_families[family].root; }
    const QByteArray &nameOf(quint32 family) const { return m_families[family].name; }
    /// Returns the root at which the family belongs now; it differs from rootOf() after a change.
    QByteArray wantedRoot(quint32 family) const;
    void place(quint32 family, const QByteArray &root) { m_families[family].root = root; }

    template<typename Visit>
    void eachApp(quint32 family, Visit visit) const
    {
        for (const auto &share : m_families[family].shares)
            visit(share.first);
    }

private:
    struct Share
    {
        QByteArray help; ///< as the application has it; the same bytes in memory as its neighbour's
        FamilyType type = FamilyType::None;
        bool hasSamples = false;
        quint8 odd = 0; ///< bits
    };
    struct ByName
    {
        const AppOrder *isBefore;
        bool operator()(quint32 a, quint32 b) const { return (*isBefore)(a, b); }
    };
    using Shares = std::map<quint32, Share, ByName>; ///< by the applications' names
    struct Family
    {
        explicit Family(const AppOrder &isBefore)
            : shares(ByName{&isBefore})
        {
        }

        QByteArray name;
        QByteArray root;
        Shares shares;
        quint32 withSamples = 0; ///< how many have some
        quint32 histograms = 0; ///< how many of these call it one
        quint32 summaries = 0;
        quint32 oddHistograms = 0; ///< how many have samples that no histogram has
        quint32 oddSummaries = 0;
        quint8 groups = 0; ///< bits of SamplePart
        bool isChanged = false;
    };

    static QByteArray sharedHelp(const Shares &shares, Shares::const_iterator at, QByteArrayView help);
    void count(Family &family, const Share &share, int change);
    void changed(quint32 index);
    void regroup(quint32 index);
    void markRelatives(quint32 index);
    void eachChild(const Family &family, auto &&visit) const;
    const Family *lookUp(QByteArrayView name) const;
    const Family *parentOf(const Family &family) const;
    bool hasOdd(const Family &family, FamilyType type) const;
    void addPartConflicts(const Family &family, const Family &parent, Heading &heading) const;
    void addConflicts(const Family &family, Shares::const_iterator typeWinner,
                      Shares::const_iterator helpWinner, Heading &heading) const;
    void addOdd(const Family &family, const Shares::value_type &winner, Heading &heading) const;

    const AppOrder m_isBefore;
    std::deque<Family> m_families;
    std::vector<quint32> m_free;
    KeyedMap<std::string_view, quint32> m_index; ///< views of the families' names
    std::vector<quint32> m_changed;
    std::vector<quint32> m_regrouped;
    std::vector<quint32> m_unused; ///< that may be
};

/// Returns a HELP's text in a form that every reader accepts: no other escapes than `\\` and `\n`.
QByteArray strictHelp(QByteArrayView help);

} // namespace ExporterProxy
