// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/deflater.h"
#include "common/exposition/pagebuilder.h"
#include "common/model/appsnapshot.h"

#include <vector>

namespace ExporterProxy {

/// The compressed texts of all applications, kept from one view to the next: a text is deflated once after it
/// has changed. Holds compressed bytes and the names and versions they were made of, never a text.
///
/// A large text is a block of its own. Small neighbours share one, because deflate finds nothing to refer to
/// in 1 KB (ratio 4.5 alone, 11 in groups of 8 KiB on the pages of a client library) and a block has a fixed
/// cost of some ten microseconds; when one of them changes, the group is deflated again. Which texts form a
/// group is kept as well as it goes, so that a text that grows, comes or goes touches its own group and not
/// all behind it.
class GzipBlocks
{
public:
    /// `deflater` must outlive this.
    explicit GzipBlocks(Deflater &deflater)
        : m_deflater(deflater)
    {
    }

    /// Takes over the order and the versions of a view; blocks that still hold are kept, the others dropped.
    void follow(const AppView &view);

    /// Deflates what is missing, in the page's order, within the budget. Returns whether nothing is missing.
    /// `view` must be the one followed last.
    bool deflateMissing(const AppView &view, DeflateBudget budget);

    /// Size of all blocks.
    qint64 bytes() const;

    /// Appends all blocks; none may be missing.
    void appendTo(PageBuilder &page, GzipMember &member) const;

    /// The block of one application's text as it is now; null if there is none of it alone.
    const DeflatedBlock *blockOf(const AppSnapshot &app) const;

private:
    struct Member
    {
        QByteArray name;
        quint64 version;
        qint64 size;
        std::size_t index; ///< in the view's applications
    };
    struct Group
    {
        std::size_t begin; ///< of the members
        std::size_t count;
        qint64 size; ///< of their texts together
        DeflatedBlock block; ///< of another textSize: there is more to be done

        bool isComplete() const { return block.textSize == size; }
    };
    using Members = std::vector<Member>;
    using Groups = std::vector<Group>;

    void closeRange(std::size_t begin, qint64 size);
    void keepFrom(const Members &oldMembers, Groups &oldGroups);

    Deflater &m_deflater;
    Members m_members; ///< the applications that have a text, by name
    Groups m_groups;
    quint64 m_generation = 0;
    bool m_isComplete = true;
};

} // namespace ExporterProxy
