// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/freshness.h"

namespace ExporterProxy {

FreshnessLimits FreshnessRules::limitsFor(QByteArrayView name, SourceKind kind) const
{
    FreshnessLimits limits{staleAfter, expireAfter, forgetAfter};
    const auto apply = [&limits](const FreshnessOverrides &overrides) {
        limits.staleAfter = overrides.staleAfter.value_or(limits.staleAfter);
        limits.expireAfter = overrides.expireAfter.value_or(limits.expireAfter);
        limits.forgetAfter = overrides.forgetAfter.value_or(limits.forgetAfter);
    };
    apply(this->*infoOf(kind).freshness);
    if (const auto own = apps.find(name); own != apps.end())
        apply(own->second);
    if (limits.expireAfter.count() == 0)
        limits.expireAfter = limits.forgetAfter;
    return limits;
}

} // namespace ExporterProxy
