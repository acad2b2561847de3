// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingsloader.h"
#include "tests/fuzz/fuzzing.h"

using namespace ExporterProxy;

namespace {

void checkFaults(const QStringList &faults)
{
    require(!faults.isEmpty(), "what is refused has a reason");
    for (const QString &fault : faults) {
        require(!fault.isEmpty(), "a reason says something");
        for (const QChar c : fault)
            require(c.unicode() >= 0x20 && c.unicode() != 0x7f
                        && !(c.unicode() >= 0x80 && c.unicode() < 0xa0),
                    "a reason is one line without control characters");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size)
{
    const QByteArray input = toBytes(data, size);
    const Result<Settings> loaded = loadSettings(input, QStringLiteral("config.toml"));
    if (!loaded) {
        checkFaults(loaded.error().split(u'\n'));
    } else {
        const auto &settings = loaded.value();
        require(settings.exporter.workerThreads >= 0 && settings.exporter.concurrentRequests > 0
                    && settings.limits.maxMessageSize > 0 && settings.limits.maxApps > 0
                    && settings.limits.maxTotalSize > 0 && settings.receiver.messageTimeout.count() > 0,
                "settings that are taken are within their ranges");
    }
    // The same bytes as what somebody types after --set.
    if (size < 256) {
        const auto assignment = SettingOverride::fromAssignment(QString::fromUtf8(input));
        const Result<Settings> set = loadSettings({}, {}, {assignment});
        if (!set)
            checkFaults(set.error().split(u'\n'));
    }
    return 0;
}
