// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/appblocks.h"

namespace ExporterProxy {

const DeflatedBlock *AppBlocks::blockOf(const AppSnapshot &app, DeflateBudget &budget)
{
    const auto known = m_blocks.find(app.name);
    if (known != m_blocks.end() && known->second.version == app.textVersion)
        return &known->second.block;
    Kept kept{app.textVersion, {}};
    if (const DeflatedBlock *shared = m_whole.blockOf(app)) {
        kept.block = *shared;
    } else {
        if (!budget.allows(app.text.size()))
            return nullptr;
        m_deflater.add(app.text);
        kept.block = m_deflater.finish();
        budget.take(kept.block);
    }
    Kept &place = m_blocks[app.name];
    m_bytes += kept.block.bytes.size() - place.block.bytes.size();
    place = std::move(kept);
    return &place.block;
}

void AppBlocks::keepOnly(const AppView &view)
{
    std::erase_if(m_blocks, [this, &view](const auto &entry) {
        const AppSnapshot *app = view.find(entry.first);
        const bool isGone = !app || app->textVersion != entry.second.version;
        if (isGone)
            m_bytes -= entry.second.block.bytes.size();
        return isGone;
    });
    // So that the search is paid for by as many blocks that have been made.
    m_capacity = std::max(LeastCapacity, 2 * m_blocks.size());
}

} // namespace ExporterProxy
