// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/discovery.h"

#include "common/exposition/jsontext.h"
#include "common/util/bytebuilder.h"

namespace ExporterProxy {

QByteArray renderDiscovery(const AppView &view, QByteArrayView host)
{
    constexpr std::size_t fixedSize = 128; // of a target group, beside its texts
    ByteBuilder json(2 + view.apps.size() * (fixedSize + std::size_t(host.size())));
    json.append("[");
    bool isFirst = true;
    for (const auto &app : view.apps) {
        json.append(isFirst ? "\n{\"targets\":[\"" : ",\n{\"targets\":[\"");
        json.append(bytesOf(host));
        json.append("\"],\"labels\":{\"__metrics_path__\":");
        const auto putName = [&json](const QByteArray &text) {
            json.advanceTo(putJsonString(json.room(std::size_t(text.size()) * JsonGrowth + 2), text));
        };
        putName("/apps/" + app->name + "/metrics");
        json.append(",\"app\":");
        putName(app->name);
        json.append("}}");
        isFirst = false;
    }
    json.append("\n]\n");
    return json.take();
}

} // namespace ExporterProxy
