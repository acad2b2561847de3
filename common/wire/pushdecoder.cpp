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

std::unique_ptr<PushDecoder> makePushDecoder(PushFormat format, DecodeLimits limits)
{
    if (format == PushFormat::CapnProto)
        return std::make_unique<CapnpDecoder>(limits);
    return std::make_unique<JsonDecoder>(limits);
}

} // namespace ExporterProxy
