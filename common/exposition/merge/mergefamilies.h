// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/mergereader.h"
#include "common/util/keyedhash.h"

#include <functional>
#include <QByteArray>
#include <set>
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
        OddLabel, ///< its `le` or `quantile` is not a number, and the winner's type therefore left out
    };

    Kind kind;
    FamilyType type; ///< what the application says
    FamilyType shown; ///< what is shown, or what the winner says
    quint32 app;
    quint32 winner;
};

/// The statements of the applications about their families, and the headings that a page shows for these.
/// Applications are numbers, families as well; a family's number is good as long as an application has it.
class MergeFamilies
{
public:
    /// The statement of one application about a family.
    struct Statement
    {
        FamilyType type = FamilyType::None;
        bool oddLe = false;
        bool oddQuantile = false;
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
        for (const Share &share : m_families[family].shares)
            visit(share.app);
    }

private:
    struct Share
    {
        quint32 app;
        quint16 help; ///< index of helps
        FamilyType type;
        quint8 odd; ///< bit 0: le, bit 1: quantile
    };
    struct Help
    {
        QByteArray text; ///< as the application has it
        quint32 uses = 0;
    };
    struct Family
    {
        QByteArray name;
        QByteArray root;
        std::vector<Share> shares; ///< by the applications' names
        std::vector<Help> helps; ///< the first is no HELP at all
        quint32 histograms = 0; ///< how many call it one
        quint32 summaries = 0;
        quint32 oddLes = 0;
        quint32 oddQuantiles = 0;
        bool isChanged = false;
    };

    std::vector<Share>::iterator shareOf(Family &family, quint32 app);
    void count(Family &family, const Share &share, int change);
    static quint16 helpIndex(Family &family, QByteArrayView help);
    void changed(quint32 index);
    void markRelatives(const Family &family);
    const Family *lookUp(QByteArrayView name) const;
    const Family *parentOf(const Family &family) const;
    bool hasOdd(const Family &family, FamilyType type) const;
    void addPartConflicts(const Family &family, const Family &parent, Heading &heading) const;
    void addConflicts(const Family &family, const Share *typeWinner, const Share *helpWinner,
                      Heading &heading) const;
    void addOddLabels(const Family &family, const Share &winner, Heading &heading) const;

    const AppOrder m_isBefore;
    std::vector<Family> m_families;
    std::vector<quint32> m_free;
    KeyedMap<std::string_view, quint32> m_index; ///< views of the families' names
    std::vector<quint32> m_changed;
    std::vector<quint32> m_unused; ///< that may be
};

/// Returns a HELP's text in a form that every reader accepts: no other escapes than `\\` and `\n`.
QByteArray strictHelp(QByteArrayView help);

} // namespace ExporterProxy
