// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/appblocks.h"

namespace ExporterProxy {

const DeflatedBlock *AppBlocks::blockOf(const AppSnapshot &app, DeflateBudget &budget)
{
    const auto known = m_blocks.find(app.name);
    const bool isKnown = known != m_blocks.end() && known->second.version == app.textVersion;
    if (isKnown && known->second.block.textSize == app.text.size())
        return &known->second.block;
    const DeflatedBlock *const shared = m_whole.blockOf(app);
    if (!shared && !isKnown && !budget.allows(app.text.size()))
        return nullptr;
    Kept &kept = m_blocks[app.name];
    m_bytes -= kept.block.bytes.size();
    if (shared)
        kept.block = *shared;
    else if (!isKnown)
        kept.block = {};
    kept.version = app.textVersion;
    const bool isComplete = m_deflater.goOn(kept.block, app.text, budget);
    m_bytes += kept.block.bytes.size();
    return isComplete ? &kept.block : nullptr;
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
