// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/pushdecoder.h"

#include "common/wire/capnpdecoder.h"
#include "common/wire/jsondecoder.h"

namespace ExporterProxy {

AppUpdate &PushDecoder::addUpdate()
{
    if (m_updateCount == m_updates.size())
        m_updates.emplace_back();
    return m_updates[m_updateCount++];
}

void PushDecoder::releaseUpdates()
{
    constexpr std::size_t Kept = 8; // each with a name of up to MaxAppNameSize
    m_updateCount = 0;
    if (m_updates.size() > Kept) {
        m_updates.resize(Kept);
        m_updates.shrink_to_fit();
    }
    for (AppUpdate &update : m_updates)
        update.text = {}; // of a message that was refused
}

std::unique_ptr<PushDecoder> makePushDecoder(PushFormat format, DecodeLimits limits)
{
    if (format == PushFormat::CapnProto)
        return std::make_unique<CapnpDecoder>(limits);
    return std::make_unique<JsonDecoder>(limits);
}

} // namespace ExporterProxy
