// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/pendingbytes.h"

#include <algorithm>

namespace ExporterProxy {

PendingBytes::PendingBytes(const std::atomic<qint64> &stored, qint64 maxTotalSize)
    : m_stored(stored)
    , m_maxTotalSize(maxTotalSize)
{
}

qint64 PendingBytes::allowed() const
{
    return std::max(m_maxTotalSize.load(std::memory_order_relaxed) - m_stored.load(std::memory_order_relaxed),
                    AlwaysAllowed);
}

bool PendingBytes::isHeaviest(const Holder &holder)
{
    const std::lock_guard lock(m_mutex);
    const Holder *heaviest = &holder;
    for (const Holder *other : m_holders) {
        if (other->bytes() > heaviest->bytes())
            heaviest = other;
    }
    if (heaviest != &holder)
        heaviest->m_shed();
    return heaviest == &holder;
}

PendingBytes::Holder::Holder(PendingBytes &all, std::function<void()> shed)
    : m_all(all)
    , m_shed(std::move(shed))
{
    const std::lock_guard lock(m_all.m_mutex);
    m_all.m_holders.push_back(this);
}

PendingBytes::Holder::~Holder()
{
    const std::lock_guard lock(m_all.m_mutex);
    std::erase(m_all.m_holders, this);
    m_all.m_bytes.fetch_sub(bytes(), std::memory_order_relaxed);
}

void PendingBytes::Holder::change(qint64 by)
{
    if (by == 0)
        return;
    m_bytes.store(bytes() + by, std::memory_order_relaxed);
    m_all.m_bytes.fetch_add(by, std::memory_order_relaxed);
}

} // namespace ExporterProxy
