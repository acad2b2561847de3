// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/appblocks.h"

namespace ExporterProxy {

const DeflatedBlock *AppBlocks::blockOf(const AppSnapshot &app, qint64 &budget)
{
    const auto known = m_blocks.find(app.name);
    if (known != m_blocks.end() && known->second.version == app.textVersion)
        return &known->second.block;
    Kept kept{app.textVersion, {}};
    if (const DeflatedBlock *shared = m_whole.blockOf(app)) {
        kept.block = *shared;
    } else {
        if (budget <= 0)
            return nullptr;
        m_deflater.add(app.text);
        kept.block = m_deflater.finish();
        budget -= kept.block.textSize;
    }
    return &m_blocks.insert_or_assign(app.name, std::move(kept)).first->second.block;
}

void AppBlocks::keepOnly(const AppView &view)
{
    std::erase_if(m_blocks, [&view](const auto &entry) {
        const AppSnapshot *app = view.find(entry.first);
        return !app || app->textVersion != entry.second.version;
    });
    // So that the search is paid for by as many blocks that have been made.
    m_capacity = std::max(LeastCapacity, 2 * m_blocks.size());
}

} // namespace ExporterProxy
